//! Figures as the reports write them: amounts, ratios and means as decimal strings, counts as whole numbers, and null
//! where there is no figure.

#![allow(dead_code, reason = "each example uses its own part of this")]

use quotaflow::calendar::PeriodId;
use quotaflow::panel::{ColumnKey, Figure, Panel};
use quotaflow::quantity::{Ratio, Rounding};
use quotaflow::space::RowId;
use serde_json::{Map, Value};

/// A value rounded once, half away from zero, with this many places; null where there is none.
pub fn decimal(value: Option<Ratio>, places: u8) -> Value {
    let rounded = value.and_then(|value| value.to_decimal(places, Rounding::HalfAwayFromZero).ok());
    rounded.map_or(Value::Null, |value| Value::String(value.to_string()))
}

/// A value that is a whole number, as a number; null where there is none.
pub fn whole(value: Option<Ratio>) -> Value {
    let count = value.filter(|value| value.denominator() == 1);
    count
        .and_then(|value| i64::try_from(value.numerator()).ok())
        .map_or(Value::Null, Value::from)
}

/// One subject in one period of a panel.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    pub panel: &'a Panel,
    pub subject: RowId,
    pub period: PeriodId,
}

impl<'a> Cell<'a> {
    /// The cell of a subject in the first period: the only one of a panel of one period.
    pub fn of(panel: &'a Panel, subject: RowId) -> Result<Self, &'static str> {
        let period = panel.periods().ids().next().ok_or("a panel of a period")?;
        Ok(Self {
            panel,
            subject,
            period,
        })
    }

    /// The first cell: the only one of a panel of the whole and one period.
    pub fn first(panel: &'a Panel) -> Result<Self, &'static str> {
        let first = panel.subjects().ids().next();
        Self::of(panel, first.ok_or("a panel of a subject")?)
    }
}

impl Cell<'_> {
    /// The exact value of a metric, if there is one.
    pub fn value(&self, metric: &str) -> Option<Ratio> {
        let key = ColumnKey::actual(metric).expect("metrics of the reports have plain names");
        let answer = self.panel.answer(&key, self.subject, self.period);
        answer
            .unwrap_or_else(|error| panic!("{error}"))
            .ratio()
            .ok()
    }

    /// How many values a mean is the mean of.
    pub fn base(&self, metric: &str) -> i64 {
        let key = ColumnKey::actual(metric).expect("metrics of the reports have plain names");
        let answer = self.panel.answer(&key, self.subject, self.period);
        match answer.unwrap_or_else(|error| panic!("{error}")).figure() {
            Some(Figure::Quotient { denominator, .. }) => denominator,
            _ => 0,
        }
    }

    pub fn decimal(&self, metric: &str, places: u8) -> Value {
        decimal(self.value(metric), places)
    }

    pub fn whole(&self, metric: &str) -> Value {
        whole(self.value(metric))
    }

    /// The metrics `NAME sum`, `NAME mean` and so on as one object, with how many values they are of; all null where there
    /// is no value, since the sum over nothing is not zero days.
    pub fn distribution(&self, name: &str) -> Value {
        let count = self.base(&format!("{name} mean"));
        let mut parts = Map::new();
        for part in [
            "sum",
            "mean",
            "min",
            "max",
            "median_type7",
            "p90_type7",
            "p90_nearest_rank",
        ] {
            let value = if count == 0 {
                Value::Null
            } else {
                self.decimal(&format!("{name} {part}"), 6)
            };
            parts.insert(part.to_owned(), value);
        }
        parts.insert("n".to_owned(), count.into());
        Value::Object(parts)
    }
}

/// Every cell of a panel, subject by subject, with its labels.
pub fn cells(panel: &Panel) -> impl Iterator<Item = (String, String, Cell<'_>)> {
    panel.subjects().ids().flat_map(move |subject| {
        let label = panel.subjects().label(subject);
        panel.periods().iter().map(move |period| {
            let cell = Cell {
                panel,
                subject,
                period: period.id,
            };
            (label.clone(), period.label.to_string(), cell)
        })
    })
}
