//! The laws to which hosts hold their planners find planners that are wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use quotaflow::journal::Journal;
use quotaflow::model::Model;
use quotaflow::plan::{Cascade, CascadeDef, OverAssignmentDef, Plan, Sources, StepDef};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::testing::{
    Answers, Broken, Cell, Company, Deed, Did, Planner, companies, date, document, laws,
};

/// What is wrong with a planner.
const NOTHING: u8 = 0;
const LOSES_EVERYTHING: u8 = 1;
const LEAVES_EVERYTHING_OUT: u8 = 2;
const IGNORES_WHAT_WAS_SAVED: u8 = 3;
const ANSWERS_NOTHING: u8 = 4;
const TAKES_THE_FIRST_OF_A_DAY: u8 = 5;
const HAS_NO_TARGET_ON_THE_LAST_DAY: u8 = 6;
const TELLS_WHAT_CAME_LATER: u8 = 7;
const SAVES_WHOLE_EUROS: u8 = 8;
const FORGETS_WHO_AGREED: u8 = 9;
const COUNTS_A_CUSTOMER_TWICE: u8 = 10;

/// One row for all, by months; what is taken back is left out.
#[derive(Clone)]
struct Log<const WRONG: u8> {
    people: Vec<String>,
    cents: i64,
    /// On how many cents anybody agreed.
    agreed: i64,
    deeds: Vec<(NaiveDateTime, Deed)>,
}

impl<const WRONG: u8> Log<WRONG> {
    fn is_seen(&self, deed: &Deed, by: Option<NaiveDateTime>) -> bool {
        !matches!(deed.what, Did::Reversed(..)) && !self.is_void(deed, by)
    }

    /// Whether somebody said by then that a deed was a mistake, and that was none itself.
    fn is_void(&self, deed: &Deed, by: Option<NaiveDateTime>) -> bool {
        let is_told = |at: NaiveDateTime| by.is_none_or(|by| at <= by);
        self.deeds.iter().any(|(at, other)| {
            is_told(*at) && other.what == Did::Voided(deed.number) && !self.is_void(other, by)
        })
    }
}

impl<const WRONG: u8> Planner for Log<WRONG> {
    fn new(company: &Company) -> Self {
        let people = company.people.iter().map(|(person, _)| person.clone());
        Self {
            people: people.collect(),
            cents: 0,
            agreed: 0,
            deeds: Vec::new(),
        }
    }

    fn plan(&mut self, cents: i64) {
        (self.cents, self.agreed) = (cents, cents);
    }

    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]) {
        let is_new = self.deeds.iter().all(|(at, _)| at.date() != known.date());
        if WRONG != LOSES_EVERYTHING && (WRONG != TAKES_THE_FIRST_OF_A_DAY || is_new) {
            let own = deeds.iter().map(|deed| (known, deed.clone()));
            self.deeds.extend(own);
        }
    }

    fn reopened(&self) -> Self {
        let mut all = self.clone();
        match WRONG {
            IGNORES_WHAT_WAS_SAVED => (all.cents, all.agreed, all.deeds) = (0, 0, Vec::new()),
            SAVES_WHOLE_EUROS => all.cents -= all.cents % 100,
            FORGETS_WHO_AGREED => all.agreed = 0,
            _ => {}
        }
        all
    }

    fn target(&self, person: &str, day: NaiveDate) -> i64 {
        if WRONG == ANSWERS_NOTHING || day.year() != 2026 || self.people[0] != person {
            return 0;
        }
        let through = |day: u32| self.cents * i64::from(day) / 365;
        through(day.ordinal()) - through(day.ordinal0())
    }

    fn answers(&self, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> Answers {
        let mut found = Answers::new();
        let mut add = |day: NaiveDate, column: &str, number: i64| {
            let cell = Cell {
                level: "company".to_owned(),
                row: "all".to_owned(),
                period: day.format("%Y-%m").to_string(),
                column: column.to_owned(),
            };
            let sum = found.entry(cell).or_insert(Ok(Ratio::ZERO));
            *sum = sum.map(|sum| sum.checked_add(Ratio::from(number)).unwrap());
        };
        if matches!(WRONG, ANSWERS_NOTHING | LEAVES_EVERYTHING_OUT) {
            return found;
        }
        let known_at = known_at.filter(|_| WRONG != TELLS_WHAT_CAME_LATER);
        let days = 0..365 - i32::from(WRONG == HAS_NO_TARGET_ON_THE_LAST_DAY);
        for day in days.map(date) {
            add(day, "target", self.target(&self.people[0], day));
        }
        let told = self.deeds.iter();
        let told = told.filter(|(at, _)| known_at.is_none_or(|by| *at <= by));
        for (_, deed) in told.filter(|(_, deed)| self.is_seen(deed, known_at)) {
            if let Did::Recorded(own) = &deed.what
                && own.kind == "order"
                && date(deed.day) <= as_of
            {
                add(date(deed.day), "sales", own.cents);
                let is_twice = WRONG == COUNTS_A_CUSTOMER_TWICE && own.customer == "c3";
                add(date(deed.day), "orders", 1 + i64::from(is_twice));
            }
        }
        found
    }

    fn left_out(&self) -> BTreeSet<usize> {
        let all = self.deeds.iter().map(|(_, deed)| deed);
        all.filter(|deed| WRONG == LEAVES_EVERYTHING_OUT || !self.is_seen(deed, None))
            .map(|deed| deed.number)
            .collect()
    }

    fn decisions(&self) -> BTreeMap<String, String> {
        let agreed = ("plan".to_owned(), self.agreed.to_string());
        let all = BTreeMap::from([agreed]);
        if WRONG == ANSWERS_NOTHING {
            BTreeMap::new()
        } else {
            all
        }
    }
}

