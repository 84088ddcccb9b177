//! Hand-worked workflows and instances.

use chrono::{NaiveDateTime, TimeDelta};

use super::*;
use crate::calendar::{
    Calendar, Grain, Shift, WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef,
};
use crate::panel::{Panel, State};
use crate::quantity::Sample;
use crate::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn step(name: &str, owner: &str, after: &[&str]) -> StepDef {
    StepDef::new(key(name))
        .owned_by(key(owner))
        .within(60, 120)
        .judged_by("complete and correct")
        .after(after.iter().map(|name| key(name)))
}

fn workflow(steps: Vec<StepDef>) -> Workflow {
    Workflow::new(WorkflowDef::new(key("order"), steps)).unwrap()
}

fn findings(steps: Vec<StepDef>) -> Vec<String> {
    let definition = WorkflowDef::new(key("order"), steps);
    let errors = definition
        .check()
        .into_iter()
        .filter(|finding| finding.grade() == Grade::Error);
    errors.map(|finding| finding.to_string()).collect()
}

/// offer > (credit, stock) > contract > delivery; gift after the offer may be left out.
fn order() -> Workflow {
    let mut gift = step("gift", "marketing", &["offer"]);
    gift.optional = true;
    let steps = vec![
        step("offer", "sales", &[]),
        step("credit", "finance", &["offer"]),
        step("stock", "logistics", &["offer"]),
        gift,
        step("contract", "sales", &["credit", "stock", "gift"]),
        step("delivery", "logistics", &["contract"]),
    ];
    let mut definition = WorkflowDef::new(key("order"), steps);
    definition.owner = Some(key("order desk"));
    let escalation = |after, to, leader| EscalationDef {
        after,
        to: key(to),
        leader,
    };
    definition.escalations = vec![
        escalation(30, "order desk", false),
        escalation(240, "director", true),
    ];
    Workflow::new(definition).unwrap()
}

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(2026, 3, day)
        .unwrap()
        .and_hms_opt(hour, minute, 0)
        .unwrap()
}

/// Monday to Friday, nine to twelve and one to six; 2 March 2026 is a Monday.
fn office() -> WorkingHours {
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("days"))).unwrap();
    let shifts: [Shift; 2] = [
        "09:00-12:00".parse().unwrap(),
        "13:00-18:00".parse().unwrap(),
    ];
    WorkingHours::new(WorkingHoursDef::on_working_days(
        key("office"),
        &shifts,
        &days,
    ))
    .unwrap()
}

fn event(step: &str, kind: StepEventKind, at: NaiveDateTime) -> StepEvent {
    StepEvent {
        at,
        sequence: 0,
        step: key(step),
        kind,
        by: None,
    }
}

fn done(step: &str, at: NaiveDateTime) -> StepEvent {
    event(step, StepEventKind::Completed, at)
}

fn instance(events: Vec<StepEvent>) -> Instance {
    Instance {
        key: key("1"),
        opened: at(2, 9, 0),
        closed: None,
        events,
    }
}

const MINUTE: i64 = 60_000_000;

#[test]
fn nothing_without_an_owner_a_deadline_and_a_standard() {
    assert_eq!(
        findings(vec![StepDef::new(key("offer"))]),
        [
            "step `offer` has no owner",
            "step `offer` has no response time or no duration",
            "step `offer` has no standard of evaluation"
        ]
    );
    let mut blank = step("offer", "sales", &[]);
    blank.standard = Some(" ".to_owned());
    assert_eq!(
        findings(vec![blank]),
        ["step `offer` has no standard of evaluation"]
    );
    assert_eq!(findings(vec![]), ["there is no step"]);
}

