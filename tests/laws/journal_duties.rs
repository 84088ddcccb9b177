//! Duties of all members of a level are those of a company told day by day: who has them, what counts for them, and what was missed.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use quotaflow::journal::{Entry, EntryId, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::panel::Reason;
use serde_json::json;

const LAST: u64 = 80;
const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
const MONTHS: [&str; 4] = ["2026-01", "2026-02", "2026-03", "2026-04"];

fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day)
}

fn time(day: u64) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

fn key(id: &str) -> EntryId {
    EntryId::new("hr", id).unwrap()
}

#[derive(Debug, Clone)]
struct Company {
    every: u32,
    times: u16,
    /// What happens to due days that are not worked: stay, forward, back.
    roll: u8,
    under: bool,
    /// The day on which the journal begins.
    begins: u64,
    /// Of whom and on which day, and whether it is told late.
    visits: Vec<(usize, u64, bool)>,
    /// When ann moves to the south, cy joins the north and bo ends, if they do.
    moves: Option<u64>,
    joins: Option<u64>,
    ends: Option<u64>,
}

fn companies() -> impl Strategy<Value = Company> {
    let day = || prop::option::weighted(0.6, 20..LAST);
    let visits = prop::collection::vec((0_usize..3, 0..LAST, any::<bool>()), 0..40);
    (
        (1_u32..9, 1_u16..4, 0_u8..3, any::<bool>(), 0_u64..12),
        (visits, day(), day(), day()),
    )
        .prop_map(
            |((every, times, roll, under, begins), (visits, moves, joins, ends))| Company {
                every,
                times,
                roll,
                under,
                begins,
                visits,
                moves,
                joins,
                ends,
            },
        )
}

fn model(company: &Company) -> Model {
    let roll = ["keep", "forward", "back"][usize::from(company.roll)];
    let shown = json!(["calls.due", "calls.on_time", "calls.missing"]);
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2026-05-01"});
    let mut document = json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "working_days": {"key": "office", "week": ["1", "1", "1", "1", "1", "0", "0"]},
        "span": {"start": "2026-01-01", "end": "2027-01-01"},
        "duties": [{"key": "calls", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]},
            "times": company.times,
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "days", "every": company.every},
                "roll": roll}}],
        "views": [
            {"key": "people", "rows": [{"dimension": "person", "level": "person"}], "periods": months, "show": shown},
            {"key": "teams", "rows": [{"dimension": "person", "level": "team"}], "periods": months, "show": shown}]
    });
    if company.under {
        document["duties"][0]["under"] = json!("south");
    }
    serde_json::from_value(document).unwrap()
}

/// The first hand-over, known on the last day, and what is told a day later.
fn entries(company: &Company) -> [Vec<Entry>; 2] {
    let mut told = [Vec::new(), Vec::new()];
    for (number, (who, day, late)) in company.visits.iter().enumerate() {
        let record = Record::new("visit", date(*day)).id(format!("V-{number}"));
        let there = *who < 2 || company.joins.is_some();
        if there && *day >= company.begins {
            let record = record.of("person", PEOPLE[*who]);
            told[usize::from(*late)].push(Entry::record("crm", record).unwrap());
        }
    }
    if let Some(day) = company.joins {
        let join = Entry::join(key("J"), date(day), ("person", "person", "cy")).unwrap();
        told[0].push(join.under("north").unwrap());
    }
    if let Some(day) = company.moves {
        told[0].push(Entry::moving(key("M"), date(day), ("person", "ann", "south")).unwrap());
    }
    if let Some(day) = company.ends {
        told[0].push(Entry::end(key("E"), date(day), ("person", "bo")).unwrap());
    }
    told
}

