//! Rules over a small team, worked by hand.

mod explained;

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeMap;

use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{
    Condition, Constant, Contributors, Deviation, Exemption, Grade, Grading, Operand, Persistence,
    RuleDef, RuleError, RulePack, RuleSet, Scope, Severity, Span, SubjectTest, Truth, Verdict,
    WhenUnknown, WhyUnknown,
};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
use quotaflow::text::{Lang, Locale};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Three people over four months, in cents:
///
/// | | | Jan | Feb | Mar | Apr |
/// |---|---|---|---|---|---|
/// | ann | sales of target | 900 of 1000 | 700 of 1000 | 600 of 1000 | 990 of 1000 |
/// | bo | sales of target | 500 of 1000 | 700 of 1000 | nothing of 1000 | 400 of 1000 |
/// | cy | sales of target | 100 of 0 | 100 of not yet joined | 790 of 1000 | 799.99 of 1000 |
fn panel() -> Panel {
    let people = ["ann", "bo", "cy"].map(key).to_vec();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), people).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-05-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    let euro = || "money:EUR".parse().unwrap();
    let v = None;
    let sales = vec![
        90_000, 50_000, 10_000, 70_000, 70_000, 10_000, 60_000, 0, 79_000, 99_000, 40_000, 79_999,
    ];
    let column = Column::amounts("sales".parse().unwrap(), euro(), Quantum::CENT, sales);
    let states = [
        v,
        v,
        v,
        v,
        v,
        v,
        v,
        Some(Reason::NothingRecorded),
        v,
        v,
        v,
        v,
    ];
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    let targets = vec![
        100_000, 100_000, 0, 100_000, 100_000, 0, 100_000, 100_000, 100_000, 100_000, 100_000,
        100_000,
    ];
    let column = Column::amounts(
        "target:sales".parse().unwrap(),
        euro(),
        Quantum::CENT,
        targets,
    );
    let states = [v, v, v, v, v, Some(Reason::NotApplicable), v, v, v, v, v, v];
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    let visits = vec![40, 30, 20, 41, 30, 20, 42, 30, 20, 43, 30, 20];
    let unit = "count:visit".parse().unwrap();
    panel
        .add(Column::amounts(
            "visits".parse().unwrap(),
            unit,
            Quantum::ONE,
            visits,
        ))
        .unwrap();
    panel
}

fn attainment() -> Operand {
    Operand::attainment("sales").unwrap()
}

fn behind() -> RuleDef {
    RuleDef::new("behind", attainment().below(Operand::percent(80))).unwrap()
}

fn one(rule: RuleDef, panel: &Panel) -> RuleSet {
    RuleSet::compile(vec![rule], panel).unwrap()
}

fn fired(rules: &RuleSet, panel: &Panel, period: usize) -> Vec<String> {
    let alerts = rules.evaluate(panel, panel.period_at(period)).unwrap();
    alerts
        .iter()
        .map(|alert| format!("{} {}", alert.rule(), alert.members()[0]))
        .collect()
}

#[test]
fn a_comparison_is_exact_and_never_fires_on_what_is_missing() {
    let panel = panel();
    let rules = one(behind(), &panel);
    assert_eq!(fired(&rules, &panel, 0), ["behind bo"]);
    assert_eq!(fired(&rules, &panel, 2), ["behind ann", "behind cy"]);
    // 799.99 of 1000 is below four fifths by a cent.
    assert_eq!(fired(&rules, &panel, 3), ["behind bo", "behind cy"]);
    let judge = rules.over(&panel).unwrap();
    let reasons = [
        (2, 0, WhyUnknown::Missing(Reason::NoBase)),
        (2, 1, WhyUnknown::Missing(Reason::NotApplicable)),
        (1, 2, WhyUnknown::Missing(Reason::NothingRecorded)),
    ];
    for (subject, period, reason) in reasons {
        assert_eq!(
            judge.truth(
                &key("behind"),
                judge.row_at(subject),
                judge.period_at(period)
            ),
            Ok(Truth::Unknown(reason))
        );
    }
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-01-31".parse().unwrap());
    let beyond = Calendar::gregorian().periods(Grain::Day, from, to).unwrap();
    assert_eq!(
        rules.evaluate(&panel, beyond.period_at(4)),
        Err(RuleError::NoSuchPeriod {
            period: 4,
            periods: 4
        })
    );
}

