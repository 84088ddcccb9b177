//! An explanation as text, in words that a host can replace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::explain::{Explanation, GroupPart, InputPart, KpiPart, LimitPart};
use super::{Reading, ScorecardDef, ScorecardError, Unknown};
use crate::key::Key;
use crate::panel::State;
use crate::quantity::{Ratio, Rounding};

/// A sentence, or a word in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phrase {
    /// The first line: `{card}`, `{subject}`, `{period}`.
    Head,
    /// A group: `{group}`, `{share}`, `{points}`, `{contribution}`.
    Group,
    /// A KPI with points: `{kpi}`, `{share}`, `{input}`, `{points}`.
    Kpi,
    /// A KPI whose number is missing: `{kpi}`, `{reason}`, `{policy}`, `{points}`.
    KpiMissing,
    /// An item: `{kpi}`, `{input}`, `{points}`.
    Item,
    /// A figure that is compared: `{actual}`, `{target}`, `{attained}`.
    Compared,
    /// A figure on its own: `{actual}`.
    Plain,
    /// A shut gate: `{name}`, `{found}`.
    GateShut,
    /// A veto that strikes: `{name}`, `{found}`.
    VetoStrikes,
    /// The sum: `{weighted}`, `{bonus}`, `{deduction}`, `{rounded}`.
    Sum,
    /// The last line: `{total}`, `{grade}`.
    Total,
    /// The last line without a grade: `{total}`.
    TotalPlain,
    /// The last line without a total: `{reason}`.
    NoTotal,
    /// Why there is no number: nothing to compare with.
    NoBase,
    /// Nothing was recorded.
    NothingRecorded,
    /// It makes no sense here.
    NotApplicable,
    /// It is not known yet.
    NotYetDue,
    /// It is too large.
    OutOfRange,
    /// What is done about it: the weight goes to the others.
    Redistributed,
    /// Fixed points are given.
    Given,
    /// The points of an earlier period are kept.
    Kept,
    /// The card is left without a total.
    Unscored,
}

impl Phrase {
    /// All phrases.
    pub const ALL: [Self; 22] = [
        Self::Head,
        Self::Group,
        Self::Kpi,
        Self::KpiMissing,
        Self::Item,
        Self::Compared,
        Self::Plain,
        Self::GateShut,
        Self::VetoStrikes,
        Self::Sum,
        Self::Total,
        Self::TotalPlain,
        Self::NoTotal,
        Self::NoBase,
        Self::NothingRecorded,
        Self::NotApplicable,
        Self::NotYetDue,
        Self::OutOfRange,
        Self::Redistributed,
        Self::Given,
        Self::Kept,
        Self::Unscored,
    ];

    /// Returns the names that can stand in braces in this phrase.
    #[must_use]
    pub fn places(self) -> &'static [&'static str] {
        match self {
            Self::Head => &["card", "subject", "period"],
            Self::Group => &["group", "share", "points", "contribution"],
            Self::Kpi => &["kpi", "share", "input", "points"],
            Self::KpiMissing => &["kpi", "reason", "policy", "points"],
            Self::Item => &["kpi", "input", "points"],
            Self::Compared => &["actual", "target", "attained"],
            Self::Plain => &["actual"],
            Self::GateShut | Self::VetoStrikes => &["name", "found"],
            Self::Sum => &["weighted", "bonus", "deduction", "rounded"],
            Self::Total => &["total", "grade"],
            Self::TotalPlain => &["total"],
            Self::NoTotal => &["reason"],
            Self::NoBase
            | Self::NothingRecorded
            | Self::NotApplicable
            | Self::NotYetDue
            | Self::OutOfRange
            | Self::Redistributed
            | Self::Given
            | Self::Kept
            | Self::Unscored => &[],
        }
    }

    fn of_state(state: State) -> Self {
        match state {
            State::NoBase => Self::NoBase,
            State::NothingRecorded => Self::NothingRecorded,
            State::NotApplicable => Self::NotApplicable,
            State::NotYetDue => Self::NotYetDue,
            State::Value | State::OutOfRange => Self::OutOfRange,
        }
    }

    fn of_policy(policy: Unknown) -> Self {
        match policy {
            Unknown::Redistribute => Self::Redistributed,
            Unknown::Zero | Unknown::Neutral | Unknown::Points(_) => Self::Given,
            Unknown::Previous => Self::Kept,
            Unknown::Unscored => Self::Unscored,
        }
    }
}

