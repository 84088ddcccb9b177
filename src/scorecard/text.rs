//! Explanations and findings as text, in words that a host can replace.

mod finding;
mod render;
mod wording;

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::text::{Lang, Locale, Sentence, TemplateError, Wording};

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
    /// A consequence that is proposed: `{consequence}`, `{subject}`, `{period}`, `{due}`, `{by}` (who has to carry it out),
    /// `{found}` (the figures of the period that speak for it).
    Proposed,
    /// What is done about it: the weight goes to the others.
    Redistributed,
    /// Fixed points are given.
    Given,
    /// The points of an earlier period are kept.
    Kept,
    /// The card is left without a total.
    Unscored,
    /// More KPIs than anybody keeps in mind: `{count}`.
    TooManyKpis,
    /// A KPI with next to no weight: `{kpi}`, `{share}`.
    NoWeight,
    /// A cliff: `{kpi}`, `{at}`, `{below}`, `{on}`, `{above}`, `{total}`.
    Jump,
    /// A cliff in a table of two inputs: `{kpi}`, `{step}`, `{total}`.
    TableStep,
    /// More of what is good gives fewer points: `{kpi}`.
    Perverse,
    /// Whatever is done gives the same points: `{kpi}`.
    Indifferent,
    /// Nothing more is to be had beyond: `{kpi}`, `{at}`.
    NothingToGainAbove,
    /// Nothing more is lost below: `{kpi}`, `{at}`.
    NothingToLoseBelow,
    /// Weight on what can hardly be influenced: `{share}`, `{kpis}`.
    Uninfluenced,
    /// Two KPIs look at the same figure: `{kpi}`, `{other}`, `{metric}`.
    CountedTwice,
    /// More points can be had by recording nothing or less: `{kpi}`.
    SilencePays,
    /// Targets of zero are met or missed: `{kpi}`, `{count}`.
    ZeroTarget,
    /// A target for which nobody is scored: `{metric}`.
    TargetWithoutKpi,
    /// The panel does not have the figure: `{kpi}`, `{metric}`.
    NoColumn,
    /// A KPI never had a number: `{kpi}`.
    NeverKnown,
    /// A KPI always gave everybody the same points: `{kpi}`.
    NeverMoves,
    /// Two KPIs count the same thing: `{kpi}`, `{other}`, `{correlation}`.
    RunTogether,
    /// Two rates have the same figures above the line: `{kpi}`, `{other}`.
    SharedNumerator,
    /// Somebody would have gained by waiting: `{kpi}`, `{subject}`, `{period}`, `{moved}`, `{gain}`.
    GainsByWaiting,
    /// Cards of two owners count the same figure: `{owner}`, `{kpi}`, `{other_owner}`, `{other}`, `{metric}`.
    CountedTwiceAcross,
    /// A KPI is shared with an owner that does not look at the figure: `{owner}`, `{kpi}`, `{with}`.
    SharedAlone,
    /// A shared KPI has unlike targets: `{owner}`, `{kpi}`, `{other_owner}`, `{other}`, `{metric}`.
    SharedUnequal,
    /// Means of groups lie far apart: `{lowest}`, `{highest}`, `{apart}`.
    Unfair,
}

impl Phrase {
    /// All phrases.
    pub const ALL: [Self; 43] = [
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
        Self::Proposed,
        Self::Redistributed,
        Self::Given,
        Self::Kept,
        Self::Unscored,
        Self::TooManyKpis,
        Self::NoWeight,
        Self::Jump,
        Self::TableStep,
        Self::Perverse,
        Self::Indifferent,
        Self::NothingToGainAbove,
        Self::NothingToLoseBelow,
        Self::Uninfluenced,
        Self::CountedTwice,
        Self::SilencePays,
        Self::ZeroTarget,
        Self::TargetWithoutKpi,
        Self::NoColumn,
        Self::NeverKnown,
        Self::NeverMoves,
        Self::RunTogether,
        Self::SharedNumerator,
        Self::GainsByWaiting,
        Self::CountedTwiceAcross,
        Self::SharedAlone,
        Self::SharedUnequal,
        Self::Unfair,
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
            Self::Proposed => &["consequence", "subject", "period", "due", "by", "found"],
            Self::TooManyKpis => &["count"],
            Self::NoWeight => &["kpi", "share"],
            Self::Jump => &["kpi", "at", "below", "on", "above", "total"],
            Self::TableStep => &["kpi", "step", "total"],
            Self::Perverse
            | Self::Indifferent
            | Self::SilencePays
            | Self::NeverKnown
            | Self::NeverMoves => &["kpi"],
            Self::ZeroTarget => &["kpi", "count"],
            Self::NothingToGainAbove | Self::NothingToLoseBelow => &["kpi", "at"],
            Self::Uninfluenced => &["share", "kpis"],
            Self::CountedTwice => &["kpi", "other", "metric"],
            Self::TargetWithoutKpi => &["metric"],
            Self::NoColumn => &["kpi", "metric"],
            Self::RunTogether => &["kpi", "other", "correlation"],
            Self::SharedNumerator => &["kpi", "other"],
            Self::GainsByWaiting => &["kpi", "subject", "period", "moved", "gain"],
            Self::CountedTwiceAcross | Self::SharedUnequal => {
                &["owner", "kpi", "other_owner", "other", "metric"]
            }
            Self::SharedAlone => &["owner", "kpi", "with"],
            Self::Unfair => &["lowest", "highest", "apart"],
            Self::Redistributed | Self::Given | Self::Kept | Self::Unscored => &[],
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

impl Sentence for Phrase {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn places(self) -> &'static [&'static str] {
        Self::places(self)
    }

    fn shipped(self, language: Lang) -> Option<&'static str> {
        wording::shipped(self, language)
    }
}

/// How explanations and findings are worded in one language, and how figures are written in it.
///
/// English and Chinese ship; a phrase that has no wording in another language is said in English until the host gives one.
///
/// ```
/// use quotaflow::scorecard::{Phrase, Templates};
/// use quotaflow::text::{Lang, Locale};
/// let own = Templates::new(Locale::EN).with(Phrase::TotalPlain, "in all {total}")?;
/// assert!(Templates::new(Locale::EN).with(Phrase::TotalPlain, "in all {sum}").is_err());
/// let french = Templates::new(Locale::new(Lang::new("fr")?)).with(Phrase::NoTotal, "sans total : {reason}")?;
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// Words and figures.
    locale: Locale,
    /// The phrases.
    phrases: Wording<Phrase>,
}

impl Templates {
    /// Returns the wording that ships for the language of a locale.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        let phrases = Wording::new(locale.lang());
        Self { locale, phrases }
    }

    /// Returns the templates with another wording of one phrase.
    ///
    /// # Errors
    /// [`TemplateError`] for a brace without a partner or a name in braces that the phrase does not have.
    pub fn with(mut self, phrase: Phrase, text: &str) -> Result<Self, TemplateError> {
        self.phrases = self.phrases.with(phrase, text)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
