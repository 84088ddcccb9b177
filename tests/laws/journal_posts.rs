//! Posts in a journal: random companies with posts, holders, parts, acting, absence and vacancies, told day by day beside them, and the
//! law of the mirror: whose every day reaches its target has reached it, in rows of posts, teams and people alike.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use quotaflow::calendar::DayRange;
use quotaflow::journal::{Entry, EntryId, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::plan::{Place, Stretch};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Tenure, TenureDef};
use serde_json::json;

pub const POSTS: [&str; 4] = ["lead", "n1", "n2", "s1"];
/// The last one joins by an entry.
pub const PEOPLE: [&str; 4] = ["ann", "bo", "cai", "dan"];
pub const TEAMS: [&str; 2] = ["north", "south"];
/// Which post whom the model gives.
const HELD: [(usize, usize); 3] = [(0, 2), (1, 0), (3, 1)];
pub const DAYS: u64 = 59;

pub fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day)
}

/// What somebody says of a post from a day on.
#[derive(Debug, Clone)]
pub enum Said {
    /// Which post, who, so many quarters of it, how, until which day.
    Hold(usize, usize, i64, Tenure, Option<u64>),
    Vacate(usize, Option<usize>),
    /// A post belongs to another team.
    Move(usize, usize),
    /// Somebody leaves the company.
    End(usize),
    /// dan joins, for whom what was said of him waits.
    Join,
    /// What was said before this, by its number among all, is void.
    Void(usize),
}

#[derive(Debug, Clone)]
pub struct Drawn {
    pub said: Vec<(u64, Said)>,
    /// Whether the south is led, and whether what is vacant has a row of its own.
    pub is_led: bool,
    pub has_reserve: bool,
    total: i64,
    pub seen: u64,
}

fn said() -> impl Strategy<Value = Said> {
    let manner = prop::sample::select(vec![Tenure::Regular, Tenure::Acting, Tenure::Absent]);
    let post = || prop_oneof![3 => Just(2), 2 => 0..POSTS.len()];
    let hold = (
        post(),
        0..PEOPLE.len(),
        1_i64..=4,
        manner,
        prop::option::of(1..DAYS),
    );
    let vacate = (post(), prop::option::of(0..PEOPLE.len()));
    prop_oneof![
        6 => hold.prop_map(|(post, who, part, how, to)| Said::Hold(post, who, part, how, to)),
        3 => vacate.prop_map(|(post, who)| Said::Vacate(post, who)),
        1 => (1..POSTS.len(), 0_usize..2).prop_map(|(post, team)| Said::Move(post, team)),
        1 => (0..PEOPLE.len()).prop_map(Said::End),
        2 => (0_usize..6).prop_map(Said::Void),
    ]
}

/// What belongs together: two share a post that is vacant from that day on, or somebody acts while the holder is away.
fn deed() -> impl Strategy<Value = Vec<Said>> {
    let two = (0..PEOPLE.len(), 1..PEOPLE.len(), 1_i64..4);
    let shared = two.prop_map(|(one, next, part)| {
        let other = (one + next) % PEOPLE.len();
        let hold = |who, part| Said::Hold(2, who, part, Tenure::Regular, None);
        vec![
            Said::Vacate(2, None),
            hold(one, part),
            hold(other, 4 - part),
        ]
    });
    let held = prop::sample::select(HELD.to_vec());
    let acting = (held, 1..PEOPLE.len(), 1_i64..=4, prop::option::of(1..DAYS));
    let acting = acting.prop_map(|((post, who), next, part, to)| {
        let other = (who + next) % PEOPLE.len();
        let away = Said::Hold(post, who, 4, Tenure::Absent, to);
        vec![away, Said::Hold(post, other, part, Tenure::Acting, to)]
    });
    // The same, and then nobody was away.
    let back = acting.clone().prop_map(|mut deed| {
        deed.push(Said::Void(1));
        deed
    });
    // dan has a post that somebody else takes, and may not have joined yet.
    let taken = (0..PEOPLE.len() - 1, 1_i64..=4).prop_map(|(other, part)| {
        let hold = |who, part| Said::Hold(2, who, part, Tenure::Regular, None);
        vec![Said::Vacate(2, None), hold(3, 4), hold(other, part)]
    });
    prop_oneof![
        8 => said().prop_map(|said| vec![said]),
        3 => shared,
        3 => acting,
        1 => back,
        1 => taken,
    ]
}

