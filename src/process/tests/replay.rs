//! Where an instance stands.

use super::*;

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
    crate::document::reads_back(&report);
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
    assert!(report.nonconformities.is_empty() && !report.complete);
    assert_eq!(
        report
            .open()
            .iter()
            .map(|step| step.step.as_str())
            .collect::<Vec<_>>(),
        ["gift", "credit"]
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
        crate::document::reads_back(&report);
        let of = |step: &Escalation| (step.step.to_string(), step.deadline, step.after, step.at);
        report.escalations.iter().map(of).collect::<Vec<_>>()
    };
    // Credit, stock and gift had to begin by ten past ten; half an hour later the order desk hears of each.
    assert!(told(at(2, 10, 40)).is_empty());
    let first = told(at(2, 10, 41));
    assert_eq!(first.len(), 3);
    assert_eq!(
        first[0],
        (
            "credit".to_owned(),
            DeadlineKind::Response,
            30,
            at(2, 10, 40)
        )
    );
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
        report.nonconformities,
        [Nonconformity::OtherBranch {
            step: key("reject"),
            at: at(2, 9, 35)
        }]
    );
    paid.events.push(done("close", at(2, 9, 50)));
    let report = workflow.replay(&paid, &office(), at(9, 9, 0)).unwrap();
    assert!(report.complete);
    assert_eq!(report.cycle, 50 * MINUTE, "nothing runs on after the end");
}

#[test]
fn a_leader_who_stepped_in_counts_and_moves_nothing() {
    let order = order();
    let mut events = vec![done("offer", at(2, 9, 10))];
    let without = order
        .replay(&instance(events.clone()), &office(), at(2, 9, 20))
        .unwrap();
    let mut call = event("credit", StepEventKind::Intervened, at(2, 9, 15));
    call.by = Some(key("director"));
    events.push(call);
    let with = order
        .replay(&instance(events), &office(), at(2, 9, 20))
        .unwrap();
    assert_eq!((without.interventions, with.interventions), (0, 1));
    assert!(!without.leader_stepped_in() && with.leader_stepped_in());
    assert_eq!(with.steps, without.steps, "nobody else holds the step");
    let summary = order.summary(&[without, with]);
    assert_eq!(summary.leader_rate(), Some(Ratio::new(1, 2).unwrap()));
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
fn a_reminder_comes_before_the_deadline_and_never_before_the_step_is_ready() {
    let reminded = |before: i32| {
        let mut definition = order().definition().clone();
        definition.escalations = vec![
            EscalationDef {
                after: -before,
                to: key("order desk"),
                leader: false,
            },
            EscalationDef {
                after: 240,
                to: key("director"),
                leader: true,
            },
        ];
        let workflow = Workflow::new(definition).unwrap();
        let done = instance(vec![done("offer", at(2, 9, 10))]);
        let report = workflow.replay(&done, &office(), at(2, 10, 10)).unwrap();
        let told = report.escalations.iter();
        told.filter(|one| one.step == *"credit")
            .map(|one| one.at)
            .collect::<Vec<_>>()
    };
    // Credit has to begin by ten past ten, an hour after it is ready.
    assert_eq!(reminded(15), [at(2, 9, 55)]);
    assert_eq!(reminded(60), [at(2, 9, 10)]);
    // Ten hours before either of its two deadlines is before it is ready.
    assert_eq!(reminded(600), [at(2, 9, 10); 2]);
    // In working time, over noon, a night and a weekend: latest at which so much is still to be worked.
    let office = office();
    for (due, minutes, told) in [
        (at(2, 14, 0), 90, at(2, 11, 30)),
        (at(2, 13, 0), 30, at(2, 11, 30)),
        (at(9, 9, 30), 60, at(6, 17, 30)),
        (at(9, 9, 30), 30, at(9, 9, 0)),
    ] {
        let span = TimeDelta::minutes(minutes);
        let found = office.subtract_working_time(due, span).unwrap();
        assert_eq!(found, told, "{due} {minutes}");
    }
}

#[test]
fn the_deadlines_of_a_step_run_in_the_hours_of_its_post_or_department() {
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("days"))).unwrap();
    let shift = |text: &str| [text.parse::<Shift>().unwrap()];
    let hours = |name: &str, text: &str| {
        WorkingHours::new(WorkingHoursDef::on_working_days(
            key(name),
            &shift(text),
            &days,
        ))
        .unwrap()
    };
    let (late, night) = (hours("late", "14:00-20:00"), hours("night", "20:00-23:00"));
    let mut definition = order().definition().clone();
    definition.steps[1].lead = Some(key("money"));
    let workflow = Workflow::new(definition).unwrap();
    let office = office();
    let events = instance(vec![done("offer", at(2, 9, 10))]);
    let due = |hours: Hours<'_>| {
        let report = workflow.replay(&events, hours, at(2, 9, 30)).unwrap();
        [1, 2].map(|step: usize| report.steps[step].response_due.unwrap())
    };
    let usual = || Hours::from(&office);
    assert_eq!(due(usual()), [at(2, 10, 10), at(2, 10, 10)]);
    let department = || usual().of_department(key("money"), &late);
    assert_eq!(due(department()), [at(2, 15, 0), at(2, 10, 10)]);
    // The hours of the post come before those of its department.
    let post = department().of_post(key("finance"), &night);
    assert_eq!(due(post), [at(2, 21, 0), at(2, 10, 10)]);
}

