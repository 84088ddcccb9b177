//! What a pipeline adds to a panel. `panel` lists the columns of all rooms in one table.

use chrono::NaiveDate;

use super::error::FunnelError;
use super::funnel::{Funnel, StageKind};
use super::journey::{Journey, MoveKind, Opportunity};
use super::pipeline::Pipeline;
use super::value::Chances;
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason, RollUp, Told, parts};
use crate::quantity::{Quantum, Ratio, Rounding, divide};
use crate::space::RowId;

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    entered: i64,
    won: i64,
    lost: i64,
    won_value: i128,
    won_days: i128,
    backward: i64,
    skips: i64,
    not_allowed: i64,
    open: i64,
    open_value: i128,
    stuck: i64,
    slipped: i64,
    without_chance: i64,
    weighted: Option<Ratio>,
    /// Whether the period has begun.
    begun: bool,
}

impl Cell {
    /// What stands at the end of a period is not known before the period begins.
    fn standing(&self, told: Told) -> Told {
        if self.begun {
            told
        } else {
            Err(Reason::NotYetDue)
        }
    }
}

pub(super) fn small(wide: i128) -> Told {
    i64::try_from(wide).map_err(|_| Reason::OutOfRange)
}

impl Pipeline<'_> {
    /// Gives columns of what happened and of what stands, owner by owner or rolled up to teams or to the whole.
    ///
    /// What happened in the period: `<name>.entered` (begun), `<name>.won`, `<name>.lost`, `<name>.backward`, `<name>.skips` and
    /// `<name>.not_allowed` (moves) as counts, `<name>.won_value` (in `unit`), `<name>.win_rate` (won of won and lost),
    /// `<name>.cycle_days` (mean days from the first stage to the good end) and `<name>.velocity` (value a day: open at the end
    /// x win rate x mean value won / mean cycle). An end belongs to the period in which it was entered, as long as it
    /// was not left again.
    ///
    /// What stands at the end of the period, or as of the pipeline's day while it runs: `<name>.open`, `<name>.stuck` (open
    /// longer than the norm of the stage), `<name>.slipped` (open beyond the day on which its owner expects it to close)
    /// as counts, `<name>.open_value`, `<name>.weighted_value` (by `chances`, rounded once, half away from zero) in `unit`,
    /// `<name>.stuck_share` (of those open) and `<name>.without_chance` (left out of the weighted value). Values and expected
    /// days are those that are known now.
    ///
    /// Each move, end and open opportunity counts once, to whom its owner's day rolls up: that of the move, of the end, of the
    /// end of the period. Rates and means of a team are those of all its opportunities together. Opportunities whose
    /// owner is not in the panel are left out; those without an owner count to the unassigned member of a level and to
    /// the whole. Periods that begin after the pipeline's day are not yet due.
    ///
    /// # Errors
    /// [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        unit: &Unit,
        quantum: Quantum,
        chances: &Chances,
        to: RollUp<'_>,
    ) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let mut cells = vec![Cell::default(); panel.cells()];
            for period in panel.periods() {
                let begun = period.start <= self.as_of();
                for subject in panel.subjects().ids() {
                    if let Some(cell) = cell_of(panel, subject, period.id, &mut cells) {
                        cell.begun = begun;
                        cell.weighted = Some(Ratio::ZERO);
                    }
                }
            }
            for (opportunity, journey) in self.ways() {
                let owner = opportunity.owner.as_ref();
                let row = |day| to.row(panel, owner, day);
                self.count_moves(opportunity, journey, row, panel, &mut cells);
                for period in panel.periods() {
                    if period.start > self.as_of() {
                        break;
                    }
                    let last = period
                        .end
                        .pred_opt()
                        .unwrap_or(period.end)
                        .min(self.as_of());
                    let row = row(last);
                    if let Some(cell) =
                        row.and_then(|row| cell_of(panel, row, period.id, &mut cells))
                    {
                        count_open(self.funnel(), opportunity, journey, last, chances, cell);
                    }
                }
            }
            tell(name, unit, quantum, &cells)
        }
    }

    fn count_moves(
        &self,
        opportunity: &Opportunity,
        journey: &Journey,
        row: impl Fn(NaiveDate) -> Option<RowId>,
        panel: &Panel,
        cells: &mut [Cell],
    ) {
        let at = |day| panel.cell(row(day)?, panel.periods().on(day)?).ok();
        for visit in &journey.visits {
            let Some(cell) = at(visit.entered).and_then(|at| cells.get_mut(at)) else {
                continue;
            };
            cell.backward += i64::from(visit.by == MoveKind::Backward);
            cell.skips += i64::from(matches!(visit.by, MoveKind::Skip { .. }));
            cell.not_allowed += i64::from(!visit.allowed);
        }
        let Some((begun, now)) = journey.begun().zip(journey.current()) else {
            return;
        };
        if let Some(cell) = at(begun).and_then(|at| cells.get_mut(at)) {
            cell.entered += 1;
        }
        let Some(cell) = at(now.entered).and_then(|at| cells.get_mut(at)) else {
            return;
        };
        match self.funnel().kind(now.stage) {
            Some(StageKind::Won) => {
                cell.won += 1;
                cell.won_value += i128::from(opportunity.value);
                cell.won_days += i128::from((now.entered - begun).num_days());
            }
            Some(StageKind::Lost) => cell.lost += 1,
            Some(StageKind::Open) | None => {}
        }
    }
}

