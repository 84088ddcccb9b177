//! The company's records in a ledger, and the panels that the rules watch.

use quotaflow::Error;

use chrono::{Days, NaiveDate};
use quotaflow::calendar::{
    Calendar, DayRange, Grain, PeriodId, PeriodSet, WorkingDays, WorkingDaysDef,
};
use quotaflow::catalog::packs::{self, Watch, figures};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Formula, Layout, MetricDef, Selection, Valued, measure};
use quotaflow::pace::{Days as PacedBy, Pace, Pacing};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio, Rounding};
use quotaflow::space::{
    Axis, Bridge, DimensionDef, LinkDef, RowId, Space, Subjects, TreeRows, Unassigned,
};
use rust_decimal::Decimal;

use crate::company::{AS_OF, Company, FIRST_DAY, GROUPS, TERRITORIES, date};
use crate::trouble;

/// Days that a dealer has to pay.
const TERM: u64 = 45;

pub struct World {
    pub as_of: NaiveDate,
    ledger: Ledger,
    months: PeriodSet,
}

/// Who has which part in the figures of the subjects above.
pub struct Parts {
    pub panel: Panel,
    pub rows: TreeRows,
}

impl World {
    pub fn new() -> Result<Self, Error> {
        let company = Company::generate();
        let as_of = date(AS_OF);
        let span = DayRange::new(date((2024, 1, 1)), date((2027, 1, 1)))?;
        let space = Space::new(vec![people()?, dealers(&company)?])?;
        let mut ledger = Ledger::new("example", Schema::new(space, measures()?, kinds()?, span)?)?;
        ledger.enter(&ordinary(&company))?;
        ledger.enter(&trouble::records(&company, as_of))?;
        let months =
            Calendar::gregorian().periods(Grain::Month, date(FIRST_DAY), date((2026, 10, 1)))?;
        Ok(Self {
            as_of,
            ledger,
            months,
        })
    }

    /// The last month that is over.
    pub fn month(&self) -> Result<PeriodId, Error> {
        let now = self
            .months
            .on(self.as_of)
            .ok_or("the months hold the day")?;
        Ok(self.months.previous(now).unwrap_or(now))
    }

    pub fn panel(&self, watch: Watch) -> Result<Panel, Error> {
        let mut panel = self.fold(&self.subjects(watch)?)?;
        if watch != Watch::Dealer {
            self.add_targets(&mut panel)?;
        }
        if watch == Watch::Team {
            let people = self.panel(Watch::Person)?;
            let tree = self
                .ledger
                .schema()
                .space()
                .dimension("person")?
                .tree("person")?;
            panel.extend(packs::counts_of_people(&people, tree))?;
        }
        Ok(panel)
    }

    /// The panel one level deeper, which says who has which part in a figure (people of a team, dealers of a person), and
    /// to which subject above each of its subjects belongs.
    pub fn parts(&self, watch: Watch) -> Result<Option<Parts>, Error> {
        let above = self.subjects(watch)?;
        let (subjects, below) = match watch {
            Watch::Team => (self.subjects(Watch::Person)?, "person"),
            Watch::Person => (above.cross(&self.subjects(Watch::Dealer)?)?, "dealer"),
            _ => return Ok(None),
        };
        let space = self.ledger.schema().space();
        let tree = space.dimension(below)?.tree(below)?;
        let rows = tree.rows(&subjects, &above, self.as_of);
        let panel = self.fold(&subjects)?;
        Ok(Some(Parts { panel, rows }))
    }

