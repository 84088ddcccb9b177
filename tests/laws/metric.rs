//! Laws of folding: any split and order of records gives the same panel, and the panel is what a slow and obvious count
//! over the records says.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{
    Age, Concentration, Condition, Empty, Entities, Entity, First, Formula, Frame, MetricDef,
    Partial, Plan, QuantileMethod, Relation, SameDay, Scope, Selection, Value, Valued, Window,
};
use quotaflow::panel::{ColumnKey, Panel, State};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn start() -> NaiveDate {
    day("2025-11-20")
}

/// One record, as drawn.
#[derive(Debug, Clone)]
struct Event {
    order: bool,
    offset: u64,
    minute: u32,
    sequence: u64,
    person: Option<usize>,
    customer: Option<usize>,
    units: Option<i64>,
    outcome: Option<usize>,
    due: Option<u64>,
}

const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
const CUSTOMERS: [&str; 6] = ["c1", "c2", "c3", "c4", "c5", "c6"];
const OUTCOMES: [&str; 3] = ["won", "lost", "postponed"];

fn event() -> impl Strategy<Value = Event> {
    (
        (any::<bool>(), 0_u64..220, 0_u32..1440, 0_u64..3),
        (
            prop::option::weighted(0.9, 0..PEOPLE.len()),
            prop::option::weighted(0.9, 0..CUSTOMERS.len()),
        ),
        (
            prop::option::weighted(0.8, -50_i64..500),
            prop::option::of(0..OUTCOMES.len()),
            prop::option::of(0_u64..60),
        ),
    )
        .prop_map(
            |((order, offset, minute, sequence), (person, customer), (units, outcome, due))| {
                Event {
                    order,
                    offset,
                    minute,
                    sequence,
                    person,
                    customer,
                    units,
                    outcome,
                    due,
                }
            },
        )
}

fn schema() -> Schema {
    let at = |text: &str| Some(day(text));
    let person = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| d.member("team", "red")?.member("team", "blue"))
        .and_then(|d| d.member("person", "ann")?.child("person", "bo", "red"))
        .and_then(|d| d.link("person", "ann", "red", None, at("2026-02-10")))
        .and_then(|d| d.link("person", "ann", "blue", at("2026-02-10"), None))
        .and_then(|d| d.member("person", "cy"))
        .and_then(|d| d.link("person", "cy", "blue", at("2026-01-15"), at("2026-04-01")))
        .unwrap();
    let customer = DimensionDef::flat("customer", "customer", CUSTOMERS).unwrap();
    let space = Space::new(vec![person, customer]).unwrap();
    let money =
        |key: &str| Measure::flow(key, "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![money("sales"), money("floor")]).unwrap();
    let kind = |name: &str| {
        RecordKind::new(name)
            .and_then(|kind| {
                kind.of("person")?
                    .of("customer")?
                    .playing("helper", "person")?
                    .measuring("sales", Need::Optional)?
                    .measuring("floor", Need::Optional)
            })
            .and_then(|kind| kind.noting("outcome", &[])?.dating("due"))
            .unwrap()
    };
    let span = DayRange::new(start(), day("2026-08-01")).unwrap();
    Schema::new(
        space,
        measures,
        vec![kind("visit").timed(), kind("order")],
        span,
    )
    .unwrap()
}

/// On one day of the week there is no floor.
fn floor(on: NaiveDate) -> Option<i64> {
    let weekday = i64::from(on.weekday().num_days_from_monday());
    (weekday > 0).then_some(weekday * 60)
}

/// On one day of the week nobody helps.
fn helper(on: NaiveDate) -> Option<usize> {
    let weekday = on.weekday().num_days_from_monday() as usize;
    (weekday < 6).then_some(weekday % PEOPLE.len())
}

fn record(number: usize, event: &Event) -> Record {
    let on = start() + Days::new(event.offset);
    let mut record = Record::new(if event.order { "order" } else { "visit" }, on)
        .id(format!("r{number}"))
        .sequence(event.sequence);
    if !event.order {
        record =
            record.at(NaiveTime::from_hms_opt(event.minute / 60, event.minute % 60, 0).unwrap());
    }
    if let Some(person) = event.person {
        record = record.of("person", PEOPLE[person]);
    }
    if let Some(customer) = event.customer {
        record = record.of("customer", CUSTOMERS[customer]);
    }
    if let Some(units) = event.units {
        record = record.amount("sales", Decimal::new(units, 2));
    }
    if let Some(helper) = helper(on) {
        record = record.of("helper", PEOPLE[helper]);
    }
    if let Some(floor) = floor(on) {
        record = record.amount("floor", Decimal::new(floor, 2));
    }
    if let Some(outcome) = event.outcome {
        record = record.attribute("outcome", OUTCOMES[outcome]);
    }
    if let Some(due) = event.due {
        record = record.date("due", on + Days::new(due));
    }
    record
}

