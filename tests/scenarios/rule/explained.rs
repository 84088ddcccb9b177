//! Explanations of what fired: peers, contributors, since when, and silence.

use super::*;

#[test]
fn an_explanation_goes_on_to_peers_and_contributors() {
    let panel = panel();
    let rules = one(behind(), &panel);
    let judge = rules.over(&panel).unwrap();
    let peers = judge
        .among_peers(
            &rules.rules().next().unwrap().key,
            judge.row_at(0),
            judge.period_at(0),
        )
        .unwrap();
    // The attainment of all whose sales and target are known; the constant beside it has no peers.
    assert_eq!(peers.len(), 1);
    assert_eq!(peers[0].operand, &attainment());
    assert!(peers[0].known <= panel.subjects().len());
    let own = peers[0].value.ok().unwrap();
    let larger = (0..panel.subjects().len()).filter(|subject| {
        let found = judge
            .among_peers(&key("behind"), judge.row_at(*subject), judge.period_at(0))
            .unwrap();
        found[0].value.ok().is_some_and(|value| value > own)
    });
    assert_eq!(peers[0].place, Some(larger.count() + 1));
}

#[test]
fn contributors_are_named_from_the_largest_and_the_rest_is_one_figure() {
    let month = |end: &str| {
        Calendar::gregorian()
            .periods(
                Grain::Month,
                "2026-01-01".parse().unwrap(),
                end.parse().unwrap(),
            )
            .unwrap()
    };
    // The second month is asked about.
    let two_months = month("2026-03-01");
    let mut team = Panel::new(Subjects::whole(), two_months.clone());
    let names = ["ann", "bo", "cy", "di"].map(key).to_vec();
    let people = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let mut below = Panel::new(people.clone(), two_months);
    let add = |panel: &mut Panel, name: &str, units: Vec<i64>, states: &[Option<Reason>]| {
        let unit = "count:order".parse().unwrap();
        let column = Column::amounts(name.parse().unwrap(), unit, Quantum::ONE, units);
        panel.add(column.with_reasons(states).unwrap()).unwrap();
    };
    let v = None;
    add(&mut team, "orders", vec![9, 60], &[v; 2]);
    add(&mut team, "target:orders", vec![10, 100], &[v; 2]);
    let states = [v, v, v, v, v, v, v, Some(Reason::NothingRecorded)];
    add(
        &mut below,
        "orders",
        vec![1, 2, 3, 3, 25, 10, 25, 0],
        &states,
    );
    add(
        &mut below,
        "target:orders",
        vec![4, 3, 2, 1, 30, 40, 10, 20],
        &[v; 8],
    );
    let mut rule = behind_of("orders");
    let staff = DimensionDef::flat("person", "person", ["ann", "bo", "cy", "di"]).unwrap();
    let staff = Dimension::new(staff).unwrap();
    let tree = staff.tree("person").unwrap();
    let of = |rule: RuleDef| -> Vec<(String, String, Vec<String>, String, usize)> {
        let rules = one(rule, &team);
        let judge = rules.over(&team).unwrap();
        let found = judge
            .contributors(
                &key("behind"),
                judge.row_at(0),
                judge.period_at(1),
                &below,
                tree,
            )
            .unwrap();
        let part = |part: &quotaflow::rule::SubjectShare<'_>| {
            let share = part.share.map_or("-".to_owned(), |share| share.to_string());
            format!("{} {} {share}", part.subject[0], part.value)
        };
        found
            .iter()
            .map(|it| {
                let parts = it.parts.iter().map(part).collect();
                (
                    it.of.to_string(),
                    it.total.to_string(),
                    parts,
                    it.rest.to_string(),
                    it.unknown,
                )
            })
            .collect()
    };
    // Gaps -5, -30 and 15: of the 20 that are missing bo's are 30, and cy has 15 too many.
    let expected = vec![
        "bo -30 1.5".to_owned(),
        "ann -5 0.25".into(),
        "cy 15 -0.75".into(),
    ];
    assert_eq!(
        of(rule.clone()),
        [(
            "gap(orders)".into(),
            "-20".into(),
            expected.clone(),
            "0".into(),
            1
        )]
    );
    rule.contributors = Some(Contributors {
        level: key("person"),
        most: 1,
    });
    assert_eq!(
        of(rule),
        [(
            "gap(orders)".into(),
            "-20".into(),
            expected[..1].to_vec(),
            "10".into(),
            1
        )]
    );
    let rules = one(behind_of("orders"), &team);
    let other = Panel::new(people, month("2026-04-01"));
    let error = rules
        .over(&team)
        .unwrap()
        .contributors(
            &key("behind"),
            rules.over(&team).unwrap().row_at(0),
            rules.over(&team).unwrap().period_at(0),
            &other,
            tree,
        )
        .unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(
            error,
            RuleError::Panel(quotaflow::panel::PanelError::DifferentPeriods { .. })
        ),
        "{text}"
    );
}

fn behind_of(metric: &str) -> RuleDef {
    let text = format!("attainment({metric}) < 80%");
    RuleDef::new("behind", text.parse().unwrap()).unwrap()
}

/// Once in one period is now: what a rule says of when it began does not depend on how that is written.
#[test]
fn what_holds_once_in_one_period_began_when_it_would_have_begun_alone() {
    let panel = panel();
    let rule = |name: &str, text: &str| {
        let mut rule = RuleDef::new(name, text.parse().unwrap()).unwrap();
        // Of cy false in January, unknown in February and true from March on.
        rule.scope.provided = Some("target(sales) > 500".parse().unwrap());
        rule
    };
    let rules = [
        rule("alone", "visits >= 20"),
        rule("once", "visits >= 20 in 1 of 1 periods"),
    ];
    let rules = RuleSet::compile(rules, &panel).unwrap();
    for period in [2, 3] {
        let alerts = rules.evaluate(&panel, panel.period_at(period)).unwrap();
        let since: Vec<usize> = alerts
            .iter()
            .filter(|alert| alert.subject() == panel.subjects().row(["cy"]).unwrap())
            .map(|alert| alert.since().index())
            .collect();
        assert_eq!(since, [2, 2], "{period}");
    }
}

#[test]
fn an_explanation_of_silence_says_what_this_period_shows() {
    let panel = panel();
    let rule = RuleDef::new("heard", "not stale(sales, 2 periods)".parse().unwrap()).unwrap();
    let rules = one(rule, &panel);
    for (period, reason) in [(1, "None"), (2, "Some(NothingRecorded)")] {
        let alerts = rules.evaluate(&panel, panel.period_at(period)).unwrap();
        let bo = alerts
            .iter()
            .find(|alert| alert.subject() == panel.subjects().row(["bo"]).unwrap());
        let told = format!("{:?}", bo.unwrap().explain(&rules, &panel).unwrap());
        assert!(told.contains("State {"), "{told}");
        assert!(told.contains(&format!("reason: {reason}")), "{told}");
    }
}
