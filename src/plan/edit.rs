//! Changes applied: spreading, holding, closing, and what happens above.

mod above;
mod admit;
mod amounts;
mod assign;
mod carry_forward;
mod rating;
mod reallocate;
mod reconcile;
mod slice;
mod standing;
mod stock;
mod stretch;
mod verbs;

use chrono::NaiveDate;

use super::cascade::Kind;
use super::frame::Selection;
use super::link::Followed;
use super::lots::LotSize;
use super::patch::{Entry, Made, Patch};
use super::prescribed::Prescribed;
use super::respread::{Outside, Shares};
use super::sequence::{growth, straight_line};
use super::{
    BasisError, ConstraintError, EditError, Handed, Layer, NodeId, Place, Plan, PlanError,
    Reallocation, ZeroBase,
};
use super::{
    carry::Carry,
    change::{Change, Edit, Mode, RepeatCells, Spread, Verb},
};
use crate::allocation::NegativeWeights;
use crate::quantity::{Number, Ratio};
use reallocate::Shifts;

/// How a spread is to be done, apart from its place and verb.
#[derive(Debug, Clone, Copy)]
struct Manner {
    sheet: usize,
    mode: Mode,
    zero_base: ZeroBase,
    negative_base: NegativeWeights,
    layer: Layer,
}

impl Plan {
    /// Makes a change, and returns the version that it leads to.
    ///
    /// All of its edits are made, or none. The cost is proportional to what changes: the cells below the edited places,
    /// and one for each level above them.
    ///
    /// ```
    /// # use quotaflow::measure::{Measure, Measures};
    /// # use quotaflow::plan::{Cascade, CascadeDef, Change, Edit, Place, Sources, Spread, StepDef, Verb};
    /// # use quotaflow::quantity::{Number, Quantum};
    /// # use quotaflow::space::{DimensionDef, Space};
    /// # use quotaflow::{calendar::DayRange, document::Version, key::Key};
    /// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
    /// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy"])?])?;
    /// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    /// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, year).step(StepDef::member("person", "person")?);
    /// # let mut plan = Cascade::compile(def, &Sources::new(&measures, &space))?.run(60.into())?;
    /// let bo = Place::whole().at("person", "bo")?;
    /// let verb = Verb::Proportional { amount: Number::from(30) };
    /// let version = plan.apply(Change {
    ///     version: Version::default(),
    ///     by: Key::new("ann")?,
    ///     at: "2026-01-05T09:30:00".parse()?,
    ///     reason: "a new key account".to_owned(),
    ///     based_on: plan.version(),
    ///     edits: vec![Edit::Spread(Spread::new("sales", bo, verb)?.keeping(Place::whole()))],
    /// })?;
    /// assert_eq!((version, plan.units("sales", "person")?), (1, &[15, 30, 15][..]));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`EditError::Stale`] with what changed meanwhile; [`EditError::Held`], [`EditError::HeldAbove`],
    /// [`EditError::Closed`], [`EditError::Open`], [`EditError::NothingFree`], [`EditError::HeldExceeds`], [`EditError::ZeroBase`],
    /// [`EditError::MixedSigns`], [`EditError::Contradicted`], [`ConstraintError::OutsideBounds`] and others with the place. The plan is then unchanged.
    pub fn apply(&mut self, change: Change) -> Result<u64, PlanError> {
        self.check_version(change.based_on)?;
        let made = self.make(&change.edits)?;
        self.history.push(Entry {
            change,
            patches: made.patches,
            handed: made.handed,
            dropped: made.dropped,
        });
        Ok(self.version())
    }

    /// Makes edits, all or none, and returns what they wrote and what they tell.
    pub(super) fn make(&mut self, edits: &[Edit]) -> Result<Made, PlanError> {
        let mut made = Made::default();
        match self.make_in(edits, &mut made) {
            Ok(()) => Ok(made),
            Err(error) => {
                self.roll_back(made.patches);
                Err(error)
            }
        }
    }