fn ledger(key: &str, schema: &Schema, records: &[Record]) -> Ledger {
    let mut ledger = Ledger::new(key, schema.clone()).unwrap();
    ledger.enter(records).unwrap();
    ledger
}

fn both() -> Selection {
    Selection::of_any(&["visit", "order"]).unwrap()
}

fn orders() -> Selection {
    Selection::of("order").unwrap()
}

fn customers(of: Selection) -> Entities {
    Entities::members("customer", of).unwrap()
}

fn customer() -> Entity {
    Entity::Member {
        dimension: Key::new("customer").unwrap(),
        level: None,
    }
}

#[expect(clippy::too_many_lines, reason = "a list")]
fn definitions() -> Vec<MetricDef> {
    let won = || orders().with("outcome", "won").unwrap();
    let sales = |of: Selection| Valued::measure("sales", of).unwrap();
    let gap = |entity: Option<Entity>, same_day| Value::Gap { entity, same_day };
    let several = Condition::Any(vec![
        Condition::attribute("outcome", &["lost", "postponed"]).unwrap(),
        Condition::Not(Box::new(Condition::Has(Key::new("customer").unwrap()))),
        Condition::at_least("sales", 2).unwrap(),
    ]);
    let mut metrics = Vec::new();
    let mut add = |key: &str, formula| metrics.push(MetricDef::new(key, formula).unwrap());
    add("visits", Formula::count("visit").unwrap());
    add("orders", Formula::count("order").unwrap());
    add("won", Formula::Count(won()));
    add("several", Formula::Count(both().only(several)));
    add(
        "blue",
        Formula::Count(both().only(Condition::member("person", &["blue"]).unwrap())),
    );
    let below = Condition::compared("sales", Relation::Below, "floor").unwrap();
    add("below", Formula::Count(both().only(below)));
    let same = Condition::same_member("person", "helper", "team").unwrap();
    add("same_team", Formula::Count(both().only(same)));
    add("days_seen", Formula::Distinct(Entities::days(both())));
    add(
        "days_seen_3",
        Formula::Distinct(Entities::days(orders().in_window(Window::Trailing(3)))),
    );
    add(
        "open_age",
        Formula::OpenAge {
            of: orders(),
            until: Key::new("due").unwrap(),
            since: Key::new("day").unwrap(),
        },
    );
    add("silent", Formula::Since(won()));
    add("silent_due", Formula::Since(both().by_date("due").unwrap()));
    add("due", Formula::Count(orders().by_date("due").unwrap()));
    add("sales", Formula::sum("sales", "order").unwrap());
    add(
        "sales_known",
        Formula::Sum(sales(both()).when_empty(Empty::NothingRecorded)),
    );
    add(
        "trailing",
        Formula::Sum(sales(orders().in_window(Window::Trailing(3)))),
    );
    add(
        "days_45",
        Formula::Sum(sales(orders().in_window(Window::TrailingDays(45)))),
    );
    add("as_of", Formula::Count(both().in_window(Window::AsOf)));
    add(
        "qtd",
        Formula::Count(both().in_window(Window::ToDate(Grain::Quarter))),
    );
    add("mean", Formula::Mean(sales(won())));
    add("low", Formula::Minimum(sales(both())));
    add(
        "high",
        Formula::Maximum(sales(both().in_window(Window::Trailing(2)))),
    );
    let quantile = |value: Value, of, p: Ratio, method| Formula::Quantile {
        value,
        of,
        p,
        method,
    };
    let amount = || Value::Measure(Key::new("sales").unwrap());
    add(
        "p90",
        quantile(amount(), both(), Ratio::percent(90), QuantileMethod::Type7),
    );
    add(
        "p25",
        quantile(
            amount(),
            both(),
            Ratio::percent(25),
            QuantileMethod::NearestRank,
        ),
    );
    add(
        "term",
        Formula::Mean(Valued::days("day", "due", orders()).unwrap()),
    );
    add("distinct", Formula::Distinct(customers(both())));
    add(
        "distinct_3",
        Formula::Distinct(customers(both().in_window(Window::Trailing(3)))),
    );
    add(
        "outcomes",
        Formula::Distinct(Entities::values("outcome", both()).unwrap()),
    );
    add("new", Formula::New(customers(both())));
    add("new_won", Formula::New(customers(won())));
    let lost = |seen_within, absent_for, scope| Formula::Lost {
        entity: customer(),
        of: both(),
        seen_within,
        absent_for,
        scope,
        first: First::Zero,
    };
    add("lost_event", lost(1, 2, Scope::Overall));
    add("lost_state", lost(4, 2, Scope::Overall));
    add("lost_own", lost(3, 1, Scope::Subject));
    for (key, scope) in [("back_own", Scope::Subject), ("back", Scope::Overall)] {
        add(
            key,
            Formula::Reactivated {
                entity: customer(),
                of: both(),
                after: 2,
                scope,
            },
        );
    }
    add(
        "retained",
        Formula::Retained {
            entity: customer(),
            of: both(),
            scope: Scope::Overall,
        },
    );
    add(
        "previous",
        Formula::Previous {
            entity: customer(),
            of: both(),
            scope: Scope::Overall,
        },
    );
    add(
        "dormant",
        Formula::Dormant {
            entity: customer(),
            of: both(),
            periods: 2,
            scope: Scope::Subject,
        },
    );
    add(
        "gap",
        Formula::Mean(Valued::new(gap(Some(customer()), SameDay::Each), both())),
    );
    add(
        "gap_days",
        Formula::Maximum(Valued::new(gap(None, SameDay::Once), both())),
    );
    let due = || Key::new("due").unwrap();
    add(
        "open",
        Formula::Open {
            value: None,
            of: orders(),
            until: due(),
            age: None,
        },
    );
    let age = Some(Age::since("day", Some(10), Some(30)).unwrap());
    add(
        "ageing",
        Formula::Open {
            value: Some(amount()),
            of: both(),
            until: due(),
            age,
        },
    );
    add(
        "stock",
        Formula::Last {
            value: amount(),
            entity: customer(),
            of: both(),
        },
    );
    let concentration = |value, figure| Formula::Concentration {
        value,
        entity: customer(),
        of: both(),
        figure,
    };
    add(
        "top_2",
        concentration(Some(amount()), Concentration::Top(2)),
    );
    add("hhi", concentration(None, Concentration::Herfindahl));
    let boxed = |formula: Result<Formula, _>| Box::new(formula.unwrap());
    add(
        "growth",
        Formula::Growth {
            of: boxed(Formula::metric("orders")),
            periods: 1,
        },
    );
    add(
        "earlier",
        Formula::Earlier {
            of: boxed(Formula::metric("mean")),
            periods: 2,
        },
    );
    add(
        "share",
        Formula::Share {
            of: boxed(Formula::metric("orders")),
            within: Vec::new(),
        },
    );
    add(
        "average_stock",
        Formula::AverageBalance(boxed(Formula::metric("stock"))),
    );
    let minus = boxed(Formula::metric("visits"));
    add(
        "more",
        Formula::Difference {
            of: boxed(Formula::metric("orders")),
            minus,
        },
    );
    let minus = boxed(Formula::metric("low"));
    add(
        "spread",
        Formula::Difference {
            of: boxed(Formula::metric("p90")),
            minus,
        },
    );
    let daily = Formula::Metric(Key::new("sales").unwrap()).per(Formula::Days);
    add(
        "daily",
        Formula::Scaled {
            of: Box::new(daily),
            by: Ratio::percent(50),
        },
    );
    metrics
}

