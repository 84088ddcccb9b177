//! The target of 2013 split by what was sold in 2012, by days and by working days.
//!
//! The weights are folded from the records, and every split is a cascade of the plan, verified before it is shown. Parts
//! that weigh nothing (people and customers without an order, days off) are left out.

use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet, WorkingDays, WorkingDaysDef};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Filter, Formula, MetricDef, Selection, Valued};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, MissingFigure, NodeId, Plan, Sources, SplitDef, StepDef, Table,
    TableUse,
};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, Subjects, Unassigned};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::company::Company;
use crate::fold::fold;
use crate::json::Cell;

/// The year whose sales are the weights, and the year that is planned.
const YEARS: [i32; 2] = [2012, 2013];

/// What was sold, as a metric and as the table of weights; and what is planned.
const SOLD: &str = "sold";
const TARGET: &str = "target";

pub fn document(company: &Company) -> Result<Value, quotaflow::Error> {
    let planner = Planner::new(company)?;
    let mut document = Map::new();
    document.insert("definitions".to_owned(), definitions());
    for split in MEMBER_SPLITS {
        document.insert(split.name.to_owned(), planner.by_member(&split)?);
    }
    document.extend(planner.by_time()?);
    document.insert(
        "cascade_year_half_quarter_month_day".to_owned(),
        planner.year_to_day()?,
    );
    document.insert(
        "territory_then_month".to_owned(),
        planner.territory_then_month()?,
    );
    Ok(Value::Object(document))
}

fn definitions() -> Value {
    json!({
        "property": "every split sums exactly to its parent and differs from the exact share by less than one cent",
        "rule": "cents; exact share = total x w / sum(w); floor each; the left-over cents go one each to the largest \
            fractional remainders; equal remainders: the earlier key in the listed order",
    })
}

/// A total split among the members of a level by what they sold.
struct MemberSplit {
    name: &'static str,
    note: &'static str,
    cents: i64,
    level: [&'static str; 2],
    /// The kind of record and its measure that are the weight, with the measure's decimals.
    weight: (&'static str, &'static str, u8),
    /// The channel that counts; all where there is none.
    channel: Option<&'static str>,
}

const MEMBER_SPLITS: [MemberSplit; 6] = [
    MemberSplit {
        name: "by_territory",
        note: "2013 target, weights = 2012 SubTotal per TerritoryID",
        cents: 5_000_000_000,
        level: ["territory", "territory"],
        weight: ("order", "sub_total", 4),
        channel: None,
    },
    MemberSplit {
        name: "by_channel",
        note: "weights = 2012 SubTotal per channel",
        cents: 5_000_000_000,
        level: ["channel", "channel"],
        weight: ("order", "sub_total", 4),
        channel: None,
    },
    MemberSplit {
        name: "by_category",
        note: "weights = 2012 LineTotal (6 decimals) per product category",
        cents: 5_000_000_000,
        level: ["product", "category"],
        weight: ("line", "line_total", 6),
        channel: None,
    },
    MemberSplit {
        name: "by_settlement_method",
        note: "weights = 2012 TotalDue per card type",
        cents: 5_000_000_000,
        level: ["settlement", "settlement"],
        weight: ("order", "total_due", 4),
        channel: None,
    },
    MemberSplit {
        name: "by_salesperson",
        note: "weights = 2012 SubTotal per SalesPersonID (orders without one left out)",
        cents: 3_000_000_001,
        level: ["person", "person"],
        weight: ("order", "sub_total", 4),
        channel: None,
    },
    MemberSplit {
        name: "by_reseller_customer",
        note: "weights = 2012 SubTotal per CustomerID, reseller orders only; tie-break order = CustomerID",
        cents: 3_000_000_000,
        level: ["customer", "customer"],
        weight: ("order", "sub_total", 4),
        channel: Some("reseller"),
    },
];

/// What plans are made from.
struct Planner<'a> {
    company: &'a Company,
    measures: Measures,
    calendar: Calendar,
    working_days: WorkingDays,
    before: DayRange,
    planned: DayRange,
}

