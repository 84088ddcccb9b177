//! From a finding to a line of text.

use super::render::{kpi_title, shown};
use super::{Phrase, Templates};
use crate::key::Key;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::scorecard::{Cliff, Finding, ScorecardDef};

impl Templates {
    /// Returns a finding as a line of text. KPIs are shown by the titles that the card gives them; subjects and periods by
    /// the labels of the panel, or as `#` and their place, counted from 1, where there is none.
    ///
    /// ```
    /// use quotaflow::catalog::cards;
    /// use quotaflow::scorecard::{HealthLimits, Scorecard, Templates};
    /// use quotaflow::text::Locale;
    /// let def = cards::dealer()?;
    /// let card = Scorecard::compile(def.clone())?;
    /// for finding in card.health(&HealthLimits::default()) {
    ///     println!("{}", Templates::new(Locale::EN).finding(&finding, &def, None));
    /// }
    /// # Ok::<(), quotaflow::scorecard::ScorecardError>(())
    /// ```
    #[must_use]
    pub fn finding(&self, finding: &Finding, card: &ScorecardDef, panel: Option<&Panel>) -> String {
        let (phrase, values) = self.parts_of(finding, card, panel);
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.say(phrase, &values)
    }

    /// Returns what is said of a finding, and the values that go into it.
    fn parts_of(
        &self,
        finding: &Finding,
        card: &ScorecardDef,
        panel: Option<&Panel>,
    ) -> (Phrase, Vec<(&'static str, String)>) {
        let title = |key: &Key| kpi_title(card, key);
        let points = |value: &Ratio| shown(*value);
        let pair = |kpi: &Key, other: &Key| vec![("kpi", title(kpi)), ("other", title(other))];
        match finding {
            Finding::TooManyKpis { count } => {
                (Phrase::TooManyKpis, vec![("count", count.to_string())])
            }
            Finding::NoWeight { kpi, share } => (
                Phrase::NoWeight,
                vec![("kpi", title(kpi)), ("share", self.percent(*share))],
            ),
            Finding::Jump { kpi, cliff, total } => {
                let mut values = vec![("kpi", title(kpi)), ("total", points(total))];
                values.extend(steps(cliff));
                (Phrase::Jump, values)
            }
            Finding::TableStep { kpi, step, total } => (
                Phrase::TableStep,
                vec![
                    ("kpi", title(kpi)),
                    ("step", points(step)),
                    ("total", points(total)),
                ],
            ),
            Finding::Perverse { kpi } => (Phrase::Perverse, vec![("kpi", title(kpi))]),
            Finding::Indifferent { kpi } => (Phrase::Indifferent, vec![("kpi", title(kpi))]),
            Finding::NothingToGainAbove { kpi, at } => (
                Phrase::NothingToGainAbove,
                vec![("kpi", title(kpi)), ("at", points(at))],
            ),
            Finding::NothingToLoseBelow { kpi, at } => (
                Phrase::NothingToLoseBelow,
                vec![("kpi", title(kpi)), ("at", points(at))],
            ),
            Finding::Uninfluenced { share, kpis } => {
                let kpis: Vec<String> = kpis.iter().map(title).collect();
                (
                    Phrase::Uninfluenced,
                    vec![("share", self.percent(*share)), ("kpis", self.list(&kpis))],
                )
            }
            Finding::CountedTwice { kpi, other, metric } => {
                let mut values = pair(kpi, other);
                values.push(("metric", metric.to_string()));
                (Phrase::CountedTwice, values)
            }
            Finding::SilencePays { kpi } => (Phrase::SilencePays, vec![("kpi", title(kpi))]),
            Finding::ZeroTarget { kpi, cells } => (
                Phrase::ZeroTarget,
                vec![("kpi", title(kpi)), ("count", cells.to_string())],
            ),
            Finding::TargetWithoutKpi { metric } => (
                Phrase::TargetWithoutKpi,
                vec![("metric", metric.to_string())],
            ),
            Finding::NoColumn { kpi, column } => (
                Phrase::NoColumn,
                vec![("kpi", title(kpi)), ("metric", column.to_string())],
            ),
            Finding::NeverKnown { kpi } => (Phrase::NeverKnown, vec![("kpi", title(kpi))]),
            Finding::NeverMoves { kpi } => (Phrase::NeverMoves, vec![("kpi", title(kpi))]),
            Finding::RunTogether {
                kpi,
                other,
                hundredths,
            } => {
                let mut values = pair(kpi, other);
                let correlation = Ratio::percent(i32::from(*hundredths));
                values.push(("correlation", shown(correlation)));
                (Phrase::RunTogether, values)
            }
            Finding::SharedNumerator { kpi, other } => (Phrase::SharedNumerator, pair(kpi, other)),
            Finding::GainsByWaiting {
                kpi,
                subject,
                period,
                moved,
                gain,
            } => {
                let mut values = waiting(panel, *subject, *period);
                values.extend([
                    ("kpi", title(kpi)),
                    ("moved", points(moved)),
                    ("gain", points(gain)),
                ]);
                (Phrase::GainsByWaiting, values)
            }
            Finding::CountedTwiceAcross {
                metric,
                left,
                right,
            } => (
                Phrase::CountedTwiceAcross,
                across(metric.to_string(), left, right),
            ),
            Finding::SharedAlone { owner, kpi, with } => (
                Phrase::SharedAlone,
                vec![
                    ("owner", owner.to_string()),
                    ("kpi", title(kpi)),
                    ("with", with.to_string()),
                ],
            ),
            Finding::SharedUnequal {
                metric,
                left,
                right,
            } => (
                Phrase::SharedUnequal,
                across(metric.to_string(), left, right),
            ),
            Finding::Unfair {
                lowest,
                highest,
                apart,
            } => (
                Phrase::Unfair,
                vec![
                    ("lowest", place(*lowest)),
                    ("highest", place(*highest)),
                    ("apart", points(apart)),
                ],
            ),
        }
    }
}

/// Who gains by waiting, and when: by the labels of the panel, or by their place.
fn waiting(panel: Option<&Panel>, subject: usize, period: usize) -> Vec<(&'static str, String)> {
    let who = panel.map(|panel| panel.subjects().label(subject));
    let when = panel.and_then(|panel| panel.periods().label(period));
    vec![
        ("subject", who.unwrap_or_else(|| place(subject))),
        (
            "period",
            when.map_or_else(|| place(period), ToString::to_string),
        ),
    ]
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

fn place(place: usize) -> String {
    format!("#{}", place + 1)
}