#[test]
fn what_unknown_means_is_the_rules_choice() {
    let panel = panel();
    let report = one(behind().when_unknown(WhenUnknown::Report), &panel);
    let alerts = report.evaluate(&panel, panel.period_at(2)).unwrap();
    let verdicts: Vec<_> = alerts.iter().map(quotaflow::rule::Alert::verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Fired,
            Verdict::Undecided(WhyUnknown::Missing(Reason::NothingRecorded)),
            Verdict::Fired
        ]
    );
    let fire = one(behind().when_unknown(WhenUnknown::Fire), &panel);
    assert_eq!(
        fired(&fire, &panel, 2),
        ["behind ann", "behind bo", "behind cy"]
    );
}

#[test]
fn the_two_forms_of_persistence_differ_by_one() {
    let panel = panel();
    let name = |rules: &RuleSet| {
        (0..4)
            .map(|period| fired(rules, &panel, period).join(", "))
            .collect::<Vec<_>>()
    };
    // Ann is behind in February and March, Bo in January, February and April.
    let row = one(
        behind().lasting(Persistence::Periods(Span::of(2, Grain::Month))),
        &panel,
    );
    assert_eq!(name(&row), ["", "behind bo", "behind ann", "behind cy"]);
    // From 1 February to 1 March are 28 days, from 1 January to 1 February 31.
    let days = one(behind().lasting(Persistence::Days(29)), &panel);
    assert_eq!(name(&days), ["", "behind bo", "", "behind cy"]);
    let alert = &row.evaluate(&panel, panel.period_at(2)).unwrap()[0];
    assert_eq!((alert.since(), alert.periods()), (panel.period_at(1), 2));
}

#[test]
fn scopes_and_exemptions_leave_subjects_out() {
    let panel = panel();
    let only = Some(SubjectTest {
        members: vec![key("bo")],
        starts_with: vec![key("c")],
    });
    let bo = Exemption {
        subject: key("bo"),
        reason: "on leave".into(),
        until: Some("2026-04-01".parse().unwrap()),
    };
    let scope = Scope {
        only,
        except: vec![bo],
        from: Some("2026-01-02".parse().unwrap()),
        ..Scope::default()
    };
    let rules = one(behind().within(scope), &panel);
    let found: Vec<_> = (0..4)
        .map(|period| fired(&rules, &panel, period).join(", "))
        .collect();
    assert_eq!(found, ["", "", "behind cy", "behind bo, behind cy"]);
}

#[test]
fn the_gravest_alerts_come_first() {
    let panel = panel();
    let edges = vec![
        ("0.5".parse().unwrap(), Severity::Serious),
        ("0.7".parse().unwrap(), Severity::Warning),
    ];
    let grade = Grade::By(Grading {
        of: attainment(),
        bands: Bands::from_edges(Severity::Critical, edges, Owner::Upper).unwrap(),
        unknown: Severity::Warning,
    });
    let quiet = RuleDef::new("quiet", Condition::missing("sales".parse().unwrap()))
        .unwrap()
        .severity(Severity::Info);
    let rules = RuleSet::compile(vec![quiet, behind().severity(grade)], &panel).unwrap();
    assert_eq!(fired(&rules, &panel, 3), ["behind bo", "behind cy"]);
    assert_eq!(
        fired(&rules, &panel, 2),
        ["behind ann", "behind cy", "quiet bo"]
    );
    let severities: Vec<_> = rules
        .evaluate(&panel, panel.period_at(2))
        .unwrap()
        .iter()
        .map(quotaflow::rule::Alert::severity)
        .collect();
    assert_eq!(
        severities,
        [Severity::Serious, Severity::Warning, Severity::Info]
    );
}

