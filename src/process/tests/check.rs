//! What is accepted, what is refused, and why.

use super::*;

/// A change of a definition.
type Edit = fn(&mut WorkflowDef);

#[test]
fn nothing_without_an_owner_a_deadline_and_a_standard() {
    assert_eq!(
        findings(vec![TaskDef::new(key("offer"))]),
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
    let cases: [(&str, Vec<TaskDef>, &str); 5] = [
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
        Capacity {
            key: key("sales"),
            minutes: 9_600,
        },
        Capacity {
            key: key("logistics"),
            minutes: 9_599,
        },
        Capacity {
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
    let mut steps: Vec<TaskDef> = vec![step("start", "x", &[])];
    steps.extend(names.iter().map(|name| step(name, "x", &["start"])));
    let after: Vec<&str> = names.iter().map(String::as_str).collect();
    steps.push(step("end", "x", &after));
    let workflow = workflow(steps.clone());
    // All but one of sixty parallel steps were done, and one of them twice.
    let mut trace: Vec<Option<StepId>> = (0..60).map(StepId::new).map(Some).collect();
    trace.push(Some(StepId::new(5)));
    trace.push(Some(StepId::new(61)));
    let aligned = workflow
        .align(&trace, Extent::Whole, Costs::default())
        .unwrap();
    assert_eq!(aligned.cost, 2);
    assert_eq!(aligned.worst, 62 + 62);
    let more: Vec<TaskDef> = (0..70)
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
fn escalation_past_the_owner_and_unstated_hours_are_found() {
    let found = |edit: fn(&mut WorkflowDef)| {
        let mut definition = order().definition().clone();
        edit(&mut definition);
        let texts: Vec<String> = definition.check().iter().map(ToString::to_string).collect();
        texts.join("; ")
    };
    let past = found(|definition| definition.escalations[0].to = key("director"));
    assert!(
        past.contains(
            "the first escalation goes to `director`, past the owner of the process `order desk`"
        ),
        "{past}"
    );
    assert!(found(|definition| definition.escalations.clear()).contains("nobody is notified"));
    let hours = found(|definition| {
        definition.instances = 2;
        definition.posts.clear();
    });
    assert!(hours.contains("and its hours are not stated"), "{hours}");
    assert!(
        Workflow::new(order().definition().clone()).is_ok(),
        "warnings do not refuse a workflow"
    );
}

#[test]
fn every_doubt_is_told_with_its_grade() {
    let cases: [(Edit, &str, Gravity); 7] = [
        (
            |definition| definition.escalations[1].after = 30,
            "escalation number 1 does not come later than the one before it",
            Gravity::Error,
        ),
        (
            |definition| {
                let post = Capacity {
                    key: key("sales"),
                    minutes: 1,
                };
                definition.posts = vec![post.clone(), post];
            },
            "post `sales` is declared twice",
            Gravity::Error,
        ),
        (
            |definition| definition.steps[5].split = Split::One,
            "step `delivery` decides between fewer than two steps",
            Gravity::Warning,
        ),
        (
            |definition| definition.steps[1].partners = vec![key("sales")],
            "step `credit` has partners but no leading department",
            Gravity::Warning,
        ),
        (
            |definition| {
                definition.steps[1].lead = Some(key("finance"));
                definition.steps[1].partners = vec![key("finance")];
            },
            "the leading department of step `credit` is among its partners",
            Gravity::Warning,
        ),
        (
            |definition| definition.owner = None,
            "nobody owns the process as a whole",
            Gravity::Note,
        ),
        (|_| (), "no step is marked as key business", Gravity::Note),
    ];
    for (edit, wanted, grade) in cases {
        let mut definition = order().definition().clone();
        edit(&mut definition);
        let found = definition.check();
        let told = found.iter().find(|finding| finding.to_string() == wanted);
        assert_eq!(
            told.map(Defect::gravity),
            Some(grade),
            "{wanted}: {found:?}"
        );
        assert_eq!(Workflow::new(definition).is_err(), grade == Gravity::Error);
    }
    let mut watched = order().definition().clone();
    watched.steps[0].key_business = true;
    assert!(!watched.check().contains(&Defect::NoKeyBusiness));
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
