//! Duties of all members of a level are those of a company told day by day: who has them, what counts for them, and what was missed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use quotaflow::calendar::DayRange;
use quotaflow::journal::{Day, DutyState, Entry, EntryId, Journal, Snapshot};
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

/// Who (of three people, or whoever is in the south), the day of the decision and how late it is told, the first due day, for how many
/// days, and whether a later hand-over makes it void.
type Excuse = (usize, (u64, usize), u64, u64, bool);

/// What becomes of a visit later.
#[derive(Debug, Clone, Copy)]
enum Later {
    Nothing,
    /// It is taken back so many days later, told so many hand-overs later than it could be.
    Reversed(u64, usize),
    /// The same, and that is void by the next hand-over.
    ReversedInError(u64, usize),
    /// It is void by the next hand-over.
    Void,
}

/// Of whom and on which day, how many hand-overs later than it could be it is told, what becomes of it, and on which day it is said to
/// have been, which may lie before its own or after it.
type Visit = (usize, u64, usize, Later, u64);

#[derive(Debug, Clone)]
struct Company {
    every: u32,
    times: u16,
    /// What happens to due days that are not worked: stay, forward, back.
    roll: u8,
    under: bool,
    /// Whether it is shared by days where somebody is not there on all of them.
    by_days: bool,
    /// How many days what is due may be done after its day, in time and then late: calendar days or working days.
    grace: (u16, bool),
    late: (u16, bool),
    /// The day on which the journal begins.
    begins: u64,
    visits: Vec<Visit>,
    /// Whether a visit counts on the day on which it is said to have been.
    is_placed: bool,
    /// When ann moves to the south, cy joins the north and bo ends, if they do, and how late it is told.
    moves: Option<(u64, usize)>,
    joins: Option<(u64, usize)>,
    /// When the west joins, to which ann moves then in the place of the south.
    west: Option<(u64, usize)>,
    /// When cy is moved to the south, which may be before he joins.
    placed: Option<(u64, usize)>,
    /// From which day on he joins after all, as the next hand-over has it at once with a void of the first join.
    corrected: Option<u64>,
    ends: Option<(u64, usize)>,
    /// When bo turns out to be cy, whom nobody ends then.
    merges: Option<(u64, usize)>,
    /// Who is excused (of three people, or whoever is in the south), decided on which day, how late it is told, from which due day on, for
    /// how many days, and whether that is void by a later hand-over.
    excuses: Vec<Excuse>,
    /// The days through which the three hand-overs are complete.
    through: [u64; 3],
}

fn companies() -> impl Strategy<Value = Company> {
    let delay = || prop_oneof![3 => Just(0_usize), 1 => 1_usize..3];
    let day = move || prop::option::weighted(0.6, (20..LAST, delay()));
    let later = move || {
        prop_oneof![
            6 => Just(Later::Nothing),
            2 => (0_u64..30, delay()).prop_map(|(days, delay)| Later::Reversed(days, delay)),
            1 => (0_u64..30, delay()).prop_map(|(days, delay)| Later::ReversedInError(days, delay)),
            1 => Just(Later::Void),
        ]
    };
    let visit = (0_usize..3, 0..LAST, delay(), later(), 0..LAST);
    let visits = prop::collection::vec(visit, 0..40);
    let days = || prop_oneof![2 => Just((0_u16, false)), 3 => (1_u16..7, any::<bool>())];
    let excuse = (
        0_usize..4,
        (0..LAST, delay()),
        0..LAST,
        1_u64..20,
        any::<bool>(),
    );
    let excuses = prop::collection::vec(excuse, 0..5);
    let through = [20..LAST, 20..LAST, 20..LAST];
    (
        (1_u32..9, 1_u16..4, 0_u8..3, any::<[bool; 3]>(), 0_u64..12),
        (days(), days(), through),
        (visits, day(), day(), day(), day(), excuses),
        (day(), day(), prop::option::weighted(0.4, 20..LAST)),
    )
        .prop_map(
            |(
                (every, times, roll, [under, by_days, is_placed], begins),
                (grace, late, mut through),
                (visits, moves, joins, ends, merges, excuses),
                (west, placed, corrected),
            )| {
                through.sort_unstable();
                let merges = merges.filter(|_| joins.is_some());
                let ends = ends.filter(|_| merges.is_none());
                let west = west.filter(|_| moves.is_some());
                let corrected = corrected.filter(|_| joins.is_some());
                // Of two entries about one day the one holds that came later, whichever that is.
                let is_day = |day| joins.is_some_and(|own| own.0 == day) || corrected == Some(day);
                let placed = placed.filter(|(day, _)| joins.is_some() && !is_day(*day));
                Company {
                    every,
                    times,
                    roll,
                    under,
                    by_days,
                    grace,
                    late,
                    begins,
                    visits,
                    is_placed,
                    moves,
                    joins,
                    west,
                    placed,
                    corrected,
                    ends,
                    merges,
                    excuses,
                    through,
                }
            },
        )
}

