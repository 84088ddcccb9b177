//! What is left between two plans is closed with the least change, and written down.

use super::*;

#[test]
fn the_gap_that_is_left_is_closed_with_the_least_change() {
    let house = House::new(&[2, 2]);
    let regions = |units: [i64; 2]| {
        let def = House::recipe(&["region"]);
        house.plan(def, &[&[units[0] + units[1]], &units])
    };
    // From above there are regions only; the draft goes down to people.
    let draft = four([10, 20, 30, 40]);
    let mut two = Reconciliation::new("sales", draft, regions([36, 64])).unwrap();
    let told: Vec<String> = two
        .gaps("region")
        .unwrap()
        .iter()
        .map(|gap| format!("{} {}", gap.place, gap.gap))
        .collect();
    assert_eq!(told, ["all 0", "r1 6", "r2 -6"]);
    let proposal = two
        .least_change(
            Some("region"),
            sales().still(person("d").at("region", "r2").unwrap()),
        )
        .unwrap();
    assert_eq!(two.draft().version(), 0);
    two.accept(proposal.change(
        key("bo"),
        "2025-11-21T09:00:00".parse().unwrap(),
        "the regions agreed",
    ))
    .unwrap();
    assert_eq!(
        two.draft().units("sales", "person").unwrap(),
        [12, 24, 24, 40]
    );
    assert_eq!(
        two.agreed("region")
            .unwrap()
            .units("sales", "region")
            .unwrap(),
        [36, 64]
    );
    // From the middle only the whole is asked for: the regions are what the draft makes of it.
    let mut two = Reconciliation::new("sales", four([10, 20, 30, 40]), regions([66, 44])).unwrap();
    let proposal = two.least_change(None, sales()).unwrap();
    two.accept(proposal.change(
        key("bo"),
        "2025-11-21T09:00:00".parse().unwrap(),
        "the company agreed",
    ))
    .unwrap();
    assert_eq!(two.draft().units("sales", "region").unwrap(), [33, 77]);
}

#[test]
fn the_gap_of_a_branch_that_ends_above_the_step_is_closed_too() {
    let house = House::new(&[2, 2]);
    let ending = |place: Place, steps: &[&str]| DepthDef {
        at: place,
        steps: steps.iter().map(|step| key(step)).collect(),
    };
    // r2 has no people in the plan, or no region between it and them.
    for depth in [ending(region("r2"), &[]), ending(region("r1"), &[])] {
        let is_second = depth.at == region("r2");
        let def = House::recipe(&["region", "person"]).branch(depth);
        let plan = |regions: [i64; 2]| {
            let open = regions[usize::from(!is_second)];
            let people = [open / 2, open - open / 2];
            house.plan(
                def.clone(),
                &[&[regions[0] + regions[1]], &regions, &people],
            )
        };
        for (draft, target) in [
            ([30, 40], [36, 64]),
            ([36, 64], [30, 40]),
            ([30, 40], [40, 30]),
        ] {
            let mut two = Reconciliation::new("sales", plan(draft), plan(target)).unwrap();
            let proposal = two.least_change(Some("person"), sales()).unwrap();
            let change = proposal.change(
                key("bo"),
                "2025-11-21T09:00:00".parse().unwrap(),
                "all agreed",
            );
            two.accept(change).unwrap();
            assert_eq!(two.draft().units("sales", "region").unwrap(), target);
            two.agreed("person").unwrap();
        }
    }
}

#[test]
fn a_proposal_is_a_document_that_applies_as_it_stands() {
    let mut plan = four([10, 20, 30, 40]);
    // 3 more for the north, by 10 to 20, and so 3 less for the south, by 30 to 40: 28 5/7 and 38 2/7.
    let mut asked = total(100);
    asked.totals.push(TotalDef {
        at: region("r1"),
        total: None,
        min: Some(Number::from(33)),
        max: None,
    });
    let change = plan.least_change(&asked).unwrap().change(
        key("ann"),
        "2025-11-20T09:00:00".parse().unwrap(),
        "the north can do more",
    );
    let text = serde_json::to_string(&change).unwrap();
    let read: Change = serde_json::from_str(&text).unwrap();
    assert_eq!(read, change);
    plan.apply(read).unwrap();
    assert_eq!(plan.units("sales", "person").unwrap(), [11, 22, 29, 38]);
    // Saved is loaded: the record makes the change again.
    let saved = plan.record().load().unwrap();
    assert_eq!(saved.units("sales", "person").unwrap(), [11, 22, 29, 38]);
    // A proposal for a version that the plan has left is refused.
    assert!(matches!(
        plan.apply(change),
        Err(PlanError::Edit(EditError::Stale { .. }))
    ));
}
