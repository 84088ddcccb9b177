//! The proof that a plan holds: every discrepancy, with its place.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::cascade::{Kind, Takers};
use super::lots::LotSize;
use super::prescribed::Prescribed;
use super::stock::splits_time;
use super::{NodeId, Path, Plan, Sheet, SplitDef, StepDef};
use crate::calendar::Grain;
use crate::key::Key;
use crate::quantity::Number;

/// A law that a plan must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Law {
    /// The children of a node add up to what it hands down: its own amount, less by what was kept apart. Where a plan has two
    /// [layers](crate::plan::Layer), so does their base.
    Sum,
    /// A stock is what it is in the last of its periods.
    Closing,
    /// A rating above the leaves is their weighted mean, rounded once (a half away from zero).
    Mean,
    /// What is assigned to the children of a node totals what is assigned to the node times its factor, rounded once, and each has its
    /// share of that by its base.
    Assigned,
    /// The amount is a whole number of lots.
    Lot,
    /// A held amount is what it was when it was held, that of a stretch of days too.
    Hold,
    /// The curve of a leaf whose stretches were edited does not run against its amount on any day.
    Curve,
    /// The amount is not below its minimum.
    Minimum,
    /// The amount is not above its maximum.
    Maximum,
    /// A member totals what is prescribed for it across the nodes above it, and a stock is what is prescribed for a period.
    Prescribed,
}

/// Where and by how much a plan breaks a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Discrepancy {
    /// The measure.
    pub measure: Key,
    /// The node.
    pub place: Path,
    /// The law.
    pub law: Law,
    /// What should be.
    #[serde(serialize_with = "plain")]
    pub expected: Decimal,
    /// What is.
    #[serde(serialize_with = "plain")]
    pub found: Decimal,
}

/// Whether amounts are the exact shares of their sum by some weights, rounded either way.
fn shares_by(weights: &[u128], units: &[i64]) -> bool {
    // Weights beyond 62 bits are rounded first, which may make a quantum more.
    let all = weights
        .iter()
        .fold(0_u128, |all, own| all.saturating_add(*own));
    let shift = (128 - all.leading_zeros()).saturating_sub(62);
    let narrow = |own: &u128| i128::try_from(*own >> shift).unwrap_or(0);
    let all: i128 = weights.iter().map(narrow).sum();
    let sum: i128 = units.iter().map(|own| i128::from(*own)).sum();
    let (Ok(sum), true) = (i64::try_from(sum), all > 0) else {
        return true;
    };
    let slack = if shift == 0 { all } else { 2 * all };
    let mut pairs = weights.iter().zip(units);
    pairs.all(|(weight, units)| {
        (i128::from(*units) * all - narrow(weight) * i128::from(sum)).abs() < slack
    })
}

/// Writes a decimal as documents do: equal values are equal text.
pub(super) fn plain<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    Number::from(*amount).serialize(serializer)
}

impl Plan {
    /// Whether every node that hands down by largest remainder and nothing else shares as its weights have it, within a quantum.
    pub(crate) fn follows_its_weights(&self) -> bool {
        self.sheets.iter().all(|sheet| {
            let cascade = sheet.cascade();
            let def = cascade.definition();
            let plain = StepDef::new(SplitDef::Grain(Grain::Year));
            let is_plain = |step: &StepDef| {
                let parts = (step.method, step.lot, &step.lots);
                parts == (plain.method, None, &plain.lots)
            };
            let is_free = def.bounds.is_empty() && def.totals.is_empty() && def.openings.is_empty();
            let is_flow = matches!(cascade.kind(), Kind::Flow);
            if !(is_flow && is_free && def.steps.iter().all(is_plain)) {
                return true;
            }
            let mut steps = 0..self.frame.levels.len() - 1;
            steps.all(|step| {
                let level = &self.frame.levels[step];
                let mut parents = 0..level.len();
                parents.all(|parent| {
                    let own = level.children(parent);
                    let units = &sheet.amounts().level(step + 1)[own.clone()];
                    shares_by(&cascade.node_weights(step, own), units)
                })
            })
        })
    }