impl<'a> Planner<'a> {
    fn new(company: &'a Company) -> Result<Self, quotaflow::Error> {
        let calendar = Calendar::gregorian();
        let [before, planned] = YEARS;
        Ok(Self {
            company,
            measures: Measures::new(vec![Measure::flow(
                TARGET,
                "money:USD".parse()?,
                Quantum::CENT,
            )?])?,
            before: calendar.year(before)?,
            planned: calendar.year(planned)?,
            working_days: WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("week")?))?,
            calendar,
        })
    }

    /// What was sold in the year before, by subjects and periods.
    fn sold(
        &self,
        subjects: &Subjects,
        grain: Grain,
        (kind, measure, _): (&str, &str, u8),
        channel: Option<&str>,
    ) -> Result<Panel, quotaflow::Error> {
        let mut records = Selection::of(kind)?;
        if let Some(channel) = channel {
            records = records.only(Filter::member("channel", &[channel])?);
        }
        let sold = MetricDef::new(SOLD, Formula::Sum(Valued::measure(measure, records)?))?;
        let periods = self
            .calendar
            .periods(grain, self.before.start(), self.before.end())?;
        fold(&self.company.ledger, subjects, &periods, &[sold])
    }

    fn subjects(&self, [dimension, level]: [&str; 2]) -> Result<Subjects, quotaflow::Error> {
        let axis = Axis::new(dimension, level)?;
        let space = self.company.ledger.schema().space();
        Ok(space.subjects(&axis, Unassigned::Hidden)?)
    }

    /// A verified plan of this total.
    fn plan(
        &self,
        cents: i64,
        horizon: DayRange,
        steps: Vec<StepDef>,
        weights: Option<Table>,
    ) -> Result<Plan, quotaflow::Error> {
        let space = self.company.ledger.schema().space();
        let mut sources = Sources::new(&self.measures, space)
            .calendar(&self.calendar)
            .working_days(&self.working_days);
        if let Some(weights) = weights {
            if !weights.subjects().axes().is_empty() {
                sources = sources.combinations(weights.combinations()?);
            }
            sources = sources.table(Key::new(SOLD)?, weights);
        }
        let mut recipe = CascadeDef::new(Key::new("decomposition")?, Key::new(TARGET)?, horizon);
        recipe.steps = steps;
        let plan = Cascade::compile(recipe, &sources)?.run_units(cents)?;
        match plan.verify().first() {
            None => Ok(plan),
            Some(wrong) => Err(format!("the plan does not add up: {wrong:?}").into()),
        }
    }

    fn by_member(&self, split: &MemberSplit) -> Result<Value, quotaflow::Error> {
        let subjects = self.subjects(split.level)?;
        let sold = self.sold(&subjects, Grain::Year, split.weight, split.channel)?;
        let [dimension, level] = split.level;
        let step =
            StepDef::member(dimension, level)?.basis(BasisDef::History(TableUse::total(SOLD)?));
        let plan = self.plan(split.cents, self.planned, vec![step], Some(table(&sold)?))?;
        let mut weights = Vec::new();
        for node in plan.frame().children(NodeId::WHOLE) {
            let member = plan.frame().name(node).ok_or("a member of the plan")?;
            let cell = Cell::of(&sold, subjects.row([member])?)?;
            weights.push(cell.decimal(SOLD, split.weight.2));
        }
        single(split.note, &plan, &weights)
    }

    fn by_time(&self) -> Result<Map<String, Value>, quotaflow::Error> {
        let whole = |cents, step| self.plan(cents, self.planned, vec![step], None);
        let months = self.periods(Grain::Month, self.planned)?;
        let weeks = self.periods(Grain::Week, self.planned)?;
        let month = || StepDef::grain(Grain::Month);
        let (fifty_million, hundred) = (5_000_000_000, 10_000);
        let mut document = Map::new();
        let mut insert = |name: &str, value| document.insert(name.to_owned(), value);

        let plan = whole(hundred, month())?;
        let ones = vec![json!("1"); months.len()];
        insert(
            "by_month_equal",
            single("100.00 in 12 equal parts: 8.33/8.34", &plan, &ones)?,
        );
        let plan = whole(fifty_million, month().basis(BasisDef::CalendarDays))?;
        insert(
            "by_month_calendar_days",
            single(
                "weights = calendar days of the month",
                &plan,
                &self.days(&months),
            )?,
        );
        let plan = whole(fifty_million, month().basis(BasisDef::WorkingDays))?;
        insert(
            "by_month_weekdays",
            single(
                "weights = Monday-Friday days of the month (no holidays)",
                &plan,
                &self.weekdays(&months),
            )?,
        );
        let week = StepDef::grain(Grain::Week).basis(BasisDef::CalendarDays);
        insert(
            "by_iso_week",
            single(
                "weights = days of 2013 in each ISO week (2013-W01 has 6, 2014-W01 has 2)",
                &whole(fifty_million, week)?,
                &self.days(&weeks),
            )?,
        );
        let sold = self.sold(&Subjects::whole(), Grain::Month, ORDERS, None)?;
        let plan = self.plan(
            fifty_million,
            self.planned,
            vec![month().basis(last_year()?)],
            Some(table(&sold)?),
        )?;
        let first = Cell::first(&sold)?;
        let weights: Vec<Value> = sold
            .periods()
            .ids()
            .take(months.len())
            .map(|period| Cell { period, ..first }.decimal(SOLD, ORDERS.2))
            .collect();
        insert(
            "by_month_2012_pattern",
            single(
                "weights = SubTotal of the same month of 2012",
                &plan,
                &weights,
            )?,
        );
        let january = months.id("2013-01")?;
        let january = months.range(january).ok_or("a year has a January")?;
        let day = StepDef::grain(Grain::Day).basis(BasisDef::WorkingDays);
        let plan = self.plan(100_000_000, january, vec![day], None)?;
        insert(
            "january_weekdays_equal",
            single(
                "equal over the 23 weekdays of January 2013",
                &plan,
                &self.weekdays(&self.periods(Grain::Day, january)?),
            )?,
        );
        Ok(document)
    }

    fn periods(&self, grain: Grain, within: DayRange) -> Result<PeriodSet, quotaflow::Error> {
        Ok(self.calendar.periods(grain, within.start(), within.end())?)
    }

    /// The days of the planned year in each period.
    fn days(&self, periods: &PeriodSet) -> Vec<Value> {
        let ranges = periods.ids().filter_map(|at| periods.range(at));
        ranges
            .map(|range| {
                let inside = range.intersection(self.planned);
                json!(inside.map_or(0, DayRange::days).to_string())
            })
            .collect()
    }

    fn weekdays(&self, periods: &PeriodSet) -> Vec<Value> {
        let units = self.working_days.period_units(periods);
        units.iter().map(|days| json!(days.to_string())).collect()
    }

    fn year_to_day(&self) -> Result<Value, quotaflow::Error> {
        let grains = [Grain::Half, Grain::Quarter, Grain::Month, Grain::Day];
        let mut steps = Vec::new();
        for grain in grains {
            let step = StepDef::grain(grain);
            steps.push(if grain == Grain::Day {
                step
            } else {
                step.basis(last_year()?)
            });
        }
        let sold = self.sold(&Subjects::whole(), Grain::Month, ORDERS, None)?;
        let plan = self.plan(5_000_000_000, self.planned, steps, Some(table(&sold)?))?;
        let mut document = Map::new();
        let mut nodes = vec![NodeId::WHOLE];
        for grain in grains {
            nodes = nodes
                .iter()
                .flat_map(|node| plan.frame().children(*node))
                .collect();
            document.insert(grain.name().to_owned(), parts(&plan, &nodes)?);
        }
        document.insert(
            "note".to_owned(),
            json!("each level splits its parent's amount; half/quarter/month weights = 2012 SubTotal, day weights = 1"),
        );
        document.insert("total".to_owned(), total(&plan)?);
        Ok(Value::Object(document))
    }

    fn territory_then_month(&self) -> Result<Value, quotaflow::Error> {
        let level = ["territory", "territory"];
        let sold = self.sold(&self.subjects(level)?, Grain::Month, ORDERS, None)?;
        let steps = vec![
            StepDef::member(level[0], level[1])?.basis(BasisDef::History(TableUse::total(SOLD)?)),
            StepDef::grain(Grain::Month).basis(last_year()?),
        ];
        let plan = self.plan(5_000_000_000, self.planned, steps, Some(table(&sold)?))?;
        let mut territories = Map::new();
        for node in plan.frame().children(NodeId::WHOLE) {
            let months: Vec<NodeId> = plan.frame().children(node).collect();
            let territory = plan.frame().name(node).ok_or("a territory of the plan")?;
            territories.insert(
                territory.to_string(),
                json!({
                    "amount": plan.amount(TARGET, node)?.to_string(),
                    "months": parts(&plan, &months)?,
                }),
            );
        }
        Ok(json!({
            "note": "territory first (2012 SubTotal), then months by the territory's own 2012 months",
            "territories": territories,
            "total": total(&plan)?,
        }))
    }
}

