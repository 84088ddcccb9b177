//! Ways through the stages, conversion and durations.

use super::*;

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
            found[stage.index()].entries,
            found[stage.index()].exits,
            found[stage.index()].skipped,
            found[stage.index()].open,
        )
    };
    // In January: three leads in and out; c goes back to a lead on the first of February only.
    assert_eq!(of(LEAD), (3, 3, 0, 0));
    assert_eq!(of(TALK), (2, 0, 1, 2));
    assert_eq!(of(OFFER), (1, 0, 0, 1));
    let found = pipeline.traffic(days(day(2, 1), day(3, 1)));
    assert_eq!(
        (
            found[LEAD.index()].entries,
            found[LEAD.index()].re_entries,
            found[LEAD.index()].backward
        ),
        (1, 1, 1)
    );
    // d begins with a talk: the lead was passed over.
    assert_eq!(
        (
            found[LEAD.index()].skipped,
            found[TALK.index()].entries,
            found[TALK.index()].re_entries
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
    // A hundred deals passed a stage in a thousand days together.
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
    let found: Vec<String> = pipeline
        .stuck()
        .into_iter()
        .map(|one| {
            format!(
                "{} in {}: {} of {}",
                one.opportunity, one.stage, one.days, one.norm
            )
        })
        .collect();
    // d is in a stage without a norm.
    assert_eq!(found, ["e in lead: 30 of 10", "c in talk: 38 of 20"]);
    let just = funnel.pipeline(&deals, day(3, 11)).unwrap();
    assert!(just.stuck().is_empty(), "ten days are the norm");
}

#[test]
fn what_is_written_names_its_stages() {
    let funnel = funnel();
    let way = deal("x", 0, &[("lead", day(1, 1)), ("talk", day(1, 2))]);
    let journey = funnel.journey(&way, day(1, 5)).unwrap();
    assert_eq!(
        serde_json::to_string(&journey.visits[1]).unwrap(),
        r#"{"stage":"talk","entered":"2026-01-02","left":null,"by":"forward","again":false,"allowed":true}"#
    );
    let deals = deals();
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    for chances in [pipeline.stated_chances(), pipeline.shown_chances()] {
        crate::document::reads_back(&chances);
        let text = serde_json::to_string(&chances).unwrap();
        assert!(text.starts_with(r#"[["lead","#), "{text}");
    }
    for stuck in pipeline.stuck() {
        crate::document::reads_back(&stuck);
    }
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
