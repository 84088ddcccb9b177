//! An edited sheet read back.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{FIXED, SheetCause, SheetChange, SheetDef, SheetError, SheetMistake};
use crate::allocation::NegativeWeights;
use crate::key::{Key, unknown};
use crate::plan::carry::Carry;
use crate::plan::cascade::Kind;
use crate::plan::frame::Selection;
use crate::plan::patch::{Patch, moved_cells};
use crate::plan::{
    ConstraintError, Difference, Edit, EditError, Layer, Mode, NodeId, Place, Plan, PlanError,
    Spread, Verb, ZeroBase,
};
use crate::quantity::Number;

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Step(usize),
    /// By its place among the measures of the sheet.
    Measure(usize),
    /// What may not be edited, which the plan knows itself.
    Fixed,
    Unknown,
}

/// An amount that was altered.
#[derive(Debug, Clone, Copy)]
struct Altered {
    sheet: usize,
    leaf: NodeId,
    was: i64,
    to: i64,
}

/// The sheet as far as it was read.
struct Reading<'p> {
    plan: &'p Plan,
    def: &'p SheetDef,
    based_on: u64,
    /// The plan as it stands in the sheet.
    given: Plan,
    selection: Selection,
    sheets: Vec<usize>,
    columns: Vec<Column>,
    headings: Vec<String>,
    /// By leaf, the row that is of it.
    rows: BTreeMap<NodeId, usize>,
    altered: Vec<Altered>,
    wrong: Vec<SheetMistake>,
}

impl Plan {
    /// Reads an edited sheet back, and changes nothing.
    ///
    /// `def` and `based_on` are those of the [`PlanSheet`](super::PlanSheet) that was given away, `rows` its lines, the headings first;
    /// rows and columns may stand in another order. What differs from what stood in the sheet is an edit, and all edits are made together;
    /// what was not altered stays as it is in the plan now, whatever has happened since. Totals above follow, but for those that the sheet
    /// is to keep and those that are held. A leaf without a row stays as it is, and is told.
    ///
    /// # Errors
    /// [`SheetError`] with all that is wrong, by row and column: headings, places and numbers that cannot be read; amounts that are
    /// held, closed, outside their bounds or no whole lots; amounts that the plan has moved since; totals that are not kept. What the plan refuses
    /// of all edits together is told as the last.
    pub fn read_sheet<R, C>(
        &self,
        def: &SheetDef,
        based_on: u64,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<SheetChange, SheetError>
    where
        R: AsRef<[C]>,
        C: AsRef<str>,
    {
        let whole = |error: PlanError| SheetError {
            mistakes: vec![SheetMistake::new(None, None, error)],
        };
        let (selection, sheets) = self.sheet_part(def).map_err(whole)?;
        let mut reading = Reading {
            plan: self,
            def,
            based_on,
            given: self.as_of(based_on).map_err(whole)?,
            selection,
            sheets,
            columns: Vec::new(),
            headings: Vec::new(),
            rows: BTreeMap::new(),
            altered: Vec::new(),
            wrong: Vec::new(),
        };
        let mut rows = rows.into_iter();
        match rows.next() {
            Some(headings) => reading.head(headings.as_ref()),
            None => reading.tell(None, None, SheetCause::NoHeadings),
        }
        // Below headings that cannot be read, every row would say the same again.
        if reading.wrong.is_empty() {
            for (row, cells) in rows.enumerate() {
                reading.row(row + 2, cells.as_ref());
            }
        }
        reading.change()
    }
}

impl Reading<'_> {
    fn tell(&mut self, row: Option<usize>, column: Option<&str>, cause: impl Into<SheetCause>) {
        self.wrong.push(SheetMistake::new(row, column, cause));
    }

    fn measure(&self, at: usize) -> &Key {
        &self.plan.sheets[self.sheets[at]].measure().key
    }