    /// From a dealer to the person who looks after it, and on to the territory.
    pub fn bridge(&self) -> Result<Bridge<'_>, Error> {
        let space = self.ledger.schema().space();
        let (dealers, people) = (space.dimension("dealer")?, space.dimension("person")?);
        let mut links = Vec::new();
        for dealer in dealers.members("dealer")? {
            let dealer = dealers.key_of(dealer).as_str();
            let (person, _) = dealer.split_once('-').ok_or("a dealer of somebody")?;
            links.push(LinkDef::always(dealer, person)?);
        }
        let (dealers, people) = (dealers.tree("dealer")?, people.tree("person")?);
        Ok(Bridge::new(dealers, people, &links)?)
    }

    fn subjects(&self, watch: Watch) -> Result<Subjects, Error> {
        let axis = match watch {
            Watch::Dealer => Axis::new("dealer", "dealer")?,
            Watch::Team => Axis::new("person", "territory")?,
            _ => Axis::new("person", "person")?,
        };
        let space = self.ledger.schema().space();
        let all = space.subjects(&axis, Unassigned::Hidden)?;
        if watch != Watch::Person {
            return Ok(all);
        }
        // An empty seat is a member of its team and nobody to be judged.
        let people = TERRITORIES.iter().flat_map(|(_, people)| people);
        Ok(Subjects::new(
            axis,
            people.map(Key::new).collect::<Result<_, _>>()?,
        )?)
    }

    fn fold(&self, subjects: &Subjects) -> Result<Panel, Error> {
        let frame = Layout::new(
            self.ledger.schema().clone(),
            subjects.clone(),
            self.months.clone(),
        )
        .as_of_day(self.as_of);
        let (mut metrics, _) = figures::fitting(&frame)?;
        let share = |key: &str, states: &[&str]| -> Result<MetricDef, Error> {
            let some = Selection::of("report")?
                .only(quotaflow::metric::Filter::attribute("handed_in", states)?);
            let of_all = Formula::Count(some).per(Formula::count("report")?);
            Ok(MetricDef::new(key, of_all)?.counted_in("share".parse()?))
        };
        for duty in ["weekly_plan", "report"] {
            metrics.push(share(
                &format!("{duty}.completeness"),
                &["on_time", "late"],
            )?);
            metrics.push(share(&format!("{duty}.punctuality"), &["on_time"])?);
        }
        let due = Selection::of("invoice")?.by_date("due")?;
        metrics.push(MetricDef::new(
            "amount_due",
            Formula::Sum(Valued::measure("amount", due)?),
        )?);
        Ok(measure(&metrics, &frame, &self.ledger)?)
    }

    /// Twelve percent more than in the same month of last year, in the east two and a half times as much; all that falls due is to be
    /// collected. What is expected by now follows from the working days.
    fn add_targets(&self, panel: &mut Panel) -> Result<(), Error> {
        let people = panel.subjects().clone();
        let east = |subject: RowId| {
            people.members(subject).iter().any(|key| {
                TERRITORIES.iter().any(|(team, members)| {
                    *team == "east" && (*key == **team || members.iter().any(|one| *key == **one))
                })
            })
        };
        let sales = column(panel, "target:sales", "sales", 12, |subject| {
            Ratio::percent(if east(subject) { 250 } else { 112 })
        })?;
        let collections = column(panel, "target:collections", "amount_due", 0, |_| Ratio::ONE)?;
        panel.add(sales)?;
        panel.add(collections)?;
        let working_days = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("office")?))?;
        for metric in ["sales", "collections"] {
            let pace = Pace::new(metric, Pacing::Even(PacedBy::Working(working_days.clone())))?;
            panel.extend(pace.columns(self.as_of))?;
        }
        Ok(())
    }
}

/// A column of so many times another one some months earlier.
fn column(
    panel: &Panel,
    key: &str,
    from: &str,
    earlier: usize,
    times: impl Fn(RowId) -> Ratio,
) -> Result<Column, Error> {
    let source = ColumnKey::actual(from)?;
    let (mut cents, mut states) = (Vec::new(), Vec::new());
    let months: Vec<PeriodId> = panel.periods().ids().collect();
    for place in 0..months.len() {
        for subject in panel.subjects().ids() {
            let earlier = place.checked_sub(earlier).map(|earlier| months[earlier]);
            let found = match earlier {
                Some(earlier) => panel.answer(&source, subject, earlier)?.ratio().ok(),
                None => None,
            };
            let amount = found
                .map(|ratio| ratio.checked_mul(times(subject)))
                .transpose()?;
            states.push(amount.map_or(Some(Reason::NothingRecorded), |_| None));
            cents.push(match amount {
                Some(amount) => Quantum::CENT.round(amount, Rounding::HalfAwayFromZero)?,
                None => 0,
            });
        }
    }
    let column = Column::amounts(key.parse()?, "money:CNY".parse()?, Quantum::CENT, cents);
    Ok(column.with_reasons(&states)?)
}

fn people() -> Result<DimensionDef, Error> {
    let mut people = DimensionDef::new("person", &["territory", "person"])?;
    for (territory, members) in TERRITORIES {
        people = people.member("territory", territory)?;
        for person in members {
            people = people.child("person", person, territory)?;
        }
    }
    Ok(people.child("person", "south-seat", "south")?)
}

fn dealers(company: &Company) -> Result<DimensionDef, Error> {
    let keys = company.dealers.iter().map(|dealer| dealer.key.as_str());
    Ok(DimensionDef::flat("dealer", "dealer", keys)?)
}