fn frame(schema: &Schema, subjects: Subjects) -> Frame {
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2025-12-01"), day("2026-07-01"))
        .unwrap();
    Frame::new(schema.clone(), subjects, months)
}

fn axis(schema: &Schema, level: &str, unassigned: Unassigned) -> Subjects {
    schema
        .space()
        .subjects(&Axis::new("person", level).unwrap(), unassigned)
        .unwrap()
}

fn every_kind_of_subjects(schema: &Schema) -> Vec<Subjects> {
    let customers = schema
        .space()
        .subjects(
            &Axis::new("customer", "customer").unwrap(),
            Unassigned::Shown,
        )
        .unwrap();
    vec![
        Subjects::whole(),
        axis(schema, "person", Unassigned::Shown),
        axis(schema, "team", Unassigned::Hidden),
        axis(schema, "team", Unassigned::Shown)
            .cross(&customers)
            .unwrap(),
    ]
}

/// The slow and obvious way: records as structs, sets of names, one question at a time.
struct Oracle<'a> {
    frame: &'a Frame,
    seen: Vec<Seen>,
}

#[derive(Debug, Clone)]
struct Seen {
    record: Record,
    /// The position among the subjects, if any.
    subject: Option<usize>,
    team: Option<String>,
    order: (NaiveDate, NaiveTime, u64),
}

impl<'a> Oracle<'a> {
    fn new(frame: &'a Frame, records: &[Record]) -> Self {
        let space = frame.schema().space();
        let ancestor = |record: &Record, dimension: &str, level: &str| {
            let known = space.dimension(dimension).unwrap();
            let member = record
                .members
                .get(dimension)
                .map_or("unassigned", String::as_str);
            let place = known.placement(known.member(member).unwrap(), record.day);
            known
                .key_of(known.ancestor(place, known.level(level).unwrap()))
                .clone()
        };
        let seen = records.iter().map(|record| {
            let axes = frame.subjects().axes().iter();
            let members: Vec<Key> = axes
                .map(|axis| ancestor(record, axis.dimension.as_str(), axis.level.as_str()))
                .collect();
            let subject = frame.subjects().position(&members);
            let team = Some(ancestor(record, "person", "team").as_str().to_owned());
            let order = (record.day, record.time.unwrap_or_default(), record.sequence);
            Seen {
                record: record.clone(),
                subject,
                team,
                order,
            }
        });
        Self {
            frame,
            seen: seen.collect(),
        }
    }