/// The wording of every phrase, with `{names}` where values go.
///
/// ```
/// use quotaflow::scorecard::{Phrase, Templates};
/// let own = Templates::english().with(Phrase::TotalPlain, "in all {total}")?;
/// assert!(Templates::english().with(Phrase::TotalPlain, "in all {sum}").is_err());
/// # Ok::<(), quotaflow::scorecard::ScorecardError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<Phrase, String>",
    into = "BTreeMap<Phrase, String>"
)]
pub struct Templates(BTreeMap<Phrase, String>);

impl Templates {
    /// Checks and keeps the wording of every phrase.
    ///
    /// # Errors
    /// [`ScorecardError::Empty`] when a phrase has no wording, [`ScorecardError::Unknown`] for a name in braces that the
    /// phrase does not have.
    pub fn new(wording: BTreeMap<Phrase, String>) -> Result<Self, ScorecardError> {
        for phrase in Phrase::ALL {
            let Some(text) = wording.get(&phrase) else {
                return Err(ScorecardError::Empty { what: "wording" }.within(format!("{phrase:?}")));
            };
            for name in names(text) {
                if !phrase.places().contains(&name) {
                    let near = crate::key::nearest(name, phrase.places().iter().copied())
                        .map(str::to_owned);
                    let error = ScorecardError::Unknown {
                        what: "value",
                        key: name.to_owned(),
                        nearest: near,
                    };
                    return Err(error.within(format!("{phrase:?}")));
                }
            }
        }
        Ok(Self(wording))
    }

    /// Returns the templates with another wording of one phrase.
    ///
    /// # Errors
    /// As [`Templates::new`].
    pub fn with(mut self, phrase: Phrase, text: &str) -> Result<Self, ScorecardError> {
        self.0.insert(phrase, text.to_owned());
        Self::new(self.0)
    }

    /// Returns the English wording.
    #[must_use]
    pub fn english() -> Self {
        let text = |phrase: Phrase| match phrase {
            Phrase::Head => "{card}: {subject}, {period}",
            Phrase::Group => "{group}: {points} points x {share} = {contribution}",
            Phrase::Kpi => "  {kpi} ({share}): {input} gives {points} points",
            Phrase::KpiMissing => "  {kpi}: {reason}; {policy} ({points})",
            Phrase::Item => "{kpi}: {input} gives {points} points",
            Phrase::Compared => "{actual} against {target} is {attained}",
            Phrase::Plain => "{actual}",
            Phrase::GateShut => "gate `{name}` is shut: {found}",
            Phrase::VetoStrikes => "veto `{name}` strikes: {found}",
            Phrase::Sum => {
                "weighted {weighted} + bonus {bonus} - deduction {deduction} = {rounded}"
            }
            Phrase::Total => "total {total}, grade {grade}",
            Phrase::TotalPlain => "total {total}",
            Phrase::NoTotal => "no total: {reason}",
            Phrase::NoBase => "there is nothing to compare with",
            Phrase::NothingRecorded => "nothing was recorded",
            Phrase::NotApplicable => "it does not apply",
            Phrase::NotYetDue => "it is not yet known",
            Phrase::OutOfRange => "the number is too large",
            Phrase::Redistributed => "the weight goes to the others",
            Phrase::Given => "fixed points",
            Phrase::Kept => "points of an earlier period",
            Phrase::Unscored => "the card stays without a total",
        };
        Self(
            Phrase::ALL
                .iter()
                .map(|phrase| (*phrase, text(*phrase).to_owned()))
                .collect(),
        )
    }

