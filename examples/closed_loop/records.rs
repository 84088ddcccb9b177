//! The company's records in a ledger, and the metrics over them.

use quotaflow::Error;

use chrono::{Days as ChronoDays, NaiveDate};
use quotaflow::calendar::{DayRange, PeriodSet, WorkingDays, WorkingDaysDef};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Direction, Measure, Measures};
use quotaflow::metric::{Formula, Layout, MetricDef, Program, Selection, Timeframe, Valued};
use quotaflow::panel::Panel;
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

use crate::company::{AS_OF, Company, FIRST_DAY, GROUPS, TERRITORIES, date};

/// Days that a dealer has to pay.
const TERM: u64 = 45;

pub struct World {
    pub company: Company,
    pub ledger: Ledger,
    pub as_of: NaiveDate,
    pub working_days: WorkingDays,
}

impl World {
    pub fn new() -> Result<Self, Error> {
        let company = Company::generate();
        let space = Space::new(vec![people()?, dealers(&company)?, groups()?])?;
        let span = DayRange::new(date(FIRST_DAY), date((2027, 1, 1)))?;
        let schema = Schema::new(space, measures()?, kinds()?, span)?;
        let mut ledger = Ledger::new("example", schema)?;
        ledger.enter(&records(&company))?;
        let working_days = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("office")?))?;
        Ok(Self {
            company,
            ledger,
            as_of: date(AS_OF),
            working_days,
        })
    }

    pub fn subjects(&self, level: &str) -> Result<Subjects, Error> {
        Ok(self
            .ledger
            .schema()
            .space()
            .subjects(&Axis::new("person", level)?, Unassigned::Hidden)?)
    }

    pub fn fold(&self, subjects: &Subjects, periods: &PeriodSet) -> Result<Panel, Error> {
        let frame = Layout::new(
            self.ledger.schema().clone(),
            subjects.clone(),
            periods.clone(),
        )
        .as_of_day(self.as_of);
        let plan = Program::compile(&metrics()?, &frame)?;
        Ok(plan.panel(&plan.fold(&self.ledger)?)?)
    }
}

fn people() -> Result<DimensionDef, Error> {
    let mut people = DimensionDef::new("person", &["territory", "person"])?;
    for (territory, members) in TERRITORIES {
        people = people.member("territory", territory)?;
        for person in members {
            people = people.child("person", person, territory)?;
        }
    }
    Ok(people)
}

fn dealers(company: &Company) -> Result<DimensionDef, Error> {
    let mut dealers = DimensionDef::new("dealer", &["market", "dealer"])?;
    for (territory, _) in TERRITORIES {
        dealers = dealers.member("market", territory)?;
    }
    for dealer in &company.dealers {
        dealers = dealers.child("dealer", &dealer.key, dealer.territory)?;
    }
    Ok(dealers)
}

fn groups() -> Result<DimensionDef, Error> {
    Ok(DimensionDef::flat(
        "group",
        "group",
        GROUPS.map(|(name, _, _)| name),
    )?)
}

fn measures() -> Result<Measures, Error> {
    let money = |key| -> Result<Measure, Error> {
        Ok(Measure::flow(key, "money:CNY".parse()?, Quantum::CENT)?)
    };
    let count = |key, of: &str| -> Result<Measure, Error> {
        Ok(Measure::flow(
            key,
            format!("count:{of}").parse()?,
            Quantum::ONE,
        )?)
    };
    Ok(Measures::new(vec![
        money("sales")?,
        money("paid")?,
        money("visit_cost")?.better(Direction::Smaller),
        money("price")?,
        count("pieces", "piece")?,
        count("visits", "visit")?,
        Measure::flow("time", "minute".parse()?, Quantum::ONE)?,
    ])?)
}

fn kinds() -> Result<Vec<RecordKind>, Error> {
    let of_person = |key: &str| -> Result<RecordKind, Error> {
        Ok(RecordKind::new(key)?.of("person")?.of("dealer")?)
    };
    Ok(vec![
        of_person("order")?
            .of("group")?
            .measuring("sales", Need::Required)?
            .measuring("pieces", Need::Required)?
            .planning("due")?,
        // A payment clears what is due: not before the day on which it is due.
        of_person("payment")?
            .measuring("paid", Need::Required)?
            .dating("clears")?,
        of_person("visit")?
            .measuring("visit_cost", Need::Required)?
            .measuring("time", Need::Required)?
            .noting("outcome", &["order", "none"])?,
        RecordKind::new("report")?
            .of("person")?
            .noting("handed_in", &["on time", "late", "missing"])?,
        of_person("price")?
            .of("group")?
            .measuring("price", Need::Required)?
            .noting("against_floor", &["kept", "below"])?,
    ])
}

