//! Hand-worked funnels.

use chrono::NaiveDate;

use super::*;
use crate::calendar::{Calendar, DayRange, Grain};
use crate::document::Version;
use crate::measure::Unit;
use crate::panel::{Column, Panel, State};
use crate::quantity::{Quantum, Rounding};
use crate::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of the year 2026, by month and day.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn days(from: NaiveDate, to: NaiveDate) -> DayRange {
    DayRange::new(from, to).unwrap()
}

fn definition() -> FunnelDef {
    let chance = Ratio::percent;
    let stages = vec![
        StageDef::open(key("lead")).norm(10).chance(chance(10)),
        StageDef::open(key("talk")).norm(20).chance(chance(25)),
        StageDef::open(key("offer")).chance(chance(50)),
        StageDef::open(key("won")).ending(StageKind::Won),
        StageDef::open(key("lost")).ending(StageKind::Lost),
    ];
    FunnelDef {
        version: Version::default(),
        key: key("sales"),
        stages,
        moves: None,
    }
}

fn funnel() -> Funnel {
    Funnel::new(definition()).unwrap()
}

const LEAD: StageId = 0;
const TALK: StageId = 1;
const OFFER: StageId = 2;
const WON: StageId = 3;

fn deal(name: &str, value: i64, entries: &[(&str, NaiveDate)]) -> Opportunity {
    let entries = (0..)
        .zip(entries)
        .map(|(sequence, (stage, day))| StageEntry {
            day: *day,
            sequence,
            stage: key(stage),
        });
    Opportunity {
        key: key(name),
        owner: Some(key("ann")),
        value,
        closes: None,
        entries: entries.collect(),
    }
}

/// Five deals of the spring.
fn deals() -> Vec<Opportunity> {
    vec![
        deal(
            "a",
            100,
            &[
                ("lead", day(1, 1)),
                ("talk", day(1, 11)),
                ("offer", day(2, 1)),
                ("won", day(2, 11)),
            ],
        ),
        deal(
            "b",
            200,
            &[
                ("lead", day(1, 5)),
                ("offer", day(1, 25)),
                ("lost", day(3, 1)),
            ],
        ),
        deal(
            "c",
            300,
            &[
                ("lead", day(1, 10)),
                ("talk", day(1, 20)),
                ("lead", day(2, 1)),
                ("talk", day(2, 21)),
            ],
        ),
        deal("d", 401, &[("talk", day(2, 5)), ("offer", day(3, 5))]),
        deal("e", 500, &[("lead", day(3, 1))]),
    ]
}

#[test]
fn a_journey_names_every_move() {
    let funnel = funnel();
    let moves = |entries: &[(&str, NaiveDate)]| {
        let journey = funnel.journey(&deal("x", 0, entries), day(12, 31)).unwrap();
        journey
            .visits
            .iter()
            .map(|visit| (visit.by, visit.again, visit.allowed))
            .collect::<Vec<_>>()
    };
    let found = moves(&[
        ("talk", day(1, 1)),
        ("talk", day(1, 2)),
        ("won", day(1, 3)),
        ("lead", day(1, 4)),
        ("offer", day(1, 5)),
        ("talk", day(1, 6)),
        ("lost", day(1, 6)),
    ]);
    assert_eq!(
        found,
        [
            (MoveKind::Skip { over: 1 }, false, true),
            (MoveKind::Skip { over: 1 }, false, true),
            (MoveKind::Reopened, false, false),
            (MoveKind::Skip { over: 1 }, false, true),
            (MoveKind::Backward, true, true),
            (MoveKind::Loss, false, true),
        ]
    );
    assert_eq!(
        moves(&[("lead", day(1, 1)), ("talk", day(1, 2))])[1].0,
        MoveKind::Forward
    );
    assert_eq!(
        moves(&[("offer", day(1, 1)), ("won", day(1, 2))])[1].0,
        MoveKind::Forward
    );
    let mut strict = definition();
    strict.moves = Some(vec![(key("lead"), key("talk"))]);
    let strict = Funnel::new(strict).unwrap();
    let journey = strict.journey(&deals()[2], day(12, 31)).unwrap();
    assert_eq!(
        journey
            .visits
            .iter()
            .map(|visit| visit.allowed)
            .collect::<Vec<_>>(),
        [true, true, false, true]
    );
    assert_eq!(
        journey.days_in(TALK),
        Some(12 + (day(12, 31) - day(2, 21)).num_days())
    );
    assert_eq!(journey.days_in(WON), None);
}

