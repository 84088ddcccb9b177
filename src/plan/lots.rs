//! Whole lots: of what every amount of a plan is a multiple.
//!
//! A node's amount has to be one that its children can make up together. Where all children of a node have the same lot it
//! is a multiple of that; where they differ each divides the next, and the smallest counts. So what is needed is found from
//! the leaves up, once.

mod size;

use std::ops::Range;

use super::frame::ByPlace;
use super::{CascadeDef, ConstraintError, Frame, NodeId, PlanError};
use crate::allocation::{Lot, Lots, Method};
use crate::measure::{Additivity, Measure};
use crate::quantity::Number;

pub(super) use size::{LotCount, LotSize};

/// What the amounts of one level are multiples of, in quanta.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Level {
    /// All of them of the same.
    Every(LotSize),
    /// Each of its own.
    Each(Vec<LotSize>),
}

impl Level {
    fn at(&self, index: usize) -> LotSize {
        match self {
            Self::Every(lot) => *lot,
            Self::Each(lots) => lots.get(index).copied().unwrap_or(LotSize::ONE),
        }
    }
}

/// The lots of all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanLots {
    levels: Vec<Level>,
    /// Of each step, the nodes whose children have different lots, in order.
    mixed: Vec<Vec<usize>>,
}

impl PlanLots {
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
    ) -> Result<Self, PlanError> {
        let steps = def.steps.len();
        let stock = measure.additivity == Additivity::Stock;
        let mut levels = vec![Level::Every(LotSize::ONE); steps + 1];
        let mut mixed = vec![Vec::new(); steps];
        for level in (0..=steps).rev() {
            let own = match level.checked_sub(1) {
                Some(step) => own(def, frame, measure, step)?,
                None => Level::Every(LotSize::ONE),
            };
            if level == steps {
                levels[level] = own;
                continue;
            }
            levels[level] = match (own, &levels[level + 1]) {
                (Level::Every(own), Level::Every(below)) => Level::Every(
                    own.common(*below)
                        .ok_or_else(|| too_large(frame, measure, level, own))?,
                ),
                (own, below) => {
                    let mut each = Vec::with_capacity(frame.count(level));
                    for index in 0..frame.count(level) {
                        let children = frame.levels[level].children(index);
                        let lots = children.map(|child| below.at(child));
                        let chain = chain(lots);
                        if chain.len() > 1 {
                            if stock && frame.periods(level).is_some() {
                                return Err(PlanError::Constraint(
                                    ConstraintError::PeriodsInLots {
                                        place: frame.path_at(level, index),
                                        smaller: measure.quantum.amount(chain[0].quanta()),
                                        larger: measure.quantum.amount(chain[1].quanta()),
                                    },
                                ));
                            }
                            check_mixed(def, frame, measure, NodeId::new(level, index), &chain)?;
                            mixed[level].push(index);
                        }
                        let least = chain.first().copied().unwrap_or(LotSize::ONE);
                        let own = own.at(index);
                        let both = own.common(least);
                        each.push(both.ok_or_else(|| too_large(frame, measure, level, own))?);
                    }
                    match each.first() {
                        Some(first) if each.iter().all(|lot| lot == first) => Level::Every(*first),
                        _ => Level::Each(each),
                    }
                }
            };
        }
        Ok(Self { levels, mixed })
    }

    /// Returns what the amount of a node is a multiple of.
    pub(super) fn at(&self, node: NodeId) -> LotSize {
        self.levels
            .get(node.level())
            .map_or(LotSize::ONE, |level| level.at(node.index()))
    }

    /// Returns what the amounts of all nodes of a level are multiples of, if that is the same for all.
    pub(super) fn of_level(&self, level: usize) -> Option<LotSize> {
        match self.levels.get(level)? {
            Level::Every(lot) => Some(*lot),
            Level::Each(_) => None,
        }
    }

    /// Returns what a node hands down is a multiple of: the smallest lot of its children, which divides the others.
    pub(super) fn below(&self, frame: &Frame, node: NodeId) -> LotSize {
        match self.levels.get(node.level() + 1) {
            Some(Level::Every(lot)) => *lot,
            Some(level @ Level::Each(_)) => {
                let children = frame.child_range(node);
                let sizes = children.map(|child| level.at(child));
                sizes.min().unwrap_or(LotSize::ONE)
            }
            None => LotSize::ONE,
        }
    }

    /// Returns the nodes of a run of a level whose children have different lots.
    pub(super) fn mixed(&self, level: usize, run: Range<usize>) -> &[usize] {
        let Some(mixed) = self.mixed.get(level) else {
            return &[];
        };
        let from = mixed.partition_point(|index| *index < run.start);
        let to = mixed.partition_point(|index| *index < run.end);
        &mixed[from..to]
    }

    /// Says whether the children of a node have different lots.
    pub(super) fn is_mixed(&self, node: NodeId) -> bool {
        let index = node.index();
        !self.mixed(node.level(), index..index + 1).is_empty()
    }

    /// Returns the lots of the children of a node, counted in the smallest of them.
    pub(super) fn in_smallest(&self, frame: &Frame, node: NodeId) -> Lots {
        if !self.is_mixed(node) {
            return Lots::ONE;
        }
        let least = self.below(frame, node);
        let children = frame.child_range(node);
        let lot = |child: usize| {
            let lots = self.at(NodeId::new(node.level() + 1, child)).quanta() / least.quanta();
            // Compiling has refused what is larger.
            u32::try_from(lots)
                .ok()
                .and_then(|lots| Lot::new(lots).ok())
                .unwrap_or(Lot::ONE)
        };
        Lots::Each(children.map(lot).collect())
    }
}