    fn period(&self, day: NaiveDate) -> Option<usize> {
        self.frame.periods().position(day)
    }

    fn select(&self, keep: impl Fn(&Seen) -> bool) -> Vec<&Seen> {
        self.seen.iter().filter(|seen| keep(seen)).collect()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each metric")]
    fn answer(&self, key: &str, subject: usize, period: usize) -> Result<Ratio, State> {
        let here = self.frame.periods().period(period).unwrap();
        let own = |seen: &&&Seen| seen.subject == Some(subject);
        let within = |seen: &&&Seen| here.contains(seen.record.day);
        let order = |seen: &Seen| seen.record.kind == "order";
        let won = |seen: &Seen| order(seen) && outcome(seen) == Some("won");
        let all = self.select(|_| true);
        let in_cell: Vec<&Seen> = all.iter().filter(own).filter(within).copied().collect();
        let since = |from: NaiveDate| -> Vec<&Seen> {
            let inside = |seen: &&&Seen| from <= seen.record.day && seen.record.day < here.end;
            all.iter().filter(own).filter(inside).copied().collect()
        };
        let months_back = |count: usize| {
            self.frame
                .periods()
                .period(period.saturating_sub(count - 1))
                .unwrap()
                .start
        };
        let counted = |found: usize| Ok(Ratio::from(i64::try_from(found).unwrap()));
        let count = |keep: &dyn Fn(&Seen) -> bool| {
            counted(in_cell.iter().filter(|seen| keep(seen)).count())
        };
        let total = |found: &[&Seen], keep: &dyn Fn(&Seen) -> bool| {
            cents(
                found
                    .iter()
                    .filter(|seen| keep(seen))
                    .filter_map(|seen| units(seen))
                    .sum(),
            )
        };
        let names = |found: &[&Seen]| {
            let named = found
                .iter()
                .filter_map(|seen| seen.record.members.get("customer"));
            named.cloned().collect::<BTreeSet<String>>()
        };
        match key {
            "visits" => count(&|seen| !order(seen)),
            "orders" => count(&order),
            "won" => count(&won),
            "several" => count(&|seen| {
                matches!(outcome(seen), Some("lost" | "postponed"))
                    || !seen.record.members.contains_key("customer")
                    || units(seen).is_some_and(|units| units >= 200)
            }),
            "blue" => count(&|seen| seen.team.as_deref() == Some("blue")),
            "below" => count(&|seen| {
                let floor = floor(seen.record.day);
                units(seen)
                    .zip(floor)
                    .is_some_and(|(units, floor)| units < floor)
            }),
            "same_team" => count(&|seen| {
                let team = |field: &str| {
                    let people = self.frame.schema().space().dimension("person").unwrap();
                    let member = people.member(seen.record.members.get(field)?).ok()?;
                    let place = people.placement(member, seen.record.day);
                    let team = people.ancestor(place, people.level("team").unwrap());
                    let key = people.key_of(team).as_str().to_owned();
                    (key != "unassigned").then_some(key)
                };
                team("person").is_some_and(|own| team("helper").as_ref() == Some(&own))
            }),
            "days_seen" | "days_seen_3" => {
                let found = if key == "days_seen" {
                    in_cell.clone()
                } else {
                    let mut found = since(months_back(3));
                    found.retain(|seen| order(seen));
                    found
                };
                let days: BTreeSet<NaiveDate> = found.iter().map(|seen| seen.record.day).collect();
                counted(days.len())
            }
            "open_age" => {
                let last = here.end.pred_opt().unwrap();
                let ages: Vec<i64> = all
                    .iter()
                    .filter(own)
                    .filter(|seen| order(seen) && seen.record.day <= last)
                    .filter(|seen| seen.record.dates.get("due").is_none_or(|due| *due > last))
                    .map(|seen| (last - seen.record.day).num_days())
                    .collect();
                mean(&ages)
            }
            "silent" | "silent_due" => {
                let last = here.end.pred_opt().unwrap();
                let latest = all.iter().filter(own).filter_map(|seen| {
                    let day = if key == "silent" {
                        won(seen).then_some(seen.record.day)
                    } else {
                        seen.record.dates.get("due").copied()
                    };
                    day.filter(|day| *day < here.end)
                });
                let latest = latest.max().ok_or(State::NothingRecorded)?;
                Ok(Ratio::from((last - latest).num_days()))
            }
            "due" => counted(
                all.iter()
                    .filter(own)
                    .filter(|seen| order(seen))
                    .filter(|seen| {
                        seen.record
                            .dates
                            .get("due")
                            .is_some_and(|due| here.contains(*due))
                    })
                    .count(),
            ),
            "sales" => Ok(total(&in_cell, &order)),
            "sales_known" => {
                if in_cell.iter().all(|seen| units(seen).is_none()) {
                    return Err(State::NothingRecorded);
                }
                Ok(total(&in_cell, &|_| true))
            }
            "trailing" => Ok(total(&since(months_back(3)), &order)),
            "days_45" => Ok(total(&since(here.end - Days::new(45)), &order)),
            "as_of" => counted(since(NaiveDate::MIN).len()),
            "qtd" => {
                let last = here.end.pred_opt().unwrap();
                let quarter = Calendar::gregorian()
                    .containing(Grain::Quarter, last)
                    .unwrap();
                counted(since(quarter.start).len())
            }
            "mean" => {
                let found: Vec<i64> = in_cell
                    .iter()
                    .filter(|seen| won(seen))
                    .filter_map(|seen| units(seen))
                    .collect();
                mean(&found).and_then(|mean| {
                    mean.checked_div(Ratio::from(100))
                        .map_err(|_| State::OutOfRange)
                })
            }
            "low" => in_cell
                .iter()
                .filter_map(|seen| units(seen))
                .min()
                .map(cents)
                .ok_or(State::NothingRecorded),
            "high" => since(months_back(2))
                .iter()
                .filter_map(|seen| units(seen))
                .max()
                .map(cents)
                .ok_or(State::NothingRecorded),
            "p90" | "p25" => {
                let mut found: Vec<i64> = in_cell.iter().filter_map(|seen| units(seen)).collect();
                found.sort_unstable();
                if found.is_empty() {
                    return Err(State::NothingRecorded);
                }
                if key == "p25" {
                    let rank = found.len().div_ceil(4).max(1);
                    return Ok(cents(found[rank - 1]));
                }
                let place = (found.len() - 1) * 9;
                let (whole, part) = (place / 10, i64::try_from(place % 10).unwrap());
                let next = found.get(whole + 1).copied().unwrap_or(0);
                let tenths = found[whole] * (10 - part) + if part == 0 { 0 } else { next * part };
                Ok(Ratio::new(i128::from(tenths), 1000).unwrap())
            }
            "term" => {
                let found: Vec<i64> = in_cell
                    .iter()
                    .filter(|seen| order(seen))
                    .filter_map(|seen| {
                        Some((*seen.record.dates.get("due")? - seen.record.day).num_days())
                    })
                    .collect();
                mean(&found)
            }
            "distinct" => counted(names(&in_cell).len()),
            "distinct_3" => counted(names(&since(months_back(3))).len()),
            "outcomes" => counted(
                in_cell
                    .iter()
                    .filter_map(|seen| outcome(seen))
                    .collect::<BTreeSet<_>>()
                    .len(),
            ),
            "new" | "new_won" => {
                let mut found = 0;
                for name in CUSTOMERS {
                    let own = self.select(|seen| {
                        seen.record
                            .members
                            .get("customer")
                            .is_some_and(|own| own == name)
                            && (key == "new" || won(seen))
                    });
                    let outside = (usize::MAX, usize::MAX);
                    let cell = |seen: &Seen| match self.period(seen.record.day) {
                        Some(period) => (seen.subject.unwrap_or(usize::MAX), period),
                        None => outside,
                    };
                    let first = own.iter().min_by_key(|seen| (seen.order, cell(seen)));
                    found +=
                        usize::from(first.is_some_and(|first| cell(first) == (subject, period)));
                }
                counted(found)
            }
            "gap" => {
                let mut gaps = Vec::new();
                for name in CUSTOMERS {
                    let mut days: Vec<NaiveDate> = all
                        .iter()
                        .filter(own)
                        .filter(|seen| {
                            seen.record
                                .members
                                .get("customer")
                                .is_some_and(|own| own == name)
                        })
                        .map(|seen| seen.record.day)
                        .collect();
                    days.sort_unstable();
                    let pairs = days.windows(2).filter(|pair| here.contains(pair[1]));
                    gaps.extend(pairs.map(|pair| (pair[1] - pair[0]).num_days()));
                }
                mean(&gaps)
            }
            "gap_days" => {
                let days: BTreeSet<NaiveDate> =
                    all.iter().filter(own).map(|seen| seen.record.day).collect();
                let days: Vec<NaiveDate> = days.into_iter().collect();
                let pairs = days.windows(2).filter(|pair| here.contains(pair[1]));
                let longest = pairs.map(|pair| (pair[1] - pair[0]).num_days()).max();
                longest.map(Ratio::from).ok_or(State::NothingRecorded)
            }
            "open" | "ageing" => {
                let last = here.end.pred_opt().unwrap();
                let open: Vec<&Seen> = all
                    .iter()
                    .filter(own)
                    .filter(|seen| seen.record.day <= last)
                    .filter(|seen| seen.record.dates.get("due").is_none_or(|due| *due > last))
                    .copied()
                    .collect();
                if key == "open" {
                    return counted(open.iter().filter(|seen| order(seen)).count());
                }
                let aged = |seen: &Seen| (10..=30).contains(&(last - seen.record.day).num_days());
                Ok(total(&open, &aged))
            }
            "stock" => {
                let mut sum = Err(State::NothingRecorded);
                for name in CUSTOMERS {
                    let last = all
                        .iter()
                        .filter(|seen| {
                            seen.record
                                .members
                                .get("customer")
                                .is_some_and(|own| own == name)
                        })
                        .filter(|seen| seen.record.day < here.end && units(seen).is_some())
                        .max_by_key(|seen| {
                            (seen.order, seen.subject.unwrap_or(usize::MAX), units(seen))
                        });
                    if let Some(last) = last.filter(|last| last.subject == Some(subject)) {
                        sum = Ok(sum.unwrap_or(0) + units(last).unwrap());
                    }
                }
                sum.map(cents)
            }
            "top_2" | "hhi" => {
                let mut held: BTreeMap<&str, i64> = BTreeMap::new();
                for seen in &in_cell {
                    let value = if key == "hhi" { Some(1) } else { units(seen) };
                    if let (Some(name), Some(value)) = (seen.record.members.get("customer"), value)
                    {
                        *held.entry(name).or_default() += value;
                    }
                }
                let mut held: Vec<i64> = held.into_values().collect();
                held.sort_unstable();
                let total: i64 = held.iter().sum();
                if total <= 0 {
                    return Err(State::NoBase);
                }
                let (top, bottom) = if key == "hhi" {
                    (held.iter().map(|held| held * held).sum(), total * total)
                } else {
                    (held.iter().rev().take(2).sum::<i64>(), total)
                };
                Ok(Ratio::new(i128::from(top), i128::from(bottom)).unwrap())
            }
            "average_stock" => {
                let before = period.checked_sub(1).ok_or(State::NotApplicable);
                // What has no closing figure says so first.
                let closing = self.answer("stock", subject, period)?;
                let opening = self.answer("stock", subject, before?)?;
                let sum = opening.checked_add(closing).unwrap();
                Ok(sum.checked_mul(Ratio::percent(50)).unwrap())
            }
            "growth" | "earlier" => {
                let (of, back) = if key == "growth" {
                    ("orders", 1)
                } else {
                    ("mean", 2)
                };
                let then = period.checked_sub(back).ok_or(State::NotApplicable)?;
                let then = self.answer(of, subject, then)?;
                if key == "earlier" {
                    return Ok(then);
                }
                let more = self.answer(of, subject, period)?.checked_sub(then).unwrap();
                more.checked_div(then).map_err(|_| State::NoBase)
            }
            "share" => {
                let whole = all
                    .iter()
                    .filter(within)
                    .filter(|seen| seen.subject.is_some() && order(seen));
                let whole = Ratio::from(i64::try_from(whole.count()).unwrap());
                count(&order)?.checked_div(whole).map_err(|_| State::NoBase)
            }
            "more" => Ok(count(&order)?
                .checked_sub(count(&|seen| !order(seen))?)
                .unwrap()),
            "spread" => {
                let high = self.answer("p90", subject, period)?;
                Ok(high
                    .checked_sub(self.answer("low", subject, period)?)
                    .unwrap())
            }
            "daily" => {
                let twice = i64::from(here.days()) * 2;
                Ok(total(&in_cell, &order)
                    .checked_div(Ratio::from(twice))
                    .unwrap())
            }
            _ => self.presence(key, subject, period),
        }
    }

    /// Questions about the months in which a customer was seen.
    fn presence(&self, key: &str, subject: usize, period: usize) -> Result<Ratio, State> {
        let periods = self.frame.periods().len();
        if matches!(key, "lost_event" | "lost_state") && period + 1 >= periods {
            return Err(State::NotYetDue);
        }
        let overall = !matches!(key, "lost_own" | "back_own" | "dormant");
        let mut found = 0;
        for name in CUSTOMERS {
            let own = self.select(|seen| {
                seen.record
                    .members
                    .get("customer")
                    .is_some_and(|own| own == name)
                    && self.period(seen.record.day).is_some()
                    && (overall || seen.subject == Some(subject))
            });
            let months: BTreeSet<usize> = own
                .iter()
                .filter_map(|seen| self.period(seen.record.day))
                .collect();
            let any = |from: usize, to: usize| months.range(from..to.max(from)).next().is_some();
            let back = |count: usize| period.saturating_sub(count);
            let yes = match key {
                "lost_event" => any(back(1), period) && !any(period, period + 2),
                "lost_state" => any(back(4), period) && !any(period, period + 2),
                "lost_own" => any(back(3), period) && !any(period, period + 1),
                "back" | "back_own" => {
                    any(period, period + 1) && !any(back(2), period) && any(0, back(2))
                }
                "retained" => any(back(1), period) && any(period, period + 1),
                "previous" => any(back(1), period),
                "dormant" => {
                    !any(period.saturating_sub(1), period + 1) && any(0, period.saturating_sub(1))
                }
                other => panic!("{other} has no oracle"),
            };
            if !yes {
                continue;
            }
            let place = |seen: &&&Seen| (seen.order, seen.subject.unwrap_or(usize::MAX));
            let credited = if key == "back" {
                own.iter()
                    .filter(|seen| self.period(seen.record.day) == Some(period))
                    .min_by_key(place)
            } else {
                own.iter()
                    .filter(|seen| self.period(seen.record.day) < Some(period))
                    .max_by_key(place)
            };
            let mine = !overall || credited.is_some_and(|seen| seen.subject == Some(subject));
            found += i64::from(mine);
        }
        Ok(Ratio::from(found))
    }
}

fn outcome(seen: &Seen) -> Option<&str> {
    seen.record.attributes.get("outcome").map(String::as_str)
}

fn units(seen: &Seen) -> Option<i64> {
    let amount = seen.record.amounts.get("sales")?;
    Some(Quantum::CENT.units(amount.decimal()).unwrap())
}

fn cents(units: i64) -> Ratio {
    Ratio::new(i128::from(units), 100).unwrap()
}

fn mean(found: &[i64]) -> Result<Ratio, State> {
    let count = i128::try_from(found.len()).unwrap();
    Ratio::new(found.iter().copied().map(i128::from).sum(), count).map_err(|_| State::NoBase)
}

fn same(panel: &Panel, oracle: &Oracle<'_>, keys: &[MetricDef]) -> Result<(), TestCaseError> {
    for metric in keys {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        for subject in 0..panel.subjects().len() {
            for period in 0..panel.periods().len() {
                let answer = panel.answer(&key, subject, period).unwrap();
                let found = answer.ratio().ok_or(answer.state());
                let expected = oracle.answer(metric.key.as_str(), subject, period);
                let place = format!(
                    "{key} of {} in period {period}",
                    panel.subjects().label(subject)
                );
                prop_assert_eq!(found, expected, "{}", place);
            }
        }
    }
    Ok(())
}

/// Every figure is what its explanation computes from the records one by one.
fn explained(plan: &Plan, panel: &Panel, ledger: &Ledger) -> Result<(), TestCaseError> {
    for metric in plan.definitions() {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        for period in [0, 2, panel.periods().len() - 1] {
            for subject in 0..panel.subjects().len().min(4) {
                let answer = panel.answer(&key, subject, period).unwrap();
                let explanation = plan
                    .explain(ledger, metric.key.as_str(), subject, period)
                    .unwrap();
                let derivation = &explanation.derivation;
                let found = derivation.value.ok_or(derivation.state);
                let expected = answer.ratio().ok_or(answer.state());
                prop_assert_eq!(found, expected, "{} of {} in {}", key, subject, period);
                serde_json::to_string(&explanation).unwrap();
            }
        }
    }
    Ok(())
}

fn json(partial: &Partial) -> String {
    serde_json::to_string(partial).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_panel_is_what_the_records_say(events in prop::collection::vec(event(), 0..60)) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let ledger = ledger("all", &schema, &records);
        let metrics = definitions();
        for subjects in every_kind_of_subjects(&schema) {
            let frame = frame(&schema, subjects);
            let plan = Plan::compile(&metrics, &frame).unwrap();
            let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
            same(&panel, &Oracle::new(&frame, &records), &metrics)?;
            explained(&plan, &panel, &ledger)?;
        }
    }