pub fn drawn() -> impl Strategy<Value = Drawn> {
    let said = prop::collection::vec((0..DAYS, deed()), 0..9);
    let rest = (any::<bool>(), any::<bool>(), -5_000_i64..50_000, 0..DAYS);
    (said, 0_usize..20, rest).prop_map(|(said, joins, (is_led, has_reserve, total, seen))| {
        let each = said.into_iter();
        let each = each.flat_map(|(day, deed)| deed.into_iter().map(move |said| (day, said)));
        let mut said: Vec<(u64, Said)> = each.collect();
        if joins <= said.len() {
            said.insert(joins, (0, Said::Join));
        }
        // So many steps back; before the first there is nothing.
        let rest = said
            .iter()
            .position(|(_, said)| !matches!(said, Said::Void(_)));
        said.drain(..rest.unwrap_or(said.len()));
        for (at, (_, said)) in said.iter_mut().enumerate() {
            if let Said::Void(of) = said {
                *of = at - 1 - *of % at;
            }
        }
        Drawn {
            said,
            is_led,
            has_reserve,
            total,
            seen,
        }
    })
}

fn model(drawn: &Drawn) -> Model {
    serde_json::from_value(document(drawn)).unwrap()
}

pub fn document(drawn: &Drawn) -> serde_json::Value {
    let text = include_str!("../../examples/models/posts.json");
    let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
    if drawn.is_led {
        document["posts"]["leads"]["south"] = json!("lead");
    }
    if drawn.has_reserve {
        document["posts"]["reserve"] = json!("open");
        let people = document["dimensions"][1]["members"].as_array_mut();
        people
            .unwrap()
            .push(json!({"key": "open", "level": "person"}));
    }
    document
}

impl Said {
    pub fn entry(&self, at: usize, day: u64) -> Entry {
        let named = |at: usize| EntryId::new("hr", &format!("{at:03}")).unwrap();
        let id = named(at);
        match self {
            Self::Hold(post, who, part, how, to) => {
                let part = Ratio::new((*part).into(), 4).unwrap();
                let tenure = TenureDef::always(POSTS[*post], PEOPLE[*who]).unwrap();
                let mut tenure = tenure.part(part).as_tenure(*how);
                tenure.to = to.map(date);
                Entry::hold(id, date(day), tenure)
            }
            Self::Vacate(post, who) => {
                let who = who.map(|who| PEOPLE[who]);
                Entry::vacate(id, date(day), POSTS[*post], who).unwrap()
            }
            Self::Move(post, team) => {
                Entry::moving(id, date(day), ("post", POSTS[*post], TEAMS[*team])).unwrap()
            }
            Self::End(who) => Entry::end(id, date(day), ("person", PEOPLE[*who])).unwrap(),
            Self::Join => Entry::join(id, date(day), ("person", "person", PEOPLE[3])).unwrap(),
            Self::Void(of) => Entry::void(id, date(day), named(*of)),
        }
    }
}

