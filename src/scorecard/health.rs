//! Is the scheme itself sound? Findings about a card: before it is used, and on the figures that it is to judge.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::judge::Judged;
use super::kpi::{Kpi, Scale};
use super::{Cliff, Monotone, Reading, Reference, RollUp, Scorecard, ScorecardError};
use crate::key::Key;
use crate::panel::{ColumnKey, Figures, Panel, Role};
use crate::quantity::Ratio;

/// What is held to be too much or too little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthLimits {
    /// More KPIs than this blur what matters; 12 by default.
    pub most_kpis: usize,
    /// A share of the card below this moves nobody; 0.03 by default.
    pub least_share: Ratio,
    /// A jump of more of the total than this is a cliff; 5 points by default.
    pub largest_jump: Ratio,
    /// More weight than this on what a person can influence by less than half is unfair; 0.2 by default.
    pub most_uninfluenced: Ratio,
    /// Points of two KPIs that run together this closely (coefficient of correlation, in hundredths) count the same thing
    /// twice; 95 by default.
    pub closest: u8,
    /// Means of groups of subjects that lie farther apart than this are hardly fair; 15 points by default.
    pub widest_means: Ratio,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self {
            most_kpis: 12,
            least_share: Ratio::percent(3),
            largest_jump: Ratio::from(5),
            most_uninfluenced: Ratio::percent(20),
            closest: 95,
            widest_means: Ratio::from(15),
        }
    }
}

/// Something about a card that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Finding {
    /// There are more KPIs than anybody keeps in mind.
    TooManyKpis {
        /// How many there are.
        count: usize,
    },
    /// A KPI has next to no weight.
    NoWeight {
        /// The KPI.
        kpi: Key,
        /// Its share of the card.
        share: Ratio,
    },
    /// The total jumps: a hair more or less of the input changes it at once.
    Jump {
        /// The KPI.
        kpi: Key,
        /// Where, and by how many points of the KPI.
        cliff: Cliff,
        /// By how many points of the total.
        total: Ratio,
    },
    /// More of what is good gives fewer points.
    Perverse {
        /// The KPI.
        kpi: Key,
    },
    /// Whatever is done gives the same points.
    Indifferent {
        /// The KPI.
        kpi: Key,
    },
    /// Beyond an input nothing more is to be had: who has reached it gains by waiting until the next period.
    NothingToGainAbove {
        /// The KPI.
        kpi: Key,
        /// The input.
        at: Ratio,
    },
    /// Below an input nothing more is lost: who cannot reach it gains by giving up the period.
    NothingToLoseBelow {
        /// The KPI.
        kpi: Key,
        /// The input.
        at: Ratio,
    },
    /// Much weight stands on what the scored person can hardly influence.
    Uninfluenced {
        /// The share of the card.
        share: Ratio,
        /// The KPIs.
        kpis: Vec<Key>,
    },
    /// Two KPIs look at the same figure, and it is not declared as shared.
    CountedTwice {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
        /// The figure.
        metric: ColumnKey,
    },
    /// The plan has a target for which nobody is scored.
    TargetWithoutKpi {
        /// The metric.
        metric: Key,
    },
    /// The panel does not have the column of a KPI.
    NoColumn {
        /// The KPI.
        kpi: Key,
        /// The column.
        column: ColumnKey,
    },
    /// A KPI has never had a number: its figure or its target is always missing.
    NeverKnown {
        /// The KPI.
        kpi: Key,
    },
    /// A KPI has given everybody the same points in every period.
    NeverMoves {
        /// The KPI.
        kpi: Key,
    },
    /// The points of two KPIs have run so closely together that they count the same thing.
    RunTogether {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
        /// The coefficient of correlation (Pearson) in hundredths, rounded.
        hundredths: i8,
    },
    /// Two rates have the same figures above the line.
    SharedNumerator {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
    },
    /// The means of groups lie far apart: the targets of some are easier than those of others.
    Unfair {
        /// The place of the group with the lowest mean.
        lowest: usize,
        /// The place of the group with the highest mean.
        highest: usize,
        /// How far they lie apart.
        apart: Ratio,
    },
}

