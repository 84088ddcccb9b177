//! Consequences (奖惩): proposals by rule and with evidence, and what became of them.
//!
//! A rule never acts. It proposes; somebody decides and carries out, or does not: both can be seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::PeriodId;
use crate::quantity::Ratio;
use crate::space::RowId;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::scorecard::{unique, unknown};
use super::{Phrase, ScorecardError};
use crate::band::Interval;
use crate::document::Version;
use crate::key::Key;
use crate::panel::{ColumnKey, Panel, PanelError, Reason};
use crate::text::{Texts, Wording};

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConsequenceKind {
    /// A reward beside pay.
    Reward,
    /// Public praise.
    Praise,
    /// A promotion.
    Promotion,
    /// Training.
    Training,
    /// A talk or a written warning.
    Warning,
    /// A penalty.
    Penalty,
    /// Less responsibility.
    Demotion,
    /// Elimination (淘汰).
    Elimination,
}

/// A condition on a figure, in one period or in several running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestDef {
    /// The column: a score that was put on the panel, an attainment, a count of violations.
    pub of: ColumnKey,
    /// Where its figure has to lie. A figure that is missing lies nowhere.
    pub within: Interval,
    /// In how many periods running, the last one being the one that is looked at; 1 where left out.
    #[serde(default = "once")]
    pub running: u32,
}

fn once() -> u32 {
    1
}

/// A rule as data: when all of its tests hold, the consequence is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsequenceDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What is told of a proposal, in each language, instead of [`Phrase::Proposed`] and with its places.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub message: Texts,
    /// What is proposed.
    pub kind: ConsequenceKind,
    /// When.
    pub when: Vec<TestDef>,
    /// Within how many days after the end of the period it has to be carried out.
    pub within_days: u32,
    /// Who has to carry it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Key>,
}

/// The rules of a company, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsequencesDef {
    /// The version of this form.
    #[serde(default)]
    pub version: Version<1>,
    /// The rules.
    pub rules: Vec<ConsequenceDef>,
}

/// Checked rules of consequences: what is proposed for which score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConsequencesDef", into = "ConsequencesDef")]
pub struct Consequences(ConsequencesDef);

/// A consequence that a rule proposes, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The rule.
    pub rule: Key,
    /// What is proposed.
    pub kind: ConsequenceKind,
    /// For whom.
    pub subject: String,
    /// For which period.
    pub period: String,
    /// Until when it has to be carried out, that day included.
    pub due: NaiveDate,
    /// Who has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Key>,
    /// The figures that made the rule speak, the latest last.
    pub evidence: Vec<Grounds>,
}

/// A figure that made a rule speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    /// The column.
    pub of: ColumnKey,
    /// The period.
    pub period: String,
    /// The figure.
    #[serde(with = "crate::panel::written")]
    pub found: Result<Ratio, Reason>,
    /// Where it had to lie.
    pub within: Interval,
}

impl Consequences {
    /// The most rules, and the most tests of a rule.
    pub const MAX_RULES: usize = 1_000;

    /// Checks and keeps the rules.
    ///
    /// # Errors
    /// [`ScorecardError::Duplicate`], [`ScorecardError::TooMany`], [`ScorecardError::Empty`] for a rule without a
    /// test or a test over no periods, and [`ScorecardError::Template`] for a message with a lonely brace or an unknown place.
    pub fn new(def: ConsequencesDef) -> Result<Self, ScorecardError> {
        let counts = def
            .rules
            .iter()
            .map(|rule| rule.when.len())
            .chain([def.rules.len()]);
        if let Some(count) = counts.max().filter(|count| *count > Self::MAX_RULES) {
            return Err(ScorecardError::TooMany {
                what: "rules",
                count,
                limit: Self::MAX_RULES,
            });
        }
        unique("rule", def.rules.iter().map(|rule| &rule.key))?;
        for rule in &def.rules {
            let empty =
                |what| Err(ScorecardError::Empty { what }.within(format!("rule `{}`", rule.key)));
            if rule.when.is_empty() {
                return empty("test");
            }
            if rule.when.iter().any(|test| test.running == 0) {
                return empty("period in a test");
            }
            for (lang, text) in rule.message.iter() {
                let read = Wording::new(lang).with(Phrase::Proposed, text.as_str());
                let place = || format!("rule `{}`, message.{lang}", rule.key);
                read.map_err(|error| ScorecardError::from(error).within(place()))?;
            }
        }
        Ok(Self(def))
    }

    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &[ConsequenceDef] {
        &self.0.rules
    }

