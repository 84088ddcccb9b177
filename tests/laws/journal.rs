//! Laws of a journal over random companies of more than a year: hires, moves in the middle of months, leavers, late records,
//! reversals, voids and entries that wait, beside a company told day by day.

mod sharers;
mod singles;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use proptest::prelude::*;
use quotaflow::calendar::{DayRange, PeriodId, PeriodSet};
use quotaflow::journal::{Entry, EntryId, HandOver, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::plan::{DayCurve, Edit, Mode, Place, Spread, Verb};
use quotaflow::quantity::Ratio;
use quotaflow::space::RowId;
use quotaflow::view::View;
use rust_decimal::Decimal;

use crate::journal_reference::{Company, Deed, Did, Question, Recorded, text};

/// The last day on which anything happens, counted from the first of January 2026.
pub const LAST: i32 = 430;
const TEAMS: [&str; 3] = ["north", "south", "west"];
const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
const HIRES: [&str; 3] = ["di", "ed", "fay"];
/// Figures of money.
const MONEY: [&str; 9] = [
    "sales",
    "receivables",
    "entered",
    "settled",
    "moved_in",
    "moved_out",
    "overdue",
    "overdue_1_30",
    "unapplied",
];
const VIEWS: [&str; 5] = [
    "by_team",
    "by_person",
    "company",
    "team_targets",
    "person_targets",
];
const CUSTOMERS: [&str; 3] = ["c1", "c2", "c3"];

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
             "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-04-01"}, "show": ["sales", "target:sales", "attainment(sales)"]}
        ],
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