    #[test]
    fn any_split_and_order_gives_the_same_panel(
        events in prop::collection::vec(event(), 1..80),
        cut in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        seed: u64,
    ) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let metrics = definitions();
        let plan = Plan::compile(&metrics, &frame(&schema, axis(&schema, "person", Unassigned::Shown))).unwrap();
        let whole = plan.fold(&ledger("all", &schema, &records)).unwrap();
        let panel = plan.panel(&whole).unwrap();

        // Another order of entry.
        let mut mixed = records.clone();
        mixed.sort_by_key(|record| {
            let id: u64 = record.id.as_ref().unwrap()[1..].parse().unwrap();
            (id + 1).wrapping_mul(seed | 1) % 1009
        });
        let other = plan.fold(&ledger("all", &schema, &mixed)).unwrap();
        prop_assert_eq!(&plan.panel(&other).unwrap(), &panel);

        // Three ledgers, merged in either grouping, with one written down and read back.
        let (mut a, mut b) = (cut.index(mixed.len()), second.index(mixed.len()));
        if a > b { (a, b) = (b, a); }
        let parts: Vec<Partial> = [("x", &mixed[..a]), ("y", &mixed[a..b]), ("z", &mixed[b..])]
            .map(|(key, part)| plan.fold(&ledger(key, &schema, part)).unwrap())
            .into();
        let left = plan.merge(plan.merge(parts[0].clone(), &parts[1]).unwrap(), &parts[2]).unwrap();
        let written = json(&parts[1]);
        let read = plan.read(&mut serde_json::Deserializer::from_str(&written)).unwrap();
        prop_assert_eq!(&json(&read), &written);
        let right = plan.merge(plan.merge(parts[2].clone(), &read).unwrap(), &parts[0]).unwrap();
        prop_assert_eq!(&plan.panel(&left).unwrap(), &panel);
        prop_assert_eq!(&plan.panel(&right).unwrap(), &panel);
        prop_assert_eq!(left.records(), records.len() as u64);
        prop_assert!(a == b || plan.merge(left.clone(), &parts[1]).is_err());