#[test]
fn traffic_counts_entries_exits_and_what_was_passed_over() {
    let (funnel, deals) = (funnel(), deals());
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let found = pipeline.traffic(days(day(1, 1), day(2, 1)));
    let of = |stage: StageId| {
        (
            found[stage].entries,
            found[stage].exits,
            found[stage].skipped,
            found[stage].open,
        )
    };
    // In January: three leads in and out; c goes back to a lead on the first of February only.
    assert_eq!(of(LEAD), (3, 3, 0, 0));
    assert_eq!(of(TALK), (2, 0, 1, 2));
    assert_eq!(of(OFFER), (1, 0, 0, 1));
    let found = pipeline.traffic(days(day(2, 1), day(3, 1)));
    assert_eq!(
        (
            found[LEAD].entries,
            found[LEAD].re_entries,
            found[LEAD].backward
        ),
        (1, 1, 1)
    );
    // d begins with a talk: the lead was passed over.
    assert_eq!(
        (
            found[LEAD].skipped,
            found[TALK].entries,
            found[TALK].re_entries
        ),
        (1, 2, 1)
    );
}

#[test]
fn conversion_has_two_views() {
    let (funnel, deals) = (funnel(), deals());
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let january = days(day(1, 1), day(2, 1));
    // Of the leads of January a and c came to a talk; b passed it over.
    let passed = pipeline.cohort(LEAD, TALK, january, Reached::OrPassed);
    assert_eq!((passed.base, passed.converted, passed.undecided), (3, 3, 0));
    let entered = pipeline.cohort(LEAD, TALK, january, Reached::Entered);
    assert_eq!(
        (entered.base, entered.converted, entered.undecided),
        (3, 2, 0)
    );
    // To an offer: a and b; c is still open.
    let offer = pipeline.cohort(LEAD, OFFER, january, Reached::OrPassed);
    assert_eq!(
        (offer.rate(), offer.decided_rate()),
        (Ratio::new(2, 3).ok(), Some(Ratio::ONE))
    );
    // In February two came to an offer or won for the first time... a's offer, and nobody became a lead.
    let february = pipeline.period(LEAD, OFFER, days(day(2, 1), day(3, 1)), Reached::OrPassed);
    assert_eq!(
        (february.base, february.converted, february.rate()),
        (0, 1, None)
    );
    let won = pipeline.cohort(TALK, WON, january, Reached::OrPassed);
    assert_eq!((won.base, won.converted, won.undecided), (2, 1, 1));
}

#[test]
fn durations_keep_in_sight_what_is_not_over() {
    let (funnel, deals) = (funnel(), deals());
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    // Leads: 10 (a), 20 (b), 10 and 20 (c) over, 30 (e) still open.
    let leads = pipeline.stays(LEAD);
    assert_eq!(
        (leads.ended().values(), leads.open().values()),
        (&[10, 10, 20, 20][..], &[30][..])
    );
    assert_eq!(
        (leads.plain_median(), leads.median()),
        (Some(Ratio::from(15)), Some(20))
    );
    assert_eq!(leads.lasting(10), Ratio::new(3, 5).unwrap());
    assert_eq!(
        (leads.lasting(9), leads.lasting(99)),
        (Ratio::ONE, Ratio::new(1, 5).unwrap())
    );
    // In total c was a lead for 30 days.
    assert_eq!(pipeline.totals(LEAD).ended().values(), [10, 20, 30]);
    assert_eq!(pipeline.cycle(StageKind::Won).values(), [41]);
    // V-PR4: a hundred deals passed a stage in a thousand days together.
    let hundred = Survival::new(
        &(0..100)
            .map(|deal| if deal % 2 == 0 { 5 } else { 15 })
            .collect::<Vec<_>>(),
        &[],
    );
    assert_eq!(hundred.ended().mean(), Some(Ratio::from(10)));
}