const ORDERS: (&str, &str, u8) = ("order", "sub_total", 4);

/// The months of the year before in turn for those of the plan; halves and quarters have the sums of their months.
fn last_year() -> Result<BasisDef, quotaflow::Error> {
    Ok(BasisDef::History(TableUse::in_turn(
        SOLD,
        SplitDef::Grain(Grain::Month),
    )?))
}

fn table(sold: &Panel) -> Result<Table, quotaflow::Error> {
    Ok(Table::from_panel(
        sold,
        &ColumnKey::actual(SOLD)?,
        MissingFigure::NoWeight,
    )?)
}

fn total(plan: &Plan) -> Result<Value, quotaflow::Error> {
    Ok(json!(plan.amount(TARGET, NodeId::WHOLE)?.to_string()))
}

/// Nodes of a plan with their amounts, in the order of the plan.
fn parts(plan: &Plan, nodes: &[NodeId]) -> Result<Value, quotaflow::Error> {
    let mut parts = Vec::new();
    for node in nodes {
        let key = plan.frame().name(*node).ok_or("a node of a step")?;
        parts.push(json!({"amount": plan.amount(TARGET, *node)?.to_string(), "key": key}));
    }
    Ok(Value::Array(parts))
}

/// A plan of one step with its weights, without the parts that weigh nothing.
fn single(note: &str, plan: &Plan, weights: &[Value]) -> Result<Value, quotaflow::Error> {
    let mut nodes = Vec::new();
    let mut shown = Vec::new();
    for (node, weight) in plan.frame().children(NodeId::WHOLE).zip(weights) {
        let number: Decimal = weight.as_str().unwrap_or_default().parse()?;
        if !number.is_zero() {
            let key = plan.frame().name(node).ok_or("a node of a step")?;
            shown.push(json!({"key": key, "weight": weight}));
            nodes.push(node);
        }
    }
    if plan.frame().children(NodeId::WHOLE).len() != weights.len() {
        return Err("there is not one weight for each part".into());
    }
    Ok(json!({
        "note": note,
        "parts": parts(plan, &nodes)?,
        "total": total(plan)?,
        "weights": shown,
    }))
}
