//! Random companies of more than a year, and what their journal is told.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use proptest::prelude::*;
use quotaflow::journal::{Entry, EntryId};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::plan::{Edit, Mode, Place, Spread, Verb};
use rust_decimal::Decimal;

use crate::journal_reference::{Company, Deed, Did, Recorded, text};

/// The last day on which anything happens, counted from the first of January 2026.
pub const LAST: i32 = 430;
pub const TEAMS: [&str; 3] = ["north", "south", "west"];
pub const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
pub const HIRES: [&str; 3] = ["di", "ed", "fay"];
pub const CUSTOMERS: [&str; 3] = ["c1", "c2", "c3"];

pub fn date(day: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(u64::try_from(day).unwrap())
}

pub fn time(hand_over: usize) -> NaiveDateTime {
    date(i32::try_from(hand_over).unwrap() * 50 + 50).and_time(NaiveTime::MIN)
}

pub fn model() -> Model {
    serde_json::from_str(
        r#"{
        "dimensions": [{"key": "customer", "hierarchies": [{"key": "customer", "levels": ["customer"]}],
            "members": [{"key": "c1", "level": "customer"}, {"key": "c2", "level": "customer"},
                {"key": "c3", "level": "customer"}]},
            {"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "west", "level": "team"}, {"key": "ann", "level": "person"},
                {"key": "bo", "level": "person"}, {"key": "cy", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"},
            {"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}, {"field": "customer"}],
                "measures": [{"measure": "sales"}]},
            {"key": "visit", "dimensions": [{"field": "person"}, {"field": "customer"}]},
            {"key": "invoice", "dimensions": [{"field": "person"}, {"field": "customer"}],
                "measures": [{"measure": "amount", "need": "required"}], "dates": [{"field": "due"}], "opens": "amount"},
            {"key": "payment", "dimensions": [{"field": "person"}, {"field": "customer"}],
                "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2026-01-01", "end": "2036-01-01"},
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "orders", "formula": {"count": {"kinds": ["order"]}}},
            {"key": "mean", "formula": {"mean": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "rate", "formula": {"ratio": {"of": {"metric": "orders"}, "to": {"count": {"kinds": ["visit"]}}}}},
            {"key": "growth", "formula": {"growth": {"of": {"metric": "sales"}, "periods": 1}}},
            {"key": "share", "formula": {"share": {"of": {"metric": "sales"}}}},
            {"key": "year", "formula": {"sum": {"value": {"measure": "sales"},
                "of": {"kinds": ["order"], "window": {"to_date": "year"}}}}},
            {"key": "receivables", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}},
            {"key": "entered", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}, "figure": "entered"}}},
            {"key": "settled", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}, "figure": "settled"}}},
            {"key": "moved_in", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}, "figure": "moved_in"}}},
            {"key": "moved_out", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}, "figure": "moved_out"}}},
            {"key": "overdue", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]},
                "age": {"since": "due", "at_least": 1}}}},
            {"key": "overdue_1_30", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]},
                "age": {"since": "due", "at_least": 1, "at_most": 30}}}},
            {"key": "open_invoices", "formula": {"open": {"of": {"kinds": ["invoice"]}}}},
            {"key": "receivables_age", "formula": {"open_age": {"of": {"kinds": ["invoice"]}, "since": "day"}}},
            {"key": "unapplied", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["payment"]}}}}
        ],
        "views": [
            {"key": "by_team", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-04-01"}},
            {"key": "by_person", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "quarter", "from": "2026-01-01", "to": "2027-04-01"}},
            {"key": "company", "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-04-01"}, "show": ["sales"]},
            {"key": "team_targets", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-04-01"}, "show": ["sales", "target:sales", "attainment(sales)"]},
            {"key": "person_months", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["target:sales"]},
            {"key": "person_targets", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-04-01"}, "show": ["sales", "target:sales", "attainment(sales)"]},
            {"key": "team_duties", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "quarter", "from": "2026-01-01", "to": "2027-04-01"},
             "show": ["calls.due", "calls.on_time", "calls.missing", "calls.completeness"]},
            {"key": "person_duties", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-04-01"}, "show": ["calls.due", "calls.missing"]}
        ],
        "duties": [{"key": "calls", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]}, "times": 2,
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "days", "every": 30}}}],
        "plans": [{"key": "year", "recipes": [{"key": "year", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}, {"by": {"grain": "month"}}]}]}]
    }"#,
    )
    .unwrap()
}

