//! An explanation as text, in words that a host can replace.

mod render;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ScorecardError, Unknown};
use crate::panel::State;

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
    /// A figure whose target holds for a share of the period: `{actual}`, `{target}`, `{share}`, `{attained}`.
    Prorated,
    /// A figure on its way from a baseline to its target: `{actual}`, `{baseline}`, `{target}`, `{attained}`.
    Progressed,
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
    pub const ALL: [Self; 24] = [
        Self::Head,
        Self::Group,
        Self::Kpi,
        Self::KpiMissing,
        Self::Item,
        Self::Compared,
        Self::Prorated,
        Self::Progressed,
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
            Self::Prorated => &["actual", "target", "share", "attained"],
            Self::Progressed => &["actual", "baseline", "target", "attained"],
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
            Phrase::Prorated => "{actual} against {target} x {share} is {attained}",
            Phrase::Progressed => "{actual} on the way from {baseline} to {target} is {attained}",
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
            Phrase::Prorated => "实际 {actual}，目标 {target} × {share}，完成 {attained}",
            Phrase::Progressed => "实际 {actual}，基数 {baseline}，目标 {target}，完成 {attained}",
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
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}').map(|(name, _)| name))
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
mod tests;