        // One ledger that grows, and one that is folded on several threads.
        let mut growing = ledger("all", &schema, &mixed[..a]);
        let mut partial = plan.fold(&growing).unwrap();
        growing.enter(&mixed[a..]).unwrap();
        plan.extend(&mut partial, &growing).unwrap();
        prop_assert_eq!(&plan.panel(&partial).unwrap(), &panel);
        plan.extend(&mut partial, &growing).unwrap();
        prop_assert_eq!(&plan.panel(&partial).unwrap(), &panel);
        let serial = json(&plan.fold(&growing).unwrap());
        for threads in 1..5 {
            let threaded = plan.fold_on(NonZeroUsize::new(threads).unwrap(), &growing).unwrap();
            prop_assert_eq!(&plan.panel(&threaded).unwrap(), &panel);
            prop_assert_eq!(&json(&threaded), &serial);
            #[cfg(feature = "rayon")]
            {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let pooled = pool.install(|| plan.fold_in_pool(&growing)).unwrap();
                prop_assert_eq!(&json(&pooled), &serial);
            }
        }
    }

    #[test]
    fn what_is_reversed_is_gone_and_sums_say_when(
        events in prop::collection::vec(event(), 1..40),
        taken in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..220), 0..10),
    ) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let mut back: BTreeMap<String, NaiveDate> = BTreeMap::new();
        for (index, offset) in taken {
            let id = records[index.index(records.len())].id.clone().unwrap();
            back.insert(id, start() + Days::new(offset));
        }
        let mut ledger = ledger("all", &schema, &records);
        let reversals: Vec<Record> = back.iter().map(|(id, day)| Record::reversal(id, *day)).collect();
        ledger.enter(&reversals).unwrap();
        let metrics = definitions();
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown));
        let plan = Plan::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        explained(&plan, &panel, &ledger)?;
        let kept: Vec<Record> =
            records.iter().filter(|record| !back.contains_key(record.id.as_ref().unwrap())).cloned().collect();
        let standing: Vec<MetricDef> = metrics
            .iter()
            .filter(|metric| ["low", "p90", "distinct", "new", "lost_event", "back", "gap"].contains(&metric.key.as_str()))
            .cloned()
            .collect();
        same(&panel, &Oracle::new(&frame, &kept), &standing)?;

        // Over all time the counts and sums are those of what is left.
        let ever = |formula| MetricDef::new("ever", formula).unwrap();
        let from = Window::Between { from: start(), to: day("2026-08-01") };
        for formula in [
            Formula::Count(both().in_window(from.clone())),
            Formula::Sum(Valued::measure("sales", orders().in_window(from.clone())).unwrap()),
        ] {
            let plan = Plan::compile(&[ever(formula)], &Frame::new(schema.clone(), Subjects::whole(), frame.periods().clone())).unwrap();
            let with = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
            let mut without = Ledger::new("kept", schema.clone()).unwrap();
            without.enter(&kept).unwrap();
            prop_assert_eq!(with, plan.panel(&plan.fold(&without).unwrap()).unwrap());
        }

        // A ledger with reversals reads back.
        let text = serde_json::to_string(&ledger).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Ledger>(&text).unwrap(), &ledger);
    }
}

