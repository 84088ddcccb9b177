//! Alignments, tokens, usual times and departures.

use super::*;

#[test]
fn an_alignment_tells_the_cheapest_story() {
    let order = order();
    let trace = |names: &[&str]| -> Vec<Option<StepId>> {
        names.iter().map(|name| order.step(name)).collect()
    };
    let fits = ["offer", "stock", "credit", "contract", "delivery"];
    for (names, cost) in [
        (fits.to_vec(), 0),
        (
            vec!["offer", "stock", "gift", "credit", "contract", "delivery"],
            0,
        ),
        (vec!["offer", "stock", "contract", "delivery"], 1),
        (
            vec!["offer", "stock", "credit", "credit", "contract", "delivery"],
            1,
        ),
        (vec!["offer", "stock", "contract", "credit", "delivery"], 2),
        (
            vec!["delivery", "offer", "stock", "credit", "contract", "dance"],
            3,
        ),
        (vec![], 5),
    ] {
        let aligned = order
            .align(&trace(&names), Extent::Whole, Costs::default())
            .unwrap();
        assert_eq!(aligned.cost, cost, "{names:?}");
        assert_eq!(aligned.worst, u64::try_from(names.len()).unwrap() + 5);
    }
    let begun = order
        .align(&trace(&["offer", "stock"]), Extent::Begun, Costs::default())
        .unwrap();
    assert_eq!((begun.cost, begun.fitness()), (0, Some(Ratio::ONE)));
    assert_eq!(
        order
            .align(&[], Extent::Begun, Costs::default())
            .unwrap()
            .fitness(),
        None
    );
    let costs = Costs { event: 10, step: 1 };
    let aligned = order
        .align(&trace(&["contract"]), Extent::Whole, costs)
        .unwrap();
    // Leaving out four others is cheaper than an event that fits nowhere.
    assert_eq!(aligned.cost, 4);
    assert_eq!(aligned.fitness(), Some(Ratio::new(11, 15).unwrap()));
}

#[test]
fn a_step_of_another_workflow_is_an_error_that_says_so() {
    let line = workflow(vec![step("offer", "x", &[])]);
    let long = order();
    let foreign = [None, long.step("delivery")];
    let error = line
        .align(&foreign, Extent::Whole, Costs::default())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "workflow `order` has 1 steps and none of number 6: it is a step of another workflow"
    );
    assert_eq!(line.token_replay(&foreign).unwrap_err(), error);
    let mut at = line.begin();
    assert!(!at.is_ready(foreign[1].unwrap()) && !at.complete(foreign[1].unwrap()));
}

#[test]
fn tokens_are_counted_as_the_formula_wants() {
    // On offer > contract > delivery: one start token, one token a step, one taken at the end.
    let line = workflow(vec![
        step("offer", "x", &[]),
        step("contract", "x", &["offer"]),
        step("delivery", "x", &["contract"]),
    ]);
    let replay = line
        .token_replay(&[
            Some(StepId::new(0)),
            Some(StepId::new(1)),
            Some(StepId::new(2)),
        ])
        .unwrap();
    assert_eq!(
        replay,
        TokenReplay {
            missing: 0,
            consumed: 4,
            remaining: 0,
            produced: 4
        }
    );
    assert_eq!(replay.fitness(), Some(Ratio::ONE));
    // Without the contract its token is missing before the delivery, and the offer's is left over.
    let replay = line
        .token_replay(&[Some(StepId::new(0)), Some(StepId::new(2))])
        .unwrap();
    assert_eq!(
        replay,
        TokenReplay {
            missing: 1,
            consumed: 3,
            remaining: 1,
            produced: 3
        }
    );
    assert_eq!(replay.fitness(), Some(Ratio::new(2, 3).unwrap()));
    let replay = line
        .token_replay(&[
            Some(StepId::new(0)),
            None,
            Some(StepId::new(1)),
            Some(StepId::new(2)),
        ])
        .unwrap();
    assert_eq!(replay.fitness(), Some(Ratio::new(4, 5).unwrap()));
    assert_eq!(
        line.token_replay(&[]).unwrap(),
        TokenReplay {
            missing: 1,
            consumed: 1,
            remaining: 1,
            produced: 1
        }
    );
    assert_eq!(line.token_replay(&[]).unwrap().fitness(), Some(Ratio::ZERO));
    // The gift may be left out: it passes its token on.
    let order = order();
    let steps = ["offer", "credit", "stock", "contract", "delivery"].map(|name| order.step(name));
    assert_eq!(
        order.token_replay(&steps).unwrap().fitness(),
        Some(Ratio::ONE)
    );
}