impl Scorecard {
    /// Returns what can be said of the card before it is used.
    #[must_use]
    pub fn health(&self, limits: &HealthLimits) -> Vec<Finding> {
        let mut findings = Vec::new();
        let shares = self.shares();
        if shares.len() > limits.most_kpis {
            findings.push(Finding::TooManyKpis {
                count: shares.len(),
            });
        }
        for (kpi, share) in &shares {
            if *share < limits.least_share {
                findings.push(Finding::NoWeight {
                    kpi: (*kpi).clone(),
                    share: *share,
                });
            }
        }
        for (place, kpi) in self.kpis.iter().enumerate() {
            // Items add their points as they are.
            let share = shares.get(place).map_or(Ratio::ONE, |(_, share)| *share);
            curve_findings(kpi, share, limits, &mut findings);
        }
        let hard = |kpi: &Kpi| {
            kpi.def
                .influence
                .is_some_and(|influence| influence < Ratio::percent(50))
        };
        let uninfluenced: Vec<_> = self
            .kpis
            .iter()
            .zip(&shares)
            .filter(|(kpi, _)| hard(kpi))
            .collect();
        let sum = uninfluenced
            .iter()
            .try_fold(Ratio::ZERO, |sum, (_, (_, share))| sum.checked_add(*share));
        if let Ok(share) = sum
            && share > limits.most_uninfluenced
        {
            let kpis = uninfluenced
                .iter()
                .map(|(kpi, _)| kpi.def.key.clone())
                .collect();
            findings.push(Finding::Uninfluenced { share, kpis });
        }
        for (kpi, other) in self.pairs() {
            let (left, right) = (&self.kpis[kpi].def, &self.kpis[other].def);
            let declared = !left.shared_with.is_empty() && !right.shared_with.is_empty();
            let same = left.input.metric == right.input.metric
                && left.input.attainment == right.input.attainment;
            if same && left.input.target == right.input.target && !declared {
                let (kpi, other, metric) = (
                    left.key.clone(),
                    right.key.clone(),
                    left.input.metric.clone(),
                );
                findings.push(Finding::CountedTwice { kpi, other, metric });
            }
        }
        findings
    }

    /// Returns what can be said of the card on the plan and the figures of a panel. Columns that the card does not find are
    /// findings, not errors.
    ///
    /// # Errors
    /// The errors of [`Scorecard::check`] other than a missing column.
    pub fn alignment(
        &self,
        panel: &Panel,
        limits: &HealthLimits,
    ) -> Result<Vec<Finding>, ScorecardError> {
        let mut findings = Vec::new();
        let mut used: BTreeSet<&Key> = BTreeSet::new();
        let mut complete = true;
        for kpi in &self.kpis {
            for input in kpi.inputs() {
                used.insert(&input.metric.metric);
                for column in columns_of(input) {
                    if column.role == Role::Target {
                        used.insert(&input.metric.metric);
                    }
                    if panel.get(&column).is_none() {
                        complete = false;
                        findings.push(Finding::NoColumn {
                            kpi: kpi.def.key.clone(),
                            column,
                        });
                    }
                }
            }
        }
        for column in panel
            .columns()
            .iter()
            .filter(|column| column.key().role == Role::Target)
        {
            if !used.contains(&column.key().metric) {
                findings.push(Finding::TargetWithoutKpi {
                    metric: column.key().metric.clone(),
                });
            }
        }
        if complete {
            self.figure_findings(panel, limits, &mut findings)?;
        }
        Ok(findings)
    }

    fn figure_findings(
        &self,
        panel: &Panel,
        limits: &HealthLimits,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ScorecardError> {
        let mut points: Vec<Vec<Option<Ratio>>> =
            vec![Vec::with_capacity(panel.cells()); self.kpis.len()];
        for period in 0..panel.periods().len() {
            let binding = self.bind(panel, period)?;
            for (place, points) in points.iter_mut().enumerate() {
                for subject in 0..panel.subjects().len() {
                    let judged: Judged =
                        self.judge_kpi(place, &binding.kpis[place].facts(self, place, subject));
                    points.push(if judged.unknown.is_none() {
                        judged.scored.value()
                    } else {
                        None
                    });
                }
            }
        }
        for (kpi, points) in self.kpis.iter().zip(&points) {
            let known: BTreeSet<Ratio> = points.iter().flatten().copied().collect();
            let several = points.iter().flatten().count() > 1;
            match known.len() {
                0 => findings.push(Finding::NeverKnown {
                    kpi: kpi.def.key.clone(),
                }),
                1 if several => findings.push(Finding::NeverMoves {
                    kpi: kpi.def.key.clone(),
                }),
                _ => {}
            }
        }
        for (kpi, other) in self.pairs() {
            let keys = || {
                (
                    self.kpis[kpi].def.key.clone(),
                    self.kpis[other].def.key.clone(),
                )
            };
            if let Some(hundredths) = correlation(&points[kpi], &points[other])
                && hundredths >= i8::try_from(limits.closest).unwrap_or(i8::MAX)
            {
                let (kpi, other) = keys();
                findings.push(Finding::RunTogether {
                    kpi,
                    other,
                    hundredths,
                });
            }
            let metric = |place: usize| {
                panel
                    .get(&self.kpis[place].def.input.metric)
                    .map(crate::panel::Column::figures)
            };
            if let (
                Some(Figures::Quotients {
                    numerators: left, ..
                }),
                Some(Figures::Quotients {
                    numerators: right, ..
                }),
            ) = (metric(kpi), metric(other))
                && left == right
                && self.kpis[kpi].def.input.metric != self.kpis[other].def.input.metric
            {
                let (kpi, other) = keys();
                findings.push(Finding::SharedNumerator { kpi, other });
            }
        }
        Ok(())
    }

    /// Returns all pairs of grouped KPIs.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let count = self.grouped();
        (0..count).flat_map(move |left| (left + 1..count).map(move |right| (left, right)))
    }
}

