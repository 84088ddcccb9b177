//! Is the scheme itself sound? Findings about a card: before it is used, and on the figures that it is to judge.

mod across;
mod finding;
mod silence;
mod waiting;

use std::collections::BTreeSet;

use super::judge::{Judged, KpiFacts};
use super::kpi::{Kpi, Scale};
use super::{
    Attainment, Benchmark, Consolidation, Grid, InputDef, KpiDef, Monotone, Scorecard,
    ScorecardError,
};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::{ColumnKey, Figures, Panel, Reason, Role};
use crate::quantity::Ratio;
use crate::space::{RowId, TreeRows};

pub use across::across;
pub use finding::{Finding, FindingLevel, HealthLimits, count_findings};
pub use waiting::gain_by_waiting;

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
        findings.extend(self.counted_twice(|one, other| one == other));
        findings.extend(self.silence(|input| input.direction));
        findings
    }

    /// Returns the pairs of KPIs that look at the same figure, whatever each compares it with; `same` says of two names of metrics
    /// whether they are the same.
    pub(crate) fn counted_twice(&self, same: impl Fn(&str, &str) -> bool) -> Vec<Finding> {
        let mut found = Vec::new();
        for (place, left) in self.kpis.iter().enumerate() {
            for right in &self.kpis[place + 1..] {
                if let Some(metric) = counted_twice(left, right, &same) {
                    found.push(Finding::CountedTwice {
                        kpi: left.def.key.clone(),
                        other: right.def.key.clone(),
                        metric,
                    });
                }
            }
        }
        found
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
                used.extend(across::target_of(input));
                for column in columns_of(input) {
                    if panel.find(&column).is_none() {
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
        // What the card itself does not say of a direction, the columns do.
        let known = self.silence(|input| input.direction);
        let told = self.silence(|input| {
            let column = panel
                .find(&input.metric)
                .map(crate::panel::Column::direction);
            input.direction.or(column)
        });
        findings.extend(told.into_iter().filter(|finding| !known.contains(finding)));
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
        let mut zero_targets = vec![0_usize; self.kpis.len()];
        for period in panel.periods().ids() {
            let binding = self.bind(panel, period.index())?;
            for (place, points) in points.iter_mut().enumerate() {
                for subject in panel.subjects().ids() {
                    let facts = binding.kpis[place].facts(self, place, subject.index());
                    zero_targets[place] += usize::from(has_zero_target(&self.kpis[place], &facts));
                    let judged: Judged = self.judge_kpi(place, &facts);
                    points.push(if judged.unknown.is_none() {
                        judged.scored.ok()
                    } else {
                        None
                    });
                }
            }
        }
        for (kpi, cells) in self.kpis.iter().zip(zero_targets) {
            if cells > 0 {
                let kpi = kpi.def.key.clone();
                findings.push(Finding::ZeroTarget { kpi, cells });
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
            // What is declared as shared binds two together on purpose.
            if shared(&self.kpis[kpi].def, &self.kpis[other].def) {
                continue;
            }
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
                    .find(&self.kpis[place].def.input.metric)
                    .map(crate::panel::Column::figures)
            };
            if let (Some(left), Some(right)) = (metric(kpi), metric(other))
                && same_numerators(left, right)
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

/// Returns a finding if the means of groups of scores lie too far apart: `groups` says which row above is each row's group.
///
/// # Errors
/// As [`Consolidation::roll`].
pub fn fairness(
    scores: &[Result<Ratio, Reason>],
    groups: &TreeRows,
    limits: &HealthLimits,
) -> Result<Option<Finding>, ScorecardError> {
    let missing = super::MissingChild::LeaveOut;
    let means = Consolidation::Mean.roll(scores, groups, None, missing)?;
    let named = groups.above().ids().zip(&means);
    let mut known: Vec<(Ratio, RowId)> = named
        .filter_map(|(group, mean)| Some((mean.ok()?, group)))
        .collect();
    known.sort_unstable();
    let (Some((low, lowest)), Some((high, highest))) =
        (known.first().copied(), known.last().copied())
    else {
        return Ok(None);
    };
    let apart = high.checked_sub(low)?;
    let name = |group: RowId| groups.above().members(group).to_vec();
    let (lowest, highest) = (name(lowest), name(highest));
    Ok((apart > limits.widest_means).then_some(Finding::Unfair {
        lowest,
        highest,
        apart,
    }))
}

/// Returns the figure that two KPIs both look at, whatever each compares it with, unless it is declared as shared.
fn counted_twice(left: &Kpi, right: &Kpi, same: impl Fn(&str, &str) -> bool) -> Option<ColumnKey> {
    if shared(&left.def, &right.def) {
        return None;
    }
    // What a figure is projected to be is said of the figure.
    let of = |role: Role| match role {
        Role::Projected => Role::Actual,
        other => other,
    };
    let same = |one: &ColumnKey, other: &ColumnKey| {
        of(one.role) == of(other.role) && same(figure_of(one), figure_of(other))
    };
    let mut metrics = left.inputs().map(|input| &input.metric);
    let found = metrics.find(|one| right.inputs().any(|other| same(one, &other.metric)));
    found.cloned()
}

/// Returns the metric that a column is of: what the pace says of sales is sales.
fn figure_of(column: &ColumnKey) -> &str {
    const PACE: [&str; 2] = ["pace_attainment", "pace_gap"];
    let name = column.metric.as_str();
    match name.rsplit_once('.') {
        Some((metric, what)) if PACE.contains(&what) => metric,
        _ => name,
    }
}

/// Says whether a figure is compared with a target of zero that it should not exceed, or should hit.
fn has_zero_target(kpi: &Kpi, facts: &KpiFacts) -> bool {
    kpi.inputs()
        .zip(&facts.inputs)
        .any(|(input, (direction, readings))| {
            let divides = matches!(
                input.attainment,
                Attainment::Rate | Attainment::Inverse | Attainment::Growth
            );
            let limit = matches!(direction, Direction::Smaller | Direction::Target);
            let target = readings.target.and_then(Result::ok);
            divides && limit && target.is_some_and(Ratio::is_zero)
        })
}

/// Says whether both KPIs are declared as shared with somebody.
fn shared(left: &KpiDef, right: &KpiDef) -> bool {
    !left.shared_with.is_empty() && !right.shared_with.is_empty()
}

/// Says whether two columns, at least one of them of quotients, have the same figures above the line.
fn same_numerators(left: &Figures, right: &Figures) -> bool {
    let tops = |figures: &Figures| -> (bool, Vec<i64>) {
        match figures {
            Figures::Amounts { units, .. } => (false, units.clone()),
            Figures::Quotients { numerators, .. } => (true, numerators.clone()),
        }
    };
    let ((left_divides, left), (right_divides, right)) = (tops(left), tops(right));
    // Figures that are all zero say nothing.
    (left_divides || right_divides) && left == right && left.iter().any(|top| *top != 0)
}

fn grid_findings(
    kpi: &Kpi,
    grid: &Grid,
    second: &InputDef,
    share: Ratio,
    limits: &HealthLimits,
    findings: &mut Vec<Finding>,
) {
    let key = || kpi.def.key.clone();
    let step = grid.largest_step();
    if let Ok(total) = step.checked_mul(share)
        && total > limits.largest_jump
    {
        findings.push(Finding::TableStep {
            kpi: key(),
            step,
            total,
        });
    }
    let ways = [
        (&kpi.def.input, grid.monotone_first()),
        (second, grid.monotone_second()),
    ];
    if ways.iter().all(|(_, way)| *way == Monotone::Flat) {
        findings.push(Finding::Indifferent { kpi: key() });
    }
    let perverse = ways.iter().any(|(input, way)| {
        input.attainment != Attainment::Value && matches!(way, Monotone::Falling | Monotone::Mixed)
    });
    if perverse {
        findings.push(Finding::Perverse { kpi: key() });
    }
}

fn curve_findings(kpi: &Kpi, share: Ratio, limits: &HealthLimits, findings: &mut Vec<Finding>) {
    let key = || kpi.def.key.clone();
    let curve = match &kpi.scale {
        Scale::Curve(curve) => curve,
        Scale::Grid { second, grid } => {
            grid_findings(kpi, grid, second, share, limits, findings);
            return;
        }
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
    let good_when_large = kpi.def.input.attainment != Attainment::Value;
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
fn columns_of(input: &InputDef) -> Vec<ColumnKey> {
    let mut columns = vec![input.metric.clone()];
    for reference in [&input.target, &input.baseline].into_iter().flatten() {
        match reference {
            Benchmark::Plan => columns.push(input.metric.with(Role::Target)),
            Benchmark::Pace => columns.push(input.metric.with(Role::Expected)),
            Benchmark::Column(key) => columns.push(key.clone()),
            Benchmark::Previous(_) | Benchmark::Peers(_) | Benchmark::Constant(_) => {}
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

#[cfg(test)]
mod tests;