#[test]
fn survival_by_hand() {
    // 6 at risk at 2, 5 at 4 (then 5 leaves), 3 at 10: 5/6, 4/6, 4/9.
    let found = Survival::new(&[4, 2, 10], &[20, 5, 12]);
    let steps: Vec<_> = found
        .steps()
        .iter()
        .map(|step| (step.time, step.at_risk, step.lasting))
        .collect();
    let share = |top, bottom| Ratio::new(top, bottom).unwrap();
    assert_eq!(
        steps,
        [
            (2, 6, share(5, 6)),
            (4, 5, share(2, 3)),
            (10, 3, share(4, 9))
        ]
    );
    assert_eq!(
        Survival::new(&[3], &[3, 9]).median(),
        None,
        "what still lasts at 3 is watched then"
    );
    assert_eq!(Survival::new(&[], &[4]).median(), None);
    // So many primes under the line that exact fractions give out: still close, and never stuck.
    let (ended, open): (Vec<i64>, Vec<i64>) = (
        (0..400).map(|n| 2 * n).collect(),
        (0..400).map(|n| 2 * n + 1).collect(),
    );
    let long = Survival::new(&ended, &open);
    assert!(long.median().is_some());
    let mut float = 1.0_f64;
    for step in long.steps() {
        float *= 1.0 - 1.0 / f64::from(u32::try_from(step.at_risk).unwrap());
        let told: f64 = step
            .lasting
            .to_decimal(15, Rounding::HalfEven)
            .unwrap()
            .to_string()
            .parse()
            .unwrap();
        assert!((told - float).abs() < 1e-9, "{}", step.time);
    }
}

#[test]
fn what_lasts_longer_than_its_norm_is_stuck() {
    let (funnel, deals) = (funnel(), deals());
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let found: Vec<(String, i64)> = pipeline
        .stuck()
        .into_iter()
        .map(|one| (one.opportunity.to_string(), one.days))
        .collect();
    // e: 30 days of 10; c: 38 days of 20; d is in a stage without a norm.
    assert_eq!(found, [("e".to_owned(), 30), ("c".to_owned(), 38)]);
    let just = funnel.pipeline(&deals, day(3, 11)).unwrap();
    assert!(just.stuck().is_empty(), "ten days are the norm");
}

#[test]
fn velocity_and_win_rates_as_published() {
    // V-PR1 and V-PR2.
    for (opportunities, value, percent, cycle, wanted) in [
        (50, 10_000, 20, 30, "3333.33"),
        (40, 25_000, 25, 90, "2777.78"),
    ] {
        let velocity = Velocity {
            opportunities,
            win_rate: Ratio::percent(percent),
            value: Ratio::from(value),
            cycle: Ratio::from(cycle),
        };
        let per_day = velocity.per_day().unwrap().unwrap();
        assert_eq!(
            per_day
                .to_decimal(2, Rounding::HalfAwayFromZero)
                .unwrap()
                .to_string(),
            wanted
        );
        assert_eq!(
            Velocity {
                cycle: Ratio::ZERO,
                ..velocity
            }
            .per_day(),
            Ok(None)
        );
    }
    // V-PR5: the two definitions, and the one between them.
    let found = Outcomes {
        won: 10,
        lost: 10,
        overdue: 5,
        open: 5,
    };
    assert_eq!(found.of_closed(), Ratio::new(1, 2).ok());
    assert_eq!(found.of_due(), Ratio::new(2, 5).ok());
    assert_eq!(found.of_all(), Ratio::new(1, 3).ok());
    assert_eq!(Outcomes::default().of_closed(), None);
}

#[test]
fn what_is_open_is_worth_its_chances() {
    let (funnel, mut deals) = (funnel(), deals());
    deals[3].closes = Some(day(4, 10));
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let stated = pipeline.stated_chances();
    let open = pipeline.open_value(&stated).unwrap();
    // 300 in talks at a quarter, 401 offered at a half, 500 leads at a tenth: 75 + 200.5 + 50, rounded once.
    assert_eq!(
        (open.count, open.value, open.weighted, open.without_chance),
        (3, 1_201, 326, 0)
    );
    let april = pipeline
        .closing_value(&stated, days(day(4, 1), day(5, 1)))
        .unwrap();
    assert_eq!((april.count, april.weighted), (1, 201));
    // a won after all stages, b lost after lead and offer: a half, one, a half.
    let shown = pipeline.shown_chances();
    assert_eq!(
        [shown.of(LEAD), shown.of(TALK), shown.of(OFFER)],
        [
            Ratio::new(1, 2).ok(),
            Some(Ratio::ONE),
            Ratio::new(1, 2).ok()
        ]
    );
    assert_eq!(
        pipeline.outcomes(),
        Outcomes {
            won: 1,
            lost: 1,
            overdue: 0,
            open: 3
        }
    );
    let later = funnel.pipeline(&deals, day(4, 11)).unwrap();
    assert_eq!(later.outcomes().overdue, 1);
    assert_eq!(coverage(326, 1_000, 837), Ratio::new(2, 1).ok());
    assert_eq!(pipeline.only(|deal| deal.value > 400).outcomes().open, 2);
}