fn measures() -> Result<Measures, Error> {
    let money = [
        "sales",
        "list_value",
        "amount",
        "limit",
        "cost",
        "expense",
        "price",
        "floor",
        "bought_at",
        "rebate_earned",
        "rebate_confirmed",
        "rebate_used",
        "stock_value",
    ];
    let unit: quotaflow::measure::Unit = "money:CNY".parse()?;
    let all = money.map(|key| Measure::flow(key, unit.clone(), Quantum::CENT));
    Ok(Measures::new(all.into_iter().collect::<Result<_, _>>()?)?)
}

/// What this company records: no costs of goods, no ceilings, no returns, no survey of what dealers buy elsewhere.
fn kinds() -> Result<Vec<RecordKind>, Error> {
    let kind = |key: &str, amounts: &[&str]| -> Result<RecordKind, Error> {
        let mut kind = RecordKind::new(key)?.of("person")?.of("dealer")?;
        for amount in amounts {
            kind = kind.measuring(amount, Need::Optional)?;
        }
        Ok(kind)
    };
    Ok(vec![
        kind("order", &["sales", "list_value"])?,
        kind("invoice", &["amount"])?
            .planning("due")?
            .dating("settled")?,
        kind("payment", &["amount"])?,
        kind("credit_limit", &["limit"])?,
        kind("visit", &["cost"])?,
        kind("expense", &["expense"])?,
        kind("price_observation", &["price", "floor", "bought_at"])?,
        kind(
            "rebate",
            &["rebate_earned", "rebate_confirmed", "rebate_used"],
        )?,
        kind("sell_out", &["sales"])?,
        kind("stock", &["stock_value"])?.noting("position", &[])?,
        kind("sighting", &[])?
            .noting("lot", &[])?
            .noting("place", &["own", "elsewhere"])?,
        kind("complaint", &[])?
            .noting("cause", &[])?
            .dating("noticed")?
            .dating("closed")?,
        kind("task", &[])?
            .noting("responsible", &[])?
            .planning("due")?
            .dating("done")?,
        kind("plan_change", &[])?,
        kind("market_observation", &[])?,
        kind("training", &[])?,
        kind("employment", &[])?.dating("left")?,
        kind("vacancy", &[])?.dating("filled")?,
        kind("clearance", &[])?.dating("done")?,
        kind("report", &[])?.noting("handed_in", &["on_time", "late", "missing"])?,
    ])
}

fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

/// The records that the shared company has, but for those that were never made.
fn ordinary(company: &Company) -> Vec<Record> {
    let mut records = Vec::new();
    let dealer = |index: usize| company.dealers[index].key.as_str();
    for (index, order) in company.orders.iter().enumerate() {
        let key = dealer(order.dealer);
        if trouble::never_made(order.person, key, 0, order.on) {
            continue;
        }
        let list = order.pieces * GROUPS[order.group].1;
        let of = |kind: &str, on| {
            Record::new(kind, on)
                .of("person", order.person)
                .of("dealer", key)
        };
        records.push(
            of("order", order.on)
                .id(&order.id)
                .amount("sales", cents(order.cents))
                .amount("list_value", cents(list)),
        );
        let mut invoice = of("invoice", order.on)
            .amount("amount", cents(order.cents))
            .date("due", order.on + Days::new(TERM));
        if let Some(paid) = company
            .payments
            .iter()
            .find(|payment| payment.order == index)
        {
            // What the dealers of a leaver owed is not collected any more.
            if order.person != "deng" || paid.on <= date((2026, 6, 30)) {
                invoice = invoice.date("settled", paid.on);
                records.push(of("payment", paid.on).amount("amount", cents(paid.cents)));
            }
        }
        records.push(invoice);
    }
    for (index, visit) in company.visits.iter().enumerate() {
        let key = dealer(visit.dealer);
        if trouble::never_made(visit.person, key, index, visit.on) {
            continue;
        }
        records.push(
            Record::new("visit", visit.on)
                .of("person", visit.person)
                .of("dealer", key)
                .amount("cost", cents(visit.cents)),
        );
    }
    for report in &company.reports {
        let state = match report.handed_in {
            Some(on) if on <= report.due => "on_time",
            Some(_) => "late",
            None => "missing",
        };
        records.push(
            Record::new("report", report.due)
                .of("person", report.person)
                .attribute("handed_in", state),
        );
    }
    for price in &company.prices {
        let (_, list, floor) = GROUPS[price.group];
        records.push(
            Record::new("price_observation", price.on)
                .of("person", company.dealers[price.dealer].person)
                .of("dealer", dealer(price.dealer))
                .amount("price", cents(price.cents))
                .amount("floor", cents(floor))
                .amount("bought_at", cents(list * 84 / 100)),
        );
    }
    records
}
