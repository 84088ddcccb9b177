//! How often the growth that a target asks for was ever reached, and whether its season is that of the year before.

use super::error::StatisticsError;
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{
    Column, ColumnBuilder, ColumnKey, Columns, Figures, Panel, Parts, Reason, Role, Told, parts,
};
use crate::quantity::{Quantity, Quantum};
use crate::space::RowId;

/// What is told of one target.
#[derive(Debug, Clone, Copy)]
struct Cell {
    known: Told,
    reached: Told,
    shift: Parts,
}

/// Gives what the own history of each row says of its targets, for every period that has one:
///
/// | column | what it is |
/// |---|---|
/// | `<metric>.growth_known` | of how many earlier periods it is known how much more there was than a year before them |
/// | `<metric>.growth_reached` | in how many of these it was at least as much as this target asks for over a year before it; at most, where less is better |
/// | `<metric>.season_shift` | the part that this target is of all targets of its year, as a share of the part that the period a year before was of the year before: 1 keeps the season |
///
/// Growth is compared and not amounts, so that a high season is held against high seasons: "reached in 3 of 12 quarters". A period a year
/// before is the one that holds the day one year before the middle of this one; what is not over by the day of the panel is no history. Without a figure
/// above zero a year before there is no base.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// use quotaflow::statistics::target_history_columns;
/// let halves = Calendar::gregorian().periods(Grain::Half, "2023-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), halves).as_of_day("2025-12-31".parse()?);
/// // 10 % more in every half than a year before, but 20 % in the last one; 15 % more are asked for, all of it in the first half.
/// let (sold, targets) = (vec![100, 200, 110, 220, 121, 264, 0, 0], vec![0, 0, 0, 0, 0, 0, 179, 264]);
/// for (key, units) in [(ColumnKey::actual("sales")?, sold), (ColumnKey::target("sales")?, targets)] {
///     panel.add(Column::amounts(key, "money:EUR".parse()?, Quantum::ONE, units))?;
/// }
/// panel.extend(target_history_columns(&ColumnKey::actual("sales")?))?;
/// let told = |column: &str| panel.get(column, [""; 0], "2026-H1").map(|answer| answer.to_string());
/// assert_eq!(told("sales.growth_known")?, "4 period");
/// assert_eq!(told("sales.growth_reached")?, "0 period");
/// assert_eq!(told("sales.season_shift")?, "128.6%");
/// # Ok::<(), quotaflow::Error>(())
/// ```
///
/// # Errors
/// [`StatisticsError::Panel`] where the panel has not both columns; [`StatisticsError::NotAmounts`] where one has quotients.
pub fn target_history_columns(metric: &ColumnKey) -> impl Columns<Error = StatisticsError> {
    move |panel: &Panel| -> Result<Vec<Column>, StatisticsError> {
        let history = History::new(panel, metric)?;
        let cells: Vec<Cell> = panel.each(|row, period| history.cell(row, period));
        let told = ColumnBuilder::new(&metric.metric, &cells);
        let period = || Ok::<_, StatisticsError>(Unit::Count(Key::new("period")?));
        let one = Quantum::ONE;
        Ok(vec![
            told.amounts("growth_known", period()?, one, |cell| cell.known)?
                .better(Direction::Neutral),
            told.amounts("growth_reached", period()?, one, |cell| cell.reached)?
                .better(Direction::Neutral),
            told.shares("season_shift", |cell| cell.shift)?
                .better(Direction::Target),
        ])
    }
}

/// The figures and targets of a panel, with the period a year before each.
struct History<'a> {
    panel: &'a Panel,
    actual: &'a Column,
    target: &'a Column,
    year_ago: Vec<Option<PeriodId>>,
    /// The periods of the year of each.
    years: Vec<Vec<PeriodId>>,
}

