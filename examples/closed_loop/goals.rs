//! The year's targets: sales from last year's, visits from working days, both cascaded to people and months.

use quotaflow::Error;

use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::metric::{Formula, Layout, MetricDef, Program};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Frame, MissingFigure, Plan, Sources, SplitDef, StepDef,
    Structure, Table, TableUse,
};
use quotaflow::quantity::{Ratio, Rounding};
use quotaflow::space::{Axis, Unassigned};

use crate::company::date;
use crate::records::World;
use crate::table::{grouped, print};

/// Visits that a salesperson makes on a working day.
const VISITS_A_DAY: u32 = 4;

pub fn year() -> Result<DayRange, Error> {
    Ok(DayRange::new(date((2026, 1, 1)), date((2027, 1, 1)))?)
}

pub struct Goals {
    pub sales: Plan,
    pub visits: Plan,
}

impl Goals {
    pub fn set(world: &World) -> Result<Self, Error> {
        let schema = world.ledger.schema();
        let (calendar, year) = (Calendar::gregorian(), year()?);
        let months = calendar.periods(Grain::Month, date((2025, 1, 1)), date((2026, 1, 1)))?;
        let people = schema
            .space()
            .subjects(&Axis::new("person", "person")?, Unassigned::Hidden)?;
        let groups = schema
            .space()
            .subjects(&Axis::new("group", "group")?, Unassigned::Hidden)?;
        let frame = Layout::new(schema.clone(), people.cross(&groups)?, months);
        let sold = Program::compile(
            &[MetricDef::new("sales", Formula::sum("sales", "order")?)?],
            &frame,
        )?;
        let history = sold.panel(&sold.fold(&world.ledger)?)?;
        let mut last_year = Ratio::ZERO;
        for (_, _, sold) in history.answers(&ColumnKey::actual("sales")?)? {
            let sold = sold.ratio().ok().ok_or("sales are a sum")?;
            last_year = last_year.checked_add(sold)?;
        }
        let total = last_year
            .checked_mul(Ratio::percent(112))?
            .to_decimal(0, Rounding::HalfAwayFromZero)?;
        println!(
            "Sales of {} in 2025, twelve percent more in 2026: a target of {}",
            grouped(
                &last_year
                    .to_decimal(2, Rounding::HalfAwayFromZero)?
                    .to_string()
            ),
            grouped(&total.to_string())
        );
        let table = Table::from_panel(
            &history,
            &ColumnKey::actual("sales")?,
            MissingFigure::NoWeight,
        )?;
        let sources = Sources::new(schema.measures(), schema.space())
            .calendar(&calendar)
            .working_days(&world.working_days)
            .table(Key::new("sales-2025")?, table);
        let history =
            || -> Result<BasisDef, Error> { Ok(BasisDef::History(TableUse::total("sales-2025")?)) };
        let season = BasisDef::History(TableUse::in_turn(
            "sales-2025",
            SplitDef::Grain(Grain::Month),
        )?);
        let recipe = CascadeDef::new(Key::new("sales-2026")?, Key::new("sales")?, year)
            .step(StepDef::member("person", "territory")?.basis(history()?))
            .step(StepDef::member("group", "group")?.basis(history()?))
            .step(StepDef::member("person", "person")?.basis(history()?))
            .step(StepDef::grain(Grain::Month).basis(season));
        let sales = Cascade::compile(recipe, &sources)?.run(total)?;
        let recipe = CascadeDef::new(Key::new("visits-2026")?, Key::new("visits")?, year)
            .step(StepDef::member("person", "person")?)
            .step(StepDef::grain(Grain::Month).basis(BasisDef::WorkingDays));
        let days = world.working_days.count(year.start(), year.end())?;
        let visits = Cascade::compile(recipe, &sources)?.run((VISITS_A_DAY * days * 12).into())?;
        Ok(Self { sales, visits })
    }

    /// The targets of both plans as columns of a panel.
    pub fn targets(&self, world: &World, level: &str, periods: &PeriodSet) -> Result<Panel, Error> {
        let axis = [Axis::new("person", level)?];
        let was = structure(world);
        let mut panel = self.sales.targets(&was, &axis, periods)?;
        panel.join(self.visits.targets(&was, &axis, periods)?)?;
        Ok(panel)
    }

    pub fn nodes(&self) -> usize {
        let frames = [self.sales.frame(), self.visits.frame()];
        let below = |frame: &Frame| {
            let steps = frame
                .steps()
                .filter_map(|step| frame.nodes(step.as_str()).ok());
            steps.map(|nodes| nodes.len()).sum::<usize>()
        };
        // Each whole is a node too.
        frames.map(|frame| 1 + below(frame)).into_iter().sum()
    }

    pub fn show(&self, world: &World, quarters: &PeriodSet) -> Result<(), Error> {
        let key = ColumnKey::target("sales")?;
        for (title, axis) in [
            (
                "Sales targets by territory",
                Axis::new("person", "territory")?,
            ),
            ("by product group", Axis::new("group", "group")?),
        ] {
            let panel = self.sales.targets(&structure(world), &[axis], quarters)?;
            let mut rows = Vec::new();
            for subject in panel.subjects().ids() {
                let mut row = vec![panel.subjects().label(subject)];
                for period in panel.periods().ids() {
                    let amount = panel
                        .answer(&key, subject, period)?
                        .figure()
                        .and_then(quotaflow::panel::Figure::amount);
                    row.push(
                        amount
                            .map_or_else(|| "-".to_owned(), |amount| grouped(&amount.to_string())),
                    );
                }
                rows.push(row);
            }
            print(title, &["", "Q1", "Q2", "Q3", "Q4"], &rows);
        }
        let node = self
            .sales
            .frame()
            .find(&["south", "sauces", "guo", "2026-09"])?;
        let why = self.sales.explain("sales", node)?;
        println!("\nWhere guo's September target for sauces comes from");
        for split in &why.splits {
            let exact = split
                .exact
                .and_then(|exact| exact.to_decimal(6, Rounding::HalfAwayFromZero).ok());
            println!(
                "  {} of {}: {} by {}, exactly {}",
                grouped(&split.share.to_string()),
                grouped(&split.base.to_string()),
                split.place.keys().last().map_or("", Key::as_str),
                split.basis,
                exact.map_or_else(String::new, |exact| grouped(&exact.to_string())),
            );
        }
        Ok(())
    }
}

/// Each day's target belongs to whom the salesperson belonged that day.
fn structure(world: &World) -> Structure<'_> {
    Structure::as_it_was(world.ledger.schema().space()).working_days(&world.working_days)
}