#[test]
fn an_alert_says_what_it_compared_in_two_languages() {
    let panel = panel();
    let pace = RuleDef::new("falling", Operand::metric("sales").unwrap().falling(2).and(attainment().below(Operand::parameter("limit").unwrap())))
        .unwrap()
        .with("limit", Constant { value: "0.8".parse().unwrap(), unit: Some("share".parse().unwrap()) })
        .unwrap()
        .saying(Lang::EN, "{{{severity}}} {subject}: sales {sales} of {target:sales} in {period}, under {limit}, since {since} ({periods})").saying(Lang::ZH, "{subject}在{period}销售{sales}，目标{target:sales}")
        .advising(Lang::EN, "visit {subject}").advising(Lang::ZH, "");
    let rules = one(pace, &panel);
    let alerts = rules.evaluate(&panel, panel.period_at(2)).unwrap();
    assert_eq!(alerts.len(), 1);
    let explained = alerts[0].explain(&rules, &panel).unwrap();
    let months: Vec<_> = panel
        .periods()
        .iter()
        .map(|period| period.label.to_string())
        .collect();
    assert_eq!(
        explained.message(&Locale::EN),
        format!(
            "{{warning}} ann: sales EUR 600 of EUR 1,000 in {}, under 80%, since {} (2)",
            months[2], months[1]
        )
    );
    assert_eq!(
        explained.message(&Locale::ZH),
        format!("ann在{}销售600 欧元，目标1,000 欧元", months[2])
    );
    assert_eq!(explained.action(&Locale::ZH).unwrap(), "visit ann");
    let mut compared = Vec::new();
    explained
        .evidence()
        .comparisons(&mut |left, is, right, truth| {
            let value = |value: Result<Ratio, WhyUnknown>| value.unwrap().to_string();
            compared.push(format!(
                "{} {} {} {truth}",
                value(left.value()),
                is.sign(),
                value(right.value())
            ));
        });
    assert_eq!(compared, ["600 < 700 true", "0.6 < 0.8 true"]);
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(
        json["evidence"]["group"]["parts"][1]["compared"]["left"]["value"]["known"],
        "0.6"
    );
    assert_eq!(
        json["evidence"]["group"]["parts"][1]["compared"]["left"]["inputs"][0]["column"],
        "sales"
    );
}

#[test]
fn a_favourable_deviation_is_an_exception_too() {
    let panel = panel();
    let mut rule = RuleDef::new(
        "opening",
        Operand::metric("sales")
            .unwrap()
            .change(Operand::metric("sales").unwrap().previous(1))
            .above(Operand::percent(50)),
    )
    .unwrap();
    rule.deviation = Deviation::Favourable;
    let rules = one(rule, &panel);
    assert_eq!(
        fired(&rules, &panel, 0),
        [""; 0],
        "there is no earlier month"
    );
    // Ann from 600 to 990: plus 65 %; cy from 790 to 799.99.
    assert_eq!(fired(&rules, &panel, 3), ["opening ann"]);
    assert_eq!(
        rules.evaluate(&panel, panel.period_at(3)).unwrap()[0].deviation(),
        Deviation::Favourable
    );
}

#[test]
fn peers_are_ranked_without_those_that_are_missing() {
    let panel = panel();
    let sales = || Box::new(Operand::metric("sales").unwrap());
    let last = RuleDef::new("last", Operand::Rank(sales()).at_least(Operand::number(2))).unwrap();
    let far = RuleDef::new(
        "far",
        Operand::FromMedian(sales()).below(Operand::number(-300)),
    )
    .unwrap();
    let rules = RuleSet::compile(vec![last, far], &panel).unwrap();
    assert_eq!(fired(&rules, &panel, 1), ["last cy", "far cy"]);
    assert_eq!(fired(&rules, &panel, 2), ["last ann"]);
}