/// Returns the lots that occur, from the smallest.
fn chain(lots: impl Iterator<Item = LotSize>) -> Vec<LotSize> {
    let mut found: Vec<LotSize> = Vec::new();
    for lot in lots {
        if let Err(place) = found.binary_search(&lot) {
            found.insert(place, lot);
        }
    }
    found
}

fn check_mixed(
    def: &CascadeDef,
    frame: &Frame,
    measure: &Measure,
    node: NodeId,
    chain: &[LotSize],
) -> Result<(), PlanError> {
    let (step, place) = (node.level(), || frame.path(node));
    let amount = |lot: LotSize| measure.quantum.amount(lot.quanta());
    for pair in chain.windows(2) {
        if !pair[0].divides(pair[1].quanta()) {
            return Err(PlanError::Constraint(ConstraintError::LotsDoNotDivide {
                place: place(),
                smaller: amount(pair[0]),
                larger: amount(pair[1]),
            }));
        }
    }
    let (first, last) = (chain[0], chain[chain.len() - 1]);
    if u32::try_from(first.count(last.quanta()).get()).is_err() {
        return Err(too_large(frame, measure, step + 1, last));
    }
    let method = def.steps[step].method;
    if method != Method::LargestRemainder {
        return Err(PlanError::Constraint(ConstraintError::MethodInMixedLots {
            step: frame.steps[step].name.clone(),
            method,
        }));
    }
    Ok(())
}

fn too_large(frame: &Frame, measure: &Measure, level: usize, lot: LotSize) -> PlanError {
    PlanError::Constraint(ConstraintError::InvalidLot {
        step: frame.steps[level.saturating_sub(1)].name.clone(),
        lot: measure.quantum.amount(lot.quanta()),
    })
}

