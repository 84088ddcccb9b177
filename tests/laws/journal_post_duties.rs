//! Duties of posts and of the people who hold them are those of a company told day by day: what falls to whom while posts are held in
//! parts, vacant, and while somebody is absent, who is accountable, and that rows of people say the same as those of posts.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quotaflow::journal::{Entry, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::space::Tenure;
use serde_json::json;

use crate::journal_posts::{
    Company, DAYS, Drawn, PEOPLE, POSTS, Said, TEAMS, date, document, drawn,
};

/// Who has in reserve what is vacant is one of the people, and holds nothing.
const PEOPLE_AND_RESERVE: [&str; 5] = ["ann", "bo", "cai", "dan", "open"];

/// What the duty says.
#[derive(Debug, Clone)]
struct Duty {
    is_of_posts: bool,
    every: u64,
    times: i64,
    /// All or nothing by the due day, by days, by parts.
    stay: usize,
    /// Whether nothing falls due in an absence, and nothing while a post is vacant.
    is_excused: bool,
    falls_to_nobody: bool,
}

/// On which day, by whom and for which post, if that is said; one of both is.
type Visit = (u64, Option<usize>, Option<usize>);

fn duties() -> impl Strategy<Value = Duty> {
    let rules = (any::<bool>(), 0_usize..3, any::<bool>(), any::<bool>());
    (rules, 2_u64..9, 1_i64..8).prop_map(|((is_of_posts, stay, excused, nobody), every, times)| {
        Duty {
            is_of_posts,
            every,
            times,
            stay,
            is_excused: excused,
            falls_to_nobody: nobody && is_of_posts,
        }
    })
}

fn visits() -> impl Strategy<Value = Vec<Visit>> {
    let visit = (0..DAYS, 0..PEOPLE.len() - 1, 0..POSTS.len(), 0_u8..3);
    let visit = visit.prop_map(|(day, who, post, named)| match named {
        0 => (day, Some(who), None),
        1 => (day, None, Some(post)),
        _ => (day, Some(who), Some(post)),
    });
    prop::collection::vec(visit, 0..40)
}