    /// Returns every discrepancy of every measure, level by level from the top; none for a plan that holds.
    ///
    /// The sums of all leaves by any level and any set of periods are derived from the leaves and agree with each other;
    /// what can disagree, and is checked here, is what is stored: the amounts of nodes above the leaves,
    /// what is assigned beside the base, lots, minima, maxima,
    /// prescribed totals and holds. What holds and is odd all the same is told by [`warnings`](Self::warnings), how near fitted
    /// tables are to the bases by [`fits`](Self::fits).
    #[must_use]
    pub fn verify(&self) -> Vec<Discrepancy> {
        self.sheets
            .iter()
            .flat_map(|sheet| self.verify_sheet(sheet))
            .collect()
    }

    fn verify_sheet(&self, sheet: &Sheet) -> Vec<Discrepancy> {
        let mut found = Vec::new();
        let quantum = sheet.measure().quantum;
        // Sums may lie beyond 64 bits in a plan that does not hold; a decimal has room for them.
        let decimal = |units: i128| match i64::try_from(units) {
            Ok(units) => quantum.amount(units),
            Err(_) => quantum
                .ratio()
                .checked_mul(crate::quantity::Ratio::new(units, 1).unwrap_or_default())
                .map_or(Decimal::MAX, crate::quantity::Ratio::approximate),
        };
        for step in 0..self.frame.levels.len() - 1 {
            let mut report = |index: usize, law, expected, found_units| {
                found.push(Discrepancy {
                    measure: sheet.measure().key.clone(),
                    place: self.frame.path_at(step, index),
                    law,
                    expected: decimal(expected),
                    found: decimal(found_units),
                });
            };
            let (above, below) = (sheet.amounts().level(step), sheet.amounts().level(step + 1));
            let level = &self.frame.levels[step];
            let apart = sheet.amounts().apart(step);
            let over_time = self.frame.periods(step).is_some();
            match level.width {
                _ if matches!(sheet.cascade().kind(), Kind::Rating) => {
                    for (index, own) in above.iter().enumerate() {
                        let node = NodeId::new(step, index);
                        let mean = sheet.cascade().rounded_mean(node, sheet.amounts().levels());
                        // A mean beyond 128 bits cannot be shown to hold.
                        let mean = mean.map_or(i128::MAX, i128::from);
                        if mean != i128::from(*own) {
                            report(index, Law::Mean, mean, i128::from(*own));
                        }
                    }
                }
                _ if matches!(sheet.cascade().kind(), Kind::Stock(_)) && over_time => {
                    for (index, own) in above.iter().enumerate() {
                        let last = below[level.children(index)].last();
                        if let Some(last) = last.filter(|last| *last != own) {
                            report(index, Law::Closing, i128::from(*last), i128::from(*own));
                        }
                    }
                }
                Some(width) if apart.is_empty() => {
                    for (index, (own, children)) in
                        above.iter().zip(below.chunks_exact(width)).enumerate()
                    {
                        let sum: i128 = children.iter().map(|child| i128::from(*child)).sum();
                        if sum != i128::from(*own) {
                            report(index, Law::Sum, i128::from(*own), sum);
                        }
                    }
                }
                _ => {
                    for (index, own) in above.iter().enumerate() {
                        let children = level.children(index);
                        if children.is_empty() {
                            continue;
                        }
                        let sum: i128 =
                            below[children].iter().map(|child| i128::from(*child)).sum();
                        let expected = sheet.amounts().handed_down(step, index, *own);
                        if sum != expected {
                            report(index, Law::Sum, expected, sum);
                        }
                    }
                }
            }
            self.verify_lots(sheet, step, &mut report);
        }
        self.verify_assigned(sheet, &decimal, &mut found);
        self.verify_bounds(sheet, &mut found);
        self.verify_prescribed(sheet, &decimal, &mut found);
        for (node, held) in sheet.held_amounts() {
            let now = sheet.amounts().at(node);
            if now != held {
                found.push(self.broken(sheet, node, Law::Hold, held, now));
            }
        }
        self.verify_stretches(sheet, &mut found);
        found
    }