#[test]
fn every_broken_rule_has_an_error_that_names_the_place() {
    let panel = panel();
    let sales = || Operand::metric("sales").unwrap();
    let compile = |rule: RuleDef| {
        RuleSet::compile(vec![rule], &panel)
            .unwrap_err()
            .to_string()
    };
    let when = |condition| compile(RuleDef::new("r", condition).unwrap());
    let cases = [
        (
            when(Operand::target("sale").unwrap().below(Operand::number(1))),
            "rule `r`, when.left: the panel has no column `target:sale`; did you mean `target:sales`?",
        ),
        (
            when(sales().below(Operand::metric("visits").unwrap())),
            "rule `r`, when: `money:EUR` and `count:visit` do not go together",
        ),
        (
            when(sales().below(Operand::amount(5, "money:USD".parse().unwrap()))),
            "rule `r`, when: `money:EUR` and `money:USD` do not go together",
        ),
        (
            when(
                sales().below(Operand::number(1)).and(
                    sales()
                        .less(Operand::metric("visits").unwrap())
                        .below(sales()),
                ),
            ),
            "rule `r`, when.1.left: `money:EUR` and `count:visit` do not go together",
        ),
        (
            when(sales().below(Operand::parameter("x").unwrap())),
            "rule `r`, when.right: the rule has no parameter `x`; there are none",
        ),
        (
            when(sales().falling(Span::of(3, Grain::Week))),
            "rule `r`, when.span: the panel's periods `gregorian.month` are not each a week",
        ),
        (
            when(sales().below(Operand::number(1)).within(3, 2)),
            "rule `r`, when: at least 3 of 2 can never be",
        ),
        (
            when(Condition::Subject(SubjectTest::default())),
            "rule `r`, when: `subject` is empty",
        ),
        (
            when(Condition::Subject(SubjectTest {
                members: vec![key("anne")],
                starts_with: vec![],
            })),
            "rule `r`, when: no subject of the panel is `anne`; did you mean `ann`?",
        ),
        (
            compile(behind().saying(Lang::EN, "{subjct}").saying(Lang::ZH, "")),
            "rule `behind`, message.en: the message names `{subjct}`, which is neither a word that it knows nor a parameter nor a column; did you mean `subject`?",
        ),
        (
            compile(behind().saying(Lang::EN, "").saying(Lang::ZH, "a } b")),
            "rule `behind`, message.zh: the brace at character 2 has no partner; a brace that is meant is written twice",
        ),
        (
            compile(behind().within(Scope {
                from: Some("2026-02-01".parse().unwrap()),
                until: Some("2026-02-01".parse().unwrap()),
                ..Scope::default()
            })),
            "rule `behind`, scope: the rule ends on the day on which it starts or before",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    let twice = RuleSet::compile(vec![behind(), behind()], &panel).unwrap_err();
    assert_eq!(
        twice,
        RuleError::DuplicateRule {
            rule: key("behind")
        }
    );
    assert_eq!(
        RuleDef::new("", attainment().below(attainment()))
            .unwrap_err()
            .to_string(),
        "a key is empty"
    );
}

#[test]
fn a_set_reads_another_panel_with_the_same_columns_and_no_other() {
    let panel = panel();
    let rules = one(behind(), &panel);
    let mut bare = Panel::new(panel.subjects().clone(), panel.periods().clone());
    assert!(matches!(
        rules.evaluate(&bare, bare.period_at(0)),
        Err(RuleError::UnknownColumn { .. })
    ));
    let units = vec![1; panel.cells()];
    bare.add(Column::amounts(
        "sales".parse().unwrap(),
        "money:EUR".parse().unwrap(),
        Quantum::ONE,
        units,
    ))
    .unwrap();
    assert!(matches!(
        rules.evaluate(&bare, bare.period_at(0)),
        Err(RuleError::ColumnChanged { .. })
    ));
}

#[test]
fn a_host_sets_the_numbers_of_a_shipped_pack() {
    let limit = Constant {
        value: "0.8".parse().unwrap(),
        unit: Some("share".parse().unwrap()),
    };
    let rule = RuleDef::new(
        "low",
        attainment().below(Operand::parameter("limit").unwrap()),
    )
    .unwrap();
    let pack = RulePack::new("p", vec![rule.with("limit", limit).unwrap()]).unwrap();
    let set = |rule: &str, name: &str, value: &str, unit: Option<&str>| {
        let value = Constant {
            value: value.parse().unwrap(),
            unit: unit.map(|unit| unit.parse().unwrap()),
        };
        pack.clone().set(&BTreeMap::from([(
            key(rule),
            BTreeMap::from([(key(name), value)]),
        )]))
    };
    let panel = panel();
    let rules = RuleSet::compile(set("low", "limit", "0.6", None).unwrap().rules, &panel).unwrap();
    assert_eq!(fired(&rules, &panel, 3), ["low bo"]);
    assert_eq!(
        set("lo", "limit", "1", None).unwrap_err().to_string(),
        "there is no rule `lo`; did you mean `low`?"
    );
    assert!(
        set("low", "limt", "1", None)
            .unwrap_err()
            .to_string()
            .ends_with("no parameter `limt`; did you mean `limit`?")
    );
    assert!(matches!(
        set("low", "limit", "1", Some("day")),
        Err(RuleError::In { .. })
    ));
}

#[test]
fn a_signal_of_a_control_chart_is_a_condition() {
    // Wheeler's accounts receivable, in whole units: the first fifteen are the baseline, and the last one is beyond it.
    let values = [
        5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685, 3463,
        5200,
    ];
    let months = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2027-05-01".parse().unwrap(),
        )
        .unwrap();
    let mut panel = Panel::new(Subjects::whole(), months);
    let unit = "money:EUR".parse().unwrap();
    panel
        .add(Column::amounts(
            "receivables".parse().unwrap(),
            unit,
            Quantum::ONE,
            values.to_vec(),
        ))
        .unwrap();
    let rule = |text: &str| RuleDef::new("signal", text.parse().unwrap()).unwrap();
    let rules = one(rule("control(receivables, first 15, beyond_three)"), &panel);
    let judge = rules.over(&panel).unwrap();
    assert_eq!(
        judge.truth(&key("signal"), judge.row_at(0), judge.period_at(14)),
        Ok(Truth::Unknown(WhyUnknown::TooFew))
    );
    assert_eq!(
        judge.truth(&key("signal"), judge.row_at(0), judge.period_at(15)),
        Ok(Truth::True)
    );
    assert_eq!(
        rules.evaluate(&panel, panel.period_at(15)).unwrap().len(),
        1
    );
    let low = one(
        rule("control(receivables, first 15, beyond_three, low)"),
        &panel,
    );
    assert_eq!(
        low.over(&panel).unwrap().truth(
            &key("signal"),
            low.over(&panel).unwrap().row_at(0),
            low.over(&panel).unwrap().period_at(15)
        ),
        Ok(Truth::False)
    );
    let known = one(
        rule("control(receivables, around 4000 400, cusum 0.5 4)"),
        &panel,
    );
    assert_eq!(fired(&known, &panel, 15).len(), 0);
    let broken = RuleSet::compile(
        vec![rule("control(receivables, first 1, ewma 2 3)")],
        &panel,
    )
    .unwrap_err();
    assert_eq!(
        broken.to_string(),
        "rule `signal`, when: the baseline of a control chart must be at least two periods"
    );
}

/// The inputs on which engines disagree; the ids are those of the list of awkward inputs.
#[test]
fn awkward_inputs_have_one_answer_each() {
    let mut panel = panel();
    let cells = panel.cells();
    let mut add = |name: &str, units: Vec<i64>, states: Option<Reason>| {
        let column = Column::amounts(
            name.parse().unwrap(),
            Unit::Share,
            Quantum::new("0.1".parse().unwrap()).unwrap(),
            units,
        );
        let states = vec![states; cells];
        panel.add(column.with_reasons(&states).unwrap()).unwrap();
    };
    add("absent", vec![0; cells], Some(Reason::NothingRecorded));
    add("x", vec![10; cells], None);
    add("zero", vec![0; cells], None);
    add("tenth", vec![1; cells], None);
    add("fifth", vec![2; cells], None);
    add("minus_tenth", vec![-1; cells], None);
    let missing = Truth::Unknown(WhyUnknown::Missing(Reason::NothingRecorded));
    for (id, text, expected) in [
        ("missing < 1", "absent < 1", missing),
        // There is no null beside what is missing: a cell holds a value or says why not.
        ("null < 1", "absent < 1", missing),
        (
            "x / 0 > 1",
            "x / zero > 1",
            Truth::Unknown(WhyUnknown::Missing(Reason::NoBase)),
        ),
        (
            "0.1 + 0.2 == 0.3",
            "fifth - minus_tenth = 0.3 and tenth - fifth = -0.1",
            Truth::True,
        ),
        ("missing > 1 or true", "absent > 1 or true", Truth::True),
        ("the other way round", "true or absent > 1", Truth::True),
        (
            "missing > 1 and false",
            "absent > 1 and false",
            Truth::False,
        ),
        ("not (missing > 1)", "not (absent > 1)", missing),
        // What an engine without the third value would say of a sum of both.
        ("either", "absent > 1 or not (absent > 1)", missing),
        ("asked for", "missing(absent)", Truth::True),
    ] {
        let rules = one(RuleDef::new("r", text.parse().unwrap()).unwrap(), &panel);
        let judge = rules.over(&panel).unwrap();
        assert_eq!(
            judge
                .truth(&key("r"), judge.row_at(0), judge.period_at(0))
                .unwrap(),
            expected,
            "{id}"
        );
        // The columns say the same as the cell.
        let verdicts = judge.scan(judge.period_at(0)).unwrap();
        assert_eq!(
            verdicts.fires("r", panel.row_at(0)).unwrap(),
            expected.is_true(),
            "{id}"
        );
        let undecided = verdicts
            .undecided("r")
            .unwrap()
            .any(|subject| subject == panel.row_at(0));
        assert_eq!(undecided, expected.is_unknown(), "{id}");
    }
}
