//! The figures of a pipeline of opportunities, each folded from the records at its own level.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Days, NaiveDate};
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{
    Entities, Filter, Formula, MetricDef, QuantileMethod, Selection, Timeframe, Value as Of, Valued,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use serde_json::{Map, Value, json};

use crate::file::Table;
use crate::fold::fold;
use crate::json::{Cell, cells, decimal};

const STAGES: [&str; 4] = ["Engaging", "Lost", "Prospecting", "Won"];

pub struct Report {
    pub ledger: Ledger,
    /// The day on which the pipeline was written down.
    pub as_of: NaiveDate,
}

impl Report {
    pub fn read(folder: &Path) -> Result<Self, quotaflow::Error> {
        let pipeline = Table::read(folder, "sales_pipeline.csv")?;
        let products = Table::read(folder, "products.csv")?;
        // The pipeline writes one product another way than the product list; it stays as the pipeline writes it.
        let mut prices = BTreeMap::new();
        for row in products.rows() {
            let name = if row.text("product")? == "GTX Pro" {
                "GTXPro"
            } else {
                row.text("product")?
            };
            prices.insert(name, row.decimal("sales_price")?);
        }
        let space = space(folder, prices.keys().copied())?;
        let mut days = Vec::new();
        for row in pipeline.rows() {
            days.extend(
                row.some_date("engage_date")?
                    .into_iter()
                    .chain(row.some_date("close_date")?),
            );
        }
        let (Some(first), Some(as_of)) = (days.iter().min().copied(), days.iter().max().copied())
        else {
            return Err("no opportunity has a date".into());
        };
        let span = DayRange::new(first, as_of + Days::new(1))?;
        let schema = Schema::new(space, measures()?, vec![opportunity()?], span)?;
        let mut ledger = Ledger::new("pipeline", schema)?;
        let mut records = Vec::new();
        for row in pipeline.rows() {
            // Each row says how an opportunity stands on the day of writing; prospects have no day of their own.
            let product = row.text("product")?;
            let price = prices
                .get(product)
                .ok_or_else(|| row.error("product", "no such product"))?;
            let mut record = Record::new("opportunity", as_of)
                .id(row.text("opportunity_id")?)
                .of("agent", row.text("sales_agent")?)
                .of("product", product)
                .attribute("stage", row.text("deal_stage")?)
                .amount("list_value", *price);
            if let Some(account) = row.some("account")? {
                record = record.of("account", account);
            }
            if row.some("close_value")?.is_some() {
                record = record.amount("value", row.decimal("close_value")?);
            }
            if let Some(day) = row.some_date("engage_date")? {
                record = record.date("engaged", day);
            }
            if let Some(day) = row.some_date("close_date")? {
                record = record.date("closed", day);
            }
            records.push(record);
        }
        ledger.enter(&records)?;
        Ok(Self { ledger, as_of })
    }

    fn subjects(&self, dimension: &str, level: &str) -> Result<Subjects, quotaflow::Error> {
        Ok(self
            .ledger
            .schema()
            .space()
            .subjects(&Axis::new(dimension, level)?, Unassigned::Hidden)?)
    }

    /// The whole time as one period.
    fn always(&self) -> Result<PeriodSet, quotaflow::Error> {
        let span = self.ledger.schema().span();
        Ok(PeriodSet::from_starts(
            Key::new("all")?,
            &[span.start()],
            span.end(),
            |_, _| "all",
        )?)
    }

    pub fn json(&self) -> Result<Value, quotaflow::Error> {
        let levels = [
            ("by_agent", "agent", "agent"),
            ("by_manager", "agent", "manager"),
            ("by_regional_office", "agent", "office"),
            ("by_product", "product", "product"),
        ];
        let (metrics, always) = (pipeline_metrics()?, self.always()?);
        let mut document = Map::new();
        let whole = fold(&self.ledger, &Subjects::whole(), &always, &metrics)?;
        document.insert("all".to_owned(), figures(Cell::first(&whole)?));
        for (name, dimension, level) in levels {
            let panel = fold(
                &self.ledger,
                &self.subjects(dimension, level)?,
                &always,
                &metrics,
            )?;
            let rows: Map<String, Value> = cells(&panel)
                .map(|(label, _, cell)| (label, figures(cell)))
                .collect();
            document.insert(name.to_owned(), Value::Object(rows));
        }
        document.insert("by_close_month".to_owned(), self.by_close_month()?);
        document.insert(
            format!("open_age_days_at_{}", self.as_of),
            self.open_ages()?,
        );
        document.insert("snapshots".to_owned(), self.snapshots()?);
        Ok(Value::Object(document))
    }

    /// The levels at which months and ages are shown, each with the name of its key.
    fn shown_levels(&self) -> Result<Vec<(&'static str, Subjects)>, quotaflow::Error> {
        Ok(vec![
            ("agent", self.subjects("agent", "agent")?),
            ("company", Subjects::whole()),
            ("office", self.subjects("agent", "office")?),
        ])
    }

    fn by_close_month(&self) -> Result<Value, quotaflow::Error> {
        let span = self.ledger.schema().span();
        let months = Calendar::gregorian().periods(Grain::Month, span.start(), span.end())?;
        let closed = |stage| {
            Selection::of("opportunity")?
                .with("stage", stage)?
                .by_date("closed")
        };
        let metrics = [
            MetricDef::new("won", Formula::Count(closed("Won")?))?,
            MetricDef::new("lost", Formula::Count(closed("Lost")?))?,
            MetricDef::new(
                "won_value",
                Formula::Sum(Valued::measure("value", closed("Won")?)?),
            )?,
        ];
        let mut document = Map::new();
        for (name, subjects) in self.shown_levels()? {
            let panel = fold(&self.ledger, &subjects, &months, &metrics)?;
            let mut rows = Map::new();
            for (label, month, cell) in cells(&panel) {
                let label = if label == "all" {
                    "company".to_owned()
                } else {
                    label
                };
                let (won, lost) = (cell.whole("won"), cell.whole("lost"));
                // Months and agents without a closed opportunity are left out.
                if won != 0 || lost != 0 {
                    let value =
                        json!({"won": won, "lost": lost, "won_value": cell.whole("won_value")});
                    rows.entry(label).or_insert_with(|| json!({}))[month] = value;
                }
            }
            document.insert(name.to_owned(), Value::Object(rows));
        }
        Ok(Value::Object(document))
    }

    fn open_ages(&self) -> Result<Value, quotaflow::Error> {
        const BUCKETS: [&str; 5] = ["0-30", "31-60", "61-90", ">90", "undated"];
        let open = || -> Result<Selection, quotaflow::Error> {
            let stages = Filter::attribute("stage", &["Engaging", "Prospecting"])?;
            Ok(Selection::of("opportunity")?.only(stages))
        };
        let aged = |from, to| -> Result<Formula, quotaflow::Error> {
            Ok(Formula::Count(
                open()?.only(Filter::days("engaged", "day", from, to)?),
            ))
        };
        let undated = open()?.only(Filter::Not(Box::new(Filter::Has(Key::new("engaged")?))));
        let formulas = [
            aged(Some(0), Some(30))?,
            aged(Some(31), Some(60))?,
            aged(Some(61), Some(90))?,
            aged(Some(91), None)?,
            Formula::Count(undated),
        ];
        let metrics: Vec<MetricDef> = BUCKETS
            .iter()
            .zip(formulas)
            .map(|(name, formula)| MetricDef::new(name, formula))
            .collect::<Result<_, _>>()?;
        let mut rows = Map::new();
        for (_, subjects) in self.shown_levels()? {
            let panel = fold(&self.ledger, &subjects, &self.always()?, &metrics)?;
            for (label, _, cell) in cells(&panel) {
                let label = if label == "all" {
                    "company".to_owned()
                } else {
                    label
                };
                let ages: Map<String, Value> = BUCKETS
                    .iter()
                    .map(|name| ((*name).to_owned(), cell.whole(name)))
                    .collect();
                // Agents without an open opportunity are left out.
                if ages.values().any(|count| *count != 0) {
                    rows.insert(label, Value::Object(ages));
                }
            }
        }
        Ok(Value::Object(rows))
    }

    /// What was open, closed and won at the end of each quarter. Prospects have no day and are in none.
    fn snapshots(&self) -> Result<Value, quotaflow::Error> {
        const NAMES: [&str; 3] = ["closed_to_date", "engaged_open", "won_value_to_date"];
        let span = self.ledger.schema().span();
        let quarters = Calendar::gregorian().periods(Grain::Quarter, span.start(), span.end())?;
        let by = |date: &str| -> Result<Selection, quotaflow::Error> {
            Ok(Selection::of("opportunity")?
                .by_date(date)?
                .in_window(Timeframe::AsOf))
        };
        let engaged_open = Formula::Difference {
            of: Box::new(Formula::Count(by("engaged")?)),
            minus: Box::new(Formula::metric("closed_to_date")?),
        };
        let metrics = [
            MetricDef::new(NAMES[0], Formula::Count(by("closed")?))?,
            MetricDef::new(NAMES[1], engaged_open)?,
            MetricDef::new(
                NAMES[2],
                Formula::Sum(Valued::measure(
                    "value",
                    by("closed")?.with("stage", "Won")?,
                )?),
            )?,
        ];
        let panel = fold(&self.ledger, &Subjects::whole(), &quarters, &metrics)?;
        let mut rows = Map::new();
        for (_, _, cell) in cells(&panel) {
            let end = panel
                .periods()
                .period(cell.period)
                .ok_or("a period of the panel")?
                .end
                - Days::new(1);
            let row: Map<String, Value> = NAMES
                .iter()
                .map(|name| ((*name).to_owned(), cell.whole(name)))
                .collect();
            rows.insert(end.to_string(), Value::Object(row));
        }
        Ok(Value::Object(rows))
    }
}

fn space<'a>(
    folder: &Path,
    products: impl Iterator<Item = &'a str>,
) -> Result<Space, quotaflow::Error> {
    let (teams, accounts) = (
        Table::read(folder, "sales_teams.csv")?,
        Table::read(folder, "accounts.csv")?,
    );
    let mut agents = DimensionDef::new("agent", &["office", "manager", "agent"])?;
    let mut known = BTreeSet::new();
    for row in teams.rows() {
        let (manager, office) = (row.text("manager")?, row.text("regional_office")?);
        if known.insert(office) {
            agents = agents.member("office", office)?;
        }
        if known.insert(manager) {
            agents = agents.child("manager", manager, office)?;
        }
        agents = agents.child("agent", row.text("sales_agent")?, manager)?;
    }
    let names: Vec<&str> = accounts
        .rows()
        .map(|row| row.text("account"))
        .collect::<Result<_, _>>()?;
    Ok(Space::new(vec![
        agents,
        DimensionDef::flat("account", "account", names)?,
        DimensionDef::flat("product", "product", products)?,
    ])?)
}

