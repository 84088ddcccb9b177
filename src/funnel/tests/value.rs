//! What a pipeline is worth, and its columns.

use super::*;
use crate::panel::Columns;

#[test]
fn velocity_and_win_rates_as_published() {
    // 3,333.33 and 2,777.78 a day.
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
    // The two definitions, and the one between them.
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
            RollUp::Person,
        )
        .columns(&panel)
        .unwrap();
    let told = |name: &str| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *format!("deals.{name}"))
            .unwrap();
        (0..3)
            .map(|cell| column.answer(cell).ratio().ok())
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
        .columns(&key("d"), &unit, Quantum::CENT, &chances, RollUp::Person)
        .columns(&panel)
        .unwrap();
    let told = |name: &str| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *format!("d.{name}"))
            .unwrap();
        let answers = (0..4).map(|cell| column.answer(cell));
        answers.map(crate::panel::Answer::ratio).collect::<Vec<_>>()
    };
    let whole = |number: i64| Ok(Ratio::from(number));
    let later = Err(Reason::NotYetDue);
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
    // On its first day a period has begun: what is open then is open in it.
    let first = funnel.pipeline(&deals, day(2, 1)).unwrap();
    let columns = first
        .columns(&key("d"), &unit, Quantum::CENT, &chances, RollUp::Person)
        .columns(&panel)
        .unwrap();
    let open = columns
        .iter()
        .find(|column| column.key().metric == *"d.open");
    let open = (0..4).map(|cell| open.unwrap().answer(cell).ratio());
    assert_eq!(open.collect::<Vec<_>>(), [whole(2), whole(2), later, later]);
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
        .coverage_columns(&key("d"), &key("sales"), Quantum::CENT, RollUp::Person)
        .columns(&panel)
        .unwrap()
        .remove(0);
    let states = [
        Some(Reason::NotApplicable),
        Some(Reason::NotApplicable),
        None,
        None,
    ];
    assert_eq!(coverage.reasons(), states);
    assert_eq!(
        coverage.answer(2).ratio().ok(),
        Some(Ratio::from(2)),
        "1,000 closing for 500 missing"
    );
    assert_eq!(coverage.answer(3).ratio().ok(), Some(Ratio::ZERO));
}