    /// Checks held stretches, and that edited curves run forwards.
    fn verify_stretches(&self, sheet: &Sheet, found: &mut Vec<Discrepancy>) {
        let own = self.sheets.iter().position(|own| std::ptr::eq(own, sheet));
        let Some(number) = own else { return };
        for (stretch, held) in sheet.held_stretches() {
            let now = self.stretch_units(number, stretch);
            if now.as_ref() != Ok(&held) {
                let node = self
                    .frame
                    .select(&stretch.at)
                    .map_or(NodeId::WHOLE, |own| own.node);
                let now = now.unwrap_or(i64::MAX);
                found.push(self.broken(sheet, node, Law::Hold, held, now));
            }
        }
        for leaf in sheet.bent_leaves() {
            if self.check_curve(number, leaf).is_err() {
                let now = sheet.amounts().at(leaf);
                found.push(self.broken(sheet, leaf, Law::Curve, now, now));
            }
        }
    }

    /// Returns that one amount breaks a law.
    fn broken(
        &self,
        sheet: &Sheet,
        node: NodeId,
        law: Law,
        expected: i64,
        found: i64,
    ) -> Discrepancy {
        let quantum = sheet.measure().quantum;
        Discrepancy {
            measure: sheet.measure().key.clone(),
            place: self.frame.path(node),
            law,
            expected: quantum.amount(expected),
            found: quantum.amount(found),
        }
    }

    /// Checks what is assigned, node by node.
    fn verify_assigned(
        &self,
        sheet: &Sheet,
        decimal: &impl Fn(i128) -> Decimal,
        found: &mut Vec<Discrepancy>,
    ) {
        let (cascade, amounts) = (sheet.cascade(), sheet.amounts());
        if !amounts.has_assigned() {
            return;
        }
        let mut report = |node: NodeId, expected: i128, is: i128| {
            if expected != is {
                found.push(Discrepancy {
                    measure: sheet.measure().key.clone(),
                    place: self.frame.path(node),
                    law: Law::Assigned,
                    expected: decimal(expected),
                    found: decimal(is),
                });
            }
            expected == is
        };
        let (total, whole) = (amounts.total(), amounts.assigned_at(NodeId::WHOLE));
        report(NodeId::WHOLE, i128::from(total), i128::from(whole));
        let takers = Takers::new(cascade, amounts, &self.closed);
        for level in 0..self.frame.levels() - 1 {
            for index in 0..self.frame.count(level) {
                let node = NodeId::new(level, index);
                let children = self.frame.child_range(node);
                if children.is_empty() {
                    continue;
                }
                let own = amounts.assigned_at(node);
                let below = &amounts.assigned_levels()[level + 1][children];
                let sum = below.iter().map(|own| i128::from(*own)).sum();
                let handed = cascade.assigned_down(amounts, node, own);
                if !report(node, handed.map_or(i128::MAX, i128::from), sum) {
                    continue;
                }
                // Who breaks a bound is told by that law.
                let shares = cascade.assigned_below(amounts, &takers, node);
                for ((child, is), share) in self
                    .frame
                    .children(node)
                    .zip(below)
                    .zip(shares.into_iter().flatten())
                {
                    report(child, i128::from(share), i128::from(*is));
                }
            }
        }
    }

    /// Checks minima and maxima.
    fn verify_bounds(&self, sheet: &Sheet, found: &mut Vec<Discrepancy>) {
        for level in 0..self.frame.levels.len() {
            let bounds = sheet.cascade().bounds().own(level).into_iter().flatten();
            for (index, limits) in bounds {
                let node = NodeId::new(level, *index);
                let mut layers = vec![sheet.amounts().at(node), sheet.amounts().assigned_at(node)];
                layers.dedup();
                for now in layers {
                    let broken = [
                        (Law::Minimum, limits.min.filter(|min| now < *min)),
                        (Law::Maximum, limits.max.filter(|max| now > *max)),
                    ];
                    for (law, limit) in broken {
                        found.extend(limit.map(|limit| self.broken(sheet, node, law, limit, now)));
                    }
                }
            }
        }
    }