#[test]
fn broken_connections_are_named() {
    let cases: [(&str, Vec<StepDef>, &str); 5] = [
        (
            "unknown",
            vec![step("a", "x", &[]), step("bb", "x", &["aa"])],
            "step `bb` waits for `aa`, which does not exist; did you mean `a`?",
        ),
        (
            "twice",
            vec![step("a", "x", &[]), step("b", "x", &["a", "a"])],
            "step `b` waits for `a` twice",
        ),
        (
            "duplicate",
            vec![step("a", "x", &[]), step("a", "x", &[])],
            "step `a` is declared twice",
        ),
        (
            "cycle",
            vec![
                step("a", "x", &[]),
                step("b", "x", &["a", "d"]),
                step("c", "x", &["b"]),
                step("d", "x", &["c"]),
            ],
            "steps wait for each other: `c` > `d` > `b` > `c`",
        ),
        (
            "itself",
            vec![step("a", "x", &["a"])],
            "steps wait for each other: `a` > `a`",
        ),
    ];
    for (name, steps, wanted) in cases {
        let found = findings(steps);
        assert!(found.iter().any(|text| text == wanted), "{name}: {found:?}");
    }
    let orphan = vec![
        step("a", "x", &[]),
        step("b", "x", &["a"]),
        step("c", "x", &[]),
    ];
    assert_eq!(findings(orphan), ["step `c` is connected to no other step"]);
}

#[test]
fn a_join_that_can_wait_for_ever_is_refused_with_the_way_there() {
    let mut decide = step("decide", "x", &[]);
    decide.split = Split::One;
    let branches = |join| {
        let mut last = step("close", "x", &["pay", "reject"]);
        last.join = join;
        vec![
            decide.clone(),
            step("pay", "x", &["decide"]),
            step("reject", "x", &["decide"]),
            last,
        ]
    };
    assert_eq!(
        findings(branches(Join::All)),
        [
            "after `decide` > `pay`, `close` can wait for ever",
            "step `close` can never begin"
        ]
    );
    assert!(findings(branches(Join::Any)).is_empty());
    // Both branches run, and the join takes the first: the second would have it done again.
    let mut both = branches(Join::Any);
    both[0].split = Split::All;
    assert_eq!(findings(both), ["step `close` is to be done twice"]);
}

#[test]
fn posts_are_held_against_their_hours() {
    let mut definition = order().definition().clone();
    definition.instances = 40;
    definition.posts = vec![
        PostDef {
            key: key("sales"),
            minutes: 9_600,
        },
        PostDef {
            key: key("logistics"),
            minutes: 9_599,
        },
        PostDef {
            key: key("nobody"),
            minutes: 0,
        },
    ];
    // Two steps of 120 minutes, 40 times.
    let error = Workflow::new(definition.clone()).unwrap_err().to_string();
    assert_eq!(
        error,
        "workflow `order` is refused: post `logistics` needs 9600 working minutes and has 9599"
    );
    definition.steps[2].effort = Some(119);
    assert!(Workflow::new(definition.clone()).is_ok());
    definition.escalations.reverse();
    assert!(
        Workflow::new(definition)
            .unwrap_err()
            .to_string()
            .contains("escalation number 1")
    );
}