impl<'a> History<'a> {
    fn new(panel: &'a Panel, metric: &ColumnKey) -> Result<Self, StatisticsError> {
        let actual = panel.column(metric)?;
        let target = panel.column(&metric.with(Role::Target))?;
        for column in [actual, target] {
            if matches!(column.figures(), Figures::Quotients { .. }) {
                let column = column.key().clone();
                return Err(StatisticsError::NotAmounts { column });
            }
        }
        let periods = panel.periods();
        let year = |at: PeriodId| {
            use chrono::Datelike;
            let range = periods.range(at)?;
            let half = chrono::Days::new(u64::from(range.days()) / 2);
            Some(range.start().checked_add_days(half)?.year())
        };
        let same_year = |at: PeriodId| {
            periods
                .ids()
                .filter(|other| year(*other) == year(at))
                .collect()
        };
        Ok(Self {
            panel,
            actual,
            target,
            year_ago: periods.ids().map(|at| periods.year_ago(at)).collect(),
            years: periods.ids().map(same_year).collect(),
        })
    }

    fn cell(&self, row: RowId, period: PeriodId) -> Cell {
        let counted = self.counted(row, period);
        Cell {
            known: counted.map(|counted| counted.0),
            reached: counted.map(|counted| counted.1),
            shift: self.shift(row, period),
        }
    }

    /// How many earlier growths are known, and how many of them are what the target asks for.
    fn counted(&self, row: RowId, period: PeriodId) -> Result<(i64, i64), Reason> {
        let target = i128::from(self.amount(self.target, row, period)?);
        let base = self.base(row, period)?;
        let (mut known, mut reached) = (0, 0);
        for earlier in self
            .panel
            .periods()
            .ids()
            .take_while(|earlier| *earlier != period)
        {
            let (Ok(own), Ok(own_base)) = (self.over(row, earlier), self.base(row, earlier)) else {
                continue;
            };
            known += 1;
            // own / own_base against target / base, both bases above zero.
            let (own, asked) = (i128::from(own) * base, target * own_base);
            let is_reached = match self.actual.direction() {
                Direction::Smaller => own <= asked,
                Direction::Larger | Direction::Target | Direction::Neutral => own >= asked,
            };
            reached += i64::from(is_reached);
        }
        Ok((known, reached))
    }

    /// How much the part of the year has shifted to this period.
    fn shift(&self, row: RowId, period: PeriodId) -> Parts {
        let target = i128::from(self.amount(self.target, row, period)?);
        let base = self.base(row, period)?;
        let (mut targets, mut bases) = (0_i128, 0_i128);
        for own in self.years.get(period.index()).into_iter().flatten() {
            targets += i128::from(self.amount(self.target, row, *own)?);
            bases += self.base(row, *own)?;
        }
        let top = target.checked_mul(bases).ok_or(Reason::OutOfRange)?;
        parts(top, base.checked_mul(targets).ok_or(Reason::OutOfRange)?)
    }

    /// What there was a year before, above zero.
    fn base(&self, row: RowId, period: PeriodId) -> Result<i128, Reason> {
        let earlier = self.year_ago.get(period.index()).copied().flatten();
        let earlier = earlier.ok_or(Reason::NothingRecorded)?;
        match self.over(row, earlier)? {
            base if base > 0 => Ok(i128::from(base)),
            _ => Err(Reason::NoBase),
        }
    }

    /// What there was in a period that is over.
    fn over(&self, row: RowId, period: PeriodId) -> Told {
        let range = self
            .panel
            .periods()
            .range(period)
            .ok_or(Reason::NotApplicable)?;
        match self.panel.as_of().and_then(|day| day.succ_opt()) {
            Some(today) if today < range.end() => Err(Reason::NotYetDue),
            _ => self.amount(self.actual, row, period),
        }
    }

    fn amount(&self, column: &Column, row: RowId, period: PeriodId) -> Told {
        let cell = self
            .panel
            .cell(row, period)
            .map_err(|_| Reason::NotApplicable)?;
        let found = column.answer(cell).found()?;
        found
            .amount()
            .map(Quantity::units)
            .ok_or(Reason::NotApplicable)
    }
}