#[test]
fn an_expected_day_follows_the_usual_days() {
    let (funnel, deals) = (funnel(), deals());
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let usual = pipeline.usual_days();
    // Leads 15 on average; talks 21 (a), 12 (c) and 28 (d): 61/3; offers 10 (a) and 35 (b): 22.5.
    assert_eq!(
        usual[..3],
        [
            Some(Ratio::from(15)),
            Ratio::new(61, 3).ok(),
            Ratio::new(45, 2).ok()
        ]
    );
    let close = |name: &str| {
        let (_, journey) = pipeline
            .ways()
            .iter()
            .find(|(deal, _)| deal.key == *name)
            .unwrap();
        pipeline.expected_close(journey, &usual)
    };
    // 15 + 20.33 + 22.5 = 57.83 days from the first of March.
    assert_eq!(close("e"), Some(day(4, 28)));
    assert_eq!(
        close("d"),
        Some(day(3, 31)),
        "it should have closed on the 28th"
    );
    assert_eq!(close("a"), None, "it is won");
    assert_eq!(
        pipeline.expected_close(&pipeline.ways()[4].1, &[None; 5]),
        None
    );
}

#[test]
fn columns_belong_to_the_owner_and_the_day_of_the_end() {
    let (funnel, mut deals) = (funnel(), deals());
    deals[4].owner = None;
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(1, 1), day(4, 1))
        .unwrap();
    let panel = Panel::new(subjects, months);
    let unit: Unit = "money:EUR".parse().unwrap();
    let columns = pipeline
        .columns(
            &key("deals"),
            &unit,
            Quantum::CENT,
            &pipeline.stated_chances(),
            &panel,
        )
        .unwrap();
    let told = |name: &str| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *format!("deals.{name}"))
            .unwrap();
        (0..3)
            .map(|cell| column.answer(cell).ratio())
            .collect::<Vec<_>>()
    };
    let whole = |numbers: [i64; 3]| numbers.map(|number| Some(Ratio::from(number))).to_vec();
    assert_eq!(
        (told("entered"), told("won"), told("lost")),
        (whole([3, 1, 0]), whole([0, 1, 0]), whole([0, 0, 1]))
    );
    assert_eq!(
        told("win_rate"),
        [None, Some(Ratio::ONE), Some(Ratio::ZERO)]
    );
    assert_eq!(told("cycle_days"), [None, Some(Ratio::from(41)), None]);
}