    fn head<C: AsRef<str>>(&mut self, cells: &[C]) {
        let steps: Vec<Key> = self.plan.frame.steps().cloned().collect();
        let measures: Vec<Key> = (0..self.sheets.len())
            .map(|at| self.measure(at).clone())
            .collect();
        for cell in cells {
            let name = cell.as_ref().trim();
            let step = steps.iter().position(|step| *step == *name);
            let measure = measures.iter().position(|measure| *measure == *name);
            let column = match (step, measure) {
                (Some(step), _) => Column::Step(step),
                (None, Some(measure)) => Column::Measure(measure),
                (None, None) if name == FIXED => Column::Fixed,
                (None, None) => Column::Unknown,
            };
            if column == Column::Unknown && !name.is_empty() {
                let known = steps.iter().chain(&measures).map(Key::as_str);
                let (name, nearest, known) = unknown(name, known.chain([FIXED]));
                self.tell(
                    Some(1),
                    None,
                    SheetCause::UnknownColumn {
                        name,
                        nearest,
                        known,
                    },
                );
            }
            if column != Column::Unknown && self.columns.contains(&column) {
                self.tell(Some(1), Some(name), SheetCause::TwoColumns);
            }
            self.columns.push(column);
            self.headings.push(name.to_owned());
        }
        let steps = steps
            .iter()
            .enumerate()
            .map(|(at, key)| (Column::Step(at), key));
        let measures = measures.iter().enumerate();
        let all = steps.chain(measures.map(|(at, key)| (Column::Measure(at), key)));
        for (column, key) in all {
            if !self.columns.contains(&column) {
                self.tell(Some(1), Some(key.as_str()), SheetCause::MissingColumn);
            }
        }
    }

    fn row<C: AsRef<str>>(&mut self, row: usize, cells: &[C]) {
        let texts: Vec<&str> = cells.iter().map(|cell| cell.as_ref().trim()).collect();
        if texts.iter().all(|text| text.is_empty()) {
            return;
        }
        let Some((leaf, place)) = self.leaf(row, &texts) else {
            return;
        };
        if let Some(other) = self.rows.insert(leaf, row) {
            self.rows.insert(leaf, other);
            self.tell(Some(row), None, SheetCause::TwoRows { place, other });
            return;
        }
        let path = self.plan.frame.path(leaf);
        let keys: Vec<&str> = path.keys().iter().map(Key::as_str).collect();
        let Ok(given) = self.given.frame.find(&keys) else {
            let based_on = self.based_on;
            self.tell(Some(row), None, SheetCause::NotThere { place, based_on });
            return;
        };
        for at in 0..self.columns.len() {
            if let Column::Measure(measure) = self.columns[at] {
                let text = texts.get(at).copied().unwrap_or_default();
                let read = self.amount(self.sheets[measure], (leaf, given), text);
                match read {
                    Ok(altered) => self.altered.extend(altered),
                    Err(cause) => {
                        let heading = self.headings[at].clone();
                        self.tell(Some(row), Some(&heading), cause);
                    }
                }
            }
        }
    }

    /// The leaf that a row is of.
    fn leaf(&mut self, row: usize, texts: &[&str]) -> Option<(NodeId, Place)> {
        let before = self.wrong.len();
        let steps: Vec<Key> = self.plan.frame.steps().cloned().collect();
        let mut named = Vec::new();
        for (at, text) in texts
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
        {
            match self.columns.get(at).copied().unwrap_or(Column::Unknown) {
                Column::Step(step) => match Key::new(text) {
                    Ok(name) => named.push((steps[step].clone(), name)),
                    Err(error) => {
                        self.tell(
                            Some(row),
                            Some(steps[step].as_str()),
                            PlanError::from(error),
                        );
                    }
                },
                Column::Unknown => {
                    let text = (*text).to_owned();
                    self.tell(Some(row), None, SheetCause::NoHeading { text });
                }
                Column::Measure(_) | Column::Fixed => {}
            }
        }
        if self.wrong.len() > before {
            return None;
        }
        let place: Place = named.into_iter().collect();
        let leaf = match self.plan.frame.node(&place) {
            Ok(leaf) => leaf,
            Err(error) => {
                self.tell(Some(row), None, error);
                return None;
            }
        };
        let frame = &self.plan.frame;
        let cause = if frame.children(leaf).len() > 0 {
            SheetCause::NotALeaf { place }
        } else if !self.is_inside(leaf, &self.selection) {
            let of = self.def.at.clone();
            SheetCause::Outside { place, of }
        } else {
            return Some((leaf, place));
        };
        self.tell(Some(row), None, cause);
        None
    }