    /// Checks what is prescribed: for periods of stocks, and for members across nodes.
    fn verify_prescribed(
        &self,
        sheet: &Sheet,
        decimal: &impl Fn(i128) -> Decimal,
        found: &mut Vec<Discrepancy>,
    ) {
        let paths = sheet.cascade().kind().paths();
        for (node, amount) in paths.iter().flat_map(|paths| paths.waypoints.iter()) {
            let now = sheet.amounts().at(node);
            if now != amount {
                found.push(self.broken(sheet, node, Law::Prescribed, amount, now));
            }
        }
        for (step, node, columns) in sheet.cascade().prescribed().iter() {
            let values = sheet.amounts().levels();
            let sums = Prescribed::sums(&self.frame, (step, node), columns, values);
            for (column, limits, sum) in sums {
                let broken = match limits.exact() {
                    Some(total) => [
                        (
                            Law::Prescribed,
                            Some(total).filter(|total| sum != i128::from(*total)),
                        ),
                        (Law::Prescribed, None),
                    ],
                    None => [
                        (
                            Law::Minimum,
                            limits.min.filter(|min| sum < i128::from(*min)),
                        ),
                        (
                            Law::Maximum,
                            limits.max.filter(|max| sum > i128::from(*max)),
                        ),
                    ],
                };
                let broken = broken
                    .into_iter()
                    .filter_map(|(law, limit)| Some((law, limit?)));
                found.extend(broken.map(|(law, limit)| Discrepancy {
                    measure: sheet.measure().key.clone(),
                    place: self.frame.column_path(node, step, column),
                    law,
                    expected: sheet.measure().quantum.amount(limit),
                    found: decimal(sum),
                }));
            }
        }
    }