fn model(drawn: &Drawn, duty: &Duty) -> Model {
    let mut document = document(drawn);
    let axis = |level: &str, dimension: &str| json!({"dimension": dimension, "level": level});
    let (post, person) = (axis("post", "post"), axis("person", "person"));
    let stay = ["due_day", "by_days", "by_parts"][duty.stay];
    let who = if duty.is_of_posts { &post } else { &person };
    document["kinds"][1]["credit"] = json!("person");
    document["duties"] = json!([{"key": "calls", "who": who, "evidence": {"kinds": ["visit"]}, "times": duty.times,
        "stay": stay, "absent": if duty.is_excused { "excused" } else { "deputy" },
        "vacant": if duty.falls_to_nobody { "nobody" } else { "leader" },
        "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "days", "every": duty.every}}}]);
    let show = json!([
        "calls.due",
        "calls.on_time",
        "calls.missing",
        "calls.excused"
    ]);
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2026-03-01"});
    let view = |key: &str, rows: serde_json::Value| json!({"key": key, "rows": rows, "periods": months, "show": show});
    let mut views = vec![view("people", json!([person])), view("whole", json!([]))];
    if duty.is_of_posts {
        views.push(view("posts", json!([post])));
        views.push(view("teams", json!([axis("team", "post")])));
    }
    document["views"] = json!(views);
    serde_json::from_value(document).unwrap()
}

/// Something that falls to somebody: in time, missing, still to come, excused.
type State = [i64; 4];

/// Whether it is excused, the last day that counts, who is accountable, how many.
type Falls = (bool, u64, Option<usize>, i64);

/// What stands of a due day: to which member it falls, the last day that counts, who is accountable, and what became of it.
#[derive(Debug)]
struct Stands {
    due: u64,
    member: String,
    on: u64,
    accountable: Option<String>,
    state: State,
}

/// A company as it is told as of a day.
struct Told<'a> {
    company: Company<'a>,
    drawn: &'a Drawn,
    duty: &'a Duty,
    visits: &'a [Visit],
    as_of: u64,
}

impl<'a> Told<'a> {
    fn new(
        company: &Company<'a>,
        (drawn, duty, visits): (&'a Drawn, &'a Duty, &'a [Visit]),
        as_of: u64,
    ) -> Self {
        let mut own = Company::new(drawn);
        let standing = company
            .standing
            .iter()
            .filter(|(_, (day, _))| *day <= as_of);
        own.standing = standing.map(|(at, said)| (*at, *said)).collect();
        // Whoever is not there yet holds nothing, and has held it since its own day once they are.
        let joins = |(_, said): &(u64, &Said)| matches!(said, Said::Join);
        if !own.standing.values().any(joins) {
            own.standing
                .retain(|_, (_, said)| !matches!(said, Said::Hold(_, 3, ..)));
        }
        Self {
            company: own,
            drawn,
            duty,
            visits,
            as_of,
        }
    }

    /// Whether somebody is in the company on a day.
    fn is_there(&self, who: usize, day: u64) -> bool {
        let said = self.company.standing.iter();
        let own = said.filter_map(|(number, (from, said))| match said {
            Said::Join if who == 3 => Some((*from, *number, true)),
            Said::End(other) if *other == who => Some((*from, *number, false)),
            _ => None,
        });
        let last = own.filter(|(from, ..)| *from <= day).max();
        last.map_or(who != 3, |(.., is_there)| is_there)
    }

    /// Everybody who has something of a post on a day in such a manner, the first to decide first.
    fn in_post(&self, post: usize, day: u64, is: impl Fn(Tenure) -> bool) -> Vec<usize> {
        let people = 0..PEOPLE.len();
        let held = people.filter_map(|who| {
            let (quarters, how) = self.company.held(post, who, day)?;
            is(how).then_some((how != Tenure::Acting, -quarters, who))
        });
        let mut held: Vec<_> = held.collect();
        held.sort_unstable();
        held.into_iter().map(|(.., who)| who).collect()
    }

    fn present(&self, post: usize, day: u64) -> Option<usize> {
        let present = self.in_post(post, day, |how| how != Tenure::Absent);
        present.first().copied()
    }

    fn away(&self, post: usize, day: u64) -> Option<usize> {
        let regular = self.in_post(post, day, |how| how == Tenure::Regular);
        let absent = self.in_post(post, day, |how| how == Tenure::Absent);
        absent.first().copied().filter(|_| regular.is_empty())
    }

    fn quarters(&self, member: usize, day: u64) -> i64 {
        let (company, duty) = (&self.company, self.duty);
        if duty.stay != 2 {
            return 4;
        }
        if !duty.is_of_posts {
            let held = (0..POSTS.len()).filter_map(|post| company.held(post, member, day));
            let counts = held.filter(|(_, how)| match how {
                Tenure::Regular => true,
                Tenure::Acting => !duty.is_excused,
                Tenure::Absent => false,
            });
            return counts.map(|(quarters, _)| quarters).sum();
        }
        if duty.is_excused && self.away(member, day).is_some() {
            0
        } else if duty.falls_to_nobody {
            let people = 0..PEOPLE.len();
            people.map(|who| company.holds(member, who, day)).sum()
        } else {
            4
        }
    }

    /// Who does what falls to a member, who is accountable, and whether it is excused.
    fn bearer(&self, member: usize, day: u64) -> (usize, Option<usize>, bool) {
        let duty = self.duty;
        if duty.is_of_posts {
            if let Some(away) = self.away(member, day).filter(|_| duty.is_excused) {
                return (member, Some(away), true);
            }
            let is_led = member != 0 && (self.drawn.is_led || self.company.team(member, day) == 0);
            let leader = || {
                self.present(0, day)
                    .filter(|_| is_led && !duty.falls_to_nobody)
            };
            let who = self.present(member, day).or_else(leader);
            return (member, who, who.is_none());
        }
        let posts = || 0..POSTS.len();
        let of_own = |how: Tenure| {
            posts().any(
                |post| matches!(self.company.held(post, member, day), Some((_, own)) if own == how),
            )
        };
        if duty.stay == 2 || !of_own(Tenure::Absent) || of_own(Tenure::Regular) {
            return (member, None, false);
        }
        let mut away = posts().filter(|post| {
            matches!(
                self.company.held(*post, member, day),
                Some((_, Tenure::Absent))
            )
        });
        let acting = away.find_map(|post| {
            let acting = self.in_post(post, day, |how| how == Tenure::Acting);
            acting.first().copied()
        });
        match acting.filter(|_| !duty.is_excused) {
            Some(deputy) => (deputy, None, false),
            None => (member, None, true),
        }
    }

    /// How many visits of some days count for a member.
    fn visits(&self, member: usize, days: std::ops::RangeInclusive<u64>) -> i64 {
        let own = self.visits.iter().filter(|(day, who, post)| {
            let is_own = match (self.duty.is_of_posts, who, post) {
                (true, _, Some(post)) => *post == member,
                (true, Some(who), None) => {
                    let posts = 0..POSTS.len();
                    let own = posts.filter(|post| {
                        let held = self.company.held(*post, *who, *day);
                        held.is_some_and(|(_, how)| how != Tenure::Acting)
                    });
                    own.collect::<Vec<_>>() == [member]
                }
                (false, Some(who), _) => *who == member,
                // What several share is counted once, with the largest part.
                (false, None, Some(post)) => {
                    let credited = self.company.credited(*post, *day);
                    let parts = PEOPLE_AND_RESERVE.iter().enumerate();
                    let parts = parts.filter_map(|(who, name)| Some((who, *credited.get(*name)?)));
                    let first = parts
                        .filter(|(_, part)| !part.is_zero())
                        .min_by_key(|(who, part)| (std::cmp::Reverse(*part), *who));
                    first.is_some_and(|(who, _)| who == member)
                }
                (_, None, None) => false,
            };
            is_own && *day <= self.as_of && days.contains(day)
        });
        i64::try_from(own.count()).unwrap()
    }

    fn stands(&self) -> Vec<Stands> {
        let duty = self.duty;
        let members = if duty.is_of_posts {
            &POSTS[..]
        } else if self.drawn.has_reserve {
            &PEOPLE_AND_RESERVE[..]
        } else {
            &PEOPLE[..]
        };
        let mut all = Vec::new();
        let mut opens = 0;
        for due in (0..DAYS).step_by(usize::try_from(duty.every).unwrap()) {
            let from = std::mem::replace(&mut opens, due + 1);
            if from > self.as_of {
                break;
            }
            // By who does it.
            let mut falls: BTreeMap<usize, Vec<Falls>> = BTreeMap::new();
            for member in 0..members.len() {
                let is_there = |day: &u64| duty.is_of_posts || self.is_there(member, *day);
                let days: Vec<u64> = (from..=due).filter(is_there).collect();
                let counting: Vec<u64> = days
                    .into_iter()
                    .filter(|day| self.quarters(member, *day) > 0)
                    .collect();
                let (on, times) = if duty.stay == 0 {
                    (
                        counting.last().copied().filter(|day| *day == due),
                        duty.times,
                    )
                } else {
                    let own: i64 = counting.iter().map(|day| self.quarters(member, *day)).sum();
                    let of = 4 * i64::try_from(due - from + 1).unwrap();
                    // The largest whole number that is no more than a half above the share.
                    let mut whole = (0..=8 * duty.times).rev();
                    let times = whole.find(|whole| (2 * whole - 1) * of <= 2 * duty.times * own);
                    (counting.last().copied(), times.unwrap())
                };
                let Some(on) = on.filter(|_| times > 0) else {
                    continue;
                };
                let (who, accountable, excused) = self.bearer(member, on);
                falls
                    .entry(who)
                    .or_default()
                    .push((excused, on, accountable, times));
            }
            for (who, mut own) in falls {
                own.sort_by_key(|(excused, ..)| *excused);
                let mut left = self.visits(who, from..=due.min(self.as_of));
                for (excused, on, accountable, times) in own {
                    let done = left.min(times);
                    left -= done;
                    let open = times - done;
                    let state = match (excused && due <= self.as_of, due < self.as_of) {
                        (true, _) => [done, 0, 0, open],
                        (false, true) => [done, open, 0, 0],
                        (false, false) => [done, 0, open, 0],
                    };
                    let accountable = accountable.map(|who| PEOPLE[who].to_owned());
                    all.push(Stands {
                        due,
                        member: members[who].to_owned(),
                        on,
                        accountable,
                        state,
                    });
                }
            }
        }
        all
    }

    /// The row of a view in which something stands.
    fn row(&self, view: &str, own: &Stands) -> String {
        match view {
            "people" if self.duty.is_of_posts => {
                own.accountable.clone().unwrap_or("unassigned".to_owned())
            }
            "teams" => {
                let post = POSTS.iter().position(|post| own.member == **post).unwrap();
                TEAMS[self.company.team(post, own.on)].to_owned()
            }
            "whole" => String::new(),
            _ => own.member.clone(),
        }
    }
}

/// By due day and member, who is accountable and what stands of it.
type Known = BTreeMap<(u64, String), (Option<String>, State)>;

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn what_falls_to_posts_and_to_those_who_hold_them_is_that_of_the_company_told_day_by_day(
        mut drawn in drawn(),
        joins in 0..DAYS,
        duty in duties(),
        visits in visits(),
    ) {
        // Whatever is said of dan may be of days before he is there.
        for (day, said) in &mut drawn.said {
            *day = if matches!(said, Said::Join) { joins } else { *day };
        }
        let model = model(&drawn, &duty);
        let known = |hour| date(DAYS).and_hms_opt(0, 0, 0).unwrap() + chrono::Duration::hours(hour);
        // Who is taken at their word is found out beside the journal.
        let mut company = Company::new(&drawn);
        let mut entries = Vec::new();
        for (at, (day, said)) in drawn.said.iter().enumerate() {
            if company.hears(at) {
                entries.push(said.entry(at, *day));
            }
        }
        for (at, (day, who, post)) in visits.iter().enumerate() {
            let record = Record::new("visit", date(*day)).id(format!("{at}"));
            let record = who.iter().fold(record, |record, who| record.of("person", PEOPLE[*who]));
            let record = post.iter().fold(record, |record, post| record.of("post", POSTS[*post]));
            entries.push(Entry::record("crm", record).unwrap());
        }
        let mut journal = Journal::new(&model, date(0)).unwrap();
        journal.enter(known(1), date(DAYS), &entries).unwrap();
        let text = serde_json::to_string(&journal.snapshot()).unwrap();
        let opened = Journal::open(&model, serde_json::from_str::<Snapshot>(&text).unwrap()).unwrap();
        for as_of in [drawn.seen, DAYS] {
            let told = Told::new(&company, (&drawn, &duty, &visits), as_of);
            let stands = told.stands();
            let views: &[&str] = if duty.is_of_posts { &["posts", "teams", "people", "whole"] } else { &["people", "whole"] };
            for view in views {
                let panel = opened.view(view).unwrap().as_of(date(as_of)).panel().unwrap();
                prop_assert_eq!(&panel, &journal.view(view).unwrap().as_of(date(as_of)).panel().unwrap());
                // What stands in a row that is not there would be lost.
                let rows: Vec<String> = panel.subjects().ids().map(|row| panel.subjects().members(row).first().map_or(String::new(), ToString::to_string)).collect();
                for own in &stands {
                    prop_assert!(rows.contains(&told.row(view, own)), "{} has no row for {:?}", view, own);
                }
                for row in &rows {
                    for (month, days) in [("2026-01", 0..31), ("2026-02", 31..DAYS)] {
                        let own = stands.iter().filter(|own| days.contains(&own.due) && told.row(view, own) == *row);
                        let mut wanted = [0; 4];
                        for own in own {
                            let [done, missing, _, excused] = own.state;
                            wanted.iter_mut().zip([done + missing, done, missing, excused]).for_each(|(sum, own)| *sum += own);
                        }
                        for (what, wanted) in ["due", "on_time", "missing", "excused"].into_iter().zip(wanted) {
                            let names = Some(row.as_str()).filter(|row| !row.is_empty());
                            let told = panel.get(&format!("calls.{what}"), names, month).unwrap();
                            let is_fit = told.ratio() == Ok(wanted.into()) || (wanted == 0 && told.ratio().is_err());
                            prop_assert!(is_fit, "{} of {} in {} of {} as of {}: {} and not {}", what, row, month, view, as_of, told, wanted);
                        }
                    }
                }
            }
            // What days told adds up to what stands.
            let mut heard = Known::new();
            for day in 0..=as_of {
                for own in journal.day(date(day)).unwrap().duties {
                    let due = (own.due - date(0)).num_days();
                    let place = (u64::try_from(due).unwrap(), own.member.to_string());
                    let before = own.before.map(|own| [own.on_time, own.missing, own.not_yet_due, own.excused]);
                    prop_assert_eq!(heard.get(&place).map(|(_, state)| *state), before, "{:?} on {}", place, day);
                    match own.after {
                        Some(after) => {
                            let state = [after.on_time, after.missing, after.not_yet_due, after.excused];
                            heard.insert(place, (own.accountable.map(|who| who.to_string()), state));
                        }
                        None => _ = heard.remove(&place),
                    }
                }
            }
            let mut wanted = Known::new();
            for own in stands.into_iter().filter(|own| own.due <= as_of) {
                let known = wanted.entry((own.due, own.member)).or_default();
                known.0 = own.accountable;
                known.1.iter_mut().zip(own.state).for_each(|(sum, own)| *sum += own);
            }
            prop_assert_eq!(heard, wanted, "as of {}", as_of);
        }
    }
}