    fn make_in(&mut self, edits: &[Edit], made: &mut Made) -> Result<(), PlanError> {
        let Made {
            patches: journal,
            handed,
            dropped,
        } = made;
        Self::check_between(edits)?;
        // Who is new is there before anything is edited, so that all edits are of one structure.
        for edit in edits {
            if let Edit::Join(joining) | Edit::Launch(joining) = edit
                && let Some(new) = &joining.new
            {
                self.admit(joining, new, journal)?;
            }
        }
        // What ratios are before anything moves.
        let mut ratios = Vec::with_capacity(edits.len());
        for edit in edits {
            ratios.push(match edit {
                Edit::Ratio(edit) => {
                    self.ratio(edit.measure.as_str(), self.frame.node(&edit.at)?)?
                }
                _ => None,
            });
        }
        // What a change edits itself is left as it says, whatever is linked to it.
        let mut followed = Followed::default();
        if !self.quotients.is_empty() {
            let own = edits.iter().filter_map(|edit| match edit {
                Edit::Spread(spread) => self.sheet_index(spread.measure.as_str()).ok(),
                Edit::Reconcile(asked) => self.sheet_index(asked.measure.as_str()).ok(),
                Edit::Reallocate(asked) => self.sheet_index(asked.measure.as_str()).ok(),
                Edit::CarryForward(asked) => self.sheet_index(asked.measure.as_str()).ok(),
                _ => None,
            });
            followed.settled.extend(own);
        }
        // What reallocations decide, all of them from one state.
        let mut shifts = None;
        for (index, (edit, ratio)) in edits.iter().zip(ratios).enumerate() {
            let mark = journal.len();
            let mut told =
                |done: Result<Vec<Handed>, PlanError>| done.map(|done| handed.extend(done));
            let done = match edit {
                Edit::Spread(spread) => self.spread(spread, journal).and_then(|()| {
                    let edited = self.sheet_index(spread.measure.as_str())?;
                    self.follow(edited, None, &mut followed, mark, journal)
                }),
                Edit::Reconcile(asked) => self
                    .reconcile(asked, journal)
                    .and_then(|edited| self.follow(edited, None, &mut followed, mark, journal)),
                Edit::Reallocate(asked) => {
                    if shifts.is_none() {
                        let found = self.shifts(edits, index)?;
                        dropped.extend(found.dropped().cloned());
                        shifts = Some(found);
                    }
                    let found = shifts.get_or_insert_default();
                    self.shift(found, index, journal).and_then(|()| {
                        let edited = self.sheet_index(asked.measure.as_str())?;
                        self.follow(edited, None, &mut followed, mark, journal)
                    })
                }
                Edit::CarryForward(asked) => self
                    .carry(asked, &edits[..index], journal)
                    .and_then(|edited| self.follow(edited, None, &mut followed, mark, journal)),
                Edit::Ratio(edit) => self.set_ratio(edit, ratio, &mut followed, journal),
                Edit::Hold(hold) => self.hold(hold, true, journal),
                Edit::Release(hold) => self.hold(hold, false, journal),
                Edit::Stretch(edit) => self.edit_stretch(edit, journal),
                Edit::Join(edit) | Edit::Launch(edit) => told(self.arrive(edit, journal)),
                Edit::Leave(edit) | Edit::End(edit) => told(self.depart(edit, journal)),
                Edit::Absent(edit) => told(self.be_absent(edit, journal)),
                Edit::Move(edit) => told(self.relocate(edit, journal)),
                Edit::Swap(edit) => told(self.exchange(edit, journal)),
                Edit::Split(edit) => told(self.divide(edit, journal)),
                Edit::Merge(edit) => told(self.merge(edit, journal)),
                Edit::Close { before } => self.close(*before, journal),
                Edit::Reopen { from } => self.reopen(*from, journal),
                Edit::Revert { to } => self.revert(*to, journal),
            };
            done?;
            if !matches!(edit, Edit::Revert { .. }) {
                self.follow_base(mark, journal)?;
            }
        }
        self.check_moved(&followed, journal)
    }

    /// Says whether what was found of one reallocation can be made, all that follows it included, and makes nothing.
    fn check_shifts(&self, asked: &Reallocation, shifts: &Shifts) -> Result<(), PlanError> {
        let (mut tried, mut journal) = (self.without_history(), Vec::new());
        let mut followed = Followed::default();
        let edited = self.sheet_index(asked.measure.as_str())?;
        if !self.quotients.is_empty() {
            followed.settled.extend([edited]);
        }
        tried.shift(shifts, 0, &mut journal)?;
        tried.follow(edited, None, &mut followed, 0, &mut journal)?;
        tried.check_moved(&followed, &journal)
    }

