//! The shifts of a call centre as records, and their figures.
//!
//! Means go up the right way: the seconds of an issue are weighed by the issues, the service grade by the calls, so that
//! a quiet night counts as little as it should.

use std::path::Path;

use chrono::{Days, NaiveDate};
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures, Unit};
use quotaflow::metric::{
    Filter, Formula, MetricDef, QuantileMethod, Selection, Value as Of, Valued,
};
use quotaflow::panel::Panel;
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

use crate::file::{Table, refused};
use crate::fold::fold;

/// The measures of a shift that are counts, with the columns that hold them.
const COUNTS: [(&str, &str, &str); 5] = [
    ("calls", "Calls", "call"),
    ("automatic", "AutomaticResponses", "call"),
    ("orders", "Orders", "order"),
    ("issues", "IssuesRaised", "issue"),
    ("operators", "TotalOperators", "operator-shift"),
];

pub struct Shifts {
    ledger: Ledger,
}

impl Shifts {
    pub fn read(folder: &Path) -> Result<Self, quotaflow::Error> {
        Self::of(&Table::read(folder, "FactCallCenter.csv")?)
    }

    pub fn of(table: &Table) -> Result<Self, quotaflow::Error> {
        let mut records = Vec::new();
        let (mut days, mut lines) = (Vec::new(), Vec::new());
        for row in table.rows() {
            let day = row.date("Date")?;
            let times = |left: &str, right: &str| -> Result<Decimal, quotaflow::Error> {
                let product = row.decimal(left)?.checked_mul(row.decimal(right)?);
                Ok(product.ok_or_else(|| row.error(left, "the amount is too large"))?)
            };
            let levels = row
                .number("LevelOneOperators")?
                .checked_add(row.number("LevelTwoOperators")?);
            let complete = levels == Some(row.number("TotalOperators")?);
            let mut record = Record::new("shift", day)
                .id(row.text("FactCallCenterID")?)
                .of("shift", row.text("Shift")?)
                .of("day", row.text("WageType")?)
                .attribute("total", if complete { "of both levels" } else { "other" })
                .amount(
                    "issue_seconds",
                    times("AverageTimePerIssue", "IssuesRaised")?,
                )
                .amount("graded_calls", times("ServiceGrade", "Calls")?);
            for (measure, column, _) in COUNTS {
                record = record.amount(measure, Decimal::from(row.number(column)?));
            }
            days.push(day);
            lines.push(row.line());
            records.push(record);
        }
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
            return Err(table.error("there is no shift after line 1").into());
        };
        let space = Space::new(vec![
            DimensionDef::flat("shift", "shift", ["AM", "PM1", "PM2", "midnight"])?,
            DimensionDef::flat("day", "day", ["weekday", "holiday"])?,
        ])?;
        let span = DayRange::new(*first, *last + Days::new(1))?;
        let schema = Schema::new(space, measures()?, vec![kind()?], span)?;
        let mut ledger = Ledger::new("calls", schema)?;
        ledger.enter(&records).map_err(|error| {
            refused(error, |record| {
                format!("{} line {}", table.name(), lines[record])
            })
        })?;
        Ok(Self { ledger })
    }

    pub fn first_day(&self) -> NaiveDate {
        self.ledger.schema().span().start()
    }

    pub fn last_day(&self) -> NaiveDate {
        self.ledger.schema().span().end() - Days::new(1)
    }

    pub fn whole(&self) -> Result<Panel, quotaflow::Error> {
        fold(
            &self.ledger,
            &Subjects::whole(),
            &self.always()?,
            &metrics()?,
        )
    }

    /// The figures by the combinations of these dimensions, over the whole time.
    pub fn by(&self, dimensions: &[&str]) -> Result<Panel, quotaflow::Error> {
        let space = self.ledger.schema().space();
        let mut subjects = Subjects::whole();
        for dimension in dimensions {
            let axis = Axis::new(dimension, dimension)?;
            subjects = subjects.cross(&space.subjects(&axis, Unassigned::Hidden)?)?;
        }
        fold(&self.ledger, &subjects, &self.always()?, &metrics()?)
    }

    pub fn by_week(&self) -> Result<Panel, quotaflow::Error> {
        let span = self.ledger.schema().span();
        let weeks = Calendar::gregorian().periods(Grain::Week, span.start(), span.end())?;
        fold(&self.ledger, &Subjects::whole(), &weeks, &metrics()?)
    }

    fn always(&self) -> Result<PeriodSet, quotaflow::Error> {
        let span = self.ledger.schema().span();
        let (key, start) = (Key::new("all")?, [span.start()]);
        Ok(PeriodSet::from_starts(
            key,
            &start,
            span.end(),
            |_, _| "all",
        )?)
    }
}

fn measures() -> Result<Measures, quotaflow::Error> {
    let mut measures = Vec::new();
    for (measure, _, thing) in COUNTS {
        measures.push(Measure::flow(measure, Unit::count(thing)?, Quantum::ONE)?);
    }
    measures.push(Measure::flow(
        "issue_seconds",
        Unit::count("second")?,
        Quantum::ONE,
    )?);
    measures.push(Measure::flow(
        "graded_calls",
        Unit::count("call")?,
        Quantum::decimals(4)?,
    )?);
    Ok(Measures::new(measures)?)
}

fn kind() -> Result<RecordKind, quotaflow::Error> {
    let mut kind = RecordKind::new("shift")?
        .of("shift")?
        .of("day")?
        .measuring("issue_seconds", Need::Required)?
        .measuring("graded_calls", Need::Required)?
        .noting("total", &["of both levels", "other"])?;
    for (measure, _, _) in COUNTS {
        kind = kind.measuring(measure, Need::Required)?;
    }
    Ok(kind)
}

fn metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let shifts = || Selection::of("shift");
    let sum = |measure| Formula::sum(measure, "shift");
    let calls = || Valued::measure("calls", shifts()?);
    let median = Formula::Quantile {
        value: Of::Measure(Key::new("calls")?),
        of: shifts()?,
        p: "0.5".parse()?,
        method: QuantileMethod::Type7,
    };
    let other_total = shifts()?.only(Filter::attribute("total", &["other"])?);
    let mut metrics = vec![
        MetricDef::new("shifts", Formula::Count(shifts()?))?,
        MetricDef::new("other_total", Formula::Count(other_total))?,
        MetricDef::new("calls_least", Formula::Minimum(calls()?))?,
        MetricDef::new("calls_median", median)?,
        MetricDef::new("calls_most", Formula::Maximum(calls()?))?,
        MetricDef::new("calls_per_operator", sum("calls")?.per(sum("operators")?))?,
        MetricDef::new("automatic_share", sum("automatic")?.per(sum("calls")?))?,
        MetricDef::new(
            "orders_per_100_calls",
            sum("orders")?.per_100(sum("calls")?),
        )?,
        MetricDef::new(
            "issues_per_100_calls",
            sum("issues")?.per_100(sum("calls")?),
        )?,
        MetricDef::new(
            "seconds_per_issue",
            sum("issue_seconds")?.per(sum("issues")?),
        )?,
        MetricDef::new("service_grade", sum("graded_calls")?.per(sum("calls")?))?,
    ];
    for (measure, _, _) in COUNTS {
        metrics.push(MetricDef::new(measure, sum(measure)?)?);
    }
    Ok(metrics)
}