#[test]
fn usual_times_end_exactly_at_the_stated_deviations() {
    // Mean 10, standard deviation 2, six of them.
    let profile = TimeProfile::new(Ratio::from(10), Ratio::from(4)).unwrap();
    for (time, usual) in [("22", true), ("22.1", false), ("-2", true), ("-2.1", false)] {
        assert_eq!(
            profile.is_usual(time.parse().unwrap(), Ratio::from(6)),
            Ok(usual),
            "{time}"
        );
    }
    let found = TimeProfile::of(&Sample::new(vec![8, 12, 8, 12]))
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.mean(), found.variance()),
        (Ratio::from(10), Ratio::from(4))
    );
    assert_eq!(TimeProfile::of(&Sample::default()), Ok(None));
    assert!(TimeProfile::new(Ratio::ONE, Ratio::from(-1)).is_err());
    assert!(TimeProfile::of(&Sample::new(vec![i64::MAX; 9])).is_err());
}

#[test]
fn departures_are_told_by_their_name() {
    let order = order();
    let cases: [(&str, &[&str], &[&str]); 7] = [
        (
            "as planned",
            &["offer", "stock", "credit", "contract", "delivery"],
            &[],
        ),
        (
            "skipped",
            &["offer", "stock", "contract", "delivery"],
            &[r#"{"skipped":"credit"}"#],
        ),
        (
            "again",
            &["offer", "stock", "credit", "stock", "contract", "delivery"],
            &[r#"{"repeated":{"step":"stock","at":"2026-03-02T09:30:00"}}"#],
        ),
        (
            "before its turn",
            &["offer", "stock", "contract", "credit", "delivery"],
            &[r#"{"out_of_order":{"step":"contract","at":"2026-03-02T09:20:00"}}"#],
        ),
        (
            "unknown",
            &["offer", "dance", "stock", "credit", "contract", "delivery"],
            &[r#"{"unknown":{"step":"dance","at":"2026-03-02T09:10:00"}}"#],
        ),
        (
            "too early, and again in its turn",
            &[
                "delivery", "offer", "stock", "credit", "contract", "delivery",
            ],
            &[r#"{"out_of_order":{"step":"delivery","at":"2026-03-02T09:00:00"}}"#],
        ),
        (
            "twice too early",
            &[
                "delivery", "delivery", "offer", "stock", "credit", "contract",
            ],
            &[
                r#"{"out_of_order":{"step":"delivery","at":"2026-03-02T09:00:00"}}"#,
                r#"{"repeated":{"step":"delivery","at":"2026-03-02T09:10:00"}}"#,
            ],
        ),
    ];
    for (name, steps, wanted) in cases {
        let events = (0_u32..)
            .zip(steps)
            .map(|(n, step)| done(step, at(2, 9 + n / 4, n % 4 * 10)))
            .collect();
        let mut instance = instance(events);
        instance.closed = Some(at(3, 9, 0));
        let report = order.replay(&instance, &office(), at(4, 9, 0)).unwrap();
        crate::document::reads_back(&report);
        let told = report.nonconformities.iter();
        let told: Vec<String> = told
            .map(|found| serde_json::to_string(found).unwrap())
            .collect();
        assert_eq!(told, wanted, "{name}");
    }
}