    /// Returns what the rules propose for a period, rule by rule and in the order of the subjects.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] when a column is missing or the period is outside the panel.
    pub fn propose(
        &self,
        panel: &Panel,
        period: PeriodId,
    ) -> Result<Vec<Proposal>, ScorecardError> {
        let Some(of) = panel.periods().period(period) else {
            return Err(PanelError::Outside {
                subject: 0,
                period: period.index(),
                subjects: panel.subjects().len(),
                periods: panel.periods().len(),
            }
            .into());
        };
        let mut proposals = Vec::new();
        for rule in &self.0.rules {
            let place = || format!("rule `{}`", rule.key);
            for test in &rule.when {
                panel
                    .column(&test.of)
                    .map_err(|error| ScorecardError::from(error).within(place()))?;
            }
            // A period ends with the day before its end.
            let due = of
                .end
                .checked_add_days(Days::new(u64::from(rule.within_days)))
                .and_then(|day| day.pred_opt());
            let due = due.unwrap_or(NaiveDate::MAX);
            for subject in panel.subjects().ids() {
                if let Some(evidence) = speaks(rule, panel, subject, period.index())? {
                    proposals.push(Proposal {
                        rule: rule.key.clone(),
                        kind: rule.kind,
                        subject: panel.subjects().label(subject),
                        period: of.label.to_string(),
                        due,
                        by: rule.by.clone(),
                        evidence,
                    });
                }
            }
        }
        Ok(proposals)
    }
}

/// Returns the evidence if all tests of a rule hold.
fn speaks(
    rule: &ConsequenceDef,
    panel: &Panel,
    subject: RowId,
    period: usize,
) -> Result<Option<Vec<Grounds>>, ScorecardError> {
    let mut evidence = Vec::new();
    for test in &rule.when {
        let back = usize::try_from(test.running)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let Some(first) = period.checked_sub(back) else {
            return Ok(None);
        };
        for at in first..=period {
            let found = panel.answer(&test.of, subject, PeriodId::at(at))?.ratio();
            if !found.is_ok_and(|value| test.within.contains(value)) {
                return Ok(None);
            }
            let label = panel
                .periods()
                .label(PeriodId::at(at))
                .map(ToString::to_string)
                .unwrap_or_default();
            evidence.push(Grounds {
                of: test.of.clone(),
                period: label,
                found,
                within: test.within,
            });
        }
    }
    Ok(Some(evidence))
}

/// What somebody did, as recorded by the host: a consequence carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The rule on which it stands; none when somebody acted on their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Key>,
    /// What was done.
    pub kind: ConsequenceKind,
    /// To whom.
    pub subject: String,
    /// For which period.
    pub period: String,
    /// On which day.
    pub on: NaiveDate,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outstanding {
    /// It has still time: so many days, today included.
    Due {
        /// Days left.
        days: u32,
    },
    /// It was carried out in time.
    CarriedOut {
        /// The day.
        on: NaiveDate,
    },
    /// It was carried out late (不能及时兑现).
    CarriedOutLate {
        /// The day.
        on: NaiveDate,
        /// Days late.
        days: u32,
    },
    /// It has not been carried out in time.
    Overdue {
        /// Days late so far.
        days: u32,
    },
}

/// What became of all proposals, and what does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// One for each proposal, in their order.
    pub standings: Vec<Outstanding>,
    /// The acts that name no rule, for which no rule made a proposal, or that are of another kind than the rule's.
    pub acts_without_rule: Vec<Act>,
    /// Rules that made proposals of which nothing that is due by now was carried out.
    pub rules_never_carried_out: Vec<Key>,
    /// Rules that proposed nothing.
    pub rules_never_speaking: Vec<Key>,
}