fn raised(at: usize, cents: i64, place: Place) -> Entry {
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
fn planned(at: usize) -> Vec<Entry> {
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

fn recorded(
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

fn did() -> impl Strategy<Value = (i32, Did)> {
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
fn chosen(all: &[(i32, Did)], day: i32, choice: usize, fits: impl Fn(&Did) -> bool) -> usize {
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

fn is_of(what: &Did, kind: &str) -> bool {
    matches!(what, Did::Recorded(record) if record.kind == kind)
}

/// A deed with what it refers to among all of them.
fn referring(all: &[(i32, Did)], day: i32, what: Did) -> Did {
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
fn is_fine(all: &[(i32, Did)], (taken, own): (&[Deed], &[Deed]), deed: &Deed) -> bool {
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

fn id(number: usize) -> EntryId {
    EntryId::new("s", &text(number)).unwrap()
}

/// The measure of a kind of record.
fn measure(kind: &str) -> Option<&'static str> {
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

fn hand_overs(company: &Company) -> Vec<HandOver> {
    let all = company.hand_overs.iter().enumerate();
    all.map(|(at, deeds)| {
        HandOver::new(
            time(at),
            time(at).date(),
            deeds
                .iter()
                .map(|deed| entry(company, deed))
                .chain(planned(at))
                .collect(),
        )
    })
    .collect()
}

fn new() -> Journal {
    Journal::new(&model(), date(0)).unwrap()
}

fn whole(hand_overs: &[HandOver]) -> Journal {
    let mut journal = new();
    journal.replay(hand_overs).unwrap();
    journal
}

fn bytes(view: &View) -> String {
    serde_json::to_string(&view.panel().unwrap()).unwrap()
}

/// All views of a journal under these options, as bytes.
fn answers(journal: &Journal, as_of: i32, structure: Option<i32>) -> Vec<String> {
    let views = VIEWS.map(|name| {
        let view = journal.view(name).unwrap().as_of(date(as_of));
        match structure {
            Some(day) => view.as_it_is(date(day)),
            None => view,
        }
    });
    views.iter().map(bytes).collect()
}

pub fn spans(periods: &PeriodSet) -> Vec<(i32, i32)> {
    let day = |day: NaiveDate| i32::try_from((day - date(0)).num_days()).unwrap();
    periods
        .iter()
        .map(|period| (day(period.start), day(period.end)))
        .collect()
}

/// A figure as an exact number.
pub fn exact(panel: &Panel, metric: &str, row: RowId, period: PeriodId) -> Result<Ratio, Reason> {
    panel
        .answer(&ColumnKey::actual(metric).unwrap(), row, period)
        .unwrap()
        .ratio()
}

/// Compares a panel with the company told day by day.
fn agrees(
    company: &Company,
    seen: usize,
    view: &View,
    by_team: bool,
    as_of: i32,
    structure: Option<i32>,
) -> Result<(), TestCaseError> {
    let known = company.known(seen);
    let panel = view.panel().unwrap();
    let periods = spans(panel.periods());
    let question = Question {
        by_team,
        periods: &periods,
        as_of,
        structure,
    };
    let figures = known.figures(&question);
    let rows: Vec<String> = panel.subjects().labels().collect();
    for row in known.rows(by_team, as_of) {
        prop_assert!(rows.contains(&row), "{} has no row", row);
    }
    for ((row, ..), own) in &figures.0 {
        prop_assert!(rows.contains(row) || *own == 0, "{} has no row", row);
    }
    for (row, label) in panel.subjects().ids().zip(&rows) {
        for (at, (period, (from, _))) in panel.periods().ids().zip(&periods).enumerate() {
            let own = |name| {
                figures
                    .0
                    .get(&(label.clone(), at, name))
                    .copied()
                    .unwrap_or(0)
            };
            let money = |name| Ratio::new(i128::from(own(name)), 100).ok();
            let per = |top: i64, bottom: i64| Ratio::new(i128::from(top), i128::from(bottom)).ok();
            let mut wanted: Vec<(&str, Option<Ratio>)> = vec![
                ("orders", Some(Ratio::from(own("orders")))),
                ("mean", per(own("standing_sales"), 100 * own("standing"))),
                ("rate", per(own("orders"), own("visits"))),
                ("open_invoices", Some(Ratio::from(own("open_invoices")))),
                (
                    "receivables_age",
                    per(own("open_days"), own("open_invoices")),
                ),
            ];
            wanted.extend(MONEY.map(|name| (name, money(name))));
            for (name, value) in wanted {
                let value = match value {
                    _ if *from > as_of => Err(Reason::NotYetDue),
                    Some(value) => Ok(value),
                    None => Err(Reason::NoBase),
                };
                prop_assert_eq!(
                    exact(&panel, name, row, period),
                    value,
                    "{} of {} in period {} as of {} known {} by {:?}",
                    name,
                    label,
                    at,
                    as_of,
                    seen,
                    structure
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_figure_is_that_of_the_company_told_day_by_day(
        company in companies(),
        as_of in 0..=LAST,
        structure in prop::option::of(0..=LAST),
        seen in 0_usize..7,
    ) {
        let journal = whole(&hand_overs(&company));
        let seen = seen.min(company.hand_overs.len());
        let structure = structure.map(|day| day.min(as_of));
        for (name, by_team) in [("by_team", true), ("by_person", false)] {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if seen < company.hand_overs.len() {
                view = view.known_at(time(seen) - Days::new(1));
            }
            if let Some(day) = structure {
                view = view.as_it_is(date(day));
            }
            agrees(&company, seen, &view, by_team, as_of, structure)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// At once, one by one, with snapshots written and read between, shuffled inside a hand-over: the same bytes.
    #[test]
    fn restart(
        company in companies(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 6),
        seed in any::<u64>(),
    ) {
        let hand_overs = hand_overs(&company);
        let plain = whole(&hand_overs);
        let mut journal = new();
        for (at, hand_over) in hand_overs.iter().enumerate() {
            let mut entries = hand_over.entries.clone();
            let count = entries.len().max(1);
            entries.rotate_left(usize::try_from(seed).unwrap_or(7) % count);
            if seed % 3 == 0 {
                entries.reverse();
            }
            // What a source sends again, with what is new or without, changes nothing.
            let sent = hand_overs[..at].iter().flat_map(|earlier| &earlier.entries);
            entries.extend(sent.step_by(2).cloned().map(|again| again.by("again")));
            entries.extend(hand_over.entries.first().cloned());
            let receipt = journal.enter(hand_over.known, hand_over.complete_through, &entries).unwrap();
            prop_assert_eq!(receipt.head, journal.head());
            if cuts.get(at) == Some(&true) {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                let read: Snapshot = serde_json::from_str(&night).unwrap();
                let read_before = journal.records_read();
                journal = Journal::open(&model(), read).unwrap();
                prop_assert!(journal.records_read() == 0 || read_before == 0);
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        prop_assert_eq!(journal.head(), plain.head());
        prop_assert_eq!(journal.waiting(), plain.waiting());
        for structure in [None, Some(0), Some(as_of)] {
            prop_assert_eq!(answers(&journal, as_of, structure), answers(&plain, as_of, structure));
        }
    }

    /// What was known at a time does not change whatever comes later.
    #[test]
    fn known_at(company in companies(), as_of in 0..=LAST) {
        let hand_overs = hand_overs(&company);
        let mut journal = new();
        let mut told = Vec::new();
        for hand_over in &hand_overs {
            journal.replay([hand_over]).unwrap();
            told.push((hand_over.known, answers(&journal, as_of, None)));
        }
        for (known, before) in told {
            for (name, before) in VIEWS.iter().zip(before) {
                let view = journal.view(name).unwrap().as_of(date(as_of)).known_at(known);
                prop_assert_eq!(bytes(&view), before, "{} at {}", name, known);
            }
        }
    }

    /// What a viewer sees are the rows of themselves and of all below them on the day, each as everybody sees it.
    #[test]
    fn a_viewer_sees_what_everybody_sees_of_whom_they_lead(
        company in companies(),
        as_of in 0..=LAST,
        structure in prop::option::of(0..=LAST),
        team in 0..TEAMS.len(),
    ) {
        let journal = whole(&hand_overs(&company));
        let team = TEAMS[team];
        for name in VIEWS.into_iter().filter(|name| *name != "company") {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if let Some(day) = structure.filter(|day| *day <= as_of) {
                view = view.as_it_is(date(day));
            }
            let day = date(structure.filter(|day| *day <= as_of).unwrap_or(as_of));
            let space = view.space().unwrap();
            let tree = space.dimension("person").unwrap().tree("person").unwrap();
            let (whole, part) = (view.panel().unwrap(), view.seen_by("person", team).panel().unwrap());
            let led: Vec<String> = whole.subjects().labels().filter(|row| {
                row == team || tree.parent_key(row, day).is_some_and(|above| above.as_str() == team)
            }).collect();
            prop_assert_eq!(part.subjects().labels().collect::<Vec<_>>(), led);
            prop_assert_eq!(part.columns().len(), whole.columns().len());
            for (own, all) in part.columns().iter().zip(whole.columns()) {
                prop_assert_eq!((own.key(), own.unit(), own.direction(), own.is_fractions()), (all.key(), all.unit(), all.direction(), all.is_fractions()));
                for row in part.subjects().ids() {
                    let there = whole.subjects().find(part.subjects().members(row)).unwrap();
                    for period in whole.periods().ids() {
                        prop_assert_eq!(
                            part.answer(own.key(), row, period).unwrap().found(),
                            whole.answer(all.key(), there, period).unwrap().found()
                        );
                    }
                }
            }
        }
    }

    /// What was entered is placed, with nobody, or left out with a reason.
    #[test]
    fn nothing_leaks(company in companies()) {
        let journal = whole(&hand_overs(&company));
        let known = company.known(company.hand_overs.len());
        let waiting: std::collections::BTreeSet<usize> = journal
            .waiting()
            .iter()
            .map(|waiting| waiting.entry.id.as_str().parse().unwrap())
            .collect();
        prop_assert_eq!(&waiting, &known.waiting());
        let all: Vec<&Deed> = company.hand_overs.iter().flatten().collect();
        let sales = |of: &dyn Fn(&Deed) -> bool| -> (i64, i64) {
            let chosen = all.iter().copied().filter(|deed| of(deed));
            chosen.fold((0, 0), |(count, sum), deed| match &deed.what {
                Did::Recorded(record) if record.kind == "order" => (count + 1, sum + record.cents),
                _ => (count, sum),
            })
        };
        let entered = sales(&|_| true);
        let left_out = sales(&|deed| waiting.contains(&deed.number) || known.is_voided(deed));
        // A reversed record is placed twice, once against itself.
        let back = |deed: &Deed| all.iter().any(|other| other.what == Did::Reversed(deed.number, None) && known.stands(other));
        let reversed = sales(&back);
        let parts = all.iter().filter(|deed| known.stands(deed)).filter_map(|deed| match deed.what {
            Did::Reversed(of, part) => {
                let of = all.iter().find(|other| other.number == of)?;
                part.filter(|_| is_of(&of.what, "order") && !back(of))
            }
            _ => None,
        });
        let in_part: i64 = parts.sum();
        for name in ["by_team", "by_person"] {
            let panel = journal.view(name).unwrap().as_of(date(LAST)).panel().unwrap();
            let mut placed = (Ratio::ZERO, Ratio::ZERO);
            for row in panel.subjects().ids() {
                for period in panel.periods().ids() {
                    let orders = exact(&panel, "orders", row, period).unwrap_or(Ratio::ZERO);
                    let sales = exact(&panel, "sales", row, period).unwrap_or(Ratio::ZERO);
                    placed = (placed.0.checked_add(orders).unwrap(), placed.1.checked_add(sales).unwrap());
                }
            }
            prop_assert_eq!(placed.0, Ratio::from(entered.0 - left_out.0 - reversed.0));
            // opening + entered + moved in - moved out - settled = closing in every row.
            for row in panel.subjects().ids() {
                let mut opening = Ratio::ZERO;
                for period in panel.periods().ids().take_while(|period| panel.periods().range(*period).unwrap().start() <= date(LAST)) {
                    let of = |metric| exact(&panel, metric, row, period).unwrap();
                    let came = opening.checked_add(of("entered")).unwrap().checked_add(of("moved_in")).unwrap();
                    let went = of("moved_out").checked_add(of("settled")).unwrap();
                    opening = of("receivables");
                    prop_assert_eq!(came.checked_sub(went).unwrap(), opening);
                }
            }
            let cents = entered.1 - left_out.1 - reversed.1 - in_part;
            prop_assert_eq!(placed.1, Ratio::new(i128::from(cents), 100).unwrap());
        }
    }

    /// If every day's actual is that day's target, actual is target in every row of every level and period.
    #[test]
    fn mirror(company in companies(), total in 100_000_i64..50_000_000, raises in 0_usize..4, cut in any::<bool>()) {
        let model = model();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        journal.enter(time(0) - Days::new(1), date(0), &[cascaded(total)]).unwrap();
        let raises = (1..=raises).map(|at| {
            let place = Place::whole().at("person", PEOPLE[at % 3]).unwrap();
            raised(at, 1_001, place.at("month", &format!("2026-{at:02}")).unwrap())
        });
        let raises: Vec<Entry> = raises.collect();
        journal.enter(time(0), date(0), &raises).unwrap();
        let plan = journal.plan("year").unwrap();
        let months = model.calendar().periods(quotaflow::calendar::Grain::Month, date(0), date(365)).unwrap();
        let mut sold = Vec::new();
        for person in PEOPLE {
            for month in &months {
                let node = plan.frame().find(&[person, month.label.as_str()]).unwrap();
                let units = plan.amount("sales", node).unwrap().units();
                let curve = DayCurve::by_calendar(DayRange::new(month.start, month.end).unwrap(), units);
                for day in month.start.iter_days().take_while(|day| *day < month.end) {
                    let cents = curve.between(day, day + Days::new(1)).unwrap();
                    let record = Record::new("order", day).id(format!("{person} {day}")).of("person", person);
                    sold.push(Entry::record("m", record.amount("sales", Decimal::new(cents, 2))).unwrap());
                }
            }
        }
        // What moves the people, told in parts among what they sold; nothing else is sold.
        let moves: Vec<Entry> = company
            .hand_overs
            .iter()
            .flatten()
            .filter(|deed| matches!(deed.what, Did::Moved(..) | Did::Left(_) | Did::Hired(..)))
            .map(|deed| entry(&company, deed))
            .collect();
        let half = moves.len() / 2;
        journal.enter(time(1), date(0), &moves[..half]).unwrap();
        journal.enter(time(2), date(365), &sold).unwrap();
        if cut {
            let night = serde_json::to_string(&journal.snapshot()).unwrap();
            journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
        }
        journal.enter(time(3), date(365), &moves[half..]).unwrap();
        for name in ["team_targets", "person_targets"] {
            for structure in [None, Some(200)] {
                let mut view = journal.view(name).unwrap().as_of(date(LAST));
                if let Some(day) = structure {
                    view = view.as_it_is(date(day));
                }
                let panel = view.panel().unwrap();
                let mut all = Ratio::ZERO;
                let begun = |period: &PeriodId| panel.periods().range(*period).unwrap().start() <= date(LAST);
                for row in panel.subjects().ids() {
                    for period in panel.periods().ids().filter(begun) {
                        let place = format!("{} {period:?} {structure:?}", panel.subjects().label(row));
                        let actual = exact(&panel, "sales", row, period).unwrap();
                        let target = panel.answer(&ColumnKey::target("sales").unwrap(), row, period).unwrap().ratio();
                        prop_assert_eq!(actual, target.unwrap_or(Ratio::ZERO), "{}", place);
                        let reached = exact(&panel, "attainment(sales)", row, period);
                        match target {
                            Ok(target) if !target.is_zero() => prop_assert_eq!(reached, Ok(Ratio::ONE), "{}", place),
                            Ok(_) => prop_assert_eq!(reached, Err(Reason::NoBase), "{}", place),
                            Err(reason) => prop_assert_eq!(reached, Err(reason), "{}", place),
                        }
                        all = all.checked_add(target.unwrap_or(Ratio::ZERO)).unwrap();
                    }
                }
                // Nothing of a target is nowhere.
                let whole = total + 1_001 * i64::try_from(raises.len()).unwrap();
                prop_assert_eq!(all, Ratio::new(i128::from(whole), 100).unwrap());
            }
        }
    }
}
