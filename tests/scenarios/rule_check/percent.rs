//! Percent signs that were forgotten.

use super::*;

#[test]
fn a_forgotten_percent_sign_is_found() {
    for (text, meant, always) in [
        ("attainment(sales) < 80", "attainment(sales) < 80%", true),
        ("80 > attainment(sales)", "80% > attainment(sales)", true),
        (
            "attainment(sales) >= 110",
            "attainment(sales) >= 110%",
            false,
        ),
        ("pace(sales) <= 90", "pace(sales) <= 90%", true),
        (
            "change(sales, previous(sales)) < -20",
            "change(sales, previous(sales)) < -20%",
            false,
        ),
        (
            "attainment(sales) < 80 of pace",
            "attainment(sales) < 80% of pace(sales)",
            true,
        ),
        (
            "attainment(sales) between 50 and 80",
            "attainment(sales) between 50% and 80%",
            true,
        ),
        (
            "visits < 3 and not attainment(sales) < 80",
            "attainment(sales) < 80%",
            true,
        ),
        // What attainment stands for, and other shares of one figure.
        (
            "sales / expected(sales) < 60",
            "sales / expected(sales) < 60%",
            true,
        ),
        (
            "expected(sales) / target(sales) > 50",
            "expected(sales) / target(sales) > 50%",
            false,
        ),
        (
            "(sales - target(sales)) / target(sales) < -20",
            "(sales - target(sales)) / target(sales) < -20%",
            false,
        ),
        (
            "sales / previous(sales) < 80",
            "sales / previous(sales) < 80%",
            true,
        ),
        ("sales < 80 of target", "sales < 80% of target(sales)", true),
        (
            "110 of expected(sales) < sales",
            "110% of expected(sales) < sales",
            false,
        ),
    ] {
        let found = check(&[rule("r", text)], &BTreeMap::new());
        let expected = match &found[..] {
            [Anomaly::PercentForgotten { meant, always, .. }] => (meant.as_str(), *always),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(expected, (meant, always), "{text}");
    }
    for text in [
        "attainment(sales) < 80%",
        "attainment(sales) < 1.5",
        "sales < 80",
        "attainment(sales) < 8000%",
        "attainment(sales) < 80% of pace",
        "sales / previous(sales) > 6",
        "stock / sales > 60",
        "sales < 2 of target",
        "sales < 80 of previous(visits)",
    ] {
        assert_eq!(said(&[rule("r", text)]), [""; 0], "{text}");
    }
    let mut limit = rule("r", "attainment(sales) < $limit");
    for (value, found) in [("80", 1), ("0.8", 0)] {
        let value = Constant {
            value: value.parse().unwrap(),
            unit: None,
        };
        limit = limit.with("limit", value).unwrap();
        assert_eq!(check(&[limit.clone()], &BTreeMap::new()).len(), found);
    }
}

/// A column that is counted in shares is one whatever it is called; covers of stock and growth may well be more than the whole.
#[test]
fn a_percent_sign_is_missed_in_columns_of_shares_and_in_bands() {
    let months = quotaflow::calendar::Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-02-01".parse().unwrap(),
        )
        .unwrap();
    let mut panel = quotaflow::panel::Panel::new(quotaflow::space::Subjects::whole(), months);
    for (name, unit) in [("retention", "share"), ("visits", "count:visit")] {
        let key = quotaflow::panel::ColumnKey::actual(name).unwrap();
        let unit = unit.parse().unwrap();
        let quantum = quotaflow::quantity::Quantum::CENT;
        panel
            .add(quotaflow::panel::Column::amounts(
                key,
                unit,
                quantum,
                vec![90],
            ))
            .unwrap();
    }
    let found = |rule: RuleDef| {
        let set = RuleSet::compile([rule], &panel).unwrap();
        set.check(&BTreeMap::new())
    };
    for (text, count) in [
        ("retention < 80", 1),
        ("80 >= retention", 1),
        ("retention < 80%", 0),
        ("retention < 6", 0),
        ("visits < 80", 0),
    ] {
        assert_eq!(found(rule("r", text)).len(), count, "{text}");
    }
    let graded = |edge: &str| {
        let edges = vec![(edge.parse().unwrap(), Severity::Warning)];
        let grading = Grading {
            of: Operand::metric("retention").unwrap(),
            bands: Bands::from_edges(Severity::Critical, edges, Owner::Upper).unwrap(),
            unknown: Severity::Info,
        };
        found(rule("r", "retention < 90%").severity(Grade::By(grading)))
    };
    assert!(
        graded("50").iter().any(|it| matches!(it, Anomaly::PercentForgotten { meant, .. } if meant == "bands of retention at 50%"))
    );
    assert_eq!(graded("0.5"), []);
}