    /// Says whether a node is held.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`].
    pub fn is_held(&self, measure: &str, node: NodeId) -> Result<bool, PlanError> {
        Ok(self.sheet(measure)?.is_held(node))
    }

    /// Returns the day before which periods are closed, if any are: the end of the last closed one.
    #[must_use]
    pub fn closed_before(&self) -> Option<NaiveDate> {
        self.closed_before
    }

    /// Says whether what a change moved holds, measure by measure, those that follow others last.
    fn check_moved(&self, followed: &Followed, journal: &[Patch]) -> Result<(), PlanError> {
        let mut sheets: Vec<usize> = (0..self.sheets.len()).collect();
        sheets.sort_by_key(|sheet| followed.follows(*sheet));
        sheets.into_iter().try_for_each(|sheet| {
            self.check_held(sheet, journal)
                .and_then(|()| self.check_bounds(sheet, journal))
                .and_then(|()| self.check_prescribed(sheet, journal))
                .and_then(|()| self.check_stretches(sheet, journal))
                .map_err(|error| self.told_of(sheet, followed, error))
        })
    }

    /// Says whether what a change moved of a measure is inside its bounds.
    fn check_bounds(&self, sheet: usize, journal: &[Patch]) -> Result<(), PlanError> {
        let moved = |patch: &Patch| {
            patch
                .moved()
                .or_else(|| patch.reassigned())
                .map(|own| (own.0, own.1, own.2, own.3.len()))
        };
        let moved = journal.iter().filter_map(moved);
        for (_, level, start, len) in moved.filter(|(own, ..)| *own == sheet) {
            let run = start..start + len;
            let own = &self.sheets[sheet];
            self.check_lots(sheet, level, run.clone())?;
            let Some(bounds) = own.cascade().bounds().own(level) else {
                continue;
            };
            for (index, limits) in bounds.range(run) {
                let node = NodeId::new(level, *index);
                let layers = [own.amounts().at(node), own.amounts().assigned_at(node)];
                if let Some(amount) = layers.into_iter().find(|amount| !limits.hold(*amount)) {
                    let shown = |limit: Option<i64>| limit.map(|limit| self.decimal(sheet, limit));
                    return Err(PlanError::Constraint(ConstraintError::OutsideBounds {
                        place: self.frame.path_at(level, *index),
                        amount: self.decimal(sheet, amount),
                        min: shown(limits.min),
                        max: shown(limits.max),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Says whether amounts are whole numbers of lots.
    fn check_lots(
        &self,
        sheet: usize,
        level: usize,
        run: std::ops::Range<usize>,
    ) -> Result<(), PlanError> {
        let own = &self.sheets[sheet];
        if level == 0 || own.cascade().lots().of_level(level) == Some(LotSize::ONE) {
            return Ok(());
        }
        let amounts = run.clone().zip(&own.amounts().level(level)[run]);
        for (index, amount) in amounts {
            let lot = own.cascade().lots().at(NodeId::new(level, index));
            if !lot.divides(*amount) {
                return Err(PlanError::Constraint(ConstraintError::NotWholeLots {
                    place: self.frame.path_at(level, index),
                    amount: self.decimal(sheet, *amount),
                    lot: self.decimal(sheet, lot.quanta()),
                }));
            }
        }
        Ok(())
    }

    /// Says whether what a change moved of a measure keeps the totals that are prescribed across nodes.
    fn check_prescribed(&self, number: usize, journal: &[Patch]) -> Result<(), PlanError> {
        let sheet = &self.sheets[number];
        let paths = sheet.cascade().kind().paths();
        for (node, amount) in paths.iter().flat_map(|paths| paths.waypoints.iter()) {
            let found = self.value(number, node);
            if found != amount {
                return Err(PlanError::Constraint(ConstraintError::PrescribedBroken {
                    place: self.frame.path(node),
                    expected: self.decimal(number, amount),
                    found: self.decimal(number, found),
                }));
            }
        }
        for (step, node, columns) in sheet.cascade().prescribed().iter() {
            let moved = |patch: &Patch| {
                patch
                    .moved()
                    .is_some_and(|(sheet, level, _, _)| sheet == number && level == step + 1)
            };
            if !journal.iter().any(moved) {
                continue;
            }
            let values = sheet.amounts().levels();
            let sums = Prescribed::sums(&self.frame, (step, node), columns, values);
            for (column, limits, sum) in sums {
                let found = i64::try_from(sum).unwrap_or(i64::MAX);
                if limits.hold(found) {
                    continue;
                }
                let (place, shown) = (self.frame.column_path(node, step, column), |units| {
                    self.decimal(number, units)
                });
                return Err(PlanError::Constraint(match limits.exact() {
                    Some(total) => ConstraintError::PrescribedBroken {
                        place,
                        expected: shown(total),
                        found: shown(found),
                    },
                    None => ConstraintError::OutsideBounds {
                        place,
                        amount: shown(found),
                        min: limits.min.map(shown),
                        max: limits.max.map(shown),
                    },
                }));
            }
        }
        Ok(())
    }

    pub(super) fn spread(
        &mut self,
        spread: &Spread,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = self.sheet_index(spread.measure.as_str())?;
        let mut selection = self.frame.select(&spread.at)?;
        // The cells of a rating are set one by one, wherever they stand.
        if !matches!(self.sheets[sheet].cascade().kind(), Kind::Rating) {
            selection = self.narrowed(selection);
        }
        self.check_open(sheet, &selection)?;
        let manner = Manner {
            sheet,
            mode: spread.mode,
            zero_base: spread.zero_base,
            negative_base: spread.negative_base,
            layer: spread.layer,
        };
        match self.sheets[sheet].cascade().kind() {
            Kind::Flow => {}
            Kind::Stock(_) => return self.spread_stock(manner, &selection, spread, journal),
            Kind::Rating => return self.spread_rating(manner, &selection, spread, journal),
        }
        let mark = journal.len();
        let (verb, asked) = self.in_base(manner, &selection, &spread.verb)?;
        let before = self.value(sheet, selection.node);
        self.set(manner, &selection, (&verb, &spread.at), journal)?;
        let after = self.value(sheet, selection.node);
        match &spread.carry {
            Carry::Up => self.carry_up(sheet, &selection, before, after, journal)?,
            Carry::Keep(above) => self.keep(manner, &selection, above, before, after, journal)?,
        }
        match asked {
            Some(asked) => self.assign_in_all(sheet, &selection, asked, mark, journal),
            None => Ok(()),
        }
    }

    pub(super) fn sheet_index(&self, measure: &str) -> Result<usize, PlanError> {
        let found = self
            .sheets
            .iter()
            .position(|sheet| sheet.measure().key == *measure);
        found.ok_or_else(|| self.unknown_measure(measure))
    }

    pub(super) fn value(&self, sheet: usize, node: NodeId) -> i64 {
        self.sheets[sheet].amounts().at(node)
    }

    pub(super) fn quanta(&self, sheet: usize, amount: Number) -> Result<i64, PlanError> {
        Ok(self.sheets[sheet]
            .measure()
            .quantum
            .units(amount.decimal())?)
    }

    /// Returns the lot of each child of a node.
    fn lots_below(&self, sheet: usize, node: NodeId) -> Vec<LotSize> {
        let lots = self.sheets[sheet].cascade().lots();
        self.frame
            .children(node)
            .map(|child| lots.at(child))
            .collect()
    }

    pub(super) fn decimal(&self, sheet: usize, units: i64) -> rust_decimal::Decimal {
        self.sheets[sheet].measure().quantum.amount(units)
    }

    pub(super) fn check_open(&self, sheet: usize, selection: &Selection) -> Result<(), PlanError> {
        let node = selection.node;
        let whole = selection.below.is_empty();
        if whole && self.sheets[sheet].is_held(node) {
            return Err(PlanError::Edit(EditError::Held {
                place: self.frame.path(node),
            }));
        }
        match self.closed_before {
            Some(before) if self.closed.get(node.level(), node.index()) => {
                Err(PlanError::Edit(EditError::Closed {
                    place: self.frame.path(node),
                    before,
                }))
            }
            _ => Ok(()),
        }
    }

    /// Sets the amounts at and below a selection, not above it.
    fn set(
        &mut self,
        manner: Manner,
        selection: &Selection,
        (verb, at): (&Verb, &Place),
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        match verb {
            Verb::Proportional { amount } => {
                let amount = self.quanta(sheet, *amount)?;
                self.set_total(manner, selection, amount, &Shares::Proportional, journal)
            }
            Verb::Equal { amount } => {
                let amount = self.quanta(sheet, *amount)?;
                self.set_total(manner, selection, amount, &Shares::Equal, journal)
            }
            Verb::EqualLeaves { amount } => {
                let amount = self.quanta(sheet, *amount)?;
                self.set_total(manner, selection, amount, &Shares::EqualLeaves, journal)
            }
            Verb::Basis { amount } => {
                let amount = self.quanta(sheet, *amount)?;
                self.set_total(manner, selection, amount, &Shares::Basis, journal)
            }
            Verb::Relative { amount, to } => {
                let amount = self.quanta(sheet, *amount)?;
                let shares = self.like(sheet, selection, to)?;
                self.set_total(manner, selection, amount, &shares, journal)
            }
            Verb::Repeat { amount, cells } => {
                let amount = self.quanta(sheet, *amount)?;
                self.set_leaves(manner, selection, amount, *cells, journal)
            }
            Verb::Clear => {
                let manner = Manner {
                    mode: Mode::Replace,
                    ..manner
                };
                self.set_leaves(manner, selection, 0, RepeatCells::All, journal)
            }
            Verb::PercentChange { by } => self.set_percent(manner, selection, *by, journal),
            Verb::StraightLine { from, to } => {
                let (from, to) = (self.quanta(sheet, *from)?, self.quanta(sheet, *to)?);
                let (node, _) = self.row(selection, at)?;
                let amounts =
                    straight_line(from, to, &self.lots_below(sheet, node)).ok_or_else(|| {
                        PlanError::OutOfRange {
                            place: self.frame.path(node),
                        }
                    })?;
                self.set_children(manner, selection.node, node, &amounts, journal)
            }
            Verb::Growth { start, by, of } => {
                let start = self.quanta(sheet, *start)?;
                let (node, _) = self.row(selection, at)?;
                let amounts = growth(start, *by, *of, &self.lots_below(sheet, node))?;
                self.set_children(manner, selection.node, node, &amounts, journal)
            }
            Verb::Pattern { amount, pattern } => {
                let amount = self.quanta(sheet, *amount)?;
                let (node, count) = self.row(selection, at)?;
                if pattern.parts().is_empty() {
                    let amounts = vec![amount; count];
                    return self.set_children(manner, selection.node, node, &amounts, journal);
                }
                let parts: Vec<Ratio> = pattern
                    .parts()
                    .iter()
                    .cycle()
                    .take(count)
                    .copied()
                    .collect();
                let first = whole_parts(&parts).ok_or_else(|| {
                    PlanError::Basis(BasisError::WeightTooFine {
                        place: self.frame.path(node),
                    })
                })?;
                let below = Selection {
                    node,
                    below: Vec::new(),
                };
                let before = self.value(sheet, node);
                self.set_total(manner, &below, amount, &Shares::First(first), journal)?;
                let after = self.value(sheet, node);
                self.pass_up(sheet, node, selection.node, before, after, journal)
            }
        }
    }
}

/// Returns whole numbers in the proportions of these ratios.
fn whole_parts(parts: &[Ratio]) -> Option<Vec<i128>> {
    let mut scale = 1_i128;
    for part in parts {
        let common = crate::quantity::gcd(scale.unsigned_abs(), part.denominator().unsigned_abs());
        scale = (scale / i128::try_from(common).ok()?).checked_mul(part.denominator())?;
    }
    parts
        .iter()
        .map(|part| part.numerator().checked_mul(scale / part.denominator()))
        .collect()
}

fn outside(selection: &Selection) -> Outside<'_> {
    if selection.below.is_empty() {
        Outside::Nothing
    } else {
        Outside::Others(&selection.below)
    }
}

#[cfg(test)]
mod tests;