pub(super) fn cell_of<'c, T>(
    panel: &Panel,
    subject: RowId,
    period: PeriodId,
    cells: &'c mut [T],
) -> Option<&'c mut T> {
    let at = panel.cell(subject, period).ok()?;
    cells.get_mut(at)
}

/// Counts what stands at the end of a day.
fn count_open(
    funnel: &Funnel,
    opportunity: &Opportunity,
    journey: &Journey,
    last: NaiveDate,
    chances: &Chances,
    cell: &mut Cell,
) {
    let visit = journey
        .visits
        .iter()
        .find(|visit| visit.entered <= last && visit.left.is_none_or(|left| left > last));
    let Some(visit) = visit.filter(|visit| funnel.kind(visit.stage) == Some(StageKind::Open))
    else {
        return;
    };
    cell.open += 1;
    cell.open_value += i128::from(opportunity.value);
    let norm = funnel
        .stages()
        .get(visit.stage.index())
        .and_then(|stage| stage.norm_days);
    let days = (last - visit.entered).num_days();
    cell.stuck += i64::from(norm.is_some_and(|norm| days > i64::from(norm)));
    cell.slipped += i64::from(opportunity.closes.is_some_and(|day| day < last));
    match chances.of(visit.stage) {
        None => cell.without_chance += 1,
        Some(chance) => {
            let value = chance.checked_mul(Ratio::from(opportunity.value)).ok();
            cell.weighted = cell
                .weighted
                .zip(value)
                .and_then(|(sum, value)| sum.checked_add(value).ok());
        }
    }
}

fn tell(
    name: &Key,
    unit: &Unit,
    quantum: Quantum,
    cells: &[Cell],
) -> Result<Vec<Column>, FunnelError> {
    let named = ColumnBuilder::new(name, cells);
    let happened = |what: &str, of: fn(&Cell) -> i64, better: Direction| {
        let column = named.counts(what, |cell| Ok(of(cell)));
        column.map(|column| column.better(better))
    };
    let stands = |what: &str, of: fn(&Cell) -> i64, better: Direction| {
        let column = named.counts(what, |cell| cell.standing(Ok(of(cell))));
        column.map(|column| column.better(better))
    };
    let value = |what: &str, of: fn(&Cell) -> Told| named.amounts(what, unit.clone(), quantum, of);
    let cycle = named.quotients("cycle_days", Unit::Day, Ratio::ONE, |cell| {
        parts(cell.won_days, i128::from(cell.won))
    })?;
    let velocity = named.quotients(
        "velocity",
        unit.clone().per(Unit::Day),
        quantum.ratio(),
        Cell::velocity,
    )?;
    Ok(vec![
        happened("entered", |cell| cell.entered, Direction::Larger)?,
        happened("won", |cell| cell.won, Direction::Larger)?,
        happened("lost", |cell| cell.lost, Direction::Smaller)?,
        happened("backward", |cell| cell.backward, Direction::Smaller)?,
        happened("skips", |cell| cell.skips, Direction::Neutral)?,
        happened("not_allowed", |cell| cell.not_allowed, Direction::Smaller)?,
        value("won_value", |cell| small(cell.won_value))?,
        named.shares("win_rate", |cell| Ok((cell.won, cell.won + cell.lost)))?,
        cycle.better(Direction::Smaller),
        velocity,
        stands("open", |cell| cell.open, Direction::Neutral)?,
        stands("stuck", |cell| cell.stuck, Direction::Smaller)?,
        stands("slipped", |cell| cell.slipped, Direction::Smaller)?,
        stands(
            "without_chance",
            |cell| cell.without_chance,
            Direction::Smaller,
        )?,
        value("open_value", |cell| cell.standing(small(cell.open_value)))?,
        value("weighted_value", |cell| cell.standing(cell.weighted()))?,
        named
            .shares("stuck_share", |cell| {
                Ok((cell.standing(Ok(cell.stuck))?, cell.open))
            })?
            .better(Direction::Smaller),
    ])
}

impl Cell {
    fn weighted(&self) -> Told {
        let exact = self.weighted.ok_or(Reason::OutOfRange)?;
        divide(
            exact.numerator(),
            exact.denominator(),
            Rounding::HalfAwayFromZero,
        )
        .map_or(Err(Reason::OutOfRange), small)
    }

    /// Open x (won / (won + lost)) x (value won / won) / (days / won).
    fn velocity(&self) -> Result<(i64, i64), Reason> {
        let open = i128::from(self.standing(Ok(self.open))?);
        let (won, closed) = (i128::from(self.won), i128::from(self.won + self.lost));
        let top = open
            .checked_mul(won)
            .and_then(|product| product.checked_mul(self.won_value));
        let bottom = closed.checked_mul(self.won_days);
        let (top, bottom) = top.zip(bottom).ok_or(Reason::OutOfRange)?;
        parts(top, bottom)
    }
}
