//! What the checker tells the author of a set of rules.

use std::collections::BTreeMap;

use quotaflow::key::Key;
use quotaflow::rule::check::{Finding, Range, check};
use quotaflow::rule::{Band, Bands, Grade, Operand, RuleDef, Severity};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn rule(name: &str, text: &str) -> RuleDef {
    RuleDef::new(name, text.parse().unwrap()).unwrap()
}

fn said(rules: &[RuleDef]) -> Vec<String> {
    let ranges = BTreeMap::from([
        (
            "visits".parse().unwrap(),
            Range {
                from: Some("0".parse().unwrap()),
                to: None,
            },
        ),
        (
            "rate".parse().unwrap(),
            Range {
                from: Some("0".parse().unwrap()),
                to: Some("1".parse().unwrap()),
            },
        ),
    ]);
    let tell = |finding: &Finding| match finding {
        Finding::Never { rule } => format!("{rule} never"),
        Finding::Always { rule, .. } => format!("{rule} always"),
        Finding::NeverClears { rule, .. } => format!("{rule} never clears"),
        Finding::Duplicate { rule, other, .. } => format!("{rule} = {other}"),
        Finding::Implies {
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
        Finding::Contradict { rule, other, .. } => format!("{rule} x {other}"),
        Finding::Gap { rule, from, to } => format!("{rule} gap {from} {to}"),
        Finding::Overlap {
            rule,
            first,
            second,
            witness,
        } => format!("{rule} overlap {first} {second} {witness}"),
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
        let constant = quotaflow::rule::Constant {
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
fn bands_with_holes_and_bands_on_top_of_each_other() {
    let band = |from: Option<&str>, to: Option<&str>, severity| Band {
        from: from.map(|text| text.parse().unwrap()),
        to: to.map(|text| text.parse().unwrap()),
        severity,
    };
    let graded = |bands| {
        let of = Operand::attainment("sales").unwrap();
        rule("r", "attainment(sales) < 1").severity(Grade::By(Bands {
            of,
            bands,
            otherwise: Severity::Info,
        }))
    };
    let holes = graded(vec![
        band(Some("0.8"), Some("1"), Severity::Warning),
        band(None, Some("0.5"), Severity::Critical),
        band(Some("0.4"), Some("0.7"), Severity::Serious),
    ]);
    assert_eq!(said(&[holes]), ["r overlap 1 2 0.4", "r gap 0.7 0.8"]);
    let fine = graded(vec![
        band(None, Some("0.5"), Severity::Critical),
        band(Some("0.5"), Some("0.8"), Severity::Serious),
    ]);
    assert_eq!(said(&[fine]), [""; 0]);
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
