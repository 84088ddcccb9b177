//! From a finding to a line of text.

use super::render::shown;
use super::{Phrase, Templates};
use crate::key::Key;
use crate::quantity::Ratio;
use crate::scorecard::{Cliff, Finding, ScorecardDef};

impl Templates {
    /// Returns a finding as a line of text. KPIs are shown by the titles that the card gives them, subjects
    /// and periods by their names.
    ///
    /// ```
    /// use quotaflow::catalog::cards;
    /// use quotaflow::scorecard::{HealthLimits, Scorecard, Templates};
    /// use quotaflow::text::Locale;
    /// let def = cards::dealer()?;
    /// let card = Scorecard::compile(def.clone())?;
    /// for finding in card.health(&HealthLimits::default()) {
    ///     println!("{}", Templates::new(Locale::EN).finding(&finding, &def));
    /// }
    /// # Ok::<(), quotaflow::scorecard::ScorecardError>(())
    /// ```
    #[must_use]
    pub fn finding(&self, finding: &Finding, card: &ScorecardDef) -> String {
        let values = self.values_of(finding, card);
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.say(phrase_of(finding), &values)
    }

    /// Returns the values that go into the text of a finding.
    fn values_of(&self, finding: &Finding, card: &ScorecardDef) -> Vec<(&'static str, String)> {
        let title = |key: &Key| self.kpi_title(card, key);
        let points = |value: &Ratio| shown(*value);
        match finding {
            Finding::TooManyKpis { count } => vec![("count", count.to_string())],
            Finding::NoWeight { kpi, share } => {
                vec![("kpi", title(kpi)), ("share", self.percent(*share))]
            }
            Finding::Jump { kpi, cliff, total } => {
                let mut values = vec![("kpi", title(kpi)), ("total", points(total))];
                values.extend(steps(cliff));
                values
            }
            Finding::TableStep { kpi, step, total } => vec![
                ("kpi", title(kpi)),
                ("step", points(step)),
                ("total", points(total)),
            ],
            Finding::Perverse { kpi }
            | Finding::Indifferent { kpi }
            | Finding::SilencePays { kpi }
            | Finding::NeverKnown { kpi }
            | Finding::NeverMoves { kpi } => vec![("kpi", title(kpi))],
            Finding::NothingToGainAbove { kpi, at } | Finding::NothingToLoseBelow { kpi, at } => {
                vec![("kpi", title(kpi)), ("at", points(at))]
            }
            Finding::Uninfluenced { share, kpis } => {
                let kpis = self.list(&kpis.iter().map(title).collect::<Vec<_>>());
                vec![("share", self.percent(*share)), ("kpis", kpis)]
            }
            Finding::CountedTwice { kpi, other, metric } => vec![
                ("kpi", title(kpi)),
                ("other", title(other)),
                ("metric", metric.to_string()),
            ],
            Finding::ZeroTarget { kpi, cells } => {
                vec![("kpi", title(kpi)), ("count", cells.to_string())]
            }
            Finding::TargetWithoutKpi { metric } => vec![("metric", metric.to_string())],
            Finding::NoColumn { kpi, column } => {
                vec![("kpi", title(kpi)), ("metric", column.to_string())]
            }
            Finding::RunTogether {
                kpi,
                other,
                hundredths,
            } => vec![
                ("kpi", title(kpi)),
                ("other", title(other)),
                ("correlation", correlation(*hundredths)),
            ],
            Finding::SharedNumerator { kpi, other } => {
                vec![("kpi", title(kpi)), ("other", title(other))]
            }
            Finding::GainsByWaiting {
                kpi,
                subject,
                period,
                moved,
                gain,
            } => {
                vec![
                    ("subject", group(subject)),
                    ("period", period.to_string()),
                    ("kpi", title(kpi)),
                    ("moved", points(moved)),
                    ("gain", points(gain)),
                ]
            }
            Finding::CountedTwiceAcross {
                metric,
                left,
                right,
            }
            | Finding::SharedUnequal {
                metric,
                left,
                right,
            } => across(metric.to_string(), left, right),
            Finding::SharedAlone { owner, kpi, with } => vec![
                ("owner", owner.to_string()),
                ("kpi", title(kpi)),
                ("with", with.to_string()),
            ],
            Finding::Unfair {
                lowest,
                highest,
                apart,
            } => vec![
                ("lowest", group(lowest)),
                ("highest", group(highest)),
                ("apart", points(apart)),
            ],
        }
    }
}

/// What is said of a finding.
fn phrase_of(finding: &Finding) -> Phrase {
    match finding {
        Finding::TooManyKpis { .. } => Phrase::TooManyKpis,
        Finding::NoWeight { .. } => Phrase::NoWeight,
        Finding::Jump { .. } => Phrase::Jump,
        Finding::TableStep { .. } => Phrase::TableStep,
        Finding::Perverse { .. } => Phrase::Perverse,
        Finding::Indifferent { .. } => Phrase::Indifferent,
        Finding::NothingToGainAbove { .. } => Phrase::NothingToGainAbove,
        Finding::NothingToLoseBelow { .. } => Phrase::NothingToLoseBelow,
        Finding::Uninfluenced { .. } => Phrase::Uninfluenced,
        Finding::CountedTwice { .. } => Phrase::CountedTwice,
        Finding::SilencePays { .. } => Phrase::SilencePays,
        Finding::ZeroTarget { .. } => Phrase::ZeroTarget,
        Finding::TargetWithoutKpi { .. } => Phrase::TargetWithoutKpi,
        Finding::NoColumn { .. } => Phrase::NoColumn,
        Finding::NeverKnown { .. } => Phrase::NeverKnown,
        Finding::NeverMoves { .. } => Phrase::NeverMoves,
        Finding::RunTogether { .. } => Phrase::RunTogether,
        Finding::SharedNumerator { .. } => Phrase::SharedNumerator,
        Finding::GainsByWaiting { .. } => Phrase::GainsByWaiting,
        Finding::CountedTwiceAcross { .. } => Phrase::CountedTwiceAcross,
        Finding::SharedAlone { .. } => Phrase::SharedAlone,
        Finding::SharedUnequal { .. } => Phrase::SharedUnequal,
        Finding::Unfair { .. } => Phrase::Unfair,
    }
}

/// A correlation, which is kept in hundredths.
fn correlation(hundredths: i8) -> String {
    shown(Ratio::percent(i32::from(hundredths)))
}

/// Where a curve jumps, and the points on either side.
fn steps(cliff: &Cliff) -> [(&'static str, String); 4] {
    [
        ("at", shown(cliff.at)),
        ("below", shown(cliff.below)),
        ("on", shown(cliff.on)),
        ("above", shown(cliff.above)),
    ]
}

/// The values of a finding on the cards of two owners. Each card has titles of its own, so keys are shown.
fn across(metric: String, left: &(Key, Key), right: &(Key, Key)) -> Vec<(&'static str, String)> {
    vec![
        ("metric", metric),
        ("owner", left.0.to_string()),
        ("kpi", left.1.to_string()),
        ("other_owner", right.0.to_string()),
        ("other", right.1.to_string()),
    ]
}

/// The members of a subject or a group as one word.
fn group(members: &[Key]) -> String {
    let names: Vec<&str> = members.iter().map(Key::as_str).collect();
    names.join(" / ")
}