/// The names of the laws that some company of many shows a planner to break.
fn broken<P: Planner>() -> Vec<&'static str> {
    type Law = fn(&Company) -> Result<(), Broken>;
    let laws: [(&'static str, Law); 6] = [
        ("mirror", |company| laws::mirror::<P>(company, 1_234_567)),
        ("restart", |company| {
            laws::restart::<P>(company, &[true, false, true], 1)
        }),
        ("known at", |company| {
            laws::known_at::<P>(company, date(300))
        }),
        ("saved is loaded", |company| {
            laws::saved_is_loaded::<P>(company, 1_234_567)
        }),
        ("decisions stay", |company| {
            laws::decisions_stay::<P>(company, 1_234_567)
        }),
        ("nothing leaks", |company| laws::nothing_leaks::<P>(company)),
    ];
    let config = Config {
        cases: 48,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    let is_broken = |law: Law| {
        let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        let found = runner.run(&companies(1..=2), |company| Ok(law(&company)?));
        found.is_err()
    };
    let names = laws.into_iter().filter(|(_, law)| is_broken(*law));
    names.map(|(name, _)| name).collect()
}

#[test]
fn a_planner_that_is_right_keeps_all_laws() {
    assert_eq!(broken::<Log<NOTHING>>(), [""; 0]);
}

#[test]
fn a_planner_that_loses_everything_keeps_no_law_of_what_came_in() {
    let laws = broken::<Log<LOSES_EVERYTHING>>();
    assert_eq!(laws, ["mirror", "restart", "known at", "nothing leaks"]);
}

#[test]
fn a_planner_that_names_everything_as_left_out_leaks() {
    let laws = broken::<Log<LEAVES_EVERYTHING_OUT>>();
    assert_eq!(laws, ["mirror", "restart", "known at", "nothing leaks"]);
    let order = |number, person: &str| Deed {
        number,
        day: 10,
        what: Did::Recorded(quotaflow::testing::Recorded {
            kind: "order",
            person: person.to_owned(),
            customer: "c1",
            cents: 500,
            due: 20,
        }),
    };
    let deed = |number, what| Deed {
        number,
        day: 20,
        what,
    };
    let leaks = |deeds: &[Deed]| {
        let company = Company {
            teams: vec!["north".to_owned()],
            people: vec![("ann".to_owned(), None)],
            hand_overs: vec![deeds.to_vec()],
            years: 1,
        };
        let why = laws::nothing_leaks::<Log<LEAVES_EVERYTHING_OUT>>(&company).err();
        why.map(|why| why.to_string())
    };
    let told = |own: &str| {
        let lost = format!("nothing leaks: order {own} on 2026-01-11 is in no figure, and no deed");
        Some(lost + " says that it was a mistake")
    };
    let of_ann = order(0, "ann");
    assert_eq!(leaks(std::slice::from_ref(&of_ann)), told("0 of ann"));
    // One was a mistake, until that was one; the other waits for somebody who never comes.
    let voids = [2, 3, 4].map(|number: usize| deed(number, Did::Voided([0, 2, 3][number - 2])));
    let mut deeds = vec![of_ann, order(1, "di")];
    for (void, lost) in voids.iter().zip([None, told("0 of ann"), None]) {
        deeds.push(void.clone());
        assert_eq!(leaks(&deeds), lost);
    }
    // Who is hired is there, and what is of a day before that is nobody's.
    let hired = deed(5, Did::Hired("di".to_owned(), None));
    deeds.push(hired);
    assert_eq!(leaks(&deeds), told("1 of di"));
    deeds.push(deed(6, Did::Voided(5)));
    assert_eq!(leaks(&deeds), None);
}

#[test]
fn a_planner_that_keeps_what_a_void_of_a_void_brings_back_leaks_nothing() {
    let what = Did::Recorded(quotaflow::testing::Recorded {
        kind: "order",
        person: "ann".to_owned(),
        customer: "c1",
        cents: 500,
        due: 20,
    });
    let all = [what, Did::Voided(0), Did::Voided(1)];
    let deeds = (0..).zip(all);
    let deeds = deeds.map(|(number, what)| Deed {
        number,
        day: 10,
        what,
    });
    let company = Company {
        teams: Vec::new(),
        people: vec![("ann".to_owned(), None)],
        hand_overs: vec![deeds.collect()],
        years: 1,
    };
    laws::nothing_leaks::<Log<NOTHING>>(&company).unwrap();
    assert_eq!(
        laws::nothing_leaks::<Log<ANSWERS_NOTHING>>(&company)
            .unwrap_err()
            .to_string(),
        "nothing leaks: nothing is answered of orders, which comes to 1"
    );
}

#[test]
fn a_planner_that_ignores_what_was_saved_keeps_no_law_of_saving() {
    let laws = broken::<Log<IGNORES_WHAT_WAS_SAVED>>();
    assert_eq!(laws, ["restart", "saved is loaded", "decisions stay"]);
}

#[test]
fn a_planner_that_answers_nothing_keeps_no_law() {
    assert_eq!(broken::<Log<ANSWERS_NOTHING>>().len(), 6);
    let company = Company {
        teams: Vec::new(),
        people: vec![("ann".to_owned(), None)],
        hand_overs: Vec::new(),
        years: 1,
    };
    assert_eq!(
        laws::mirror::<Log<ANSWERS_NOTHING>>(&company, 100)
            .unwrap_err()
            .to_string(),
        "mirror: nothing is answered of target, which comes to 100"
    );
    assert_eq!(
        laws::saved_is_loaded::<Log<ANSWERS_NOTHING>>(&company, 100)
            .unwrap_err()
            .to_string(),
        "saved is loaded: target over all rows of person comes to 0, and should be 100"
    );
    assert_eq!(
        laws::decisions_stay::<Log<ANSWERS_NOTHING>>(&company, 100),
        Err(Broken::Undecided {
            law: "decisions stay"
        })
    );
}

#[test]
fn each_law_finds_what_no_other_one_does() {
    assert_eq!(broken::<Log<HAS_NO_TARGET_ON_THE_LAST_DAY>>(), ["mirror"]);
    assert_eq!(broken::<Log<TAKES_THE_FIRST_OF_A_DAY>>(), ["restart"]);
    assert_eq!(broken::<Log<TELLS_WHAT_CAME_LATER>>(), ["known at"]);
    assert_eq!(broken::<Log<SAVES_WHOLE_EUROS>>(), ["saved is loaded"]);
    assert_eq!(broken::<Log<FORGETS_WHO_AGREED>>(), ["decisions stay"]);
    assert_eq!(broken::<Log<COUNTS_A_CUSTOMER_TWICE>>(), ["nothing leaks"]);
}

proptest! {
    #![proptest_config(crate::cases(8))]

    #[test]
    fn companies_of_many_years_are_taken_in(company in companies(9..=14)) {
        let model: Model = serde_json::from_str(&document(company.years)).unwrap();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        journal.replay(&company.hand_overs().unwrap()).unwrap();
        journal.view("company").unwrap().panel().unwrap();
    }
}

fn padded(units: Vec<Vec<i64>>) -> Plan {
    let sales =
        quotaflow::measure::Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE);
    let measures = quotaflow::measure::Measures::new(vec![sales.unwrap()]).unwrap();
    let people = quotaflow::space::DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
    let space = quotaflow::space::Space::new(vec![people]).unwrap();
    let year = quotaflow::calendar::DayRange::new(date(0), date(365)).unwrap();
    let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110)]).unwrap();
    let step = StepDef::member("person", "person").unwrap();
    let key = |text: &str| quotaflow::key::Key::new(text).unwrap();
    let def = CascadeDef::new(key("plan"), key("sales"), year)
        .step(step)
        .over_assign(over);
    let cascade = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
    Plan::from_units(&cascade, units).unwrap()
}

#[test]
fn a_plan_that_hands_down_more_than_is_assigned_is_consistent() {
    let plan = padded(vec![vec![100], vec![50, 50]]);
    assert_eq!(plan.units("sales", "person").unwrap(), [55, 55]);
    quotaflow::assert_consistent!(plan);
}

#[test]
#[should_panic(expected = "all: `sales` is 110 and should be 100 (Sum)")]
fn a_base_that_does_not_add_up_is_not() {
    let plan = padded(vec![vec![100], vec![55, 55]]);
    quotaflow::assert_consistent!(plan);
}