#[test]
fn what_stands_is_told_at_the_end_of_each_period() {
    let stages = vec![
        StageDef::open(key("lead"))
            .norm(20)
            .chance(Ratio::percent(10)),
        StageDef::open(key("offer")).chance(Ratio::percent(50)),
        StageDef::open(key("won")).ending(StageKind::Won),
    ];
    let version = Version::default();
    let definition = FunnelDef {
        version,
        key: key("sales"),
        stages,
        moves: None,
    };
    let funnel = Funnel::new(definition).unwrap();
    let deal = |name: &str, value, closes, entries: &[(&str, NaiveDate)]| Opportunity {
        key: key(name),
        owner: Some(key("ann")),
        value,
        closes: Some(closes),
        entries: entries
            .iter()
            .map(|(stage, on)| StageEntry {
                day: *on,
                sequence: 0,
                stage: key(stage),
            })
            .collect(),
    };
    let deals = [
        deal(
            "a",
            1_000,
            day(3, 20),
            &[("lead", day(1, 5)), ("offer", day(2, 10))],
        ),
        deal("b", 500, day(2, 1), &[("lead", day(2, 20))]),
        deal(
            "c",
            200,
            day(2, 15),
            &[("lead", day(1, 20)), ("won", day(2, 14))],
        ),
    ];
    let pipeline = funnel.pipeline(&deals, day(3, 15)).unwrap();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(1, 1), day(5, 1))
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    let unit: Unit = "money:EUR".parse().unwrap();
    let chances = pipeline.stated_chances();
    let columns = pipeline
        .columns(&key("d"), &unit, Quantum::CENT, &chances, &panel)
        .unwrap();
    let told = |name: &str| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *format!("d.{name}"))
            .unwrap();
        let answers = (0..4).map(|cell| column.answer(cell));
        answers
            .map(|answer| answer.ratio().ok_or(answer.state()))
            .collect::<Vec<_>>()
    };
    let whole = |number: i64| Ok(Ratio::from(number));
    let later = Err(State::NotYetDue);
    // a and c stood as leads at the end of January, a for 26 days; b is a lead since 20 February, 23 days by now.
    assert_eq!(told("open"), [whole(2), whole(2), whole(2), later]);
    assert_eq!(told("stuck"), [whole(1), whole(0), whole(1), later]);
    assert_eq!(told("slipped"), [whole(0), whole(1), whole(1), later]);
    assert_eq!(told("open_value")[1], Ok(Ratio::new(1_500, 100).unwrap()));
    // Ten percent of 10 and of 2; half of 10 and a tenth of 5.
    assert_eq!(
        told("weighted_value")[..2],
        [
            Ok(Ratio::new(120, 100).unwrap()),
            Ok(Ratio::new(550, 100).unwrap())
        ]
    );
    // Open 2, all of one closed won, worth 2.00, in 25 days.
    assert_eq!(told("velocity")[1], Ok(Ratio::new(4, 25).unwrap()));
    for (role, units) in [
        (ColumnKey::target("sales"), [5, 900, 900, 900]),
        (ColumnKey::actual("sales"), [5, 0, 400, 0]),
    ] {
        let column = Column::amounts(role.unwrap(), unit.clone(), Quantum::CENT, units.to_vec());
        panel.add(column).unwrap();
    }
    let coverage = pipeline
        .coverage_column(&key("d"), &key("sales"), Quantum::CENT, &panel)
        .unwrap();
    let states = [
        State::NotApplicable,
        State::NotApplicable,
        State::Value,
        State::Value,
    ];
    assert_eq!(coverage.states(), states);
    assert_eq!(
        coverage.answer(2).ratio(),
        Some(Ratio::from(2)),
        "1,000 closing for 500 missing"
    );
    assert_eq!(coverage.answer(3).ratio(), Some(Ratio::ZERO));
}

#[test]
fn every_broken_funnel_has_its_own_error() {
    let broken = |edit: fn(&mut FunnelDef)| {
        let mut definition = definition();
        edit(&mut definition);
        Funnel::new(definition).unwrap_err()
    };
    assert!(matches!(
        broken(|funnel| funnel.stages.truncate(0)),
        FunnelError::NoStage { .. }
    ));
    assert!(matches!(
        broken(|funnel| funnel.stages[1].key = key("lead")),
        FunnelError::Duplicate { .. }
    ));
    assert!(matches!(
        broken(|funnel| funnel.stages[0].chance = Some(Ratio::from(2))),
        FunnelError::Chance { .. }
    ));
    let error = broken(|funnel| funnel.moves = Some(vec![(key("led"), key("won"))]));
    assert_eq!(
        error.to_string(),
        "there is no stage `led`; did you mean `lead`?"
    );
    let text = serde_json::to_string(&funnel()).unwrap();
    assert_eq!(serde_json::from_str::<Funnel>(&text).unwrap(), funnel());
    let twice = [deals()[0].clone(), deals()[0].clone()];
    assert!(matches!(
        funnel().pipeline(&twice, day(3, 1)),
        Err(FunnelError::Duplicate { .. })
    ));
    let unknown = [deal("x", 0, &[("dance", day(1, 1))])];
    assert!(funnel().pipeline(&unknown, day(3, 1)).is_err());
    assert!(
        funnel()
            .pipeline(&unknown, day(1, 1).pred_opt().unwrap())
            .is_ok(),
        "not yet known"
    );
}