    /// Checks the lots of one step.
    fn verify_lots(
        &self,
        sheet: &Sheet,
        step: usize,
        report: &mut impl FnMut(usize, Law, i128, i128),
    ) {
        let lots = sheet.cascade().lots();
        let values = sheet.amounts().level(step);
        if lots.of_level(step + 1) == Some(LotSize::ONE) {
            return;
        }
        let below = sheet.amounts().level(step + 1);
        let path = matches!(sheet.cascade().kind(), Kind::Stock(_));
        for (index, own) in values.iter().enumerate() {
            let children = self.frame.levels[step].children(index);
            if path && splits_time(&self.frame, NodeId::new(step, index)) {
                // Balances of several periods do not add up: the first that is no whole lots is told.
                let lot = sheet.cascade().lot_below(step, index);
                let broken = below[children].iter().find(|amount| !lot.divides(**amount));
                if let Some(amount) = broken {
                    let whole = i128::from(lot.whole(*amount));
                    report(index, Law::Lot, whole, i128::from(*amount));
                }
                continue;
            }
            let mut whole = 0_i128;
            let mut broken = false;
            for child in children {
                let own = lots.at(NodeId::new(step + 1, child)).whole(below[child]);
                broken |= own != below[child];
                whole += i128::from(own);
            }
            if broken {
                let lot = i128::from(sheet.cascade().lot_below(step, index).quanta());
                let handed = sheet.amounts().handed_down(step, index, *own);
                report(index, Law::Lot, handed / lot * lot, whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, member, recipe};
    use super::super::*;
    use crate::key::Key;
    use crate::quantity::{Number, Ratio};
    use rust_decimal::Decimal;

    #[test]
    fn every_discrepancy_is_found_with_its_place() {
        let company = Company::new();
        let def = recipe("sales")
            .step(member("person", "region"))
            .step(member("person", "person"));
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        let plan = |values: [&[i64]; 3]| {
            Plan::from_units(&cascade, values.map(<[i64]>::to_vec).to_vec()).unwrap()
        };
        assert_eq!(plan([&[10], &[6, 4], &[3, 3, 2, 1, 1]]).verify(), []);
        let broken = plan([&[10], &[6, 5], &[3, 2, 2, 1, 2]]).verify();
        let found: Vec<String> = broken
            .iter()
            .map(|d| format!("{:?} {} {} {}", d.law, d.place, d.expected, d.found))
            .collect();
        assert_eq!(found, ["Sum all 0.10 0.11", "Sum north 0.06 0.05"]);
        let wrapped = plan([&[-2], &[i64::MAX, i64::MAX], &[i64::MAX, 0, i64::MAX, 0, 0]]).verify();
        assert_eq!(wrapped.len(), 1);
        assert_eq!(wrapped[0].found.to_string(), "184467440737095516.14");
        let refused = |values| Plan::from_units(&cascade, values).unwrap_err().to_string();
        assert_eq!(
            refused(vec![vec![1], vec![1]]),
            "step `region` has 2 nodes, but 1 figures are given"
        );
        assert_eq!(
            refused(vec![vec![1, 2]]),
            "the whole plan has 1 nodes, but 2 figures are given"
        );
    }

    #[test]
    fn an_amount_at_its_bound_holds_and_one_beyond_does_not() {
        let company = Company::new();
        let bound = |min: Option<i64>, max: Option<i64>| BoundDef {
            step: Key::new("region").unwrap(),
            at: Place::whole().at("region", "north").unwrap(),
            min: min.map(Number::from),
            max: max.map(Number::from),
        };
        let def = recipe("pieces").step(member("person", "region"));
        for (limits, amounts, broken) in [
            (bound(Some(40), None), [40, 60], None),
            (bound(Some(40), None), [39, 61], Some((Law::Minimum, 40))),
            (bound(Some(40), None), [41, 59], None),
            (bound(None, Some(60)), [60, 40], None),
            (bound(None, Some(60)), [61, 39], Some((Law::Maximum, 60))),
            (bound(None, Some(60)), [59, 41], None),
            (bound(Some(50), Some(50)), [50, 50], None),
            (bound(Some(-3), None), [-4, 104], Some((Law::Minimum, -3))),
            (bound(Some(-3), None), [-3, 103], None),
        ] {
            let cascade = Cascade::compile(def.clone().bound(limits), &company.sources()).unwrap();
            let plan = Plan::from_units(&cascade, vec![vec![100], amounts.to_vec()]).unwrap();
            let found: Vec<(Law, Decimal, Decimal)> = plan
                .verify()
                .iter()
                .map(|found| (found.law, found.expected, found.found))
                .collect();
            let broken =
                broken.map(|(law, limit): (Law, i64)| (law, limit.into(), amounts[0].into()));
            assert_eq!(found, Vec::from_iter(broken), "{amounts:?}");
        }
    }

    #[test]
    fn lots_and_over_assignments_are_laws_too() {
        let company = Company::new();
        let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110)]).unwrap();
        let region = member("person", "region").lot(Number::from(5));
        let def = recipe("pieces").step(region).over_assign(over);
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        let mut plan = cascade.run(100.into()).unwrap();
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [55, 55]);
        assert_eq!(plan.verify(), []);
        let broken = Plan::from_units(&cascade, vec![vec![100], vec![56, 44]]).unwrap();
        let laws: Vec<Law> = broken.verify().iter().map(|found| found.law).collect();
        assert_eq!(laws, [Law::Lot]);
        // A child has more than its share of what is handed down, then all of them together.
        for (amounts, told) in [
            (
                [60, 50],
                vec!["Assigned north 55 60", "Assigned south 55 50"],
            ),
            ([60, 55], vec!["Assigned all 110 115"]),
        ] {
            let replaced = plan.sheets[0].set_assigned(1, 0, &amounts).unwrap();
            let found = plan.verify();
            let found = found
                .iter()
                .map(|d| format!("{:?} {} {} {}", d.law, d.place, d.expected, d.found));
            assert_eq!(found.collect::<Vec<_>>(), told);
            plan.sheets[0].swap(replaced);
        }
    }
}
