//! What the checker tells the author of a set of rules.

mod percent;

use std::collections::BTreeMap;

use crate::at::PeriodAt;
use crate::orders::{orders, panel, periods};
use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::Grain;
use quotaflow::key::Key;
use quotaflow::rule::check::{Anomaly, check};
use quotaflow::rule::{
    Condition, Constant, Exemption, Grade, Grading, Operand, Persistence, RuleDef, RuleSet, Scope,
    Severity, SubjectTest,
};
use quotaflow::text::Lang;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn rule(name: &str, text: &str) -> RuleDef {
    RuleDef::new(name, text.parse().unwrap()).unwrap()
}

#[test]
fn a_set_of_rules_is_checked_and_its_alerts_know_their_rules() {
    let months = periods(Grain::Month, "2026-01-01", "2026-02-01");
    let panel = panel(&["ann"], months, vec![3]);
    let rules = [rule("never", "orders < 0"), rule("some", "orders > 1")];
    let rules = RuleSet::compile(rules, &panel).unwrap();
    let from = "[0, ..)".parse().unwrap();
    let found = rules.check(&BTreeMap::from([(orders(), from)]));
    let [Anomaly::Never { rule }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(rule.as_str(), "never");
    let alerts = rules.evaluate(&panel, panel.period_at(0)).unwrap();
    let defined = alerts[0].definition(&rules).unwrap();
    assert_eq!(defined.key.as_str(), "some");
}

#[test]
fn one_persistence_asks_for_another_where_it_lasts_at_least_as_long() {
    use Persistence::{Days, Immediate};
    let periods = |count: u16| Persistence::Periods(count.into());
    for (own, other, asks) in [
        (Immediate, Immediate, true),
        (periods(3), Immediate, true),
        (periods(3), periods(3), true),
        (periods(2), periods(3), false),
        (Days(14), Days(14), true),
        (Days(13), Days(14), false),
        (Immediate, periods(1), true),
        (Immediate, periods(2), false),
        (Days(90), periods(2), false),
        (Immediate, Days(0), true),
        (periods(9), Days(1), false),
    ] {
        assert_eq!(own.asks_for(other), asks, "{own:?} for {other:?}");
    }
}

fn said(rules: &[RuleDef]) -> Vec<String> {
    let ranges = BTreeMap::from([
        ("visits".parse().unwrap(), "[0, ..)".parse().unwrap()),
        ("rate".parse().unwrap(), "[0, 1]".parse().unwrap()),
    ]);
    let tell = |finding: &Anomaly| match finding {
        Anomaly::Never { rule } => format!("{rule} never"),
        Anomaly::Always { rule, .. } => format!("{rule} always"),
        Anomaly::NeverClears { rule, .. } => format!("{rule} never clears"),
        Anomaly::Milder {
            rule,
            better,
            worse,
        } => format!("{rule}: {worse} is milder than {better}"),
        Anomaly::BandOutside { rule, band } => format!("{rule}: nothing in {band} fires"),
        Anomaly::Duplicate { rule, other, .. } => format!("{rule} = {other}"),
        Anomaly::Implies {
            rule,
            other,
            witness,
        } => {
            let history = witness.iter().flat_map(|witness| &witness.history);
            let witness: Vec<String> = history
                .map(|(column, course)| {
                    let course = course
                        .iter()
                        .map(|value| value.map_or("-".to_owned(), |value| value.to_string()));
                    format!("{column} {}", course.collect::<Vec<_>>().join(" "))
                })
                .collect();
            format!("{rule} => {other} [{}]", witness.join(", "))
        }
        Anomaly::Contradict { rule, other, .. } => format!("{rule} x {other}"),
        other => format!("{other:?}"),
    };
    check(rules, &ranges).iter().map(tell).collect()
}

#[test]
fn what_can_never_or_always_hold() {
    for (text, expected) in [
        ("sales < 3 and sales > 5", "r never"),
        ("visits < 0", "r never"),
        ("visits >= 0", "r always"),
        ("rate > 120%", "r never"),
        ("missing(sales) and sales < 5", "r never"),
        (
            "attainment(sales) < 50% and sales / target(sales) >= 50%",
            "r never",
        ),
        (
            "sales < target(sales) and target(sales) <= sales",
            "r never",
        ),
        ("sales < sales", "r never"),
        ("sales < 5 or not sales < 5", "r always"),
        ("(sales < 3 and sales > 5) for 3 weeks", "r never"),
        ("(sales < 3 and sales > 5) in 1 of 3 weeks", "r never"),
        // More weeks than are looked at one by one.
        ("(sales < 3 and sales > 5) in 1 of 70 weeks", "r never"),
        ("not (sales < 3 and sales > 5) in 1 of 70 weeks", "r always"),
        ("(sales <= 5 or sales > 3) in 70 of 70 weeks", "r always"),
        ("not (sales <= 5 or sales > 3) in 70 of 70 weeks", "r never"),
        ("(visits >= 0) for 3 weeks", "r always"),
        (
            "sales falling for 2 weeks and sales > previous(sales)",
            "r never",
        ),
        (
            "at least 2 of (sales < 1, sales > 2, sales = 7 and sales < 7)",
            "r never",
        ),
        ("change(visits, previous(visits)) < -150%", "r never"),
        ("percentile(sales) > 110%", "r never"),
        ("80% of sales < 8 and sales > 10", "r never"),
        ("stale(report, 3 days) and report > 0", "r never"),
        // By the ranges of all that is compared.
        ("visits < rate - 1", "r never"),
        ("rate > 2 and rate < visits", "r never"),
        ("visits > 3 and rate > visits", "r never"),
        ("mean(rate, 3 weeks) > 1", "r never"),
        ("from_median(rate) > 1", "r never"),
        ("change(rate, previous(visits)) < -100%", "r never"),
    ] {
        assert_eq!(said(&[rule("r", text)]), [expected], "{text}");
    }
    assert_eq!(said(&[rule("r", "sales < 3 or sales > 5")]), [""; 0]);
}

#[test]
fn how_two_rules_stand_to_each_other() {
    for (first, second, expected) in [
        ("sales < 3", "not sales >= 3", "a = b"),
        ("sales < 3", "sales < 5", "a => b [sales 3]"),
        (
            "attainment(sales) < 80%",
            "attainment(sales) < 60%",
            "b => a [sales 60, target:sales 100]",
        ),
        ("sales < 3", "sales > 5", "a x b"),
        (
            "sales < 3 for 3 weeks",
            "sales < 3",
            "a => b [sales 4.5 3.5 2.5]",
        ),
        // Week by week.
        (
            "sales < 3 for 2 weeks",
            "sales < 5 for 2 weeks",
            "a => b [sales 3 3]",
        ),
        (
            "sales < 3 for 3 weeks",
            "sales < 3 for 2 weeks",
            "a => b [sales 3 2 1]",
        ),
        (
            "sales < 3 for 2 weeks",
            "sales < 3 in 2 of 3 weeks",
            "a => b [sales 1 2 3]",
        ),
        (
            "sales < 3 for 2 weeks",
            "sales > 5 in 2 of 3 weeks",
            "a x b",
        ),
        ("previous(sales) > 5", "sales < 3 for 2 weeks", "a x b"),
        (
            "sales falling for 2 weeks",
            "sales falling for 1 week",
            "a => b [sales 100 100 0]",
        ),
        (
            "sales falling for 2 weeks",
            "previous(sales) > previous(sales, 2 weeks)",
            "a x b",
        ),
        ("missing(sales)", "sales < 3", "a x b"),
        (
            "sales < 3 and visits < 5",
            "sales < 4",
            "a => b [sales 3, visits 3]",
        ),
    ] {
        assert_eq!(
            said(&[rule("a", first), rule("b", second)]),
            [expected],
            "{first} | {second}"
        );
    }
    assert_eq!(
        said(&[rule("a", "sales < 3"), rule("b", "visits < 3")]),
        [""; 0]
    );
}

#[test]
fn parameters_count_with_their_numbers() {
    let limited = |name: &str, value: &str| {
        let mut rule = rule(name, "sales < $limit");
        let constant = Constant {
            value: value.parse().unwrap(),
            unit: None,
        };
        rule.parameters.insert(key("limit"), constant);
        rule
    };
    assert_eq!(
        said(&[limited("a", "3"), limited("b", "5")]),
        ["a => b [sales 3]"]
    );
    assert_eq!(said(&[limited("a", "3"), limited("b", "3")]), ["a = b"]);
    // Inside an operand too: seven is less than ten and more than five.
    let moved = |name: &str, text: &str, value: &str| {
        let mut moved = limited(name, value);
        moved.when = text.parse().unwrap();
        moved
    };
    for (below, above) in [
        ("change(sales, $limit) < 0", "change(sales, $limit) > 0"),
        (
            "from_median(sales - $limit) < 0",
            "from_median(sales - $limit) > 0",
        ),
        (
            "mean(sales - $limit, 2 weeks) < 0",
            "mean(sales - $limit, 2 weeks) > 0",
        ),
        (
            "previous(sales - $limit) < 0",
            "previous(sales - $limit) > 0",
        ),
        (
            "last_year(sales - $limit) < 0",
            "last_year(sales - $limit) > 0",
        ),
    ] {
        assert_eq!(
            said(&[moved("a", below, "10"), moved("b", above, "5")]),
            [""; 0],
            "{below}"
        );
        assert_eq!(
            said(&[moved("a", below, "5"), moved("b", above, "5")]),
            ["a x b"],
            "{below}"
        );
    }
}

#[test]
fn a_severity_that_is_no_word_and_no_size_is_refused_in_the_form_that_was_meant() {
    let refused = |severity: &str| {
        let text = format!(r#"{{"key": "r", "when": "sales < 1", "severity": {severity}}}"#);
        serde_json::from_str::<RuleDef>(&text)
            .unwrap_err()
            .to_string()
    };
    let word = refused(r#""serius""#);
    assert!(
        word.starts_with("unknown variant `serius`, expected one of `info`, `warning`"),
        "{word}"
    );
    let number = refused("3");
    assert!(
        number.contains("expected a severity such as \"warning\", or what it goes by"),
        "{number}"
    );
    let size = refused(r#"{"of": {"attainment": "sales"}}"#);
    assert!(size.starts_with("missing field `bands`"), "{size}");
}

#[test]
fn bands_with_holes_and_bands_on_top_of_each_other_cannot_be_written() {
    let graded = |bands: &str| {
        let text = format!(
            r#"{{"key": "r", "when": "attainment(sales) < 1", "severity": {{"of": {{"attainment": "sales"}}, "bands": [{bands}]}}}}"#
        );
        serde_json::from_str::<RuleDef>(&text).map(|rule| said(&[rule]))
    };
    let refused = |bands: &str| graded(bands).unwrap_err().to_string();
    let critical = r#"{"range": "(.., 0.5)", "gives": "critical"}"#;
    let hole = refused(&format!(
        r#"{critical}, {{"range": "[0.7, ..)", "gives": "serious"}}"#
    ));
    assert!(
        hole.starts_with("nothing covers the numbers between 0.5 and 0.7"),
        "{hole}"
    );
    let twice = refused(&format!(
        r#"{critical}, {{"range": "[0.4, ..)", "gives": "serious"}}"#
    ));
    assert!(twice.contains("both claim 0.4"), "{twice}");
    let fine = format!(r#"{critical}, {{"range": "[0.5, ..)", "gives": "serious"}}"#);
    assert_eq!(graded(&fine).unwrap(), [""; 0]);
}

#[test]
fn an_alert_that_cannot_end() {
    let mut rule = rule("r", "visits < 3");
    rule.clear = Some("visits < 0".parse().unwrap());
    assert_eq!(said(&[rule]), ["r never clears"]);
}

#[test]
fn what_a_rule_provides_for_counts_with_its_condition() {
    let provided = |name: &str, text: &str, only: &str| {
        let mut rule = rule(name, text);
        rule.scope.provided = Some(only.parse().unwrap());
        rule
    };
    assert_eq!(
        said(&[provided("r", "sales < 3", "sales > 5")]),
        ["r never"]
    );
    assert_eq!(
        said(&[provided("r", "sales > 3", "sales > 5")]),
        ["r always"]
    );
    // One for large customers, one for small ones.
    assert_eq!(
        said(&[
            provided("a", "sales < 3", "size >= 5"),
            provided("b", "sales < 3", "size < 5")
        ]),
        ["a x b"]
    );
    assert_eq!(
        said(&[
            provided("a", "sales < 3", "size >= 5"),
            rule("b", "sales < 3")
        ]),
        ["a => b [sales 2.5, size 3]"]
    );
    // Rules for people and for teams never meet.
    let mut people = rule("a", "sales < 3");
    people.scope.level = Some(key("person"));
    let mut teams = rule("b", "sales < 3");
    teams.scope.level = Some(key("team"));
    assert_eq!(said(&[people, teams]), [""; 0]);
}

#[test]
fn a_clear_condition_within_the_condition_never_ends_an_alert() {
    let clearing = |when: &str, clear: &str| {
        let mut rule = rule("r", when);
        rule.clear = Some(clear.parse().unwrap());
        said(&[rule])
    };
    for (when, clear) in [
        ("sales < 5", "sales < 4"),
        ("sales < 5", "sales < 5"),
        ("sales > 5", "sales >= 6"),
        ("sales < 5 or visits < 3", "sales < 4 and visits > 9"),
        ("not sales >= 5", "sales = 4"),
        ("attainment(sales) < 80%", "attainment(sales) < 70%"),
        ("missing(sales)", "missing(sales) and visits > 3"),
        ("sales < 5 and visits >= 0", "sales < 4 and visits > 2"),
    ] {
        assert_eq!(
            clearing(when, clear),
            ["r never clears"],
            "{when} / {clear}"
        );
    }
    for (when, clear) in [
        ("sales < 5", "sales < 6"),
        ("sales < 5", "sales >= 5"),
        ("sales < 5 and visits < 3", "sales < 4"),
        ("sales < 5 for 3 weeks", "sales < 4"),
        // Where the condition is unknown it does not hold, and what clears it ends the alert.
        ("sales < 5", "missing(sales)"),
        ("sales < 5 and visits >= 0", "sales < 4"),
        ("sales < 5", "sales < 4 or missing(sales)"),
    ] {
        assert_eq!(clearing(when, clear), [""; 0], "{when} / {clear}");
    }
}

fn only(members: &[&str]) -> SubjectTest {
    SubjectTest {
        members: members.iter().map(|member| key(member)).collect(),
        starts_with: vec![],
    }
}

#[test]
fn rules_for_different_subjects_are_not_compared() {
    let scoped = |name: &str, text: &str, members: &[&str]| {
        let mut rule = rule(name, text);
        rule.scope.only = Some(only(members));
        rule
    };
    let few = |name, members: &[&str]| scoped(name, "sales < 5", members);
    assert_eq!(said(&[few("a", &["ann"]), few("b", &["bo"])]), [""; 0]);
    assert_eq!(said(&[few("a", &["ann"]), few("b", &["ann"])]), ["a = b"]);
    let shares = [few("a", &["ann", "bo"]), few("b", &["bo", "cai"])];
    assert_eq!(
        said(&shares),
        [""; 0],
        "neither fires for all of the other's"
    );
    let narrower = [few("a", &["ann"]), few("b", &["ann", "bo"])];
    assert_eq!(said(&narrower), ["a => b []"]);
    let everybody = [rule("all", "sales < 5"), few("a", &["ann"])];
    assert_eq!(said(&everybody), ["a => all []"]);
    let against = [
        scoped("a", "sales < 5", &["ann"]),
        scoped("b", "sales > 5", &["bo"]),
    ];
    assert_eq!(said(&against), [""; 0]);
    let against = [rule("a", "sales < 5"), scoped("b", "sales > 5", &["bo"])];
    assert_eq!(said(&against), ["a x b"]);
    let mut north = rule("n", "sales < 5");
    north.scope.only = Some(SubjectTest {
        members: vec![],
        starts_with: vec![key("north-")],
    });
    assert_eq!(said(&[north.clone(), few("a", &["south-1"])]), [""; 0]);
    assert_eq!(said(&[north, few("a", &["north-1"])]), ["a => n []"]);
    // Who is let off by one rule and named by the other.
    let mut but_ann = rule("rest", "sales < 5");
    but_ann.scope.except = vec![Exemption {
        subject: key("ann"),
        reason: "on leave".to_owned(),
        until: None,
    }];
    assert_eq!(said(&[but_ann.clone(), few("a", &["ann"])]), [""; 0]);
    let many = scoped("b", "sales > 5", &["bo"]);
    assert_eq!(said(&[but_ann, many]), ["rest x b"], "bo is not let off");
}

#[test]
fn rules_that_follow_each_other_in_time_are_not_compared() {
    let lasting = |name: &str, from: Option<&str>, until: Option<&str>| {
        let mut rule = rule(name, "sales < 5");
        rule.scope.from = from.map(|day| day.parse().unwrap());
        rule.scope.until = until.map(|day| day.parse().unwrap());
        rule
    };
    let old = lasting("old", None, Some("2026-07-01"));
    // The first day of the one is the first day on which the other is no longer in force.
    let new = lasting("new", Some("2026-07-01"), None);
    assert_eq!(said(&[old.clone(), new.clone()]), [""; 0]);
    assert_eq!(said(&[new, old.clone()]), [""; 0]);
    let overlapping = lasting("new", Some("2026-06-30"), None);
    assert_eq!(
        said(&[old.clone(), overlapping]),
        [""; 0],
        "neither covers the other"
    );
    let within = lasting("new", Some("2026-05-01"), Some("2026-07-01"));
    assert_eq!(said(&[old, within]), ["new => old []"]);
}

#[test]
fn a_warning_now_and_a_serious_one_after_three_periods_is_a_ladder() {
    let after = |name: &str, text: &str, periods: u16, severity| {
        let rule = rule(name, text).severity(severity);
        rule.lasting(Persistence::Periods(periods.into()))
    };
    let now = rule("now", "sales < 5");
    let (warning, serious) = (Severity::Warning, Severity::Serious);
    assert_eq!(
        said(&[now.clone(), after("later", "sales < 5", 3, serious)]),
        [""; 0]
    );
    assert_eq!(
        said(&[now.clone(), after("worse", "sales < 3", 1, serious)]),
        [""; 0]
    );
    assert_eq!(
        said(&[after("worse", "sales < 3", 1, serious), now.clone()]),
        [""; 0]
    );
    // The same gravity says nothing new.
    assert_eq!(
        said(&[now.clone(), after("later", "sales < 5", 3, warning)]),
        ["later => now []"]
    );
    // A graver one now stands for the milder one later, and not the other way round.
    let grave = rule("now", "sales < 5").severity(serious);
    assert_eq!(
        said(&[grave, after("later", "sales < 5", 3, warning)]),
        ["later => now []"]
    );
    assert_eq!(
        said(&[now, after("other", "sales < 9", 3, serious)]),
        [""; 0],
        "neither follows from the other"
    );
}

#[test]
fn bands_grow_graver_as_it_gets_worse_and_lie_where_the_rule_fires() {
    use Severity::{Critical, Serious, Warning};
    let bands = |first, edges: &[(i64, Severity)]| {
        let edges = edges.iter().map(|(at, severity)| ((*at).into(), *severity));
        Bands::from_edges(first, edges.collect(), Owner::Upper).unwrap()
    };
    let graded = |text: &str, bands: Bands<Severity>| {
        let bands = Grading {
            of: Operand::metric("sales").unwrap(),
            bands,
            unknown: Severity::Info,
        };
        said(&[rule("r", text).severity(Grade::By(bands))])
    };
    let falling = |worst, middle, best| bands(worst, &[(2, middle), (5, best)]);
    assert_eq!(
        graded("sales < 9", falling(Critical, Serious, Warning)),
        [""; 0]
    );
    assert_eq!(
        graded("sales < 9", falling(Serious, Serious, Warning)),
        [""; 0]
    );
    assert_eq!(
        graded("sales < 9", falling(Warning, Serious, Warning)),
        ["r: (.., 2) is milder than [2, 5)"]
    );
    assert_eq!(
        graded("not sales >= 9", falling(Critical, Warning, Serious)),
        ["r: [2, 5) is milder than [5, ..)"]
    );
    let rising = bands(Warning, &[(9, Critical)]);
    assert_eq!(graded("sales >= 5", rising.clone()), [""; 0]);
    assert_eq!(
        graded("sales < 9", rising),
        [
            "r: (.., 9) is milder than [9, ..)",
            "r: nothing in [9, ..) fires"
        ]
    );
}

#[test]
fn what_does_nothing_or_gives_no_reason_is_found() {
    let five = |unit| Constant {
        value: 5.into(),
        unit,
    };
    let mut rule = rule("r", "sales < $limit")
        .with("limit", five(None))
        .unwrap()
        .with("said", five(None))
        .unwrap()
        .with("forgotten", five(None))
        .unwrap()
        .saying(Lang::EN, "fewer than {said}");
    rule.scope.except = [("ann", "on leave"), ("bo", " "), ("cai", "")]
        .map(|(subject, reason)| Exemption {
            subject: key(subject),
            reason: reason.to_owned(),
            until: None,
        })
        .to_vec();
    assert_eq!(
        said(&[rule]),
        [
            r#"UnusedParameter { rule: "r", parameter: "forgotten" }"#,
            r#"NoReason { rule: "r", subject: "bo" }"#,
            r#"NoReason { rule: "r", subject: "cai" }"#,
        ]
    );
}

#[test]
fn many_clauses_over_many_periods_are_decided_or_said_not_to_be() {
    let clauses = |bound: u32| {
        let each = (0..10).map(|at| format!("(a{at} < {bound} or b{at} > 0 for 30 periods)"));
        each.collect::<Vec<_>>().join(" and ")
    };
    let rules: Vec<RuleDef> = (0..10)
        .map(|at| rule(&format!("r{at}"), &clauses(at + 1)))
        .collect();
    let found = check(&rules, &BTreeMap::new());
    // Each follows from those before it.
    let implied =
        |anomaly: &Anomaly| matches!(anomaly, Anomaly::Implies { rule, other, .. } if rule < other);
    let open = |anomaly: &Anomaly| matches!(anomaly, Anomaly::NotDecided { other: Some(_), .. });
    assert!(
        found
            .iter()
            .all(|anomaly| implied(anomaly) || open(anomaly)),
        "{found:?}"
    );
    assert_eq!(found.len(), 45);
    // What is known rules out alternatives at once, whichever others there are: by values, orders, states and other conditions.
    let open: Vec<String> = (0..12)
        .map(|at| format!("(a{at} < 1 or a{at} > 2)"))
        .collect();
    for (known, ruled_out) in [
        ("b > 5", "(b < 1 or b < 2 or b < 3)"),
        ("b > c", "(b < c or b = c or b <= c)"),
        ("missing(b)", "(b < 1 or b > 2 or b = 3)"),
        (
            "not stale(b, 2 periods)",
            "(stale(b, 2 periods) or (stale(b, 2 periods) and c > 0) or (stale(b, 2 periods) and c < 0))",
        ),
    ] {
        let text = format!("{known} and {ruled_out} and {}", open.join(" and "));
        assert_eq!(said(&[rule("odd", &text)]), ["odd never"], "{known}");
        // And what agrees with it is left.
        let text = format!("{known} and ({known} or c > 3)");
        assert_eq!(said(&[rule("r", &text)]), [""; 0], "{known}");
    }
    // As many facts as are looked at period by period: 40 times eight comparisons.
    let any: Vec<String> = (0..8).map(|at| format!("a{at} > 1")).collect();
    let before: Vec<String> = (0..8).map(|at| format!("previous(a{at}) <= 1")).collect();
    let lasting = |periods: u32| {
        let text = format!(
            "({}) for {periods} periods and {}",
            any.join(" or "),
            before.join(" and ")
        );
        said(&[rule("r", &text)])
    };
    assert_eq!(lasting(40), ["r never"]);
    assert_eq!(lasting(41), [""; 0]);
    // What is spent on one question is not there for the next.
    let rules: Vec<RuleDef> = (0..6)
        .map(|at| rule(&format!("r{at}"), &format!("a > {at} and b{at} > 0")))
        .collect();
    let undecided = |steps: u64| {
        let limits =
            quotaflow::limits::Limits::default().with(quotaflow::limits::Size::Steps, steps);
        let found = quotaflow::rule::check::check_within(&rules, &BTreeMap::new(), limits);
        found
            .iter()
            .filter(|anomaly| matches!(anomaly, Anomaly::NotDecided { .. }))
            .count()
    };
    assert_eq!(undecided(10_000), 0);
    assert!(undecided(60) > 0, "one question takes less than 60");
    // What needs every combination to be tried is not tried to the end.
    let odd: Vec<String> = (0..24)
        .map(|at| {
            format!(
                "((a{at} < a{0} and b > {at}) or (a{at} > a{0} and b > -{at}))",
                (at + 1) % 24
            )
        })
        .collect();
    let text = format!("{} and b < -99", odd.join(" and "));
    let text: Condition = text.parse().unwrap();
    let hard = RuleDef::new("hard", text).unwrap();
    let found = check(&[hard], &BTreeMap::new());
    assert!(matches!(
        &found[..],
        [Anomaly::Never { .. } | Anomaly::NotDecided { other: None, .. }]
    ));
}

#[test]
fn a_figure_divided_by_its_own_target_is_silent_at_zero() {
    let found = |text: &str| -> Vec<(String, String)> {
        let rule = RuleDef::new("rule", text.parse().unwrap()).unwrap();
        let anomalies = check([&rule], &BTreeMap::new());
        let told = anomalies.into_iter().filter_map(|anomaly| match anomaly {
            Anomaly::SilentAtZero { written, meant, .. } => Some((written, meant)),
            _ => None,
        });
        told.collect()
    };
    let pair = |written: &str, meant: &str| vec![(written.to_owned(), meant.to_owned())];
    assert_eq!(
        found("complaints / target(complaints) > 100%"),
        pair("complaints / target(complaints)", "attainment(complaints)")
    );
    assert_eq!(
        found("sales > 1 or 2 of (complaints / target(complaints)) > 1").len(),
        1
    );
    assert_eq!(found("attainment(complaints) > 100%"), []);
    assert_eq!(found("complaints / target(sales) > 100%"), []);
}

#[test]
fn rules_that_follow_one_another_do_not_meet_on_any_day() {
    let scope = |from: Option<&str>, until: Option<&str>| Scope {
        from: from.map(|day| day.parse().unwrap()),
        until: until.map(|day| day.parse().unwrap()),
        ..Scope::default()
    };
    let first = scope(None, Some("2026-07-01"));
    let next = scope(Some("2026-07-01"), None);
    assert!(!first.meets(&next) && !next.meets(&first));
    let overlapping = scope(Some("2026-06-30"), None);
    assert!(first.meets(&overlapping) && overlapping.meets(&first));
}
