//! The charter of a plan, and what it lacks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Lack, LackOf, Part};
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::plan::Plan;

/// The ten parts of a plan around its numbers; what is left out is reported, part by part, by [`CharterDef::lacks`].
///
/// ```
/// use quotaflow::charter::CharterDef;
/// let charter: CharterDef = serde_json::from_str(
///     r#"{"owner": "ann", "situation": "share 8 %, two competitors", "volume": "sales", "territory": "person", "deadline": "2026-12-31"}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert!(charter.strategy.is_none());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharterDef {
    /// The version of this form of document; 1 when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// Who answers for the plan: one person or post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// Where things stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub situation: Option<String>,
    /// The measure of what is to be sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Key>,
    /// The measure of what it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expense: Option<Key>,
    /// The dimension whose members have it: territories, people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<Key>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// How it is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Who does what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organisation: Vec<PostDef>,
    /// The steps, each with its owner and its day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<ActionDef>,
    /// The duties by which the process is watched: reports, visits, meetings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control: Vec<Key>,
    /// The scorecard by which the result is evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Key>,
}

/// A post and what it answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostDef {
    /// The post or person.
    pub post: Key,
    /// Its duties; none is reported.
    pub duties: Vec<String>,
}

/// A step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionDef {
    /// What is done.
    pub what: String,
    /// By whom; reported when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// By when; reported when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<NaiveDate>,
}

fn unknown_name<'a>(name: &Key, known: impl IntoIterator<Item = &'a str>) -> LackOf {
    let (name, nearest, known) = unknown(name.as_str(), known);
    LackOf::UnknownName {
        name,
        nearest,
        known,
    }
}

impl CharterDef {
    /// Returns what the parts around a plan's numbers lack, in the order of the parts; nothing for a complete charter.
    #[must_use]
    pub fn lacks(&self, plan: &Plan) -> Vec<Lack> {
        let mut lacks = Vec::new();
        let mut report = |part, what| lacks.push(Lack { part, what });
        if let Some(what) = lack_of_text(self.situation.as_ref()) {
            report(Part::Situation, what);
        }
        for (part, measure) in [(Part::Volume, &self.volume), (Part::Expense, &self.expense)] {
            match measure {
                None => report(part, LackOf::Missing),
                Some(key) if plan.measures().all(|own| own.key != *key) => {
                    let measures = plan.measures().map(|own| own.key.as_str());
                    report(part, unknown_name(key, measures));
                }
                Some(_) => {}
            }
        }
        match &self.territory {
            None => report(Part::Territory, LackOf::Missing),
            Some(key) if plan.frame().dimensions().all(|own| own != key) => {
                let dimensions = plan.frame().dimensions().map(Key::as_str);
                report(Part::Territory, unknown_name(key, dimensions));
            }
            Some(_) => {}
        }
        match (self.deadline, plan.frame().horizon().end().pred_opt()) {
            (None, _) => report(Part::Deadline, LackOf::Missing),
            (Some(day), Some(last)) if day != last => {
                report(Part::Deadline, LackOf::NotTheHorizon { horizon: last });
            }
            (Some(_), _) => {}
        }
        if let Some(what) = lack_of_text(self.strategy.as_ref()) {
            report(Part::Strategy, what);
        }
        if self.organisation.is_empty() {
            report(Part::Organisation, LackOf::Missing);
        } else if self.owner.is_none() {
            report(Part::Organisation, LackOf::NoOwner);
        }
        for post in self
            .organisation
            .iter()
            .filter(|post| post.duties.is_empty())
        {
            report(Part::Organisation, LackOf::NoDuties(post.post.clone()));
        }
        if self.steps.is_empty() {
            report(Part::Steps, LackOf::Missing);
        }
        for step in &self.steps {
            let what = || step.what.clone();
            if step.owner.is_none() {
                report(Part::Steps, LackOf::StepWithoutOwner(what()));
            }
            match (step.by, self.deadline) {
                (None, _) => report(Part::Steps, LackOf::StepWithoutDate(what())),
                (Some(day), Some(deadline)) if day > deadline => {
                    report(Part::Steps, LackOf::AfterDeadline(what()));
                }
                (Some(_), _) => {}
            }
        }
        if self.control.is_empty() {
            report(Part::Control, LackOf::Missing);
        }
        if self.evaluation.is_none() {
            report(Part::Evaluation, LackOf::Missing);
        }
        lacks
    }
}

fn lack_of_text(text: Option<&String>) -> Option<LackOf> {
    match text {
        None => Some(LackOf::Missing),
        Some(text) if text.trim().is_empty() => Some(LackOf::Empty),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::completeness;
    use super::*;
    use crate::key::Known;
    use crate::plan::Cascade;
    use crate::plan::fixture::{Company, key, member, recipe};
    use crate::quantity::Ratio;

    #[test]
    fn every_missing_part_is_reported() {
        let company = Company::new();
        let def = |measure| recipe(measure).step(member("person", "region"));
        let sales = Cascade::compile(def("sales"), &company.sources()).unwrap();
        let expense = Cascade::beside(sales.frame(), def("expense"), &company.sources()).unwrap();
        let mut plan = sales.run(100.into()).unwrap();
        let parts: Vec<Part> = CharterDef::default()
            .lacks(&plan)
            .into_iter()
            .map(|lack| lack.part)
            .collect();
        assert_eq!(parts.len(), 10);
        assert!(
            parts.windows(2).all(|pair| pair[0] < pair[1]),
            "each once, in order"
        );
        let mut charter = CharterDef {
            version: Version::default(),
            owner: Some(key("ann")),
            situation: Some("eight percent of the market".to_owned()),
            volume: Some(key("sales")),
            expense: Some(key("expense")),
            territory: Some(key("person")),
            deadline: "2026-12-31".parse().ok(),
            strategy: Some("two key accounts".to_owned()),
            organisation: vec![PostDef {
                post: key("ann"),
                duties: vec!["visits".to_owned()],
            }],
            steps: vec![ActionDef {
                what: "call the two".to_owned(),
                owner: Some(key("ann")),
                by: "2026-02-01".parse().ok(),
            }],
            control: vec![key("weekly-plan")],
            evaluation: Some(key("card")),
        };
        let missing = charter.lacks(&plan);
        assert_eq!(completeness(&missing), Ratio::percent(90));
        assert_eq!(missing.len(), 1);
        let unknown = LackOf::UnknownName {
            name: "expense".to_owned(),
            nearest: None,
            known: Known::new(["sales"]),
        };
        assert_eq!(missing[0].what, unknown);
        plan.join(expense.run(10.into()).unwrap()).unwrap();
        assert_eq!(charter.lacks(&plan), []);
        assert_eq!(completeness(&charter.lacks(&plan)), Ratio::ONE);
        charter.steps[0].by = "2027-02-01".parse().ok();
        charter.steps[0].owner = None;
        charter.deadline = "2026-11-30".parse().ok();
        let what: Vec<LackOf> = charter
            .lacks(&plan)
            .into_iter()
            .map(|lack| lack.what)
            .collect();
        let horizon = "2026-12-31".parse().unwrap();
        assert_eq!(
            what,
            [
                LackOf::NotTheHorizon { horizon },
                LackOf::StepWithoutOwner("call the two".to_owned()),
                LackOf::AfterDeadline("call the two".to_owned())
            ]
        );
        let text = serde_json::to_string(&charter).unwrap();
        assert_eq!(serde_json::from_str::<CharterDef>(&text).unwrap(), charter);
    }
}