fn days((days, working): (u16, bool)) -> serde_json::Value {
    match (days, working) {
        (0, _) => json!("none"),
        (_, false) => json!({"days": days}),
        (_, true) => json!({"working_days": days}),
    }
}

fn model(company: &Company) -> Model {
    let roll = ["keep", "forward", "back"][usize::from(company.roll)];
    let shown = json!([
        "calls.due",
        "calls.on_time",
        "calls.late",
        "calls.missing",
        "calls.excused"
    ]);
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2026-05-01"});
    let mut document = json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}], "dates": [{"field": "visited"}]}],
        "working_days": {"key": "office", "week": ["1", "1", "1", "1", "1", "0", "0"]},
        "span": {"start": "2026-01-01", "end": "2027-01-01"},
        "duties": [{"key": "calls", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]},
            "stay": if company.by_days { "by_days" } else { "due_day" },
            "times": company.times, "grace": days(company.grace), "late": days(company.late),
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "days", "every": company.every},
                "roll": roll}}],
        "views": [
            {"key": "people", "rows": [{"dimension": "person", "level": "person"}], "periods": months, "show": shown},
            {"key": "teams", "rows": [{"dimension": "person", "level": "team"}], "periods": months, "show": shown}]
    });
    if company.is_placed {
        document["duties"][0]["evidence"]["date"] = json!("visited");
    }
    if company.under {
        document["duties"][0]["under"] = json!("south");
    }
    serde_json::from_value(document).unwrap()
}

impl Company {
    /// The hand-over by which something of a day is told.
    fn told_in(&self, day: u64, delay: usize) -> usize {
        let first = self.through.iter().position(|through| day <= *through);
        (first.unwrap_or(2) + delay).min(2)
    }

    /// What so many hand-overs have said of a day, where something was said of one.
    fn known(&self, what: Option<(u64, usize)>, hand_overs: usize) -> Option<i64> {
        let known = what.filter(|(day, delay)| self.told_in(*day, *delay) < hand_overs);
        known.map(|(day, _)| i64::try_from(day).unwrap())
    }

    /// The day from which on cy is there, where that is known and has come.
    fn joined(&self, as_of: i64, hand_overs: usize) -> Option<i64> {
        let day = self.known(self.joins, hand_overs)?;
        let told = self.joins.map(|(day, delay)| self.told_in(day, delay));
        let is_told = told.is_some_and(|told| told + 1 < hand_overs.min(3));
        let corrected = self.corrected.filter(|_| is_told);
        let day = corrected.map_or(day, |day| i64::try_from(day).unwrap());
        Some(day).filter(|day| *day <= as_of)
    }

    /// The team in which cy is on a day, once he is there.
    fn team_of_cy(&self, day: i64, as_of: i64, hand_overs: usize) -> Option<&'static str> {
        let joined = self.joined(as_of, hand_overs)?;
        let placed = self.known(self.placed, hand_overs);
        let placed = placed.filter(|day| *day <= as_of).map(|day| (day, "south"));
        let all = [Some((joined, "north")), placed].into_iter().flatten();
        let begun = all.filter(|(from, _)| *from <= day).max();
        begun.map(|(_, team)| team)
    }

    /// The team in which ann is on a day; she is in none, and so not there, where that to which she moved is not there yet.
    fn team_of_ann(&self, day: i64, as_of: i64, hand_overs: usize) -> Option<&'static str> {
        let moved = self.known(self.moves, hand_overs);
        let has_moved = moved.is_some_and(|moved| moved <= as_of && moved <= day);
        match (self.west, self.known(self.west, hand_overs)) {
            (None, _) => Some(if has_moved { "south" } else { "north" }),
            (Some(_), Some(west)) if has_moved => (west <= as_of).then_some("west"),
            _ => Some("north"),
        }
    }

    /// The day on which a visit counts.
    fn day_of(&self, (_, day, .., visited): &Visit) -> u64 {
        if self.is_placed { *visited } else { *day }
    }

    /// The day on which bo became cy, where that is known.
    fn merged(&self, as_of: i64, hand_overs: usize) -> Option<i64> {
        let merged = self.known(self.merges, hand_overs);
        let merged = merged.filter(|day| *day <= as_of);
        merged.filter(|_| self.joined(as_of, hand_overs).is_some())
    }

    /// Of whom what is told of somebody is by then.
    fn who(&self, who: usize, as_of: i64, hand_overs: usize) -> usize {
        match self.merged(as_of, hand_overs) {
            Some(_) if who == 1 => 2,
            _ => who,
        }
    }
}