#[test]
fn a_large_parallel_workflow_is_checked_at_once() {
    let names: Vec<String> = (0..60).map(|n| format!("s{n}")).collect();
    let mut steps: Vec<StepDef> = vec![step("start", "x", &[])];
    steps.extend(names.iter().map(|name| step(name, "x", &["start"])));
    let after: Vec<&str> = names.iter().map(String::as_str).collect();
    steps.push(step("end", "x", &after));
    let workflow = workflow(steps.clone());
    // All but one of sixty parallel steps were done, and one of them twice.
    let mut trace: Vec<Option<StepId>> = (0..60).map(Some).collect();
    trace.push(Some(5));
    trace.push(Some(61));
    let aligned = workflow
        .align(&trace, Extent::Whole, Costs::default())
        .unwrap();
    assert_eq!(aligned.cost, 2);
    assert_eq!(aligned.worst, 62 + 62);
    let more: Vec<StepDef> = (0..70)
        .map(|n| step(&format!("t{n}"), "x", &["start"]))
        .collect();
    steps.extend(more);
    assert!(
        findings(steps)
            .iter()
            .any(|text| text.contains("connections"))
    );
}

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
fn tokens_are_counted_as_the_formula_wants() {
    // V-PR6, on offer > contract > delivery: one start token, one token a step, one taken at the end.
    let line = workflow(vec![
        step("offer", "x", &[]),
        step("contract", "x", &["offer"]),
        step("delivery", "x", &["contract"]),
    ]);
    let replay = line.token_replay(&[Some(0), Some(1), Some(2)]);
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
    let replay = line.token_replay(&[Some(0), Some(2)]);
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
    let replay = line.token_replay(&[Some(0), None, Some(1), Some(2)]);
    assert_eq!(replay.fitness(), Some(Ratio::new(4, 5).unwrap()));
    assert_eq!(
        line.token_replay(&[]),
        TokenReplay {
            missing: 1,
            consumed: 1,
            remaining: 1,
            produced: 1
        }
    );
    assert_eq!(line.token_replay(&[]).fitness(), Some(Ratio::ZERO));
    // The gift may be left out: it passes its token on.
    let order = order();
    let steps = ["offer", "credit", "stock", "contract", "delivery"].map(|name| order.step(name));
    assert_eq!(order.token_replay(&steps).fitness(), Some(Ratio::ONE));
}

