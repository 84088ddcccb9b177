//! Many instances together, and their columns.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Columns;
use crate::space::RowId;

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
    let told = summary.bottlenecks().into_iter();
    let told: Vec<(&str, Ratio)> = told
        .map(|(step, share)| (step.step.as_str(), share))
        .collect();
    assert_eq!(
        told,
        [
            ("credit", Ratio::new(120, 140).unwrap()),
            ("offer", Ratio::new(20, 140).unwrap())
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
fn a_handover_is_from_whoever_was_done_last() {
    // Finance and logistics are both waited for; logistics is done last and hands over. Of a decision only the branch
    // that was taken does, and a step left out hands on what came to it.
    let both = workflow(vec![
        step("credit", "finance", &[]),
        step("stock", "logistics", &[]),
        step("contract", "sales", &["credit", "stock"]),
    ]);
    let waits = |workflow: &Workflow, events: Vec<StepEvent>| {
        let report = workflow
            .replay(&instance(events), &office(), at(3, 9, 0))
            .unwrap();
        let told = workflow.summary(&[report]).handovers;
        told.into_iter()
            .map(|one| {
                let minutes: Vec<i64> = one
                    .waits
                    .values()
                    .iter()
                    .map(|wait| wait / MINUTE)
                    .collect();
                (one.from.to_string(), one.to.to_string(), minutes)
            })
            .collect::<Vec<_>>()
    };
    let begun = |name: &str, at: NaiveDateTime| event(name, StepEventKind::Started, at);
    let events = vec![
        done("credit", at(2, 9, 10)),
        done("stock", at(2, 10, 0)),
        begun("contract", at(2, 10, 30)),
    ];
    let one = |from: &str, to: &str, minutes: i64| (from.to_owned(), to.to_owned(), vec![minutes]);
    assert_eq!(waits(&both, events), [one("logistics", "sales", 30)]);
    let mut decide = step("decide", "desk", &[]);
    decide.split = Split::One;
    let mut gift = step("gift", "shop", &["pay"]);
    gift.optional = true;
    let mut close = step("close", "sales", &["gift", "reject"]);
    close.join = Join::Any;
    let decision = workflow(vec![
        decide,
        step("pay", "finance", &["decide"]),
        step("reject", "law", &["decide"]),
        gift,
        close,
    ]);
    let events = vec![
        done("decide", at(2, 9, 0)),
        begun("pay", at(2, 9, 5)),
        done("pay", at(2, 9, 30)),
        begun("close", at(2, 10, 0)),
        done("close", at(2, 10, 10)),
    ];
    assert_eq!(
        waits(&decision, events),
        [one("desk", "finance", 5), one("finance", "sales", 30)]
    );
    // What stays with the same post is handed over to nobody.
    let alone = workflow(vec![
        step("draft", "desk", &[]),
        step("check", "desk", &["draft"]),
    ]);
    let events = vec![done("draft", at(2, 9, 30)), begun("check", at(2, 10, 30))];
    assert_eq!(waits(&alone, events), []);
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
        .columns(&key("order"), &[report], CountedTo::Owner)
        .columns(&panel)
        .unwrap();
    let told = |column: &str, subject, day| {
        columns
            .iter()
            .find(|found| found.key().metric == *format!("order.{column}"))
            .unwrap()
            .answer(panel.cell(subject, day).unwrap())
            .ratio()
            .ok()
    };
    let whole = |value: i64| Some(Ratio::from(value));
    assert_eq!(
        [
            told("steps", RowId::at(0), PeriodId::at(0)),
            told("steps", RowId::at(1), PeriodId::at(0)),
            told("steps", RowId::at(1), PeriodId::at(1)),
            told("steps", RowId::at(2), PeriodId::at(0))
        ],
        [whole(1), whole(0), whole(1), whole(1)]
    );
    // The credit check took from eleven to half past nine, without noon and night six hours and a half; two were given.
    assert_eq!(
        [
            told("punctuality", RowId::at(0), PeriodId::at(0)),
            told("punctuality", RowId::at(1), PeriodId::at(1)),
            told("punctuality", RowId::at(2), PeriodId::at(0))
        ],
        [whole(1), whole(0), whole(1)]
    );
    assert_eq!(
        [
            told("response_minutes", RowId::at(0), PeriodId::at(0)),
            told("response_minutes", RowId::at(1), PeriodId::at(1)),
            told("response_minutes", RowId::at(2), PeriodId::at(0))
        ],
        [whole(30), whole(30), None]
    );
    assert_eq!(
        [
            told("cycle_minutes", RowId::at(0), PeriodId::at(0)),
            told("cycle_minutes", RowId::at(1), PeriodId::at(1)),
            told("cycle_minutes", RowId::at(2), PeriodId::at(0))
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
        .columns(&key("o"), std::slice::from_ref(&report), CountedTo::Owner)
        .columns(&panel)
        .unwrap();
    let instances = order
        .instance_columns(&key("o"), std::slice::from_ref(&report), |_| {
            Some(key("sales"))
        })
        .columns(&panel)
        .unwrap();
    let told = |name: &str, subject, day| {
        let all = columns.iter().chain(&instances);
        let column = all
            .into_iter()
            .find(|found| found.key().metric == *format!("o.{name}"))
            .unwrap();
        let answer = column.answer(panel.cell(subject, day).unwrap());
        answer.ratio()
    };
    let whole = |number: i64| Ok(Ratio::from(number));
    // The stock check has been ready since ten on the 2nd and should have begun within an hour.
    assert_eq!(told("overdue", RowId::at(2), PeriodId::at(3)), whole(1));
    assert_eq!(told("open", RowId::at(2), PeriodId::at(3)), whole(1));
    assert_eq!(
        told("overdue", RowId::at(2), PeriodId::at(0)),
        Err(Reason::NotApplicable)
    );
    // From eleven on the 2nd to nine on the 5th: six hours, then two days of eight.
    assert_eq!(
        told("overdue_minutes", RowId::at(2), PeriodId::at(3)),
        whole(60 * (6 + 16))
    );
    assert_eq!(told("instances", RowId::at(0), PeriodId::at(0)), whole(1));
    assert_eq!(
        (
            told("repeated", RowId::at(0), PeriodId::at(0)),
            told("rework_rate", RowId::at(0), PeriodId::at(0))
        ),
        (whole(1), whole(1))
    );
    assert_eq!(told("leader_rate", RowId::at(0), PeriodId::at(0)), whole(1));
    let (cost, worst) = (report.alignment.cost, report.alignment.worst);
    let fitness = Ratio::new(i128::from(worst - cost), i128::from(worst)).unwrap();
    assert_eq!(told("fitness", RowId::at(0), PeriodId::at(0)), Ok(fitness));
}