/// The three hand-overs.
fn entries(company: &Company) -> [Vec<Entry>; 3] {
    let mut told = [Vec::new(), Vec::new(), Vec::new()];
    for (number, (who, day, delay, later, visited)) in company.visits.iter().enumerate() {
        let there = *who < 2 || company.joins.is_some();
        if !there || *day < company.begins {
            continue;
        }
        let name = format!("V-{number}");
        let record = Record::new("visit", date(*day)).id(&name);
        let record = record
            .of("person", PEOPLE[*who])
            .date("visited", date(*visited));
        let at = company.told_in(*day, *delay);
        told[at].push(Entry::record("crm", record).unwrap());
        let visit = EntryId::new("crm", &name).unwrap();
        let void = |of| Entry::void(key(&format!("V{name}")), date(*day), of);
        match later {
            Later::Reversed(days, delay) | Later::ReversedInError(days, delay) => {
                let back = key(&format!("R{name}"));
                let reversal = Entry::reverse(back.clone(), date(day + days), visit);
                let at = company.told_in(day + days, *delay);
                told[at].push(reversal);
                if matches!(later, Later::ReversedInError(..)) && at < 2 {
                    told[at + 1].push(void(back));
                }
            }
            Later::Void if at < 2 => told[at + 1].push(void(visit)),
            Later::Nothing | Later::Void => {}
        }
    }
    if let Some((day, delay)) = company.joins {
        let join = Entry::join(key("J"), date(day), ("person", "person", "cy")).unwrap();
        let at = company.told_in(day, delay);
        told[at].push(join.under("north").unwrap());
        if let Some(day) = company.corrected.filter(|_| at < 2) {
            let join = Entry::join(key("J2"), date(day), ("person", "person", "cy")).unwrap();
            told[at + 1].push(join.under("north").unwrap());
            told[at + 1].push(Entry::void(key("VJ"), date(day), key("J")));
        }
    }
    if let Some((day, delay)) = company.placed {
        let moved = Entry::moving(key("P"), date(day), ("person", "cy", "south")).unwrap();
        told[company.told_in(day, delay)].push(moved);
    }
    if let Some((day, delay)) = company.moves {
        let to = if company.west.is_some() {
            "west"
        } else {
            "south"
        };
        let moved = Entry::moving(key("M"), date(day), ("person", "ann", to)).unwrap();
        told[company.told_in(day, delay)].push(moved);
    }
    if let Some((day, delay)) = company.west {
        let join = Entry::join(key("W"), date(day), ("person", "team", "west")).unwrap();
        told[company.told_in(day, delay)].push(join);
    }
    if let Some((day, delay)) = company.merges {
        let merge = Entry::merge(key("B"), date(day), ("person", "bo", "cy")).unwrap();
        told[company.told_in(day, delay)].push(merge);
    }
    if let Some((day, delay)) = company.ends {
        let end = Entry::end(key("E"), date(day), ("person", "bo")).unwrap();
        told[company.told_in(day, delay)].push(end);
    }
    for (number, (who, (day, delay), first, days, is_void)) in company.excuses.iter().enumerate() {
        // Whom nobody ever hears of is excused from nothing.
        if *who == 2 && company.joins.is_none() {
            continue;
        }
        let own = DayRange::new(date(*first), date(first + days)).unwrap();
        let name = ["ann", "bo", "cy", "south"][*who];
        let excuse = key(&format!("X-{number}"));
        let excused = Entry::excuse(excuse.clone(), date(*day), ("calls", name), own).unwrap();
        let at = company.told_in(*day, *delay);
        told[at].push(excused.by("eva").because("a fair"));
        if *is_void && at < 2 {
            let void = Entry::void(key(&format!("VX-{number}")), date(*day), excuse);
            told[at + 1].push(void);
        }
    }
    told
}

