//! Links: which of an amount, a volume and the price between them gives way when another is changed.

use super::ratio_rule::{RatioRuleDef, Yielding};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cascade::Kind;
use super::patch::{Patch, moved_cells};
use super::{EditError, NodeId, Plan, PlanError};
use crate::key::Key;
use crate::quantity::Rounding;

/// Which measures of a change follow others.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Those that the change edits itself, which follow none.
    pub(super) settled: BTreeSet<usize>,
    /// Those that have moved because another one did, and which.
    leaders: BTreeMap<usize, usize>,
}

impl Followed {
    /// Says whether a measure has followed another one.
    pub(super) fn follows(&self, sheet: usize) -> bool {
        self.leaders.contains_key(&sheet)
    }
}

impl Plan {
    /// Makes ratios and their parts follow these rules from the next change on.
    ///
    /// A part that a change edits itself is left as that edit says: with both parts edited, the ratio gives way.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`] for a ratio that the plan does not have (see [`Plan::with_ratios`]);
    /// [`PlanError::DuplicateMeasure`] for one with a rule already; [`PlanError::NotForKind`] where a part is a stock or a
    /// rating; [`EditError::Changed`] once the plan has been changed.
    pub fn with_links(mut self, links: Vec<RatioRuleDef>) -> Result<Self, PlanError> {
        if self.version() > 0 && !links.is_empty() {
            return Err(PlanError::Edit(EditError::Changed));
        }
        for link in links {
            let found = self
                .quotients
                .iter()
                .position(|own| own.measure.key == link.ratio);
            let place = found.ok_or_else(|| self.unknown_measure(link.ratio.as_str()))?;
            let parts = [
                self.quotients[place].numerator,
                self.quotients[place].denominator,
            ];
            for sheet in parts {
                if !matches!(self.sheets[sheet].cascade().kind(), Kind::Flow) {
                    return Err(self.not_for(sheet, "a link"));
                }
            }
            if self.quotients[place].link.is_some() {
                return Err(PlanError::DuplicateMeasure {
                    measure: link.ratio,
                });
            }
            self.quotients[place].link = Some(link);
        }
        Ok(self)
    }

    /// Returns the rules by which ratios and their parts stay linked.
    pub fn links(&self) -> impl Iterator<Item = &RatioRuleDef> {
        self.quotients
            .iter()
            .filter_map(|quotient| quotient.link.as_ref())
    }

    /// Moves what is linked to a measure that has been edited since `mark`, and what is linked to that in turn.
    ///
    /// The rule of the ratio `set` has been obeyed already.
    pub(super) fn follow(
        &mut self,
        edited: usize,
        set: Option<usize>,
        followed: &mut Followed,
        mark: usize,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if self.quotients.is_empty() {
            return Ok(());
        }
        let mut settled = followed.settled.clone();
        settled.insert(edited);
        let mut queue = VecDeque::from([edited]);
        while let Some(sheet) = queue.pop_front() {
            for number in 0..self.quotients.len() {
                let quotient = &self.quotients[number];
                let Some(link) = quotient.link.as_ref().filter(|_| set != Some(number)) else {
                    continue;
                };
                let (other, gives) = if quotient.numerator == sheet {
                    (quotient.denominator, link.numerator_changed)
                } else if quotient.denominator == sheet {
                    (quotient.numerator, link.denominator_changed)
                } else {
                    continue;
                };
                if gives == Yielding::OtherPart && settled.insert(other) {
                    let ratio = quotient.measure.key.clone();
                    followed.leaders.insert(other, sheet);
                    self.keep_ratio(&ratio, sheet, other, mark, journal)
                        .map_err(|error| self.told_of(other, followed, error))?;
                    queue.push_back(other);
                }
            }
        }
        Ok(())
    }