/// Returns a finding if the means of groups of scores lie too far apart: `group_of` names each subject's group.
///
/// # Errors
/// As [`RollUp::roll`].
pub fn fairness(
    scores: &[Reading],
    group_of: &[Option<usize>],
    groups: usize,
    limits: &HealthLimits,
) -> Result<Option<Finding>, ScorecardError> {
    let means = RollUp::Mean.roll(
        scores,
        group_of,
        groups,
        None,
        super::MissingChild::LeaveOut,
    )?;
    let mut known: Vec<(Ratio, usize)> = means
        .iter()
        .enumerate()
        .filter_map(|(place, mean)| Some((mean.value()?, place)))
        .collect();
    known.sort_unstable();
    let (Some((low, lowest)), Some((high, highest))) =
        (known.first().copied(), known.last().copied())
    else {
        return Ok(None);
    };
    let apart = high.checked_sub(low)?;
    Ok((apart > limits.widest_means).then_some(Finding::Unfair {
        lowest,
        highest,
        apart,
    }))
}

/// Returns what somebody gains by moving an input of `moved` from this period to the next, in points of both together;
/// below zero when it costs. `now` and `next` are the inputs without moving.
#[must_use]
pub fn gain_by_waiting(
    curve: &super::Curve,
    now: Ratio,
    next: Ratio,
    moved: Ratio,
) -> Option<Ratio> {
    let both = |now: Ratio, next: Ratio| curve.at(now)?.checked_add(curve.at(next)?).ok();
    let waiting = both(now.checked_sub(moved).ok()?, next.checked_add(moved).ok()?)?;
    waiting.checked_sub(both(now, next)?).ok()
}

fn curve_findings(kpi: &Kpi, share: Ratio, limits: &HealthLimits, findings: &mut Vec<Finding>) {
    let key = || kpi.def.key.clone();
    let Scale::Curve(curve) = &kpi.scale else {
        return;
    };
    for cliff in curve.cliffs() {
        let (low, high) = (
            cliff.below.min(cliff.on).min(cliff.above),
            cliff.below.max(cliff.on).max(cliff.above),
        );
        if let Ok(total) = high
            .checked_sub(low)
            .and_then(|jump| jump.checked_mul(share))
            && total > limits.largest_jump
        {
            findings.push(Finding::Jump {
                kpi: key(),
                cliff,
                total,
            });
        }
    }
    // An attainment is good when it is large; a plain value need not be.
    let good_when_large = kpi.def.input.attainment != super::Attainment::Value;
    match curve.monotone() {
        Monotone::Flat => findings.push(Finding::Indifferent { kpi: key() }),
        Monotone::Falling | Monotone::Mixed if good_when_large => {
            findings.push(Finding::Perverse { kpi: key() });
        }
        Monotone::Rising if good_when_large => {
            let edges = curve.edges();
            if let (Some((top, _)), (_, Some(_))) = (edges.last(), curve.range()) {
                findings.push(Finding::NothingToGainAbove {
                    kpi: key(),
                    at: *top,
                });
            }
            if let (Some((bottom, _)), (Some(_), _)) = (edges.first(), curve.range()) {
                findings.push(Finding::NothingToLoseBelow {
                    kpi: key(),
                    at: *bottom,
                });
            }
        }
        Monotone::Rising | Monotone::Falling | Monotone::Mixed => {}
    }
}