fn is_free(day: i64) -> bool {
    let day = date(0) + chrono::Duration::days(day);
    matches!(day.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun)
}

/// So many days on.
fn after(day: i64, (days, working): (u16, bool)) -> i64 {
    let (mut day, mut left) = (day, days);
    while left > 0 {
        day += 1;
        left -= u16::from(!working || !is_free(day));
    }
    day
}

/// Each due day with how often something is due on it, told day by day.
fn due_days(company: &Company) -> Vec<(i64, i64)> {
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

/// What stands of a duty of somebody: done in time, done late, missing, with time left, excused.
type State = [i64; 5];

/// By due day and person, the last day on which they are there and what stands of it.
type Standings = BTreeMap<(i64, usize), (i64, State)>;

/// What stands of each due day of each person as of a day, by what so many hand-overs said.
fn stands(company: &Company, as_of: i64, hand_overs: usize) -> Standings {
    let come = |what| company.known(what, hand_overs).filter(|day| *day <= as_of);
    let ends = come(company.ends);
    let begins = i64::try_from(company.begins).unwrap();
    let mut found = BTreeMap::new();
    let merged = company.merged(as_of, hand_overs);
    for who in 0..PEOPLE.len() {
        if company.who(who, as_of, hand_overs) != who {
            continue;
        }
        // Due day, first day, last day in time, last day, what is to be done, and what was done in time and late.
        let mut own: Vec<[i64; 8]> = Vec::new();
        let mut opens = 0;
        for (due, times) in due_days(company) {
            let from = opens;
            opens = due + 1;
            if from < begins || from > as_of {
                continue;
            }
            let is_there = |day: i64| {
                let is_there = match who {
                    0 => company.team_of_ann(day, as_of, hand_overs).is_some(),
                    1 => ends.is_none_or(|end| day < end),
                    // As bo, who never left.
                    _ if merged.is_some() => true,
                    _ => company.team_of_cy(day, as_of, hand_overs).is_some(),
                };
                is_there && (!company.under || is_south(company, who, day, as_of, hand_overs))
            };
            let (mut on, mut asked) = (due, times);
            if company.by_days {
                let days: Vec<i64> = (from..=due).collect();
                let worked: Vec<i64> = days.iter().copied().filter(|day| !is_free(*day)).collect();
                let counted = if worked.is_empty() { &days } else { &worked };
                let own = counted.iter().filter(|day| is_there(**day)).count();
                let [own, of] = [own, counted.len()].map(|days| i64::try_from(days).unwrap());
                // The largest whole number that is no more than a half above the share.
                let mut whole = (0..=times).rev();
                asked = whole
                    .find(|whole| (2 * whole - 1) * of <= 2 * times * own)
                    .unwrap();
                let Some(last) = days.into_iter().rfind(|day| is_there(*day)) else {
                    continue;
                };
                on = last;
            }
            if asked == 0 || !is_there(on) {
                continue;
            }
            let is_excused = is_excused(company, who, (due, on), as_of, hand_overs);
            let (last, until) = if is_excused {
                (due, due)
            } else {
                let last = after(due, company.grace);
                (last, after(last, company.late))
            };
            own.push([due, from, last, until, asked, 0, 0, on]);
        }
        let visits = company.visits.iter().filter(|visit| {
            let is_own = company.who(visit.0, as_of, hand_overs) == who;
            is_own && visit.1 >= company.begins && counts(company, visit, as_of, hand_overs)
        });
        let mut visits: Vec<i64> = visits
            .map(|visit| i64::try_from(company.day_of(visit)).unwrap())
            .collect();
        visits.sort_unstable();
        for day in visits.into_iter().filter(|day| *day <= as_of) {
            let mut open = own.iter_mut();
            let oldest =
                open.find(|one| (one[1]..=one[3]).contains(&day) && one[5] + one[6] < one[4]);
            if let Some(one) = oldest {
                one[if day <= one[2] { 5 } else { 6 }] += 1;
            }
        }
        for [due, _, last, _, times, on_time, late, on] in own {
            let left = times - on_time - late;
            let own = if is_excused(company, who, (due, on), as_of, hand_overs) {
                [on_time, late, 0, 0, left]
            } else if last < as_of {
                [on_time, late, left, 0, 0]
            } else {
                [on_time, late, 0, left, 0]
            };
            found.insert((due, who), (on, own));
        }
    }
    found
}

/// Whether a visit is known and there as of a day.
fn counts(
    company: &Company,
    (_, day, delay, later, _): &Visit,
    as_of: i64,
    hand_overs: usize,
) -> bool {
    let is_void = |told: usize| told + 1 < hand_overs.min(3);
    let is_back = |days: u64, delay| {
        let back = company.known(Some((day + days, delay)), hand_overs);
        back.is_some_and(|back| back <= as_of)
    };
    let known = company.known(Some((*day, *delay)), hand_overs);
    known.is_some_and(|day| day <= as_of)
        && match later {
            Later::Nothing => true,
            Later::Reversed(days, delay) => !is_back(*days, *delay),
            Later::ReversedInError(days, delay) => {
                !is_back(*days, *delay) || is_void(company.told_in(day + days, *delay))
            }
            Later::Void => !is_void(company.told_in(*day, *delay)),
        }
}

/// Whether somebody is excused from what is due on a day.
fn is_excused(
    company: &Company,
    who: usize,
    (due, on): (i64, i64),
    as_of: i64,
    hand_overs: usize,
) -> bool {
    company
        .excuses
        .iter()
        .any(|(of, decided, first, days, is_void)| {
            let (first, days) = (
                i64::try_from(*first).unwrap(),
                i64::try_from(*days).unwrap(),
            );
            let told = company.told_in(decided.0, decided.1);
            let is_back = *is_void && told + 1 < hand_overs;
            let is_known = company
                .known(Some(*decided), hand_overs)
                .is_some_and(|day| day <= as_of);
            let is_south = *of == 3 && is_south(company, who, on, as_of, hand_overs);
            let is_own = *of < 3 && company.who(*of, as_of, hand_overs) == who;
            is_known && !is_back && (is_own || is_south) && (first..first + days).contains(&due)
        })
}

/// Whether somebody is in the south on a day.
fn is_south(company: &Company, who: usize, day: i64, as_of: i64, hand_overs: usize) -> bool {
    match who {
        0 => company.team_of_ann(day, as_of, hand_overs) == Some("south"),
        1 => true,
        // As bo, before.
        _ => {
            let merged = company.merged(as_of, hand_overs);
            let is_cy = company.team_of_cy(day, as_of, hand_overs) == Some("south");
            is_cy || merged.is_some_and(|merged| day < merged)
        }
    }
}

/// The team whose row somebody is in on a day: before cy joined, none has what bo did who is cy by now.
fn team(company: &Company, who: usize, day: i64, as_of: i64, hand_overs: usize) -> &'static str {
    let own = match who {
        0 => company.team_of_ann(day, as_of, hand_overs),
        2 => company.team_of_cy(day, as_of, hand_overs),
        _ => Some("south"),
    };
    own.unwrap_or("unassigned")
}