/// The company told day by day, from what was taken in.
pub struct Company<'a> {
    drawn: &'a Drawn,
    /// By the number of each.
    taken: BTreeMap<usize, (u64, &'a Said)>,
    /// Of these the ones that are not void and wait for nobody.
    pub standing: BTreeMap<usize, (u64, &'a Said)>,
}

impl<'a> Company<'a> {
    pub fn new(drawn: &'a Drawn) -> Self {
        let (taken, standing) = (BTreeMap::new(), BTreeMap::new());
        Self {
            drawn,
            taken,
            standing,
        }
    }

    /// Takes in what is said next, unless nobody would hold anything by it, or more than the whole of a post be held.
    pub fn hears(&mut self, at: usize) -> bool {
        let (day, said) = &self.drawn.said[at];
        self.taken.insert(at, (*day, said));
        self.judge();
        let is_empty = matches!(said, Said::Hold(.., Some(to)) if to <= day);
        let is_taken = !is_empty && !self.is_overfull();
        if !is_taken {
            self.taken.remove(&at);
            self.judge();
        }
        is_taken
    }

    fn judge(&mut self) {
        let mut void: Vec<usize> = Vec::new();
        // What voids comes later than what it voids.
        for (at, (_, said)) in self.taken.iter().rev() {
            if let Said::Void(of) = said
                && !void.contains(at)
            {
                void.push(*of);
            }
        }
        let stands = |at: &usize| !void.contains(at);
        let mut joins = self
            .taken
            .iter()
            .filter(|(_, (_, said))| matches!(said, Said::Join));
        let is_there = joins.any(|(at, _)| stands(at));
        let waits = |said: &Said| match said {
            Said::Hold(_, who, ..) | Said::Vacate(_, Some(who)) | Said::End(who) => {
                *who == 3 && !is_there
            }
            _ => false,
        };
        let own = self
            .taken
            .iter()
            .filter(|(at, (_, said))| stands(at) && !waits(said));
        self.standing = own.map(|(at, own)| (*at, *own)).collect();
    }

    /// How many quarters of a post somebody has on a day, unless they are absent.
    pub fn holds(&self, post: usize, who: usize, day: u64) -> i64 {
        let held = self.held(post, who, day);
        let present = held.filter(|(_, how)| *how != Tenure::Absent);
        present.map_or(0, |(quarters, _)| quarters)
    }

    /// How many quarters of a post somebody holds on a day, and how: by what was said last of all that has begun by then.
    pub fn held(&self, post: usize, who: usize, day: u64) -> Option<(i64, Tenure)> {
        let in_model = HELD.contains(&(post, who)).then_some((4, Tenure::Regular));
        let (mut last, mut found) = (None, in_model);
        for (number, (from, said)) in &self.standing {
            let now = match said {
                Said::Hold(other, person, quarters, how, to)
                    if (*other, *person) == (post, who) =>
                {
                    if to.is_some_and(|to| to <= day) {
                        continue;
                    }
                    Some((*quarters, *how))
                }
                Said::Vacate(other, person)
                    if *other == post && person.is_none_or(|person| person == who) =>
                {
                    None
                }
                Said::End(person) if *person == who => None,
                _ => continue,
            };
            if *from <= day && last.is_none_or(|last| last <= (*from, *number)) {
                (last, found) = (Some((*from, *number)), now);
            }
        }
        found
    }

    pub fn team(&self, post: usize, day: u64) -> usize {
        let own = self.standing.iter();
        let own = own.filter_map(|(number, (from, said))| match said {
            Said::Move(other, team) if *other == post && *from <= day => {
                Some((*from, *number, *team))
            }
            _ => None,
        });
        own.max().map_or(usize::from(post == 3), |(.., team)| team)
    }

    fn is_overfull(&self) -> bool {
        let sum = |post: usize, day: u64| -> i64 {
            (0..PEOPLE.len())
                .map(|who| self.holds(post, who, day))
                .sum()
        };
        (0..=DAYS).any(|day| (0..POSTS.len()).any(|post| sum(post, day) > 4))
    }

    /// For whom a day of a post counts, and with which part of the whole.
    pub fn credited(&self, post: usize, day: u64) -> BTreeMap<String, Ratio> {
        let mut found: BTreeMap<String, Ratio> = BTreeMap::new();
        let mut add = |who: &str, part: Ratio| {
            let own = found.entry(who.to_owned()).or_default();
            *own = own.checked_add(part).unwrap();
        };
        let (mut post, mut left, mut seen) = (post, Ratio::ONE, Vec::new());
        loop {
            let whole = left;
            for (who, name) in PEOPLE.iter().enumerate() {
                let part = Ratio::new(self.holds(post, who, day).into(), 4).unwrap();
                let part = whole.checked_mul(part).unwrap();
                left = left.checked_sub(part).unwrap();
                add(name, part);
            }
            seen.push(post);
            let is_led = self.drawn.is_led || self.team(post, day) == 0;
            if left.is_zero() {
                return found;
            }
            if self.drawn.has_reserve {
                add("open", left);
                return found;
            }
            if !is_led || seen.contains(&0) {
                add("unassigned", left);
                return found;
            }
            post = 0;
        }
    }
}

fn cell(panel: &Panel, column: &ColumnKey, row: &str, month: &str) -> Option<Ratio> {
    let row = panel.subjects().row([row]).ok()?;
    let period = panel.periods().id(month).unwrap();
    panel.answer(column, row, period).unwrap().ratio().ok()
}

fn bytes(journal: &Journal, as_of: u64) -> Vec<String> {
    let views = ["by_team", "by_post", "by_person"].map(|name| {
        let view = journal.view(name).unwrap().as_of(date(as_of));
        serde_json::to_string(&view.panel().unwrap()).unwrap()
    });
    views.into()
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn whose_every_day_reaches_its_target_has_reached_it_in_rows_of_posts_teams_and_people(drawn in drawn()) {
        let model = model(&drawn);
        let mut journal = Journal::new(&model, date(0)).unwrap();
        let mut hour = 0;
        let mut known = || {
            hour += 1;
            date(DAYS).and_time(NaiveTime::MIN) + chrono::Duration::hours(hour)
        };
        let id = EntryId::new("planning", "1").unwrap();
        let total = rust_decimal::Decimal::new(drawn.total, 2);
        let plan = Entry::cascade(id, date(0), "spring", [("sales", total)]).unwrap();
        journal.enter(known(), date(DAYS), &[plan.by("eva").because("agreed")]).unwrap();
        // What would fill a post with more than the whole is refused, by itself or by what it brings back, and nothing else is.
        let mut company = Company::new(&drawn);
        for (at, (day, said)) in drawn.said.iter().enumerate() {
            let told = journal.enter(known(), date(DAYS), &[said.entry(at, *day)]);
            prop_assert_eq!(told.is_ok(), company.hears(at), "{:?}: {:?}", said, told.err().map(|why| why.to_string()));
        }
        // Every post sells on every day what is planned for it.
        let plan = journal.view("by_post").unwrap().plan("spring").unwrap().unwrap();
        let mut sold: BTreeMap<(usize, u64), Ratio> = BTreeMap::new();
        let mut orders = Vec::new();
        for (post, name) in POSTS.iter().enumerate() {
            for day in 0..DAYS {
                let range = DayRange::new(date(day), date(day + 1)).unwrap();
                let place = Place::whole().at("post", name).unwrap();
                let amount = plan.stretch("sales", &Stretch::new(place, range)).unwrap().amount();
                if !amount.is_zero() {
                    let record = Record::new("order", date(day)).id(format!("{name} {day}"));
                    let record = record.of("post", *name).amount("sales", amount);
                    orders.push(Entry::record("crm", record).unwrap());
                    sold.insert((post, day), Ratio::from(amount));
                }
            }
        }
        journal.enter(known(), date(DAYS), &orders).unwrap();
        let (actual, target) = (ColumnKey::actual("sales").unwrap(), ColumnKey::target("sales").unwrap());
        let attained = ColumnKey::actual("attainment(sales)").unwrap();
        let months = [("2026-01", 0..31), ("2026-02", 31..DAYS)];
        for name in ["by_team", "by_post", "by_person"] {
            let panel = journal.view(name).unwrap().panel().unwrap();
            for (month, days) in &months {
                let mut whole = Ratio::ZERO;
                for row in panel.subjects().labels() {
                    let own = cell(&panel, &actual, &row, month).unwrap();
                    let wanted = cell(&panel, &target, &row, month);
                    prop_assert_eq!(own, wanted.unwrap_or(Ratio::ZERO), "{} {} {}", name, row, month);
                    if wanted.is_some_and(|wanted| !wanted.is_zero()) {
                        prop_assert_eq!(cell(&panel, &attained, &row, month), Some(Ratio::ONE), "{} {}", name, row);
                    }
                    whole = whole.checked_add(own).unwrap();
                    // By hand, day by day.
                    let mut exact = Ratio::ZERO;
                    for ((post, day), amount) in sold.iter().filter(|((_, day), _)| days.contains(day)) {
                        let part = match name {
                            "by_post" => Ratio::from(i64::from(POSTS[*post] == row)),
                            "by_team" => Ratio::from(i64::from(TEAMS[company.team(*post, *day)] == row)),
                            _ => company.credited(*post, *day).get(&row).copied().unwrap_or_default(),
                        };
                        exact = exact.checked_add(amount.checked_mul(part).unwrap()).unwrap();
                    }
                    let off = exact.checked_sub(own).unwrap();
                    let cent = Ratio::new(1, 100).unwrap();
                    let is_near = off < cent && Ratio::ZERO.checked_sub(off).unwrap() < cent;
                    prop_assert!(is_near, "{} {} {}: {} for {}", name, row, month, own, exact);
                }
                let all = sold.iter().filter(|((_, day), _)| days.contains(day));
                let all = all.fold(Ratio::ZERO, |sum, (_, amount)| sum.checked_add(*amount).unwrap());
                prop_assert_eq!(whole, all, "{} {}", name, month);
            }
        }
        // Saved and opened: the same bytes, as of any day.
        let night = serde_json::to_string(&journal.snapshot()).unwrap();
        let opened = Journal::open(&model, serde_json::from_str::<Snapshot>(&night).unwrap()).unwrap();
        for day in [drawn.seen, DAYS] {
            prop_assert_eq!(bytes(&opened, day), bytes(&journal, day));
        }
    }
}

/// Most companies would otherwise never have a post that two share, or one that somebody acts for.
#[test]
fn a_good_part_of_the_companies_that_are_drawn_share_a_post_act_wait_and_take_back() {
    let mut runner = TestRunner::deterministic();
    let mut counts = [0_u32; 4];
    for _ in 0..200 {
        let drawn = drawn().new_tree(&mut runner).unwrap().current();
        let mut company = Company::new(&drawn);
        let taken: Vec<bool> = (0..drawn.said.len()).map(|at| company.hears(at)).collect();
        let places = || (0..DAYS).flat_map(|day| (0..POSTS.len()).map(move |post| (day, post)));
        let held = |(day, post)| (0..PEOPLE.len()).map(move |who| (day, post, who));
        let is_shared = places().any(|place| {
            let own = held(place).filter(|(day, post, who)| company.holds(*post, *who, *day) > 0);
            own.count() > 1
        });
        let acts = places().flat_map(held).any(|(day, post, who)| {
            let held = company.held(post, who, day);
            held.is_some_and(|(_, how)| how == Tenure::Acting)
        });
        // Something came back, or was refused because of what it would bring back.
        let brings = |said: &Said| matches!(said, Said::Join | Said::Void(_));
        let mut all = drawn.said.iter().zip(&taken);
        let is_refused = all.any(|((_, said), is_taken)| brings(said) && !is_taken);
        let waited = company.standing.len() < company.taken.len();
        for (count, is_so) in counts.iter_mut().zip([is_shared, acts, waited, is_refused]) {
            *count += u32::from(is_so);
        }
    }
    let [shared, acting, waiting, refused] = counts;
    assert!(
        shared >= 60 && acting >= 60 && waiting >= 60 && refused >= 10,
        "{counts:?} of 200"
    );
}