    /// Returns the Chinese wording.
    #[must_use]
    pub fn chinese() -> Self {
        let text = |phrase: Phrase| match phrase {
            Phrase::Head => "{card}：{subject}，{period}",
            Phrase::Group => "{group}：{points} 分 × {share} = {contribution}",
            Phrase::Kpi => "  {kpi}（权重 {share}）：{input}，得 {points} 分",
            Phrase::KpiMissing => "  {kpi}：{reason}；{policy}（{points}）",
            Phrase::Item => "{kpi}（加减分）：{input}，{points} 分",
            Phrase::Compared => "实际 {actual}，目标 {target}，完成 {attained}",
            Phrase::Plain => "实际 {actual}",
            Phrase::GateShut => "门槛“{name}”未达到：{found}",
            Phrase::VetoStrikes => "一票否决“{name}”：{found}",
            Phrase::Sum => "加权 {weighted} + 加分 {bonus} - 扣分 {deduction} = {rounded}",
            Phrase::Total => "总分 {total}，等级 {grade}",
            Phrase::TotalPlain => "总分 {total}",
            Phrase::NoTotal => "无总分：{reason}",
            Phrase::NoBase => "没有可比的基数",
            Phrase::NothingRecorded => "没有记录",
            Phrase::NotApplicable => "不适用",
            Phrase::NotYetDue => "尚未到期",
            Phrase::OutOfRange => "数值超出范围",
            Phrase::Redistributed => "权重分给其他指标",
            Phrase::Given => "按规定给分",
            Phrase::Kept => "沿用前期得分",
            Phrase::Unscored => "不评总分",
        };
        Self(
            Phrase::ALL
                .iter()
                .map(|phrase| (*phrase, text(*phrase).to_owned()))
                .collect(),
        )
    }

    /// Returns an explanation as text, line by line. Titles come from the card's definition; numbers are shown in full where
    /// they have at most six decimals, and otherwise rounded to four after `≈`.
    #[must_use]
    pub fn render(&self, explanation: &Explanation, card: &ScorecardDef) -> String {
        let mut lines = Vec::new();
        let title = titled(card.title.as_ref(), &card.key);
        lines.push(self.say(
            Phrase::Head,
            &[
                ("card", &title),
                ("subject", &explanation.subject),
                ("period", &explanation.period),
            ],
        ));
        for group in &explanation.groups {
            self.group(&mut lines, group, card);
        }
        for item in &explanation.items {
            let name = kpi_title(card, &item.key);
            lines.push(if item.unknown.is_some() {
                self.missing(&name, item)
            } else {
                let (input, points) = (self.inputs(item), self.number(item.points));
                self.say(
                    Phrase::Item,
                    &[("kpi", &name), ("input", &input), ("points", &points)],
                )
            });
        }
        for (phrase, limits) in [
            (Phrase::GateShut, &explanation.gates),
            (Phrase::VetoStrikes, &explanation.vetoes),
        ] {
            lines.extend(
                limits
                    .iter()
                    .filter(|limit| limit.limits)
                    .map(|limit| self.limit(phrase, limit, card)),
            );
        }
        let sum = [
            ("weighted", self.number(explanation.weighted)),
            ("bonus", shown(explanation.bonus)),
            ("deduction", shown(explanation.deduction)),
            ("rounded", self.number(explanation.rounded)),
        ];
        if !explanation.bonus.is_zero() || !explanation.deduction.is_zero() {
            lines.push(self.say(
                Phrase::Sum,
                &sum.each_ref().map(|(name, value)| (*name, value.as_str())),
            ));
        }
        lines.push(match (explanation.total, &explanation.grade) {
            (Reading::Value(total), Some(grade)) => self.say(
                Phrase::Total,
                &[("total", &shown(total)), ("grade", grade.as_str())],
            ),
            (Reading::Value(total), None) => {
                self.say(Phrase::TotalPlain, &[("total", &shown(total))])
            }
            (Reading::Missing(state), _) => self.say(
                Phrase::NoTotal,
                &[("reason", self.word(Phrase::of_state(state)))],
            ),
        });
        lines.join("\n")
    }