impl Consequences {
    /// Compares proposals with acts as of a day. An act answers the proposal of the same rule, subject and period if it is of
    /// the kind that the rule proposes - a fine does not carry out a training; the earliest one counts.
    ///
    /// # Errors
    /// [`ScorecardError::UnknownName`] for an act or a proposal under a rule that does not exist.
    pub fn follow(
        &self,
        proposals: &[Proposal],
        acts: &[Act],
        as_of: NaiveDate,
    ) -> Result<FollowUp, ScorecardError> {
        let kinds: BTreeMap<&Key, ConsequenceKind> = self
            .0
            .rules
            .iter()
            .map(|rule| (&rule.key, rule.kind))
            .collect();
        let named = proposals
            .iter()
            .map(|proposal| &proposal.rule)
            .chain(acts.iter().filter_map(|act| act.rule.as_ref()));
        for rule in named {
            if !kinds.contains_key(rule) {
                return Err(unknown("rule", rule, kinds.keys().copied()));
            }
        }
        let mut done: BTreeMap<(&Key, &str, &str), NaiveDate> = BTreeMap::new();
        for act in acts.iter().filter(|act| act.on <= as_of) {
            if let Some(rule) = &act.rule
                && kinds.get(rule) == Some(&act.kind)
            {
                let day = done
                    .entry((rule, &act.subject, &act.period))
                    .or_insert(act.on);
                *day = act.on.min(*day);
            }
        }
        let proposed: BTreeSet<(&Key, &str, &str)> =
            proposals.iter().map(Proposal::place).collect();
        let standings: Vec<Outstanding> = proposals
            .iter()
            .map(|proposal| standing(proposal, done.get(&proposal.place()).copied(), as_of))
            .collect();
        let without = |act: &Act| match &act.rule {
            None => true,
            Some(rule) => {
                kinds.get(rule) != Some(&act.kind)
                    || !proposed.contains(&(rule, act.subject.as_str(), act.period.as_str()))
            }
        };
        let acts_without_rule = acts.iter().filter(|act| without(act)).cloned().collect();
        let of_rule = |rule: &Key| -> Vec<Outstanding> {
            proposals
                .iter()
                .zip(&standings)
                .filter(|(proposal, _)| proposal.rule == *rule)
                .map(|(_, standing)| *standing)
                .collect()
        };
        let mut rules_never_carried_out = Vec::new();
        let mut rules_never_speaking = Vec::new();
        for rule in &self.0.rules {
            let standings = of_rule(&rule.key);
            if standings.is_empty() {
                rules_never_speaking.push(rule.key.clone());
            } else if standings
                .iter()
                .any(|standing| matches!(standing, Outstanding::Overdue { .. }))
                && standings.iter().all(|standing| {
                    matches!(
                        standing,
                        Outstanding::Overdue { .. } | Outstanding::Due { .. }
                    )
                })
            {
                rules_never_carried_out.push(rule.key.clone());
            }
        }
        Ok(FollowUp {
            standings,
            acts_without_rule,
            rules_never_carried_out,
            rules_never_speaking,
        })
    }
}

impl Proposal {
    fn place(&self) -> (&Key, &str, &str) {
        (&self.rule, &self.subject, &self.period)
    }
}

fn standing(proposal: &Proposal, done: Option<NaiveDate>, as_of: NaiveDate) -> Outstanding {
    let days = |from: NaiveDate, to: NaiveDate| u32::try_from((to - from).num_days()).unwrap_or(0);
    match done {
        Some(on) if on <= proposal.due => Outstanding::CarriedOut { on },
        Some(on) => Outstanding::CarriedOutLate {
            on,
            days: days(proposal.due, on),
        },
        None if as_of <= proposal.due => Outstanding::Due {
            days: days(as_of, proposal.due) + 1,
        },
        None => Outstanding::Overdue {
            days: days(proposal.due, as_of),
        },
    }
}

impl TryFrom<ConsequencesDef> for Consequences {
    type Error = ScorecardError;

    fn try_from(def: ConsequencesDef) -> Result<Self, ScorecardError> {
        Self::new(def)
    }
}