/// Returns the columns that an input reads.
fn columns_of(input: &super::InputDef) -> Vec<ColumnKey> {
    let mut columns = vec![input.metric.clone()];
    for reference in [&input.target, &input.baseline].into_iter().flatten() {
        match reference {
            Reference::Plan => columns.push(input.metric.with(Role::Target)),
            Reference::Pace => columns.push(input.metric.with(Role::Expected)),
            Reference::Column(key) => columns.push(key.clone()),
            Reference::Previous(_) | Reference::Peers(_) | Reference::Constant(_) => {}
        }
    }
    columns.extend(input.prorated_by.clone());
    columns
}

/// Returns Pearson's coefficient of correlation in hundredths, over the cells in which both have points; none below three
/// of them or when one of them never moves. Real-valued by nature: computed in binary fractions and rounded once.
fn correlation(left: &[Option<Ratio>], right: &[Option<Ratio>]) -> Option<i8> {
    let float = |value: Ratio| -> Option<f64> {
        value
            .to_decimal(9, crate::quantity::Rounding::default())
            .ok()?
            .to_string()
            .parse()
            .ok()
    };
    let pairs: Vec<(f64, f64)> = left
        .iter()
        .zip(right)
        .filter_map(|(left, right)| Some((float((*left)?)?, float((*right)?)?)))
        .collect();
    if pairs.len() < 3 {
        return None;
    }
    let count = f64::from(u32::try_from(pairs.len()).ok()?);
    let mean = pairs.iter().fold((0.0, 0.0), |sum, pair| {
        (sum.0 + pair.0 / count, sum.1 + pair.1 / count)
    });
    let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
    for (x, y) in &pairs {
        let (x, y) = (x - mean.0, y - mean.1);
        both += x * y;
        own += x * x;
        other += y * y;
    }
    if own <= 0.0 || other <= 0.0 {
        return None;
    }
    let hundredths = (100.0 * both / (own * other).sqrt()).round();
    (-100_i8..=100).find(|whole| (f64::from(*whole) - hundredths).abs() < 0.5)
}

/// How often each kind of finding was made, for a summary.
#[must_use]
pub fn count_findings(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.name()).or_insert(0) += 1;
    }
    counts
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// Worth knowing; often intended.
    Note,
    /// Likely to mislead those who are scored.
    Warning,
    /// The card does not measure what it says.
    Error,
}

impl Finding {
    /// Returns how much the finding matters.
    #[must_use]
    pub fn level(&self) -> FindingLevel {
        match self {
            Self::NothingToGainAbove { .. }
            | Self::NothingToLoseBelow { .. }
            | Self::NoWeight { .. } => FindingLevel::Note,
            Self::TooManyKpis { .. }
            | Self::Jump { .. }
            | Self::Uninfluenced { .. }
            | Self::CountedTwice { .. }
            | Self::TargetWithoutKpi { .. }
            | Self::NeverMoves { .. }
            | Self::RunTogether { .. }
            | Self::SharedNumerator { .. }
            | Self::Unfair { .. } => FindingLevel::Warning,
            Self::Perverse { .. }
            | Self::Indifferent { .. }
            | Self::NoColumn { .. }
            | Self::NeverKnown { .. } => FindingLevel::Error,
        }
    }

    /// Returns the stable name of the kind of finding.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooManyKpis { .. } => "too_many_kpis",
            Self::NoWeight { .. } => "no_weight",
            Self::Jump { .. } => "jump",
            Self::Perverse { .. } => "perverse",
            Self::Indifferent { .. } => "indifferent",
            Self::NothingToGainAbove { .. } => "nothing_to_gain_above",
            Self::NothingToLoseBelow { .. } => "nothing_to_lose_below",
            Self::Uninfluenced { .. } => "uninfluenced",
            Self::CountedTwice { .. } => "counted_twice",
            Self::TargetWithoutKpi { .. } => "target_without_kpi",
            Self::NoColumn { .. } => "no_column",
            Self::NeverKnown { .. } => "never_known",
            Self::NeverMoves { .. } => "never_moves",
            Self::RunTogether { .. } => "run_together",
            Self::SharedNumerator { .. } => "shared_numerator",
            Self::Unfair { .. } => "unfair",
        }
    }
}

#[cfg(test)]
mod tests;