    fn group(&self, lines: &mut Vec<String>, group: &GroupPart, card: &ScorecardDef) {
        let def = card.groups.iter().find(|def| def.key == group.key);
        let name = titled(def.and_then(|def| def.title.as_ref()), &group.key);
        let values = [
            self.number(group.points),
            percent(group.share),
            shown(group.contribution),
        ];
        let [points, share, contribution] = values.each_ref().map(String::as_str);
        let places = [
            ("group", name.as_str()),
            ("points", points),
            ("share", share),
            ("contribution", contribution),
        ];
        lines.push(self.say(Phrase::Group, &places));
        for kpi in &group.kpis {
            let name = kpi_title(card, &kpi.key);
            lines.push(if kpi.unknown.is_some() {
                self.missing(&name, kpi)
            } else {
                let (share, input, points) = (
                    percent(kpi.share),
                    self.inputs(kpi),
                    self.number(kpi.points),
                );
                self.say(
                    Phrase::Kpi,
                    &[
                        ("kpi", &name),
                        ("share", &share),
                        ("input", &input),
                        ("points", &points),
                    ],
                )
            });
        }
    }

    fn missing(&self, name: &str, kpi: &KpiPart) -> String {
        let state = kpi
            .inputs
            .iter()
            .map(|input| input.attained.state())
            .find(|state| !state.is_value());
        let reason = self.word(Phrase::of_state(state.unwrap_or(State::OutOfRange)));
        let policy = self.word(Phrase::of_policy(
            kpi.unknown.unwrap_or(Unknown::Redistribute),
        ));
        let points = kpi.points.value().map_or_else(|| "-".to_owned(), shown);
        self.say(
            Phrase::KpiMissing,
            &[
                ("kpi", name),
                ("reason", reason),
                ("policy", policy),
                ("points", &points),
            ],
        )
    }

    fn limit(&self, phrase: Phrase, limit: &LimitPart, card: &ScorecardDef) -> String {
        let gates = card.gates.iter().map(|gate| (&gate.key, &gate.title));
        let mut all = gates.chain(card.vetoes.iter().map(|veto| (&veto.key, &veto.title)));
        let title = all
            .find(|(key, _)| **key == limit.key)
            .and_then(|(_, title)| title.as_ref());
        self.say(
            phrase,
            &[
                ("name", &titled(title, &limit.key)),
                ("found", &self.number(limit.found)),
            ],
        )
    }

    fn inputs(&self, kpi: &KpiPart) -> String {
        let one = |input: &InputPart| {
            let actual = self.number(input.readings.actual);
            match input.readings.target {
                None => self.say(Phrase::Plain, &[("actual", &actual)]),
                Some(target) => {
                    let (target, attained) = (self.number(target), self.number(input.attained));
                    let places = [
                        ("actual", actual.as_str()),
                        ("target", &target),
                        ("attained", &attained),
                    ];
                    self.say(Phrase::Compared, &places)
                }
            }
        };
        kpi.inputs.iter().map(one).collect::<Vec<_>>().join(" / ")
    }

    fn number(&self, reading: Reading) -> String {
        match reading {
            Reading::Value(value) => shown(value),
            Reading::Missing(state) => self.word(Phrase::of_state(state)).to_owned(),
        }
    }

    fn word(&self, phrase: Phrase) -> &str {
        self.0.get(&phrase).map_or("", String::as_str)
    }

    /// Puts values in the places of a phrase, in one pass: what is put in is not looked into again.
    fn say(&self, phrase: Phrase, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.word(phrase);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            text.push_str(
                values
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map_or("", |(_, value)| value),
            );
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}').map(|(name, _)| name))
}

fn titled(title: Option<&String>, key: &Key) -> String {
    title.map_or_else(|| key.to_string(), Clone::clone)
}

fn kpi_title(card: &ScorecardDef, key: &Key) -> String {
    let def = card.kpis().map(|(_, kpi)| kpi).find(|kpi| kpi.key == *key);
    titled(def.and_then(|def| def.title.as_ref()), key)
}

fn percent(share: Ratio) -> String {
    match share.checked_mul(Ratio::from(100)) {
        Ok(percent) => format!("{} %", shown(percent)),
        Err(_) => shown(share),
    }
}

fn shown(value: Ratio) -> String {
    match value.exact_decimal().map(|decimal| decimal.normalize()) {
        Some(decimal) if decimal.scale() <= 6 => decimal.to_string(),
        _ => match value.to_decimal(4, Rounding::HalfAwayFromZero) {
            Ok(decimal) => format!("≈ {}", decimal.normalize()),
            Err(_) => value.to_string(),
        },
    }
}