impl From<Consequences> for ConsequencesDef {
    fn from(consequences: Consequences) -> Self {
        consequences.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::measure::Unit;
    use crate::panel::Column;
    use crate::quantity::Quantum;
    use crate::scorecard::Templates;
    use crate::space::{Axis, Subjects};
    use crate::text::{Lang, Locale};

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rules() -> Consequences {
        let rule = |name: &str, kind, within: &str, running| ConsequenceDef {
            key: key(name),
            title: Texts::default(),
            message: Texts::default(),
            kind,
            when: vec![TestDef {
                of: ColumnKey::actual("score").unwrap(),
                within: within.parse().unwrap(),
                running,
            }],
            within_days: 15,
            by: Some(key("sales manager")),
        };
        let rules = vec![
            rule("train the weak", ConsequenceKind::Training, "(.., 60)", 1),
            rule(
                "three months below",
                ConsequenceKind::Elimination,
                "(.., 60)",
                3,
            ),
            rule("top", ConsequenceKind::Reward, "[120, ..)", 1),
        ];
        Consequences::new(ConsequencesDef {
            version: Version::default(),
            rules,
        })
        .unwrap()
    }

    fn panel() -> Panel {
        let members = ["ann", "bo"].map(key).to_vec();
        let months = Calendar::gregorian()
            .periods(Grain::Month, day("2026-01-01"), day("2026-04-01"))
            .unwrap();
        let mut panel = Panel::new(
            Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap(),
            months,
        );
        let score = ColumnKey::actual("score").unwrap();
        panel
            .add(Column::amounts(
                score,
                Unit::Point,
                Quantum::ONE,
                vec![55, 80, 50, 40, 59, 90],
            ))
            .unwrap();
        panel
    }

    #[test]
    fn rules_propose_with_their_evidence() {
        let proposals = rules().propose(&panel(), PeriodId::at(2)).unwrap();
        let who: Vec<_> = proposals
            .iter()
            .map(|proposal| (proposal.rule.as_str(), proposal.subject.as_str()))
            .collect();
        assert_eq!(
            who,
            [("train the weak", "ann"), ("three months below", "ann")]
        );
        assert_eq!(proposals[1].evidence.len(), 3);
        // 15 days from 1 April on, the first being 1 April.
        assert_eq!(proposals[0].due, day("2026-04-15"));
        assert!(rules().propose(&panel(), PeriodId::at(3)).is_err());
        assert_eq!(
            rules().propose(&panel(), PeriodId::at(1)).unwrap().len(),
            2,
            "both are weak in February, nobody for three months"
        );
    }

    #[test]
    fn a_proposal_is_told_in_each_language_in_the_words_of_its_rule() {
        let mut def = ConsequencesDef {
            version: Version::default(),
            rules: rules().rules().to_vec(),
        };
        def.rules[0].title = Texts::new(Lang::EN, "Training").and(Lang::ZH, "培训");
        def.rules[1].message = Texts::new(Lang::EN, "{subject}: {found} ({by}, {due})");
        let told = |def: &ConsequencesDef, lang| -> Vec<String> {
            let rules = Consequences::new(def.clone()).unwrap();
            let words = Templates::new(Locale::new(lang));
            let proposals = rules.propose(&panel(), PeriodId::at(2)).unwrap();
            proposals
                .iter()
                .map(|proposal| words.proposal(proposal, &rules))
                .collect()
        };
        assert_eq!(
            told(&def, Lang::EN),
            [
                "Training proposed for ann in 2026-03, to be carried out by 2026-04-15",
                "ann: score 59 (sales manager, 2026-04-15)"
            ]
        );
        assert_eq!(
            told(&def, Lang::ZH)[0],
            "建议对 ann（2026-03）实行：培训，2026-04-15 前兑现"
        );
        let french = Lang::new("fr").unwrap();
        def.rules[0].title = def.rules[0].title.clone().and(french, "Formation");
        def.rules[0].message = Texts::new(french, "{consequence} pour {subject}");
        assert_eq!(told(&def, french)[0], "Formation pour ann");
        def.rules[0].message = Texts::new(french, "{consequences} pour {subject}");
        let refused = Consequences::new(def).unwrap_err().to_string();
        assert!(
            refused.starts_with("rule `train the weak`, message.fr: there is no `{consequences}`"),
            "{refused}"
        );
    }

    #[test]
    fn what_was_done_is_held_against_what_was_proposed() {
        let rules = rules();
        let mut proposals = rules.propose(&panel(), PeriodId::at(1)).unwrap();
        proposals.extend(rules.propose(&panel(), PeriodId::at(2)).unwrap());
        let act = |rule: Option<&str>, subject: &str, period: &str, on: &str| Act {
            rule: rule.map(key),
            kind: ConsequenceKind::Training,
            subject: subject.to_owned(),
            period: period.to_owned(),
            on: day(on),
        };
        let acts = [
            act(Some("train the weak"), "ann", "2026-02", "2026-03-20"),
            act(Some("train the weak"), "bo", "2026-02", "2026-03-10"),
            act(None, "bo", "2026-02", "2026-03-10"),
            act(Some("top"), "bo", "2026-03", "2026-04-02"),
        ];
        let found = rules.follow(&proposals, &acts, day("2026-04-20")).unwrap();
        assert_eq!(
            found.standings,
            [
                Outstanding::CarriedOutLate {
                    on: day("2026-03-20"),
                    days: 5
                },
                Outstanding::CarriedOut {
                    on: day("2026-03-10")
                },
                Outstanding::Overdue { days: 5 },
                Outstanding::Overdue { days: 5 },
            ]
        );
        assert_eq!(found.acts_without_rule, acts[2..4]);
        assert_eq!(found.rules_never_carried_out, [key("three months below")]);
        assert_eq!(found.rules_never_speaking, [key("top")]);
        // A fine is not the training that the rule proposes: it stands on no rule, and the training is still to come.
        let mut fine = acts[1].clone();
        fine.kind = ConsequenceKind::Penalty;
        let fined = rules
            .follow(&proposals, std::slice::from_ref(&fine), day("2026-04-20"))
            .unwrap();
        assert_eq!(fined.acts_without_rule, [fine]);
        assert!(matches!(fined.standings[1], Outstanding::Overdue { .. }));
        let early = rules.follow(&proposals, &[], day("2026-04-15")).unwrap();
        assert_eq!(early.standings[3], Outstanding::Due { days: 1 });
        assert!(
            rules
                .follow(
                    &proposals,
                    &[act(Some("tpo"), "bo", "2026-03", "2026-04-02")],
                    day("2026-04-20")
                )
                .is_err()
        );
    }
}