fn measures() -> Result<Measures, quotaflow::Error> {
    Ok(Measures::new(vec![
        Measure::flow("value", "money:USD".parse()?, Quantum::ONE)?,
        Measure::flow("list_value", "money:USD".parse()?, Quantum::ONE)?,
    ])?)
}

fn opportunity() -> Result<RecordKind, quotaflow::Error> {
    Ok(RecordKind::new("opportunity")?
        .of("agent")?
        .of("account")?
        .of("product")?
        .measuring("value", Need::Optional)?
        .measuring("list_value", Need::Required)?
        .noting("stage", &STAGES)?
        .dating("engaged")?
        .dating("closed")?)
}

/// The metrics of a pipeline, over the whole time.
fn pipeline_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let all = || Selection::of("opportunity");
    let won = || all()?.with("stage", "Won");
    let closed = Filter::attribute("stage", &["Won", "Lost"])?;
    let closed = || -> Result<Selection, quotaflow::Error> { Ok(all()?.only(closed.clone())) };
    let open = all()?.only(Filter::attribute("stage", &["Engaging", "Prospecting"])?);
    let without_account = all()?.only(Filter::Not(Box::new(Filter::Has(Key::new("account")?))));
    let won_value = || -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Sum(Valued::measure("value", won()?)?))
    };
    let list_value = || -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Sum(Valued::measure("list_value", won()?)?))
    };
    let count = Formula::Count;
    let mut metrics = vec![
        MetricDef::new("total", count(all()?))?,
        MetricDef::new("won", count(won()?))?,
        MetricDef::new("lost", count(all()?.with("stage", "Lost")?))?,
        MetricDef::new("open", count(open))?,
        MetricDef::new(
            "accounts",
            Formula::Distinct(Entities::members("account", all()?)?),
        )?,
        MetricDef::new("without_account", count(without_account))?,
        MetricDef::new("won_value", won_value()?)?,
        MetricDef::new("list_value_of_won", list_value()?)?,
        MetricDef::new("price_realisation", won_value()?.per(list_value()?))?,
        MetricDef::new("win_rate", count(won()?).per(count(closed()?)))?,
        MetricDef::new("won_share_of_all", count(won()?).per(count(all()?)))?,
        MetricDef::new("average_won_value", won_value()?.per(count(won()?)))?,
        MetricDef::new("average_closed_value", won_value()?.per(count(closed()?)))?,
    ];
    for stage in STAGES {
        metrics.push(MetricDef::new(
            &format!("stage {stage}"),
            count(all()?.with("stage", stage)?),
        )?);
    }
    for (name, selection) in [("won", won()?), ("closed", closed()?)] {
        let days = || Valued::days("engaged", "closed", selection.clone());
        let quantile = |p: &str, method| -> Result<Formula, quotaflow::Error> {
            let value = Of::Days {
                from: Key::new("engaged")?,
                to: Key::new("closed")?,
            };
            Ok(Formula::Quantile {
                value,
                of: selection.clone(),
                p: p.parse()?,
                method,
            })
        };
        for (part, formula) in [
            ("sum", Formula::Sum(days()?)),
            ("mean", Formula::Mean(days()?)),
            ("min", Formula::Minimum(days()?)),
            ("max", Formula::Maximum(days()?)),
            ("median_type7", quantile("0.5", QuantileMethod::Type7)?),
            ("p90_type7", quantile("0.9", QuantileMethod::Type7)?),
            (
                "p90_nearest_rank",
                quantile("0.9", QuantileMethod::NearestRank)?,
            ),
        ] {
            metrics.push(MetricDef::new(&format!("cycle {name} {part}"), formula)?);
        }
    }
    Ok(metrics)
}