fn records(company: &Company) -> Vec<Record> {
    let cents = |cents: i64| Decimal::new(cents, 2);
    let of = |kind: &str, id: &str, on, person: &str, dealer: usize| {
        Record::new(kind, on)
            .id(id)
            .of("person", person)
            .of("dealer", &company.dealers[dealer].key)
    };
    let due = |index: usize| company.orders[index].on + ChronoDays::new(TERM);
    let mut records = Vec::new();
    for (index, order) in company.orders.iter().enumerate() {
        let record = of("order", &order.id, order.on, order.person, order.dealer)
            .of("group", GROUPS[order.group].0)
            .amount("sales", cents(order.cents))
            .amount("pieces", Decimal::from(order.pieces))
            .date("due", due(index));
        records.push(record);
    }
    for payment in &company.payments {
        let order = &company.orders[payment.order];
        let id = format!("payment of {}", order.id);
        let record = of("payment", &id, payment.on, order.person, order.dealer)
            .amount("paid", cents(payment.cents))
            .date("clears", payment.on.max(due(payment.order)));
        records.push(record);
    }
    for visit in &company.visits {
        let record = of("visit", &visit.id, visit.on, visit.person, visit.dealer)
            .amount("visit_cost", cents(visit.cents))
            .amount("time", Decimal::from(visit.minutes))
            .attribute("outcome", if visit.ordered { "order" } else { "none" });
        records.push(record);
    }
    for report in &company.reports {
        let state = match report.handed_in {
            Some(on) if on <= report.due => "on time",
            Some(_) => "late",
            None => "missing",
        };
        records.push(
            Record::new("report", report.due)
                .id(&report.id)
                .of("person", report.person)
                .attribute("handed_in", state),
        );
    }
    for price in &company.prices {
        let (group, _, floor) = GROUPS[price.group];
        let record = of(
            "price",
            &price.id,
            price.on,
            company.dealers[price.dealer].person,
            price.dealer,
        )
        .of("group", group)
        .amount("price", cents(price.cents))
        .attribute(
            "against_floor",
            if price.cents < floor { "below" } else { "kept" },
        );
        records.push(record);
    }
    records
}

fn metrics() -> Result<Vec<MetricDef>, Error> {
    let due = Selection::of("order")?
        .by_date("due")?
        .in_window(Timeframe::AsOf);
    let cleared = Selection::of("payment")?
        .by_date("clears")?
        .in_window(Timeframe::AsOf);
    let overdue = Formula::Difference {
        of: Box::new(Formula::Sum(Valued::measure("sales", due)?)),
        minus: Box::new(Formula::Sum(Valued::measure("paid", cleared)?)),
    };
    let on_time = Formula::Count(Selection::of("report")?.with("handed_in", "on time")?);
    let below = Formula::Count(Selection::of("price")?.with("against_floor", "below")?);
    Ok(vec![
        MetricDef::new("sales", Formula::sum("sales", "order")?)?,
        MetricDef::new("orders", Formula::count("order")?)?,
        MetricDef::new("visits", Formula::count("visit")?)?.counted_in("count:visit".parse()?),
        MetricDef::new(
            "orders_per_100_visits",
            Formula::count("order")?.per_100(Formula::count("visit")?),
        )?,
        MetricDef::new(
            "cost_per_visit",
            Formula::sum("visit_cost", "visit")?.per(Formula::count("visit")?),
        )?
        .better(Direction::Smaller),
        MetricDef::new("reports_on_time", on_time.per(Formula::count("report")?))?
            .counted_in("share".parse()?),
        MetricDef::new("overdue", overdue)?.better(Direction::Smaller),
        MetricDef::new(
            "overdue_to_sales",
            Formula::metric("overdue")?.per(Formula::metric("sales")?),
        )?
        .better(Direction::Smaller),
        MetricDef::new("sold_below_floor", below.per(Formula::count("price")?))?
            .better(Direction::Smaller)
            .counted_in("share".parse()?),
    ])
}