/// A plan is cascaded, and each of its people has more in one month by one entry after another.
pub fn cascaded(cents: i64) -> Entry {
    let total = [("sales", Decimal::new(cents, 2))];
    let entry = Entry::cascade(EntryId::new("plan", "0").unwrap(), date(0), "year", total);
    entry.unwrap().by("eva").because("agreed")
}

pub fn raised(at: usize, cents: i64, place: Place) -> Entry {
    let day = date(i32::try_from(at).unwrap() * 50);
    let verb = Verb::Proportional {
        amount: Decimal::new(cents, 2).into(),
    };
    let spread = Spread::new("sales", place, verb).unwrap().mode(Mode::Add);
    let id = EntryId::new("plan", &text(at)).unwrap();
    let entry = Entry::change(id, day, "year", [Edit::Spread(spread)]);
    entry.unwrap().by("eva").because("a new account")
}

/// What is done to plans in a hand-over: everybody has more, one hand-over after the other, and once that was a mistake.
pub fn planned(at: usize) -> Vec<Entry> {
    let raised = raised(at, i64::try_from(at).unwrap() * 1_000 + 7, Place::whole());
    match at {
        0 => vec![cascaded(12_345_678)],
        4 => {
            let own = EntryId::new("plan", "void").unwrap();
            let void = Entry::void(own, date(200), EntryId::new("plan", &text(3)).unwrap());
            vec![raised, void]
        }
        _ => vec![raised],
    }
}

