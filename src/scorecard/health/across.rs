//! Several cards side by side: those of departments that work for one result.

use std::collections::BTreeSet;

use super::Finding;
use crate::key::Key;
use crate::scorecard::kpi::Kpi;
use crate::scorecard::{Benchmark, InputDef, Scorecard};

/// Returns what can be said of the cards of several owners together: a figure that counts for two of them without being
/// declared as shared by both, a shared KPI that the other does not have or compares with something else, and a target
/// (`planned` names the metrics that have one) for which nobody is scored.
///
/// The owners stand side by side, as departments do. Cards of different levels - a person's and its team's - count the same
/// figure because one rolls up into the other; look at each level on its own.
///
/// ```
/// use std::collections::BTreeSet;
/// use quotaflow::key::Key;
/// use quotaflow::panel::ColumnKey;
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, Benchmark, Scorecard, ScorecardDef, across};
/// let card = |name: &str, shared: &[&str]| -> Result<Scorecard, quotaflow::Error> {
///     let input = InputDef::rate(ColumnKey::actual("sales")?, Benchmark::Plan);
///     let kpi = KpiDef::new("sales", input, CurveDef::line(Ratio::from(100)))?.weigh(Ratio::ONE);
///     let kpi = kpi.shared_with(shared.iter().map(Key::new).collect::<Result<_, _>>()?);
///     Ok(Scorecard::compile(ScorecardDef::new(name)?.group("all", Ratio::ONE, vec![kpi])?)?)
/// };
/// let (sales, marketing) = (Key::new("sales")?, Key::new("marketing")?);
/// let planned = BTreeSet::from([Key::new("sales")?]);
/// let silent = (card("a", &[])?, card("b", &[])?);
/// let found = across(&[(&sales, &silent.0), (&marketing, &silent.1)], &planned);
/// assert_eq!(found[0].name(), "counted_twice_across");
/// let shared = (card("a", &["marketing"])?, card("b", &["sales"])?);
/// assert_eq!(across(&[(&sales, &shared.0), (&marketing, &shared.1)], &planned), []);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[must_use]
pub fn across(cards: &[(&Key, &Scorecard)], planned: &BTreeSet<Key>) -> Vec<Finding> {
    let all: Vec<(&Key, &Kpi)> = cards
        .iter()
        .flat_map(|(owner, card)| card.kpis.iter().map(move |kpi| (*owner, kpi)))
        .collect();
    let mut findings = Vec::new();
    for (place, (owner, kpi)) in all.iter().enumerate() {
        for (other, theirs) in &all[place + 1..] {
            let (mine, yours) = (&kpi.def.input, &theirs.def.input);
            if owner == other || mine.metric != yours.metric {
                continue;
            }
            let declared =
                kpi.def.shared_with.contains(other) && theirs.def.shared_with.contains(owner);
            let left = ((*owner).clone(), kpi.def.key.clone());
            let right = ((*other).clone(), theirs.def.key.clone());
            let metric = mine.metric.clone();
            if !declared {
                findings.push(Finding::CountedTwiceAcross {
                    metric,
                    left,
                    right,
                });
            } else if !compared_alike(mine, yours) {
                findings.push(Finding::SharedUnequal {
                    metric,
                    left,
                    right,
                });
            }
        }
        for with in &kpi.def.shared_with {
            let theirs = all.iter().any(|(other, theirs)| {
                *other == with && theirs.def.input.metric == kpi.def.input.metric
            });
            if !theirs && with != *owner {
                findings.push(Finding::SharedAlone {
                    owner: (*owner).clone(),
                    kpi: kpi.def.key.clone(),
                    with: with.clone(),
                });
            }
        }
    }
    let scored: BTreeSet<&Key> = all
        .iter()
        .flat_map(|(_, kpi)| kpi.inputs())
        .filter_map(target_of)
        .collect();
    for metric in planned.iter().filter(|metric| !scored.contains(metric)) {
        findings.push(Finding::TargetWithoutKpi {
            metric: metric.clone(),
        });
    }
    findings
}

fn compared_alike(left: &InputDef, right: &InputDef) -> bool {
    left.attainment == right.attainment
        && left.target == right.target
        && left.baseline == right.baseline
        && left.direction == right.direction
}

/// Returns the metric with whose target an input is compared.
pub(super) fn target_of(input: &InputDef) -> Option<&Key> {
    let references = [&input.target, &input.baseline].into_iter().flatten();
    for reference in references {
        match reference {
            Benchmark::Plan => return Some(&input.metric.metric),
            Benchmark::Column(key) if key.role == crate::panel::Role::Target => {
                return Some(&key.metric);
            }
            Benchmark::Column(_)
            | Benchmark::Pace
            | Benchmark::Previous(_)
            | Benchmark::Peers(_)
            | Benchmark::Constant(_) => {}
        }
    }
    None
}
