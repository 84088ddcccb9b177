//! The written form of rules.

use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::Grain;
use quotaflow::rule::{
    Condition, Constant, Contributors, Grade, Grading, Operand, Persistence, RuleDef, RulePack,
    Scope, Severity, Span, SubjectTest, WhenUnknown,
};
use quotaflow::text::Lang;

fn written<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn operands() {
    let sales = || Operand::metric("sales").unwrap();
    for (operand, text) in [
        (
            Operand::percent(80),
            r#"{"constant":{"value":"0.8","unit":"share"}}"#,
        ),
        (Operand::number(3), r#"{"constant":{"value":"3"}}"#),
        (
            Operand::parameter("limit").unwrap(),
            r#"{"parameter":"limit"}"#,
        ),
        (sales(), r#"{"metric":"sales"}"#),
        ("below(behind)".parse().unwrap(), r#"{"below":"behind"}"#),
        (
            "quiet(visits)".parse().unwrap(),
            r#"{"quiet":{"of":"visits","time":"days"}}"#,
        ),
        (
            "quiet(visits, working days)".parse().unwrap(),
            r#"{"quiet":{"of":"visits","time":"working_days"}}"#,
        ),
        (
            "quiet(visits, working time)".parse().unwrap(),
            r#"{"quiet":{"of":"visits","time":"working_time"}}"#,
        ),
        (
            Operand::attainment("sales").unwrap(),
            r#"{"attainment":"sales"}"#,
        ),
        (
            Operand::pace("sales")
                .unwrap()
                .times("1/3".parse().unwrap()),
            r#"{"scaled":{"factor":"1/3","of":{"pace":"sales"}}}"#,
        ),
        (
            sales().per(Operand::metric("visits").unwrap()),
            r#"{"ratio":{"of":{"metric":"sales"},"to":{"metric":"visits"}}}"#,
        ),
        (
            sales().previous(1),
            r#"{"previous":{"of":{"metric":"sales"},"span":1}}"#,
        ),
        (sales().last_year(), r#"{"last_year":{"metric":"sales"}}"#),
        (
            sales().change(sales().last_year()),
            r#"{"change":{"of":{"metric":"sales"},"against":{"last_year":{"metric":"sales"}}}}"#,
        ),
        (
            sales().trailing_mean(Span::of(3, Grain::Month)),
            r#"{"trailing_mean":{"of":{"metric":"sales"},"span":{"count":3,"grain":"month"}}}"#,
        ),
        (
            Operand::Rank(Box::new(sales())),
            r#"{"rank":{"metric":"sales"}}"#,
        ),
    ] {
        assert_eq!(written(&operand), text);
        assert_eq!(serde_json::from_str::<Operand>(text).unwrap(), operand);
    }
    let short = r#"{"previous":{"of":{"metric":"sales"}}}"#;
    assert_eq!(
        serde_json::from_str::<Operand>(short).unwrap(),
        sales().previous(1)
    );
}

#[test]
fn a_rule_with_everything() {
    let low = Operand::attainment("sales")
        .unwrap()
        .below(Operand::parameter("limit").unwrap());
    let edges = vec![
        ("0.5".parse().unwrap(), Severity::Serious),
        ("0.8".parse().unwrap(), Severity::Warning),
    ];
    let mut rule = RuleDef::new("behind", low)
        .unwrap()
        .with(
            "limit",
            Constant {
                value: "0.8".parse().unwrap(),
                unit: Some("share".parse().unwrap()),
            },
        )
        .unwrap()
        .lasting(Persistence::Periods(2.into()))
        .severity(Grade::By(Grading {
            of: Operand::attainment("sales").unwrap(),
            bands: Bands::from_edges(Severity::Critical, edges, Owner::Upper).unwrap(),
            unknown: Severity::Warning,
        }))
        .when_unknown(WhenUnknown::Report)
        .within(Scope {
            only: Some(SubjectTest {
                members: vec![],
                starts_with: vec!["north".try_into().unwrap()],
            }),
            from: Some("2026-01-01".parse().unwrap()),
            ..Scope::default()
        })
        .saying(Lang::EN, "{subject} at {sales}")
        .saying(Lang::ZH, "{subject}完成{sales}")
        .advising(Lang::EN, "call")
        .advising(Lang::ZH, "沟通");
    rule.owner = Some("sales_manager".try_into().unwrap());
    rule.contributors = Some(Contributors {
        level: "customer".try_into().unwrap(),
        most: 3,
    });
    rule.tags = vec!["sales_productivity".try_into().unwrap()];
    rule.clear = Some(Condition::Not(Box::new(rule.when.clone())));
    let text = r#"{"key":"behind","when":{"compare":{"left":{"attainment":"sales"},"is":"below","right":{"parameter":"limit"}}},"clear":{"not":{"compare":{"left":{"attainment":"sales"},"is":"below","right":{"parameter":"limit"}}}},"parameters":{"limit":{"value":"0.8","unit":"share"}},"scope":{"only":{"starts_with":["north"]},"from":"2026-01-01"},"severity":{"of":{"attainment":"sales"},"bands":[{"range":"(.., 0.5)","gives":"critical"},{"range":"[0.5, 0.8)","gives":"serious"},{"range":"[0.8, ..)","gives":"warning"}],"unknown":"warning"},"persistence":{"periods":2},"unknown":"report","deviation":"adverse","message":{"en":"{subject} at {sales}","zh":"{subject}完成{sales}"},"action":{"en":"call","zh":"沟通"},"owner":"sales_manager","contributors":{"level":"customer","most":3},"tags":["sales_productivity"]}"#;
    assert_eq!(written(&rule), text);
    assert_eq!(serde_json::from_str::<RuleDef>(text).unwrap(), rule);
}

#[test]
fn a_short_rule_and_a_pack() {
    let text = r#"{"key":"k","when":{"state":{"of":"report","is":["nothing_recorded"]}}}"#;
    let rule: RuleDef = serde_json::from_str(text).unwrap();
    assert_eq!(
        rule,
        RuleDef::new("k", Condition::missing("report".parse().unwrap())).unwrap()
    );
    let pack = RulePack::new("p", vec![rule]).unwrap();
    let text = r#"{"version":1,"key":"p","release":1,"rules":[{"key":"k","when":{"state":{"of":"report","is":["nothing_recorded"]}},"severity":"warning","persistence":"immediate","unknown":"wait","deviation":"adverse"}]}"#;
    assert_eq!(written(&pack), text);
    assert_eq!(serde_json::from_str::<RulePack>(text).unwrap(), pack);
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(
        serde_json::from_str::<RulePack>(&newer)
            .unwrap_err()
            .to_string()
            .contains("version 2")
    );
    let unknown = text.replacen("\"release\"", "\"relase\"", 1);
    assert!(
        serde_json::from_str::<RulePack>(&unknown)
            .unwrap_err()
            .to_string()
            .contains("relase")
    );
}

#[test]
fn a_scope_with_everything() {
    let text = r#"{"only":{"in":["ann","bo"]},"level":"person","provided":{"state":{"of":"key_account","is":["value"]}},"except":[{"subject":"bo","reason":"on leave","until":"2026-03-01"},{"subject":"cy","reason":"left"}],"from":"2026-01-01","until":"2027-01-01"}"#;
    let scope: Scope = serde_json::from_str(text).unwrap();
    assert_eq!(written(&scope), text);
    // What it is provided for may be written as in a rule.
    let short: Scope = serde_json::from_str(r#"{"provided":"visits < 5"}"#).unwrap();
    assert_eq!(short.provided, Some("visits < 5".parse().unwrap()));
    assert_eq!(
        written(&Scope::default()),
        "{}",
        "what is left out is not written"
    );
}

#[test]
fn a_difference_names_both_accounts_of_one_alert() {
    use quotaflow::alert::{Monitor, Restatement};
    let saved = |since: &str| {
        let record = format!(
            r#"{{"told":"2026-03-31","days":[{{"day":"2026-01-31","from":"2026-01-01"}},{{"day":"2026-02-28","from":"2026-02-01"}},{{"day":"2026-03-31","from":"2026-03-01"}}],"subjects":{{"axes":[{{"dimension":"person","level":"person"}}],"rows":[["ann"]]}},"rules":[{{"rule":"few","cells":[{{"subject":0,"firing":true,"incident":0}}]}}],"incidents":[{{"id":{{"rule":"few","subject":["ann"],"day":"2026-03-31"}},"severity":"warning","deviation":"adverse","status":"firing","since":"{since}","fired":"2026-03-31","told":"2026-03-01T09:00:00","repeated":"2026-03-01T09:00:00","recurrence":0,"rung":0}}]}}"#
        );
        serde_json::from_str::<Monitor>(&record).unwrap()
    };
    let (before, after) = (saved("2026-02-01"), saved("2026-01-01"));
    let changed: Vec<Restatement> =
        quotaflow::alert::restatements(before.incidents(), after.incidents());
    let json = serde_json::to_value(&changed).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    for (place, since) in [
        ("/0/id/day", "2026-03-31"),
        ("/0/before/since", "2026-02-01"),
        ("/0/after/since", "2026-01-01"),
    ] {
        assert_eq!(json.pointer(place).unwrap(), since, "{place}");
    }
}

#[test]
fn findings_with_their_cases() {
    let rule = |key, text: &str| RuleDef::new(key, text.parse().unwrap()).unwrap();
    let rules = [
        rule("few", "visits < 5"),
        rule("fewer", "visits < 3 for 2 weeks"),
    ];
    let found = quotaflow::rule::check::check(&rules, &std::collections::BTreeMap::new());
    let text = r#"[{"implies":{"rule":"fewer","other":"few","witness":{"history":{"visits":["3","3"]}}}}]"#;
    assert_eq!(written(&found), text);
}

#[test]
fn a_digest_and_a_comparison_of_back_tests() {
    use quotaflow::alert::{Group, What};
    use quotaflow::rule::backtest::{Impact, Overlap};
    let group = Group {
        rule: "few".try_into().unwrap(),
        what: What::Fired,
        under: Some(vec!["north".try_into().unwrap()]),
        severity: Severity::Warning,
        events: vec![],
    };
    let text =
        r#"{"rule":"few","what":"fired","under":["north"],"severity":"warning","events":[]}"#;
    assert_eq!(written(&group), text);
    let comparison = Impact {
        rule: "few".try_into().unwrap(),
        before: Some(3),
        after: None,
        cells: Overlap {
            both: 0,
            first_only: 4,
            second_only: 0,
        },
    };
    let text = r#"{"rule":"few","before":3,"after":null,"cells":{"both":0,"first_only":4,"second_only":0}}"#;
    assert_eq!(written(&comparison), text);
}