/// Due, done in time, done late, missed and excused of a person or team in a month, as of a day and as known by so many hand-overs.
fn expected(
    company: &Company,
    (view, row): (&str, &str),
    month: u32,
    as_of: i64,
    hand_overs: usize,
) -> State {
    let mut found = [0; 5];
    for ((due, who), (on, [on_time, late, missing, _, excused])) in
        stands(company, as_of, hand_overs)
    {
        let day = date(0) + chrono::Duration::days(due);
        let own = match view {
            "people" => PEOPLE[who],
            _ => team(company, who, on, as_of, hand_overs),
        };
        if day.month() == month && row == own {
            let own = [on_time + late + missing, on_time, late, missing, excused];
            found.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        }
    }
    found
}

/// What became otherwise, of what was due by two days.
fn changes((then, before): (&Standings, i64), (now, after): (&Standings, i64)) -> Vec<Told> {
    let of = |all: &Standings, through, place: &(i64, usize)| {
        all.get(place)
            .filter(|_| place.0 <= through)
            .map(|(_, state)| *state)
    };
    let places: BTreeSet<(i64, usize)> = then.keys().chain(now.keys()).copied().collect();
    let each = places.into_iter().map(|place| {
        let (then, now) = (of(then, before, &place), of(now, after, &place));
        (place, then, now)
    });
    each.filter(|(_, then, now)| then != now).collect()
}