#[test]
fn the_clock_of_a_step_is_that_of_who_holds_it() {
    use StepEventKind::{Assigned, Completed, Intervened, Started};
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("days"))).unwrap();
    let hours = |name: &str, text: &str| {
        let shift = [text.parse::<Shift>().unwrap()];
        WorkingHours::new(WorkingHoursDef::on_working_days(key(name), &shift, &days)).unwrap()
    };
    let (day, late) = (hours("day", "09:00-17:00"), hours("late", "12:00-20:00"));
    let mut check = step("check", "finance", &[]).within(60, 600);
    check.lead = Some(key("money"));
    let mut definition = WorkflowDef::new(key("order"), vec![check]);
    definition.owner = Some(key("order desk"));
    definition.escalations = vec![EscalationDef {
        after: -60,
        to: key("order desk"),
        leader: false,
    }];
    let workflow = Workflow::new(definition).unwrap();
    let by = |kind, at, person: &str| StepEvent {
        by: Some(key(person)),
        ..event("check", kind, at)
    };
    let told = |events: Vec<StepEvent>| {
        let usual = Hours::from(&day).of_post(key("bo"), &late);
        let report = workflow.replay(&instance(events), usual, at(3, 12, 0));
        let report = report.unwrap();
        let told: Vec<_> = report.escalations.iter().map(|told| told.at).collect();
        let step = &report.steps[0];
        (step.due.unwrap(), step.late.unwrap() / MINUTE, told)
    };
    // Ten hours of ann, who works by day, are over on the next day at eleven.
    let begun = || by(Started, at(2, 9, 0), "ann");
    assert_eq!(told(vec![begun()]).0, at(3, 11, 0));
    // Given to bo at one, four of them are worked off; the other six run until seven in the evening.
    let given = || by(Assigned, at(2, 13, 0), "bo");
    let (due, by_now, reminded) = told(vec![begun(), given()]);
    assert_eq!((due, by_now), (at(2, 19, 0), 60));
    assert_eq!(reminded, [at(2, 18, 0)]);
    // Who steps in does not hold it; given back at half past seven, it is half an hour late by bo and three by ann.
    let back = || by(Assigned, at(2, 19, 30), "ann");
    let stepped_in = by(Intervened, at(2, 14, 0), "cy");
    let (due, by_now, _) = told(vec![begun(), given(), stepped_in, back()]);
    assert_eq!((due, by_now), (at(2, 19, 0), 30 + 180));
    let finished = by(Completed, at(3, 10, 0), "ann");
    assert_eq!(told(vec![begun(), given(), back(), finished]).1, 30 + 60);
    // Given back before it is due, the rest runs on in the hours of the day.
    let early = by(Assigned, at(2, 16, 0), "ann");
    assert_eq!(told(vec![begun(), given(), early]).0, at(3, 11, 0));
}