/// The same with figures that no counts and sums make: orders are kept singly.
pub fn model_of_singles() -> Model {
    let orders = r#""of": {"kinds": ["order"]}"#;
    let customers = format!(r#""entity": {{"member": {{"dimension": "customer"}}}}, {orders}"#);
    let value = format!(r#""value": {{"measure": "sales"}}, {orders}"#);
    let metrics = [
        ("customers", format!(r#"{{"distinct": {{{customers}}}}}"#)),
        ("new", format!(r#"{{"new": {{{customers}}}}}"#)),
        ("retained", format!(r#"{{"retained": {{{customers}}}}}"#)),
        (
            "reactivated",
            format!(r#"{{"reactivated": {{{customers}, "after": 1}}}}"#),
        ),
        (
            "taken_over",
            format!(r#"{{"taken_over": {{{customers}}}}}"#),
        ),
        ("low", format!(r#"{{"minimum": {{{value}}}}}"#)),
        ("high", format!(r#"{{"maximum": {{{value}}}}}"#)),
        (
            "median",
            format!(r#"{{"quantile": {{{value}, "p": "0.5", "method": "nearest_rank"}}}}"#),
        ),
        (
            "last",
            format!(r#"{{"last": {{"value": {{"measure": "sales"}}, {customers}}}}}"#),
        ),
    ];
    let mut document = serde_json::to_value(model()).unwrap();
    for (key, formula) in metrics {
        let formula: serde_json::Value = serde_json::from_str(&formula).unwrap();
        let metric = serde_json::json!({"key": key, "formula": formula});
        document["metrics"].as_array_mut().unwrap().push(metric);
    }
    serde_json::from_value(document).unwrap()
}

/// The model changed: with a figure and a view more, without some figures, or with another meaning of one.
pub fn changed_model(how: u8) -> Model {
    let mut document = serde_json::to_value(model()).unwrap();
    let metrics = document["metrics"].as_array_mut().unwrap();
    let large = serde_json::json!({"kinds": ["order"],
        "where": [{"range": {"value": {"measure": "sales"}, "at_least": "5"}}]});
    match how {
        0 => {
            metrics.push(serde_json::json!({"key": "large", "formula": {"count": large}}));
            let view = serde_json::json!({"key": "large", "show": ["large", "sales"],
                "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-04-01"}});
            document["views"].as_array_mut().unwrap().push(view);
        }
        1 => metrics.retain(|own| own["key"] != "growth" && own["key"] != "receivables_age"),
        _ => {
            let sales = metrics
                .iter_mut()
                .find(|own| own["key"] == "sales")
                .unwrap();
            sales["formula"] =
                serde_json::json!({"sum": {"value": {"measure": "sales"}, "of": large}});
        }
    }
    serde_json::from_value(document).unwrap()
}

pub fn recorded(
    kind: &'static str,
    person: impl Strategy<Value = String>,
    cents: std::ops::Range<i64>,
) -> impl Strategy<Value = Did> {
    let customer = prop::sample::select(&CUSTOMERS[..]);
    (person, customer, cents, 0..60).prop_map(move |(person, customer, cents, due)| {
        Did::Recorded(Recorded {
            kind,
            person,
            customer,
            cents,
            due,
        })
    })
}

pub fn did() -> impl Strategy<Value = (i32, Did)> {
    let person = prop::sample::select([&PEOPLE[..], &HIRES[..]].concat()).prop_map(str::to_owned);
    let team = prop::sample::select(&TEAMS[..]).prop_map(str::to_owned);
    let what = prop_oneof![
        6 => recorded("order", person.clone(), -500..5_000),
        2 => recorded("visit", person.clone(), 0..1),
        4 => recorded("invoice", person.clone(), 1..5_000),
        3 => recorded("payment", person.clone(), 1..5_000),
        4 => (0_usize..40, prop::option::weighted(0.7, 0_usize..40), 1_i64..3_000)
            .prop_map(|(to, by, cents)| Did::Applied(to, by, cents)),
        2 => (prop::sample::select(&HIRES[..]), prop::option::weighted(0.8, team.clone()))
            .prop_map(|(person, team)| Did::Hired(person.to_owned(), team)),
        3 => (person.clone(), team).prop_map(|(person, team)| Did::Moved(person, team)),
        1 => person.prop_map(Did::Left),
        3 => (0_usize..40, prop::option::of(1_i64..1_500)).prop_map(|(of, part)| Did::Reversed(of, part)),
        2 => (0_usize..40).prop_map(Did::Voided),
    ];
    (0..=LAST, what)
}

/// The number of one of some deeds of the days up to one; of what never comes, where there is none.
pub fn chosen(all: &[(i32, Did)], day: i32, choice: usize, fits: impl Fn(&Did) -> bool) -> usize {
    let fits = |(_, (since, what)): &(usize, &(i32, Did))| *since <= day && fits(what);
    let found: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(fits)
        .map(|(number, _)| number)
        .collect();
    let place = choice % (found.len() + 1);
    found.get(place).copied().unwrap_or(all.len() + choice)
}

pub fn is_of(what: &Did, kind: &str) -> bool {
    matches!(what, Did::Recorded(record) if record.kind == kind)
}

/// A deed with what it refers to among all of them.
pub fn referring(all: &[(i32, Did)], day: i32, what: Did) -> Did {
    match what {
        Did::Reversed(of, part) => {
            let fits = |what: &Did| match what {
                Did::Recorded(record) => part.is_none_or(|part| part <= record.cents),
                Did::Applied(..) => part.is_none(),
                _ => false,
            };
            Did::Reversed(chosen(all, day, of, fits), part)
        }
        Did::Applied(to, by, cents) => Did::Applied(
            chosen(all, day, to, |what| is_of(what, "invoice")),
            by.map(|by| chosen(all, day, by, |what| is_of(what, "payment"))),
            cents,
        ),
        Did::Voided(of) => Did::Voided(of % (all.len() + 1)),
        Did::Recorded(record) => {
            let due = day + record.due;
            Did::Recorded(Recorded { due, ..record })
        }
        other => other,
    }
}

/// Whether it would not be refused, whatever of it comes when.
pub fn is_fine(all: &[(i32, Did)], (taken, own): (&[Deed], &[Deed]), deed: &Deed) -> bool {
    // What is applied to a record or by it.
    let applied = |of: usize| {
        let all = taken.iter().filter_map(|other| match other.what {
            Did::Applied(to, by, cents) if to == of || by == Some(of) => Some(cents),
            _ => None,
        });
        all.sum::<i64>()
    };
    let reduced = |of: usize| {
        let all = taken.iter().filter_map(|other| match other.what {
            Did::Reversed(own, part) if own == of => part,
            _ => None,
        });
        all.sum::<i64>()
    };
    match &deed.what {
        // Never more than is open, and of nothing that is gone.
        Did::Applied(to, by, cents) => std::iter::once(to).chain(by).all(|of| {
            let is_gone =
                |other: &Deed| other.what == Did::Reversed(*of, None) && other.day <= deed.day;
            let open = match all.get(*of) {
                Some((_, Did::Recorded(record))) => record.cents - applied(*of) - reduced(*of),
                _ => i64::MAX,
            };
            *cents <= open && !taken.iter().any(is_gone)
        }),
        // As a whole once, and in part never later nor more than there is; what it names may come later or never.
        Did::Reversed(of, part) => {
            let others = taken.iter().filter_map(|other| match other.what {
                Did::Reversed(own, part) if own == *of => Some((other.day, part)),
                _ => None,
            });
            let others: Vec<(i32, Option<i64>)> = others.collect();
            let so_far: i64 = others.iter().filter_map(|(_, part)| *part).sum();
            let cents = match all.get(*of) {
                Some((_, Did::Recorded(record))) if !is_of(&all[*of].1, "visit") => record.cents,
                _ => 0,
            };
            match part {
                None => {
                    // Within one hand-over it may be told before what is applied.
                    let settles = |other: &Deed| match other.what {
                        Did::Applied(to, by, _) => to == *of || by == Some(*of),
                        _ => false,
                    };
                    let mut settled = own.iter().filter(|other| settles(other));
                    settled.all(|other| other.day < deed.day)
                        && others
                            .iter()
                            .all(|(day, part)| part.is_some() && *day <= deed.day)
                }
                Some(part) => {
                    so_far + applied(*of) + part <= cents
                        && others
                            .iter()
                            .all(|(day, part)| part.is_some() || deed.day <= *day)
                }
            }
        }
        // Of what came before, or of what is no void.
        Did::Voided(of) => {
            let is_void = matches!(all.get(*of), Some((_, Did::Voided(_))));
            *of != deed.number && (!is_void || *of < deed.number)
        }
        Did::Hired(person, _) => !taken
            .iter()
            .any(|other| matches!(&other.what, Did::Hired(own, _) if own == person)),
        _ => true,
    }
}

/// Deeds in hand-overs, without what would be refused.
pub fn companies() -> impl Strategy<Value = Company> {
    let hand_overs = prop::collection::vec(prop::collection::vec(did(), 0..12), 1..7);
    hand_overs.prop_map(|drawn| {
        let all: Vec<(i32, Did)> = drawn.concat();
        let mut taken: Vec<Deed> = Vec::new();
        let mut number = 0;
        let mut hand_overs = Vec::new();
        for drawn in drawn {
            let mut own = Vec::new();
            for (day, what) in drawn {
                let what = referring(&all, day, what);
                let deed = Deed { number, day, what };
                number += 1;
                if is_fine(&all, (&taken, &own), &deed) {
                    taken.push(deed.clone());
                    own.push(deed);
                }
            }
            hand_overs.push(own);
        }
        let home = [Some("north"), Some("south"), None];
        let people = PEOPLE.iter().zip(home);
        Company {
            teams: TEAMS.map(str::to_owned).to_vec(),
            people: people
                .map(|(person, team)| ((*person).to_owned(), team.map(str::to_owned)))
                .collect(),
            hand_overs,
        }
    })
}

pub fn id(number: usize) -> EntryId {
    EntryId::new("s", &text(number)).unwrap()
}

/// The measure of a kind of record.
pub fn measure(kind: &str) -> Option<&'static str> {
    match kind {
        "order" => Some("sales"),
        "visit" => None,
        _ => Some("amount"),
    }
}

pub fn entry(company: &Company, deed: &Deed) -> Entry {
    let all = company.hand_overs.iter().flatten();
    let measured = match &deed.what {
        Did::Reversed(of, _) => all.clone().find(|other| other.number == *of),
        _ => None,
    };
    let measured = measured.and_then(|other| match &other.what {
        Did::Recorded(record) => measure(record.kind),
        _ => None,
    });
    let (own, day) = (id(deed.number), date(deed.day));
    match &deed.what {
        Did::Recorded(own) => {
            let mut record = Record::new(own.kind, day)
                .id(text(deed.number))
                .sequence(u64::try_from(deed.number).unwrap())
                .of("person", &own.person)
                .of("customer", own.customer);
            if let Some(measure) = measure(own.kind) {
                record = record.amount(measure, Decimal::new(own.cents, 2));
            }
            if own.kind == "invoice" {
                record = record.date("due", date(own.due));
            }
            Entry::record("s", record).unwrap()
        }
        Did::Applied(to, by, cents) => {
            let applied = Entry::apply(own, day, id(*to), Decimal::new(*cents, 2));
            match by {
                Some(by) => applied.settled_by(id(*by)).unwrap(),
                None => applied,
            }
        }
        Did::Hired(person, team) => {
            let join = Entry::join(own, day, ("person", "person", person)).unwrap();
            match team {
                Some(team) => join.under(team).unwrap(),
                None => join,
            }
        }
        Did::Moved(person, team) => Entry::moving(own, day, ("person", person, team)).unwrap(),
        Did::Left(person) => Entry::end(own, day, ("person", person)).unwrap(),
        Did::Reversed(of, part) => {
            let back = Entry::reverse(own, day, id(*of));
            match (part, measured) {
                (Some(part), Some(measure)) => back.only(measure, Decimal::new(*part, 2)).unwrap(),
                _ => back,
            }
        }
        Did::Voided(of) => Entry::void(own, day, id(*of)),
    }
}