/// Returns the lots that a step itself asks for.
fn own(
    def: &CascadeDef,
    frame: &Frame,
    measure: &Measure,
    step: usize,
) -> Result<Level, PlanError> {
    let units = |lot: Number| {
        let units = measure.quantum.units(lot.decimal()).ok();
        units.and_then(LotSize::new).ok_or_else(|| {
            PlanError::Constraint(ConstraintError::InvalidLot {
                step: frame.steps[step].name.clone(),
                lot: lot.decimal(),
            })
        })
    };
    let otherwise = def.steps[step].lot.map_or(Ok(LotSize::ONE), units)?;
    let lots = &def.steps[step].lots;
    if lots.is_empty() {
        return Ok(Level::Every(otherwise));
    }
    let mut entries = Vec::with_capacity(lots.len());
    for lot in lots {
        entries.push((&lot.at, units(lot.lot)?));
    }
    let by_place = ByPlace::new(frame, step, entries)?;
    let lot = |index| {
        by_place
            .find(frame, NodeId::new(step + 1, index))
            .unwrap_or(otherwise)
    };
    Ok(Level::Each((0..frame.count(step + 1)).map(lot).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, given, key, member, recipe};
    use super::super::*;
    use crate::allocation::Method;
    use crate::document::Version;
    use crate::quantity::Number;

    fn at(fixed: &[(&str, &str)]) -> Place {
        let fixed = fixed.iter();
        fixed
            .map(|(step, member)| (key(step), key(member)))
            .collect()
    }

    /// Tea in cases of 12, milk in cases of 4, milk in the south by the piece.
    fn cases() -> StepDef {
        member("product", "product")
            .basis(given("product", &[("tea", "5"), ("milk", "3")]))
            .lot(Number::from(4))
            .lot_at(at(&[("product", "tea")]), Number::from(12))
            .lot_at(
                at(&[("product", "milk"), ("region", "south")]),
                Number::from(1),
            )
    }

    fn run(def: CascadeDef, total: i64) -> Result<Plan, PlanError> {
        Cascade::compile(def, &Company::new().sources())?.run(total.into())
    }

    #[test]
    fn every_product_is_planned_in_its_own_cases() {
        let def = recipe("pieces")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "1"), ("south", "1")])),
            )
            .step(cases());
        let plan = run(def, 99).unwrap();
        // The north has to get a multiple of 4, the south a multiple of 1: half of 99 is 49.5, 12 lots of 4 and the rest.
        // In the north 48 by 5 : 3 is 30 and 18, so tea gets 2 or 3 cases: the half goes down, and milk the rest. In the
        // south 51 is 31.875 and 19.125: 3 cases of tea.
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [48, 51]);
        assert_eq!(plan.level_units("pieces", 2).unwrap(), [24, 24, 36, 15]);
        assert_eq!(plan.verify(), []);
        let tea = plan.frame().find(&["south", "tea"]).unwrap();
        let why = plan.explain("pieces", tea).unwrap();
        let own = &why.splits[1];
        assert_eq!(
            (own.lot.units(), own.share.units(), own.exact),
            (12, 36, Some("36".parse().unwrap()))
        );
        for node in [tea, plan.frame().find(&["south", "milk"]).unwrap()] {
            let why = plan.explain("pieces", node).unwrap();
            assert_eq!(why.cascaded(), why.amount);
        }
    }

    #[test]
    fn edits_keep_the_lots_of_every_cell() {
        let def = recipe("pieces")
            .step(member("person", "region"))
            .step(cases());
        let mut plan = run(def, 96).unwrap();
        let change = |plan: &Plan, place: Place, verb: Verb| Change {
            version: Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: plan.version(),
            edits: vec![Edit::Spread(Spread::new("pieces", place, verb).unwrap())],
        };
        for verb in [
            Verb::Basis { amount: 76.into() },
            Verb::Proportional { amount: 100.into() },
            Verb::Equal { amount: 64.into() },
            Verb::PercentChange {
                by: "0.37".parse().unwrap(),
            },
        ] {
            let made = change(&plan, at(&[("region", "north")]), verb);
            plan.apply(made).unwrap();
            assert_eq!(plan.verify(), []);
            let cells = plan.level_units("pieces", 2).unwrap();
            assert_eq!((cells[0] % 12, cells[1] % 4, cells[2] % 12), (0, 0, 0));
        }
        let line = Verb::StraightLine {
            from: 30.into(),
            to: 31.into(),
        };
        plan.apply(change(&plan, at(&[("region", "south")]), line))
            .unwrap();
        // 30 is two and a half cases of tea, a half away from zero.
        assert_eq!(plan.level_units("pieces", 2).unwrap()[2..], [36, 31]);
        let odd = change(
            &plan,
            at(&[("region", "north")]),
            Verb::Basis { amount: 77.into() },
        );
        assert_eq!(
            plan.apply(odd).unwrap_err().to_string(),
            "77 at north is not a whole number of lots of 4"
        );
        let odd = change(
            &plan,
            at(&[("region", "south"), ("product", "tea")]),
            Verb::Basis { amount: 30.into() },
        );
        assert_eq!(
            plan.apply(odd).unwrap_err().to_string(),
            "30 at south / tea is not a whole number of lots of 12"
        );
    }

    #[test]
    fn verification_finds_the_cell_that_is_no_whole_case() {
        let company = Company::new();
        let def = recipe("pieces").step(cases_of_all());
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        let plan = Plan::from_units(&cascade, vec![vec![28], vec![16, 12]]).unwrap();
        let found = plan.verify();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].law, found[0].found.to_string()),
            (Law::Lot, "24".to_owned())
        );
        assert_eq!(
            Plan::from_units(&cascade, vec![vec![28], vec![24, 4]])
                .unwrap()
                .verify(),
            []
        );
    }

    #[test]
    fn lots_that_cannot_share_an_amount_are_refused() {
        let ten = member("product", "product")
            .lot(Number::from(4))
            .lot_at(at(&[("product", "tea")]), Number::from(10));
        let refused = |def: CascadeDef| run(def, 40).unwrap_err().to_string();
        assert_eq!(
            refused(recipe("pieces").step(member("person", "region")).step(ten)),
            "lots of 4 and of 10 cannot share the amount of north: neither divides the other"
        );
        assert_eq!(
            refused(recipe("pieces").step(cases_of_all().method(Method::Webster))),
            "step `product` has different lots below one node, which the method `webster` cannot keep: only largest remainder can"
        );
        let half =
            member("product", "product").lot_at(at(&[("product", "tea")]), "0.5".parse().unwrap());
        assert_eq!(
            refused(recipe("pieces").step(half)),
            "0.5 cannot be the lot of step `product`"
        );
        // Nobody can take the three pieces that no case of four holds.
        let def = recipe("pieces").step(cases_of_all());
        assert_eq!(
            run(def, 43).unwrap_err().to_string(),
            "43 at all is not a whole number of lots of 4"
        );
    }

    fn cases_of_all() -> StepDef {
        member("product", "product")
            .lot(Number::from(4))
            .lot_at(at(&[("product", "tea")]), Number::from(12))
    }

    #[test]
    fn bounds_and_lots_of_cells_are_kept_in_one_solve() {
        let bound = |member: &str, min: Option<i64>, max: Option<i64>| BoundDef {
            step: key("product"),
            at: at(&[("product", member)]),
            min: min.map(Number::from),
            max: max.map(Number::from),
        };
        let def = recipe("pieces").step(cases_of_all());
        let plan = run(def.clone().bound(bound("tea", None, Some(40))), 100).unwrap();
        // At most three cases of tea.
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [36, 64]);
        let plan = run(def.bound(bound("milk", Some(70), None)), 100).unwrap();
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [24, 76]);
        assert_eq!(plan.verify(), []);
    }
}