    /// Says what is in the way of a measure: of one that follows another with what it follows.
    pub(super) fn told_of(&self, sheet: usize, followed: &Followed, error: PlanError) -> PlanError {
        let key = |sheet: usize| self.sheets[sheet].measure().key.clone();
        match followed.leaders.get(&sheet) {
            Some(leader) => PlanError::Follows {
                measure: key(sheet),
                of: key(*leader),
                error: Box::new(error),
            },
            None => error,
        }
    }

    /// Moves the leaves of one measure in the proportions in which those of another have moved since `mark`.
    fn keep_ratio(
        &mut self,
        ratio: &Key,
        sheet: usize,
        other: usize,
        mark: usize,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let before: BTreeMap<NodeId, i64> = moved_cells(&journal[mark..])
            .into_iter()
            .filter(|((own, _, _), _)| *own == sheet)
            .map(|((_, level, index), by)| {
                let node = NodeId::new(level, index);
                (node, self.value(sheet, node).wrapping_sub(by))
            })
            .collect();
        let mut leaves: Vec<(NodeId, i64)> = Vec::new();
        let mut above: BTreeMap<NodeId, i128> = BTreeMap::new();
        for (node, old) in &before {
            let now = self.value(sheet, *node);
            if now == *old || !self.frame.child_range(*node).is_empty() {
                continue;
            }
            let was = self.value(other, *node);
            let new = self.in_ratio(ratio, (sheet, other), *node, &before)?;
            if new == was {
                continue;
            }
            if self.sheets[other].is_held(*node) {
                return Err(PlanError::Edit(EditError::Held {
                    place: self.frame.path(*node),
                }));
            }
            leaves.push((*node, new));
            if let Some(upper) = self.frame.parent(*node) {
                *above.entry(upper).or_default() += i128::from(new) - i128::from(was);
            }
        }
        for (node, new) in leaves {
            self.write(other, node.level(), node.index(), &[new], journal);
        }
        while let Some((node, moved)) = above.pop_last() {
            if moved == 0 {
                continue;
            }
            self.check_not_held(other, node)?;
            let moved = i64::try_from(moved).map_err(|_| PlanError::OutOfRange {
                place: self.frame.path(node),
            })?;
            let (before, after) = self.add(other, node, 0, moved, journal)?;
            if let Some(upper) = self.frame.parent(node) {
                *above.entry(upper).or_default() += i128::from(after) - i128::from(before);
            }
        }
        Ok(())
    }