/// Each due day with how often something is due on it, told day by day.
fn due_days(company: &Company) -> Vec<(i64, i64)> {
    let is_free = |day: i64| {
        let day = date(0) + chrono::Duration::days(day);
        matches!(day.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun)
    };
    let mut due: Vec<(i64, i64)> = Vec::new();
    for nominal in (0..365).step_by(company.every as usize) {
        let step = [0, 1, -1][usize::from(company.roll)];
        let mut day = nominal;
        while step != 0 && is_free(day) {
            day += step;
        }
        match due.iter_mut().find(|(known, _)| *known == day) {
            Some((_, times)) => *times += i64::from(company.times),
            None => due.push((day, i64::from(company.times))),
        }
    }
    due.retain(|(day, _)| *day < 365);
    due
}

/// Due, done and missed of a person or team in a month, as of a day and as known with or without what came late.
fn expected(company: &Company, row: &str, month: u32, as_of: i64, late: bool) -> [i64; 3] {
    let come = |day: Option<u64>| {
        day.map(|day| i64::try_from(day).unwrap())
            .filter(|day| *day <= as_of)
    };
    let (joins, moves, ends) = (come(company.joins), come(company.moves), come(company.ends));
    let mut found = [0; 3];
    let mut opens = 0;
    for (due, times) in due_days(company) {
        let from = opens;
        opens = due + 1;
        let day = date(0) + chrono::Duration::days(due);
        if from < i64::try_from(company.begins).unwrap() || from > as_of || day.month() != month {
            continue;
        }
        for (who, person) in PEOPLE.iter().enumerate() {
            let is_there = match who {
                0 => true,
                1 => ends.is_none_or(|end| due < end),
                _ => joins.is_some_and(|join| join <= due),
            };
            let is_south = match who {
                0 => moves.is_some_and(|day| day <= due),
                1 => true,
                _ => false,
            };
            let is_row = row == *person || row == if is_south { "south" } else { "north" };
            if !is_there || !is_row || (company.under && !is_south) {
                continue;
            }
            let done = company.visits.iter().filter(|(of, day, told)| {
                let day = i64::try_from(*day).unwrap();
                *of == who
                    && (from..=due.min(as_of)).contains(&day)
                    && (late || !told)
                    && day >= i64::try_from(company.begins).unwrap()
            });
            let done = i64::try_from(done.count()).unwrap().min(times);
            found[1] += done;
            if due < as_of {
                found[2] += times - done;
            }
        }
    }
    found[0] = found[1] + found[2];
    found
}

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn what_is_due_and_done_and_missed_is_that_of_the_company_told_day_by_day(
        company in companies(),
        as_of in 0..LAST,
        late in any::<bool>(),
        saved in any::<bool>(),
    ) {
        prop_assume!(as_of >= company.begins);
        let model = model(&company);
        let mut journal = Journal::new(&model, date(company.begins)).unwrap();
        let [first, second] = entries(&company);
        journal.enter(time(LAST), date(LAST), &first).unwrap();
        if saved {
            let text = serde_json::to_string(&journal.snapshot()).unwrap();
            let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
            journal = Journal::open(&model, snapshot).unwrap();
        }
        journal.enter(time(LAST + 1), date(LAST + 1), &second).unwrap();
        for name in ["people", "teams"] {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if !late {
                view = view.known_at(time(LAST));
            }
            let panel = view.panel().unwrap();
            for row in panel.subjects().labels().filter(|row| row != "unassigned") {
                for (month, period) in (1..).zip(MONTHS) {
                    let wanted = expected(&company, &row, month, i64::try_from(as_of).unwrap(), late);
                    for (what, wanted) in ["due", "on_time", "missing"].into_iter().zip(wanted) {
                        let told = panel.get(&format!("calls.{what}"), [&row], period).unwrap();
                        // To whom nothing ever falls has no figure.
                        let fits = told.ratio() == Ok(wanted.into())
                            || (wanted == 0 && matches!(told.reason(), Some(Reason::NotApplicable | Reason::NotYetDue)));
                        prop_assert!(fits, "{} of {} in {}: {} and not {}", what, row, period, told, wanted);
                    }
                }
            }
        }
    }
}