    fn is_inside(&self, leaf: NodeId, selection: &Selection) -> bool {
        let frame = &self.plan.frame;
        let agrees = |(step, coord): &(usize, u32)| frame.coord_at(leaf, *step) == *coord;
        frame.is_at_or_below(leaf, selection.node) && selection.below.iter().all(agrees)
    }

    /// What a cell says, if that is something else than it said.
    fn amount(
        &self,
        sheet: usize,
        (leaf, given): (NodeId, NodeId),
        text: &str,
    ) -> Result<Option<Altered>, SheetCause> {
        let plan = self.plan;
        let shown = |units| plan.decimal(sheet, units);
        let (was, now) = (self.given.value(sheet, given), plan.value(sheet, leaf));
        let Some(number) = self.def.numbers.read(text)? else {
            return Err(SheetCause::Blank { was: shown(was) });
        };
        let to = plan.quanta(sheet, number)?;
        if to == was || to == now {
            return Ok(None);
        }
        if now != was {
            let (was, to, now) = (shown(was), shown(to), shown(now));
            return Err(SheetCause::MovedOn { was, to, now });
        }
        plan.check_open(
            sheet,
            &Selection {
                node: leaf,
                below: Vec::new(),
            },
        )?;
        let own = plan.sheets[sheet].cascade();
        let place = || plan.frame.path(leaf);
        let limits = own.bounds().own(leaf.level());
        let limits = limits.and_then(|bounds| bounds.get(&leaf.index()));
        if let Some(limits) = limits.filter(|limits| !limits.hold(to)) {
            return Err(PlanError::from(ConstraintError::OutsideBounds {
                place: place(),
                amount: shown(to),
                min: limits.min.map(shown),
                max: limits.max.map(shown),
            })
            .into());
        }
        let lot = own.lots().at(leaf);
        if !lot.divides(to) {
            return Err(PlanError::from(ConstraintError::NotWholeLots {
                place: place(),
                amount: shown(to),
                lot: shown(lot.quanta()),
            })
            .into());
        }
        Ok(Some(Altered {
            sheet,
            leaf,
            was,
            to,
        }))
    }

    fn change(mut self) -> Result<SheetChange, SheetError> {
        self.check_kept();
        if self.wrong.is_empty() {
            let edits: Vec<Edit> = self.altered.iter().map(|own| self.edit(own)).collect();
            let mut after = self.plan.without_history();
            match after.make(&edits) {
                Ok(made) => {
                    return Ok(SheetChange {
                        based_on: self.plan.version(),
                        edits,
                        differences: self.differences(&after, &made.patches),
                        missing: self.missing(),
                    });
                }
                Err(error) => self.wrong.extend(self.told_of(error)),
            }
        }
        Err(SheetError {
            mistakes: self.wrong,
        })
    }

    fn edit(&self, own: &Altered) -> Edit {
        let amount = Number::from(self.plan.decimal(own.sheet, own.to));
        Edit::Spread(Spread {
            measure: self.plan.sheets[own.sheet].measure().key.clone(),
            at: self.plan.frame.place(own.leaf),
            verb: Verb::Proportional { amount },
            mode: Mode::default(),
            zero_base: ZeroBase::default(),
            negative_base: NegativeWeights::default(),
            carry: Carry::default(),
            layer: Layer::Base,
        })
    }