/// Opportunities x win rate x average won value / mean cycle of the won: what the pipeline brings a day.
fn velocity(cell: Cell<'_>, opportunities: &str) -> Option<Ratio> {
    let rate = cell
        .value(opportunities)?
        .checked_mul(cell.value("win_rate")?)
        .ok()?;
    let value = rate.checked_mul(cell.value("average_won_value")?).ok()?;
    value.checked_div(cell.value("cycle won mean")?).ok()
}

fn figures(cell: Cell<'_>) -> Value {
    const COUNTS: [&str; 8] = [
        "accounts",
        "list_value_of_won",
        "lost",
        "open",
        "total",
        "without_account",
        "won",
        "won_value",
    ];
    const DECIMALS: [(&str, u8); 5] = [
        ("average_closed_value", 6),
        ("average_won_value", 6),
        ("price_realisation", 10),
        ("win_rate", 10),
        ("won_share_of_all", 10),
    ];
    let mut row = Map::new();
    row.extend(
        COUNTS
            .iter()
            .map(|name| ((*name).to_owned(), cell.whole(name))),
    );
    row.extend(
        DECIMALS
            .iter()
            .map(|(name, places)| ((*name).to_owned(), cell.decimal(name, *places))),
    );
    let stages: Map<String, Value> = STAGES
        .iter()
        .map(|stage| ((*stage).to_owned(), cell.whole(&format!("stage {stage}"))))
        .collect();
    row.insert("stages".to_owned(), Value::Object(stages));
    for name in ["closed", "won"] {
        row.insert(
            format!("cycle_days_{name}"),
            cell.distribution(&format!("cycle {name}")),
        );
    }
    row.insert(
        "velocity_per_day_all_opportunities".to_owned(),
        decimal(velocity(cell, "total"), 6),
    );
    row.insert(
        "velocity_per_day_open_opportunities".to_owned(),
        decimal(velocity(cell, "open"), 6),
    );
    Value::Object(row)
}