#[test]
fn a_team_is_folded_from_its_records_and_not_from_its_people() {
    let schema = schema();
    let visit = |person: &str, text: &str| {
        Record::new("order", day(text))
            .of("person", person)
            .of("customer", "c1")
            .amount("sales", Decimal::ONE)
    };
    // Ann moves from red to blue on 10 February.
    let records = [
        visit("ann", "2026-02-09"),
        visit("ann", "2026-02-10"),
        visit("bo", "2026-02-11"),
    ];
    let ledger = ledger("all", &schema, &records);
    let metrics = [
        MetricDef::new("orders", Formula::count("order").unwrap()).unwrap(),
        MetricDef::new("customers", Formula::Distinct(customers(orders()))).unwrap(),
    ];
    let figures = |level: &str, key: &str| -> Vec<i64> {
        let frame = frame(&schema, axis(&schema, level, Unassigned::Hidden));
        let plan = Plan::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        let key = ColumnKey::actual(key).unwrap();
        let february = 2;
        (0..panel.subjects().len())
            .map(|subject| {
                panel
                    .answer(&key, subject, february)
                    .unwrap()
                    .figure()
                    .unwrap()
                    .amount()
                    .unwrap()
                    .units()
            })
            .collect()
    };
    assert_eq!(figures("person", "orders"), [2, 1, 0]);
    assert_eq!(figures("team", "orders"), [2, 1]);
    assert_eq!(figures("person", "customers"), [1, 1, 0]);
    assert_eq!(figures("team", "customers"), [1, 1]);
}