impl TryFrom<BTreeMap<Phrase, String>> for Templates {
    type Error = ScorecardError;

    fn try_from(wording: BTreeMap<Phrase, String>) -> Result<Self, ScorecardError> {
        Self::new(wording)
    }
}

impl From<Templates> for BTreeMap<Phrase, String> {
    fn from(templates: Templates) -> Self {
        templates.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::measure::Unit;
    use crate::panel::{Column, ColumnKey, Panel};
    use crate::quantity::Quantum;
    use crate::scorecard::{
        ConditionDef, CurveDef, InputDef, Interval, KpiDef, Operand, Reference, Scorecard, VetoDef,
    };
    use crate::space::Subjects;

    fn explained() -> (Explanation, ScorecardDef) {
        let sales = || ColumnKey::actual("sales").unwrap();
        let line = || CurveDef::line(Ratio::from(100));
        let kpis = vec![
            KpiDef::new("sales", InputDef::rate(sales(), Reference::Plan), line())
                .unwrap()
                .titled("销售额")
                .weigh(Ratio::percent(60)),
            KpiDef::new(
                "growth",
                InputDef::rate(sales(), Reference::Previous(1)),
                line(),
            )
            .unwrap()
            .weigh(Ratio::percent(40)),
        ];
        let mut def = ScorecardDef::new("card")
            .unwrap()
            .group("results", Ratio::ONE, kpis)
            .unwrap()
            .grades("B", [("80", "A")])
            .unwrap();
        let mut late = KpiDef::new(
            "late",
            InputDef::value(ColumnKey::actual("late").unwrap()),
            CurveDef::line(Ratio::from(-2)),
        )
        .unwrap();
        late.title = Some("late {reports}".to_owned());
        def.items.push(late);
        let late = Operand::Figure(ColumnKey::actual("late").unwrap());
        def.vetoes.push(VetoDef {
            key: Key::new("too late").unwrap(),
            title: None,
            when: ConditionDef::new(late, Interval::at_least(Ratio::from(3))),
            at_most: Ratio::from(60),
            best_grade: None,
        });
        let month = Calendar::gregorian().periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-02-01".parse().unwrap(),
        );
        let mut panel = Panel::new(Subjects::whole(), month.unwrap());
        for (key, value) in [("sales", 2), ("target:sales", 3), ("late", 3)] {
            panel
                .add(Column::amounts(
                    key.parse().unwrap(),
                    Unit::Point,
                    Quantum::ONE,
                    vec![value],
                ))
                .unwrap();
        }
        let card = Scorecard::compile(def.clone()).unwrap();
        let why = card.score(&panel, 0).unwrap().explain(0).unwrap();
        (why, def)
    }

    #[test]
    fn a_score_is_explained_in_both_languages() {
        let (why, def) = explained();
        let english = "card: all, 2026-01\n\
            results: 66.6667 points x 100 % = 66.6667\n  \
            销售额 (100 %): 2 against 3 is ≈ 0.6667 gives 66.6667 points\n  \
            growth: it does not apply; the weight goes to the others (-)\n\
            late {reports}: 3 gives -6 points\n\
            veto `too late` strikes: 3\n\
            weighted 66.6667 + bonus 0 - deduction 6 = 60.6667\n\
            total 60, grade B";
        assert_eq!(Templates::english().render(&why, &def), english);
        let chinese = Templates::chinese().render(&why, &def);
        assert!(
            chinese
                .contains("  销售额（权重 100 %）：实际 2，目标 3，完成 ≈ 0.6667，得 66.6667 分"),
            "{chinese}"
        );
        assert!(chinese.ends_with("总分 60，等级 B"), "{chinese}");
    }

    #[test]
    fn wordings_are_checked_and_complete() {
        for templates in [Templates::english(), Templates::chinese()] {
            let text = serde_json::to_string(&templates).unwrap();
            assert_eq!(serde_json::from_str::<Templates>(&text).unwrap(), templates);
        }
        let error = Templates::english()
            .with(Phrase::Head, "{cart}")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Head: there is no value `cart`; did you mean `card`?"
        );
        assert!(Templates::new(BTreeMap::new()).is_err());
    }
}