#[test]
fn usual_times_end_exactly_at_the_stated_deviations() {
    // V-PR7: mean 10, standard deviation 2, six of them.
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
fn an_instance_tells_where_it_stands_and_what_is_due() {
    let order = order();
    let mut given = event("credit", StepEventKind::Assigned, at(2, 10, 40));
    given.by = Some(key("li"));
    let instance = instance(vec![
        event("offer", StepEventKind::Started, at(2, 9, 30)),
        done("offer", at(2, 10, 30)),
        given,
        event("credit", StepEventKind::Started, at(2, 11, 0)),
        event("stock", StepEventKind::Started, at(2, 14, 0)),
        done("stock", at(2, 15, 0)),
    ]);
    let report = order.replay(&instance, &office(), at(2, 17, 0)).unwrap();
    let [offer, credit, stock, gift, contract, delivery] = &report.steps[..] else {
        panic!("six steps")
    };
    assert_eq!(offer.state, StepState::Done);
    assert_eq!(
        (offer.response, offer.service),
        (Some(30 * MINUTE), Some(60 * MINUTE))
    );
    assert_eq!(credit.state, StepState::Started);
    assert_eq!(credit.person, Some(key("li")));
    assert_eq!(
        (credit.held_since, gift.held_since),
        (Some(at(2, 11, 0)), Some(at(2, 10, 30)))
    );
    assert_eq!(offer.held_since, None);
    assert_eq!(credit.ready, Some(at(2, 10, 30)));
    // Two hours from eleven: an hour before noon and one after one o'clock.
    assert_eq!(credit.due, Some(at(2, 14, 0)));
    assert_eq!(credit.late, Some(180 * MINUTE));
    // Ready at half past ten, begun at two: noon does not count, so an hour and a half late after one hour.
    assert_eq!(
        (stock.response, stock.response_late),
        (Some(150 * MINUTE), Some(90 * MINUTE))
    );
    assert_eq!(stock.late, Some(0));
    assert_eq!(gift.state, StepState::Ready);
    assert_eq!(gift.response_due, Some(at(2, 11, 30)));
    assert_eq!((contract.state, contract.due), (StepState::Waiting, None));
    assert_eq!(delivery.state, StepState::Waiting);
    assert!(report.deviations.is_empty() && !report.complete);
    assert_eq!(
        report
            .open()
            .iter()
            .map(|step| step.step)
            .collect::<Vec<_>>(),
        [3, 1]
    );
    // Kept: the offer's two deadlines, the credit's response, the stock's end. Passed: the credit's end, the stock's
    // response, both of the gift (due at half past eleven and, two hours later, at half past two).
    assert_eq!(report.time_conformance(), Some(Ratio::new(1, 2).unwrap()));
    // From nine to five without noon is seven hours; work was under way from half past nine to half past ten and from
    // eleven to five without noon, which is six.
    assert_eq!(
        (report.cycle, report.waiting),
        (7 * 60 * MINUTE, 60 * MINUTE)
    );
}

#[test]
fn escalation_goes_to_the_owner_of_the_process_first() {
    let order = order();
    let instance = instance(vec![done("offer", at(2, 9, 10))]);
    let told = |until| {
        let report = order.replay(&instance, &office(), until).unwrap();
        let of = |step: &Escalation| (step.step, step.deadline, step.level, step.at);
        report.escalations.iter().map(of).collect::<Vec<_>>()
    };
    // Credit, stock and gift had to begin by ten past ten; half an hour later the order desk hears of each.
    assert!(told(at(2, 10, 40)).is_empty());
    let first = told(at(2, 10, 41));
    assert_eq!(first.len(), 3);
    assert_eq!(first[0], (1, DeadlineKind::Response, 0, at(2, 10, 40)));
    // Four working hours after ten past ten, noon left out, the director.
    let later = order.replay(&instance, &office(), at(2, 16, 0)).unwrap();
    let director = later.escalations.iter().find(|told| told.leader).unwrap();
    assert_eq!(
        (director.at, director.to.as_str()),
        (at(2, 15, 10), "director")
    );
    let summary = order.summary(&[later]);
    assert_eq!(summary.leader_rate(), Some(Ratio::ONE));
    assert_eq!(summary.held[&key("finance")], 1);
}

#[test]
fn departures_are_told_by_their_name() {
    let order = order();
    let cases: [(&str, &[&str], &[Deviation]); 6] = [
        (
            "as planned",
            &["offer", "stock", "credit", "contract", "delivery"],
            &[],
        ),
        (
            "skipped",
            &["offer", "stock", "contract", "delivery"],
            &[Deviation::Skipped(1)],
        ),
        (
            "again",
            &["offer", "stock", "credit", "stock", "contract", "delivery"],
            &[Deviation::Repeated { step: 2, event: 3 }],
        ),
        (
            "before its turn",
            &["offer", "stock", "contract", "credit", "delivery"],
            &[Deviation::OutOfOrder { step: 4, event: 2 }],
        ),
        (
            "unknown",
            &["offer", "dance", "stock", "credit", "contract", "delivery"],
            &[Deviation::Unknown { event: 1 }],
        ),
        (
            "twice too early",
            &[
                "delivery", "delivery", "offer", "stock", "credit", "contract",
            ],
            &[
                Deviation::OutOfOrder { step: 5, event: 0 },
                Deviation::Repeated { step: 5, event: 1 },
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
        assert_eq!(report.deviations, wanted, "{name}");
    }
}

#[test]
fn a_decision_closes_the_other_branch() {
    use StepState::{Done, NotTaken, Ready, Waiting};
    let mut decide = step("decide", "x", &["apply"]);
    decide.split = Split::One;
    let mut close = step("close", "x", &["pay", "reject"]);
    close.join = Join::Any;
    let steps = vec![
        step("apply", "x", &[]),
        decide,
        step("pay", "x", &["decide"]),
        step("reject", "x", &["decide"]),
        close,
    ];
    let workflow = workflow(steps);
    let begun = instance(vec![
        done("apply", at(2, 9, 5)),
        done("decide", at(2, 9, 10)),
    ]);
    let report = workflow.replay(&begun, &office(), at(2, 9, 20)).unwrap();
    let states = |report: &InstanceReport| {
        report
            .steps
            .iter()
            .map(|step| step.state)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&report), [Done, Done, Ready, Ready, Waiting]);
    let mut paid = begun.clone();
    paid.events.push(done("pay", at(2, 9, 30)));
    let report = workflow.replay(&paid, &office(), at(2, 9, 40)).unwrap();
    assert_eq!(states(&report), [Done, Done, Done, NotTaken, Ready]);
    assert_eq!(report.steps[4].ready, Some(at(2, 9, 30)));
    let mut both = paid.clone();
    both.events.push(done("reject", at(2, 9, 35)));
    let report = workflow.replay(&both, &office(), at(2, 9, 40)).unwrap();
    assert_eq!(
        report.deviations,
        [Deviation::OtherBranch { step: 3, event: 3 }]
    );
    paid.events.push(done("close", at(2, 9, 50)));
    let report = workflow.replay(&paid, &office(), at(9, 9, 0)).unwrap();
    assert!(report.complete);
    assert_eq!(report.cycle, 50 * MINUTE, "nothing runs on after the end");
}

#[test]
fn a_summary_finds_the_bottleneck_and_the_waits_between_posts() {
    let line = workflow(vec![
        step("offer", "sales", &[]),
        step("credit", "finance", &["offer"]),
    ]);
    let report = |wait: i64, work: i64| {
        let begun = at(2, 9, 10) + TimeDelta::minutes(wait);
        let events = vec![
            event("offer", StepEventKind::Started, at(2, 9, 0)),
            done("offer", at(2, 9, 10)),
            event("credit", StepEventKind::Started, begun),
            done("credit", begun + TimeDelta::minutes(work)),
        ];
        line.replay(&instance(events), &office(), at(3, 9, 0))
            .unwrap()
    };
    let summary = line.summary(&[report(20, 10), report(70, 20)]);
    assert_eq!(summary.complete, 2);
    assert_eq!(
        summary.bottlenecks(),
        [
            (1, Ratio::new(120, 140).unwrap()),
            (0, Ratio::new(20, 140).unwrap())
        ]
    );
    let [wait] = &summary.handovers[..] else {
        panic!("one pair of posts")
    };
    assert_eq!((wait.from.as_str(), wait.to.as_str()), ("sales", "finance"));
    assert_eq!(wait.waits.values(), [20 * MINUTE, 70 * MINUTE]);
    assert_eq!(summary.steps[1].late, 1);
    assert_eq!(summary.waiting.values(), [20 * MINUTE, 70 * MINUTE]);
}

#[test]
fn what_happens_later_is_not_yet_known_and_what_was_earlier_is_refused() {
    let order = order();
    let later = instance(vec![done("offer", at(3, 9, 0))]);
    let report = order.replay(&later, &office(), at(2, 12, 0)).unwrap();
    assert_eq!(report.steps[0].state, StepState::Ready);
    let earlier = instance(vec![done("offer", at(1, 9, 0))]);
    let error = order.replay(&earlier, &office(), at(2, 12, 0)).unwrap_err();
    assert!(matches!(error, ProcessError::BeforeOpening { .. }));
}

#[test]
fn a_workflow_reads_back_through_its_check() {
    let order = order();
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Workflow>(&text).unwrap(), order);
    let broken = text.replacen("\"owner\":\"finance\",", "", 1);
    let error = serde_json::from_str::<Workflow>(&broken)
        .unwrap_err()
        .to_string();
    assert!(error.contains("`credit` has no owner"), "{error}");
    assert!(
        serde_json::from_str::<WorkflowDef>(&broken).is_ok(),
        "a draft can be read"
    );
}

#[test]
fn columns_count_steps_to_their_owner_on_the_day_they_were_done() {
    let order = order();
    let events = vec![
        event("offer", StepEventKind::Started, at(2, 9, 30)),
        done("offer", at(2, 10, 30)),
        event("credit", StepEventKind::Started, at(2, 11, 0)),
        done("credit", at(3, 9, 30)),
        done("stock", at(2, 10, 40)),
    ];
    let report = order
        .replay(&instance(events), &office(), at(4, 9, 0))
        .unwrap();
    let posts = ["sales", "finance", "logistics"].map(key).to_vec();
    let subjects = Subjects::new(Axis::new("post", "post").unwrap(), posts).unwrap();
    let days = Calendar::gregorian()
        .periods(Grain::Day, at(2, 0, 0).date(), at(4, 0, 0).date())
        .unwrap();
    let panel = Panel::new(subjects, days);
    let columns = order
        .columns(&key("order"), &[report], CountedTo::Owner, &panel)
        .unwrap();
    let told = |column: &str, subject, day| {
        columns
            .iter()
            .find(|found| found.key().metric == *format!("order.{column}"))
            .unwrap()
            .answer(panel.cell(subject, day).unwrap())
            .ratio()
    };
    let whole = |value: i64| Some(Ratio::from(value));
    assert_eq!(
        [
            told("steps", 0, 0),
            told("steps", 1, 0),
            told("steps", 1, 1),
            told("steps", 2, 0)
        ],
        [whole(1), whole(0), whole(1), whole(1)]
    );
    // The credit check took from eleven to half past nine, without noon and night six hours and a half; two were given.
    assert_eq!(
        [
            told("in_time", 0, 0),
            told("in_time", 1, 1),
            told("in_time", 2, 0)
        ],
        [whole(1), whole(0), whole(1)]
    );
    assert_eq!(
        [
            told("response_minutes", 0, 0),
            told("response_minutes", 1, 1),
            told("response_minutes", 2, 0)
        ],
        [whole(30), whole(30), None]
    );
    assert_eq!(
        [
            told("cycle_minutes", 0, 0),
            told("cycle_minutes", 1, 1),
            told("cycle_minutes", 2, 0)
        ],
        [whole(90), whole(30 + 6 * 60 + 30), whole(10)]
    );
}

#[test]
fn what_is_open_is_told_now_and_instances_when_they_were_opened() {
    let order = order();
    let late = instance(vec![
        done("offer", at(2, 10, 0)),
        done("credit", at(2, 11, 0)),
        done("credit", at(2, 12, 0)),
    ]);
    let report = order.replay(&late, &office(), at(5, 9, 0)).unwrap();
    let posts = ["sales", "finance", "logistics"].map(key).to_vec();
    let subjects = Subjects::new(Axis::new("post", "post").unwrap(), posts).unwrap();
    let days = Calendar::gregorian()
        .periods(Grain::Day, at(2, 0, 0).date(), at(7, 0, 0).date())
        .unwrap();
    let panel = Panel::new(subjects, days);
    let columns = order
        .columns(
            &key("o"),
            std::slice::from_ref(&report),
            CountedTo::Owner,
            &panel,
        )
        .unwrap();
    let instances = order
        .instance_columns(
            &key("o"),
            std::slice::from_ref(&report),
            |_| Some(key("sales")),
            &panel,
        )
        .unwrap();
    let told = |name: &str, subject, day| {
        let all = columns.iter().chain(&instances);
        let column = all
            .into_iter()
            .find(|found| found.key().metric == *format!("o.{name}"))
            .unwrap();
        let answer = column.answer(panel.cell(subject, day).unwrap());
        answer.ratio().ok_or(answer.state())
    };
    let whole = |number: i64| Ok(Ratio::from(number));
    // The stock check has been ready since ten on the 2nd and should have begun within an hour.
    assert_eq!(told("overdue", 2, 3), whole(1));
    assert_eq!(told("open", 2, 3), whole(1));
    assert_eq!(told("overdue", 2, 0), Err(State::NotApplicable));
    // From eleven on the 2nd to nine on the 5th: six hours, then two days of eight.
    assert_eq!(told("overdue_minutes", 2, 3), whole(60 * (6 + 16)));
    assert_eq!(told("instances", 0, 0), whole(1));
    assert_eq!(
        (told("repeated", 0, 0), told("rework_rate", 0, 0)),
        (whole(1), whole(1))
    );
    assert_eq!(told("leader_rate", 0, 0), whole(1));
    let (cost, worst) = (report.alignment.cost, report.alignment.worst);
    let fitness = Ratio::new(i128::from(worst - cost), i128::from(worst)).unwrap();
    assert_eq!(told("fitness", 0, 0), Ok(fitness));
}