type Told = ((i64, usize), Option<State>, Option<State>);

fn state(told: Option<DutyState>) -> Option<State> {
    told.map(|own| {
        [
            own.on_time,
            own.late,
            own.missing,
            own.not_yet_due,
            own.excused,
        ]
    })
}

/// What a day of a journal tells of duties, beside what it learned by a hand-over.
fn told(day: &Day, learned: Option<NaiveDateTime>) -> Vec<Told> {
    let own = day.duties.iter().filter(|own| own.learned == learned);
    let each = own.map(|own| {
        let due = (own.due - date(0)).num_days();
        let who = PEOPLE.iter().position(|who| own.member == *who).unwrap();
        ((due, who), state(own.before), state(own.after))
    });
    each.collect()
}

/// The hand-overs, entered one by one with or without a snapshot after each.
fn entered(company: &Company, model: &Model, saved: [bool; 3]) -> Journal {
    let mut journal = Journal::new(model, date(company.begins)).unwrap();
    for ((at, own), saved) in entries(company).iter().enumerate().zip(saved) {
        let through = date(company.through[at]);
        journal.enter(known(at), through, own).unwrap();
        if saved {
            let text = serde_json::to_string(&journal.snapshot()).unwrap();
            let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
            journal = Journal::open(model, snapshot).unwrap();
        }
    }
    journal
}

fn known(hand_over: usize) -> NaiveDateTime {
    time(LAST + u64::try_from(hand_over).unwrap())
}

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn what_is_due_and_done_and_missed_is_that_of_the_company_told_day_by_day(
        company in companies(),
        as_of in 0..LAST,
        hand_overs in 1_usize..4,
        saved in any::<[bool; 3]>(),
    ) {
        prop_assume!(as_of >= company.begins);
        let model = model(&company);
        let journal = entered(&company, &model, saved);
        for name in ["people", "teams"] {
            let view = journal.view(name).unwrap().as_of(date(as_of));
            let panel = view.known_at(known(hand_overs - 1)).panel().unwrap();
            let expected = |row: &str, month| expected(&company, (name, row), month, i64::try_from(as_of).unwrap(), hand_overs);
            let has_nobody = panel.subjects().labels().any(|row| row == "unassigned");
            for month in 1..=4 {
                prop_assert!(has_nobody || expected("unassigned", month) == [0; 5], "nobody has no row in {}", name);
            }
            for row in panel.subjects().labels() {
                for (month, period) in (1..).zip(MONTHS) {
                    let wanted = expected(&row, month);
                    for (what, wanted) in ["due", "on_time", "late", "missing", "excused"].into_iter().zip(wanted) {
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

    #[test]
    fn days_tell_once_what_became_of_duties_since_the_day_before_and_late_knowledge_as_a_difference(
        company in companies(),
        saved in any::<[bool; 3]>(),
        more in 1_i64..15,
    ) {
        let model = model(&company);
        let journal = entered(&company, &model, saved);
        let through = company.through.map(|day| i64::try_from(day).unwrap());
        let begins = i64::try_from(company.begins).unwrap();
        let stands = |as_of, hand_overs| stands(&company, as_of, hand_overs);
        for day in begins..=through[2] {
            let hand_overs = through.iter().position(|through| day <= *through).unwrap() + 1;
            let wanted = changes((&stands(day - 1, hand_overs), day - 1), (&stands(day, hand_overs), day));
            let own = journal.day(date(u64::try_from(day).unwrap())).unwrap();
            prop_assert_eq!(told(&own, None), wanted, "{}", day);
            prop_assert!(!own.is_preview());
        }
        for at in 1..3 {
            let before = through[at - 1];
            let wanted = changes((&stands(before, at), before), (&stands(before, at + 1), before));
            let own = journal.day(date(company.through[at])).unwrap();
            prop_assert_eq!(told(&own, Some(known(at))), wanted, "{}", at);
        }
        let day = through[2] + more;
        let wanted = changes((&stands(day - 1, 3), day - 1), (&stands(day, 3), day));
        let own = journal.day(date(u64::try_from(day).unwrap())).unwrap();
        prop_assert_eq!(told(&own, None), wanted, "a preview");
        prop_assert!(own.is_preview());
    }
}
