//! Whom and when a rule concerns.

use crate::at::PeriodAt;
use quotaflow::alert::Monitor;
use quotaflow::rule::{
    Exemption, Persistence, RuleDef, RuleSet, Scope, SubjectTest, Verdict, WhenUnknown,
};

use super::{all_idle, day, fires, idle, key, panel, panel_of};

fn within(scope: Scope) -> RuleDef {
    idle().within(scope)
}

#[test]
fn scope_by_subjects() {
    let only = |members: &[&str], starts: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|name| key(name)).collect();
        within(Scope {
            only: Some(SubjectTest {
                members: list(members),
                starts_with: list(starts),
            }),
            ..Scope::default()
        })
    };
    let panel = panel(&[4, 4]);
    assert_eq!(fires(idle(), &panel), ["ann bo"]);
    assert_eq!(fires(only(&["bo"], &[]), &panel), ["bo"]);
    assert_eq!(fires(only(&[], &["an"]), &panel), ["ann"]);
}

#[test]
fn scope_by_level() {
    let rule = within(Scope {
        level: Some(key("person")),
        ..Scope::default()
    });
    assert_eq!(fires(rule.clone(), &panel(&[4, 9])), ["ann"]);
    let teams = panel_of("team", &["north"], &[("visits", &[4])]);
    let error = RuleSet::compile([rule.clone()], &teams).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rule `idle`, scope.level: the subjects of the panel are not of level `person` but of `team`"
    );
    // A host that gives all its rules to each panel hears which ones were not for it.
    let (kept, left_out) = RuleSet::fitting([rule], &teams).unwrap();
    assert!(kept.is_empty());
    assert_eq!(left_out, [error]);
}

#[test]
fn scope_by_key_business_only() {
    let rule = within(Scope {
        provided: Some("potential >= 500".parse().unwrap()),
        ..Scope::default()
    });
    // Bo's customers become key business in February; in March nobody knows.
    let panel = panel_of(
        "person",
        &["ann", "bo"],
        &[
            ("visits", &[4, 4, 4, 4, 4, 4]),
            ("potential", &[900, 20, 900, 500, 900, -1]),
        ],
    );
    assert_eq!(fires(rule.clone(), &panel), ["ann", "ann bo", "ann"]);
    let report = rule.clone().when_unknown(WhenUnknown::Report);
    let rules = RuleSet::compile([report], &panel).unwrap();
    let alerts = rules.evaluate(&panel, panel.period_at(2)).unwrap();
    assert!(matches!(alerts[1].verdict(), Verdict::Undecided(_)));
    // Whoever is no key business any more has nothing to answer for, whatever the clear condition says.
    let mut fallen = rule;
    fallen.clear = Some("visits > 100".parse().unwrap());
    let panel = panel_of(
        "person",
        &["ann"],
        &[("visits", &[4, 4]), ("potential", &[900, 20])],
    );
    let rules = RuleSet::compile([fallen], &panel).unwrap();
    let at = day("2026-03-01").and_hms_opt(9, 0, 0).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(1), |_| at).unwrap();
    assert_eq!(monitor.incidents()[0].ended(), Some(day("2026-02-28")));
}

#[test]
fn scope_by_dates_in_force() {
    let dated = |from: Option<&str>, until: Option<&str>| {
        within(Scope {
            from: from.map(day),
            until: until.map(day),
            ..Scope::default()
        })
    };
    let panel = panel(&[4, 9, 4, 9, 4, 9]);
    assert_eq!(fires(dated(None, None), &panel), ["ann", "ann", "ann"]);
    assert_eq!(
        fires(dated(Some("2026-02-01"), None), &panel),
        ["", "ann", "ann"]
    );
    assert_eq!(
        fires(dated(None, Some("2026-02-01")), &panel),
        ["ann", "", ""]
    );
    // What was so before it came into force is no part of a row.
    let rule = dated(Some("2026-02-01"), None).lasting(Persistence::Periods(2.into()));
    assert_eq!(fires(rule, &panel), ["", "", "ann"]);
}

#[test]
fn exemptions_have_a_reason_and_an_end() {
    let rule = within(Scope {
        except: vec![Exemption {
            subject: key("bo"),
            reason: "parental leave".into(),
            until: Some(day("2026-03-01")),
        }],
        ..Scope::default()
    });
    let bo = [key("bo")];
    let exemption = rule.scope.exemption(&bo, day("2026-02-01")).unwrap();
    assert_eq!(exemption.reason, "parental leave");
    assert_eq!(rule.scope.exemption(&bo, day("2026-03-01")), None);
    assert_eq!(rule.scope.exemption(&[key("ann")], day("2026-02-01")), None);
    assert_eq!(
        fires(rule.clone(), &all_idle()),
        ["ann", "ann", "ann bo", "ann bo", "ann bo"]
    );
    // The months of leave do not count towards those that it has to last.
    let lasting = rule.lasting(Persistence::Periods(2.into()));
    assert_eq!(
        fires(lasting, &all_idle()),
        ["", "ann", "ann", "ann bo", "ann bo"]
    );
}