    fn missing(&self) -> Vec<Place> {
        let mut leaves = self.plan.leaves_of(&self.selection);
        leaves.retain(|leaf| !self.rows.contains_key(leaf));
        leaves.sort_by_cached_key(|leaf| self.plan.in_order(*leaf));
        leaves
            .into_iter()
            .map(|leaf| self.plan.frame.place(leaf))
            .collect()
    }

    fn differences(&self, after: &Plan, patches: &[Patch]) -> Vec<Difference> {
        let cells = moved_cells(patches).into_iter();
        let differences = cells.map(|((sheet, level, index), by)| {
            let node = NodeId::new(level, index);
            after.difference(
                (sheet, node),
                after.value(sheet, node),
                by,
                vec![self.plan.version() + 1],
            )
        });
        differences.collect()
    }

    /// By how much the rows move each measure below a place.
    fn moved_below(&self, is_below: impl Fn(NodeId) -> bool) -> Vec<i128> {
        let mut moved = vec![0; self.plan.sheets.len()];
        for own in self.altered.iter().filter(|own| is_below(own.leaf)) {
            moved[own.sheet] += i128::from(own.to) - i128::from(own.was);
        }
        moved
    }

    fn check_kept(&mut self) {
        for place in &self.def.keeps {
            let kept = match self.plan.frame.select(place) {
                Ok(kept) => kept,
                Err(error) => {
                    let mistake = SheetMistake::new(None, Some("keeps"), error);
                    self.wrong.push(mistake);
                    continue;
                }
            };
            let moved = self.moved_below(|leaf| self.is_inside(leaf, &kept));
            for sheet in &self.sheets {
                let own = &self.plan.sheets[*sheet];
                let column = Some(own.measure().key.as_str());
                if !matches!(own.cascade().kind(), Kind::Flow) {
                    let error = PlanError::NotForKind {
                        measure: own.measure().key.clone(),
                        kind: own.cascade().kind().name(),
                        what: "keeping the total of a place",
                    };
                    self.wrong.push(SheetMistake::new(None, column, error));
                } else if moved[*sheet] != 0 {
                    let leaves = self.plan.leaves_of(&kept).into_iter();
                    let amounts = leaves.map(|leaf| i128::from(self.plan.value(*sheet, leaf)));
                    let cause = SheetCause::NotKept {
                        place: place.clone(),
                        total: self.wide(*sheet, amounts.sum()),
                        by: self.wide(*sheet, moved[*sheet]),
                    };
                    self.wrong.push(SheetMistake::new(None, column, cause));
                }
            }
        }
    }

    /// All held totals that the rows move, or the error itself where it is of another kind.
    fn told_of(&self, error: PlanError) -> Vec<SheetMistake> {
        let mut told = Vec::new();
        if matches!(error, PlanError::Edit(EditError::HeldAbove { .. })) {
            for (sheet, own) in self.plan.sheets.iter().enumerate() {
                for (node, held) in own.held_amounts() {
                    let by =
                        self.moved_below(|leaf| self.plan.frame.is_at_or_below(leaf, node))[sheet];
                    if by != 0 {
                        let cause = SheetCause::HeldAbove {
                            place: self.plan.frame.path(node),
                            held: self.plan.decimal(sheet, held),
                            by: self.wide(sheet, by),
                        };
                        let column = Some(own.measure().key.as_str());
                        told.push(SheetMistake::new(None, column, cause));
                    }
                }
            }
        }
        if told.is_empty() {
            told.push(SheetMistake::new(None, None, error));
        }
        told
    }

    /// An amount of any size.
    fn wide(&self, sheet: usize, units: i128) -> Decimal {
        let quantum = self.plan.decimal(sheet, 1);
        let units = Decimal::try_from_i128_with_scale(units, 0).ok();
        units
            .and_then(|units| units.checked_mul(quantum))
            .unwrap_or(Decimal::MAX)
    }
}