    /// Returns what a leaf of the other measure becomes when its ratio stays.
    fn in_ratio(
        &self,
        ratio: &Key,
        (sheet, other): (usize, usize),
        leaf: NodeId,
        before: &BTreeMap<NodeId, i64>,
    ) -> Result<i64, PlanError> {
        let now = self.value(sheet, leaf);
        let mut at = Some(leaf);
        while let Some(node) = at {
            let was = before
                .get(&node)
                .copied()
                .unwrap_or_else(|| self.value(sheet, node));
            if was != 0 {
                let lot = self.sheets[other].cascade().lots().at(leaf);
                let parts = (i128::from(now), i128::from(was));
                let nearest = Rounding::HalfAwayFromZero;
                let lots = lot.share(self.value(other, node), parts, nearest);
                return lots.and_then(|lots| lots.quanta(lot)).ok_or_else(|| {
                    PlanError::OutOfRange {
                        place: self.frame.path(leaf),
                    }
                });
            }
            at = self.frame.parent(node);
        }
        Err(PlanError::Edit(EditError::NoBase {
            measure: ratio.clone(),
            place: self.frame.path(leaf),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, given, key, member, recipe};
    use super::super::*;
    use super::*;
    use crate::document::Version;
    use crate::measure::{Additivity, Measure, Measures, Unit};
    use crate::quantity::{Number, Quantum, Ratio};

    struct Linked {
        company: Company,
        measures: Measures,
    }

    impl Linked {
        fn new() -> Self {
            let company = Company::new();
            let mut list: Vec<Measure> = company.measures.iter().cloned().collect();
            let mut ratio = |name: &str, unit: &str, top: &str, bottom: &str| {
                let unit: Unit = unit.parse().unwrap();
                let adding = Additivity::Ratio {
                    numerator: key(top),
                    denominator: key(bottom),
                };
                list.push(
                    Measure::flow(name, unit, Quantum::CENT)
                        .unwrap()
                        .adding(adding),
                );
            };
            ratio("price", "money:EUR per count:piece", "sales", "pieces");
            ratio("expense_rate", "share", "expense", "sales");
            let measures = Measures::new(list).unwrap();
            Self { company, measures }
        }

        fn sources(&self) -> Sources<'_> {
            Sources::new(&self.measures, &self.company.space).calendar(&self.company.calendar)
        }

        fn plan(&self, links: Vec<RatioRuleDef>) -> Result<Plan, PlanError> {
            self.bounded(links, None)
        }

        /// With a bound of the expenses.
        fn bounded(
            &self,
            links: Vec<RatioRuleDef>,
            bound: Option<BoundDef>,
        ) -> Result<Plan, PlanError> {
            let weights = given("region", &[("north", "3"), ("south", "1")]);
            let def = |measure| {
                recipe(measure)
                    .step(member("person", "region").basis(weights.clone()))
                    .step(member("person", "person"))
            };
            let sources = self.sources();
            let sales = Cascade::compile(def("sales"), &sources)?;
            let frame = sales.frame();
            let pieces = Cascade::beside(frame, def("pieces"), &sources)?.run(120.into())?;
            let mut expense = def("expense");
            expense.bounds.extend(bound);
            let expense = Cascade::beside(frame, expense, &sources)?.run(60.into())?;
            let mut plan = sales.run(600.into())?;
            plan.join(pieces)?;
            plan.join(expense)?;
            plan.with_ratios(&self.measures).with_links(links)
        }
    }

    fn price() -> RatioRuleDef {
        RatioRuleDef {
            ratio: key("price"),
            numerator_changed: Yielding::Ratio,
            denominator_changed: Yielding::OtherPart,
            ratio_changed: GivesWay::Numerator,
        }
    }

    fn rate() -> RatioRuleDef {
        RatioRuleDef {
            ratio: key("expense_rate"),
            numerator_changed: Yielding::Ratio,
            denominator_changed: Yielding::OtherPart,
            ratio_changed: GivesWay::Numerator,
        }
    }

    fn apply(plan: &mut Plan, edits: Vec<Edit>) -> Result<u64, PlanError> {
        let done = plan.apply(Change {
            version: Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: plan.version(),
            edits,
        });
        assert_eq!(plan.verify(), []);
        done
    }

    fn set(measure: &str, place: Place, amount: i64) -> Edit {
        let verb = Verb::Proportional {
            amount: Number::from(amount),
        };
        Edit::Spread(Spread::new(measure, place, verb).unwrap())
    }

    fn reconciled(measure: &str, amount: i64) -> Edit {
        let asked = Reconciling::new(measure).unwrap();
        Edit::Reconcile(asked.total(north(), Number::from(amount)))
    }

    fn north() -> Place {
        Place::whole().at("region", "north").unwrap()
    }

    #[test]
    fn more_pieces_are_sold_at_the_price_that_there_is() {
        let linked = Linked::new();
        let mut plan = linked.plan(vec![price(), rate()]).unwrap();
        assert_eq!(plan.level_units("pieces", 2).unwrap(), [45, 45, 10, 10, 10]);
        apply(&mut plan, vec![set("pieces", north(), 100)]).unwrap();
        // Five euro a piece, and expenses a tenth of the sales.
        assert_eq!(plan.level_units("sales", 1).unwrap(), [50_000, 15_000]);
        assert_eq!(plan.level_units("expense", 1).unwrap(), [5_000, 1_500]);
        assert_eq!(
            plan.ratio("price", NodeId::WHOLE).unwrap(),
            Some(Ratio::from(5))
        );
        // A new amount is a matter of the price.
        apply(&mut plan, vec![set("sales", north(), 400)]).unwrap();
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [100, 30]);
        assert_eq!(plan.level_units("expense", 1).unwrap(), [4_000, 1_500]);
        // Both parts edited: the price gives way.
        apply(
            &mut plan,
            vec![set("pieces", north(), 50), set("sales", north(), 500)],
        )
        .unwrap();
        assert_eq!(plan.level_units("sales", 1).unwrap(), [50_000, 15_000]);
        assert_eq!(
            plan.amount("pieces", plan.frame().find(&["north"]).unwrap())
                .unwrap()
                .units(),
            50
        );
    }

    #[test]
    fn what_a_change_says_itself_stays_in_whatever_order_it_says_it() {
        let linked = Linked::new();
        let mut amounts = Vec::new();
        for sales in [set("sales", north(), 500), reconciled("sales", 500)] {
            for pieces in [set("pieces", north(), 50), reconciled("pieces", 50)] {
                let parts = [pieces, sales.clone()];
                for order in [[0, 1], [1, 0]] {
                    let mut plan = linked.plan(vec![price(), rate()]).unwrap();
                    apply(&mut plan, order.map(|at| parts[at].clone()).to_vec()).unwrap();
                    let of = |measure| plan.level_units(measure, 2).unwrap().to_vec();
                    assert_eq!(plan.level_units("sales", 1).unwrap(), [50_000, 15_000]);
                    assert_eq!(plan.level_units("pieces", 1).unwrap(), [50, 30]);
                    amounts.push(["sales", "pieces", "expense"].map(of));
                }
            }
        }
        assert!(amounts.windows(2).all(|two| two[0] == two[1]));
    }

    #[test]
    fn what_is_linked_follows_the_least_change() {
        let linked = Linked::new();
        let mut plan = linked.plan(vec![price(), rate()]).unwrap();
        // Five euro a piece, and expenses a tenth of the sales.
        apply(&mut plan, vec![reconciled("pieces", 100)]).unwrap();
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [100, 30]);
        assert_eq!(plan.level_units("sales", 1).unwrap(), [50_000, 15_000]);
        assert_eq!(plan.level_units("expense", 1).unwrap(), [5_000, 1_500]);
        // New sales are a matter of the price; where what follows them is held, they are not proposed.
        let asked = Reconciling::new("sales").unwrap();
        let asked = asked.total(north(), Number::from(400));
        let proposal = plan.least_change(&asked).unwrap();
        let hold = HoldEdit {
            measure: key("expense"),
            at: vec![north()],
            what: HoldWhat::Total,
        };
        let mut held = plan.clone();
        apply(&mut held, vec![Edit::Hold(hold)]).unwrap();
        assert_eq!(
            held.least_change(&asked).unwrap_err().to_string(),
            "`expense` follows `sales`: north is held at 50.00: keep it, so that what else is below it gives way"
        );
        let at = "2026-01-06T09:30:00".parse().unwrap();
        plan.apply(proposal.change(key("ann"), at, "agreed"))
            .unwrap();
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [100, 30]);
        assert_eq!(plan.level_units("sales", 1).unwrap(), [40_000, 15_000]);
        assert_eq!(plan.level_units("expense", 1).unwrap(), [4_000, 1_500]);
        assert_eq!(plan.verify(), []);
    }

    #[test]
    fn a_new_price_obeys_the_rule_once() {
        let linked = Linked::new();
        let mut plan = linked.plan(vec![price(), rate()]).unwrap();
        let edit = |gives| {
            Edit::Ratio(RatioEdit {
                measure: key("price"),
                at: Place::whole(),
                value: Some(Ratio::from(6)),
                gives,
                carry: Carry::Up,
            })
        };
        apply(&mut plan, vec![edit(None)]).unwrap();
        assert_eq!(
            (
                plan.level_units("sales", 0).unwrap(),
                plan.level_units("pieces", 0).unwrap()
            ),
            (&[72_000][..], &[120][..])
        );
        assert_eq!(plan.level_units("expense", 0).unwrap(), [7_200]);
        let mut plain = linked.plan(Vec::new()).unwrap();
        let error = apply(&mut plain, vec![edit(None)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no rule says which part of `price` gives way: name one in the edit, or link the ratio"
        );
    }

    #[test]
    fn a_leaf_without_a_price_takes_the_one_above() {
        let linked = Linked::new();
        let mut plan = linked.plan(vec![price()]).unwrap();
        let ann = || north().at("person", "ann").unwrap();
        apply(&mut plan, vec![set("pieces", ann(), 0)]).unwrap();
        assert_eq!(plan.level_units("sales", 2).unwrap()[..2], [0, 22_500]);
        apply(&mut plan, vec![set("pieces", ann(), 2)]).unwrap();
        assert_eq!(plan.level_units("sales", 2).unwrap()[..2], [1_000, 22_500]);
        let hold = HoldEdit {
            measure: key("sales"),
            at: vec![ann()],
            what: HoldWhat::Total,
        };
        apply(&mut plan, vec![Edit::Hold(hold)]).unwrap();
        let error = apply(&mut plan, vec![set("pieces", ann(), 3)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`sales` follows `pieces`: north / ann is held: release it first"
        );
        let fault = crate::Error::from(error);
        assert_eq!(fault.kind(), crate::ErrorKind::Conflict);
        assert_eq!(fault.place(), Some("north / ann"));
        assert_eq!(plan.level_units("pieces", 2).unwrap()[..2], [2, 45]);
    }

    #[test]
    fn what_follows_out_of_its_bounds_is_told_with_its_measure() {
        let linked = Linked::new();
        let most = BoundDef::at_most("region", Number::from(45)).unwrap();
        let mut plan = linked.bounded(vec![price(), rate()], Some(most)).unwrap();
        let edits = || vec![set("pieces", north(), 100)];
        let error = apply(&mut plan, edits()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`expense` follows `sales`: north would be 50.00, outside its bounds, at most 45.00"
        );
        assert_eq!(plan.level_units("expense", 1).unwrap(), [4_500, 1_500]);
        // What a change says of a measure itself is told as that.
        let own = vec![set("expense", north(), 46)];
        assert_eq!(
            apply(&mut plan, own).unwrap_err().to_string(),
            "north would be 46.00, outside its bounds, at most 45.00"
        );
    }

    #[test]
    fn links_are_part_of_the_record() {
        let linked = Linked::new();
        let mut plan = linked.plan(vec![price(), rate()]).unwrap();
        apply(&mut plan, vec![set("pieces", north(), 77)]).unwrap();
        let text = serde_json::to_string(&plan.record()).unwrap();
        let again = serde_json::from_str::<PlanRecord>(&text).unwrap();
        let again = again.replay(&linked.sources()).unwrap();
        assert_eq!(again.links().count(), 2);
        for measure in ["sales", "pieces", "expense"] {
            for level in 0..3 {
                assert_eq!(
                    again.level_units(measure, level).unwrap(),
                    plan.level_units(measure, level).unwrap()
                );
            }
        }
        let twice = linked.plan(vec![price(), price()]).unwrap_err();
        assert!(matches!(twice, PlanError::DuplicateMeasure { .. }));
        let mut unknown = price();
        unknown.ratio = key("prise");
        let error = linked.plan(vec![unknown]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plan has no measure `prise`; did you mean `price`?"
        );
        assert!(matches!(
            plan.with_links(vec![price()]),
            Err(PlanError::Edit(EditError::Changed))
        ));
    }
}
