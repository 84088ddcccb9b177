//! Transfers: what goes out of a cell comes in, and nothing is lost.

use super::*;

#[test]
fn a_transfer_between_a_place_and_a_part_of_it_is_refused_and_loses_nothing() {
    for steps in ORDERS {
        let plan = two_quarters(steps);
        let q1 = |step: &str, name: &str| at(&[(step, name), ("quarter", "2026-Q1")]);
        let take = Take::Amount(money("50"));
        let down = Reallocation::transfer(
            "sales",
            vec![q1("team", "t1")],
            take,
            vec![part(q1("rep", "r1"), 1)],
        );
        let up = Reallocation::transfer(
            "sales",
            vec![q1("rep", "r4"), q1("rep", "r1")],
            take,
            vec![part(q1("team", "t1"), 1)],
        );
        for asked in [down, up] {
            let asked = asked.unwrap().across("rep").unwrap();
            let told = plan.reallocation(&asked).unwrap_err();
            let error = done(&plan, vec![asked]).unwrap_err();
            assert_eq!(told, error);
            assert_eq!(
                error.to_string(),
                "quarter 2026-Q1, rep r1 is a part of quarter 2026-Q1, team t1, so that nothing can go from one to the other: name places that have no cell in common"
            );
        }
    }
    // Of different steps, but apart.
    let plan = two_quarters(ORDERS[0]);
    let to = vec![part(rep("r4"), 1)];
    let take = Take::Amount(money("60"));
    let asked = Reallocation::transfer("sales", vec![team("t1")], take, to).unwrap();
    let new = done(&plan, vec![asked]).unwrap();
    assert_eq!(worth(&new, &[("rep", "r4")]), 1_200_060);
    assert_eq!(worth(&new, &[]), 3_000_000);
}

#[test]
fn what_is_to_be_left_counts_all_that_the_giver_has() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3"])], 1);
    let plan = house.plan(&["team", "rep", "line"], |name| {
        match (&*name("rep"), &*name("line")) {
            ("r1", "dc") => 250,
            ("r1", _) => 50,
            _ => 100,
        }
    });
    let to = vec![part(at(&[("rep", "r3"), ("line", "dc")]), 1)];
    let take = Take::Leave(money("200"));
    let asked = Reallocation::transfer("sales", vec![rep("r1")], take, to).unwrap();
    let new = done(&plan, vec![asked.across("rep").unwrap()]).unwrap();
    assert_eq!(worth(&new, &[("rep", "r1")]), 200);
    assert_eq!(worth(&new, &[("rep", "r1"), ("line", "dc")]), 150);
    assert_eq!(worth(&new, &[("rep", "r3"), ("line", "dc")]), 200);
}

#[test]
fn an_amount_that_siblings_give_goes_to_one_family() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3", "r4"])], 1);
    let plan = house.plan(&["team", "rep"], |name| match &*name("rep") {
        "r2" => 300,
        _ => 100,
    });
    let to = vec![part(rep("r1"), 1), part(rep("r3"), 1)];
    let asked = |take| Reallocation::transfer("sales", Vec::new(), take, to.clone()).unwrap();
    let error = done(&plan, vec![asked(Take::Amount(money("100")))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rep r1; rep r3 stand below different parents, so that no amount of their siblings goes to them in stated parts: say from whom it comes, or make a transfer of each"
    );
    // A share is one of each family.
    let new = done(&plan, vec![asked(Take::Share(Ratio::percent(50)))]).unwrap();
    let now = ["r1", "r2", "r3", "r4"].map(|rep| worth(&new, &[("rep", rep)]));
    assert_eq!(now, [250, 150, 150, 50]);
}

#[test]
fn who_is_held_neither_gives_nor_gets_and_the_others_share() {
    let plan = regions();
    let hold = |place: Place| {
        Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![place],
            what: HoldWhat::Total,
        })
    };
    let after = |held: &[(&str, &str)], asked: &Reallocation| {
        let mut new = plan.clone();
        let edits = vec![hold(at(held)), Edit::Reallocate(asked.clone())];
        new.apply(changed(&plan, edits)).map(|_| new)
    };
    let (mig, west) = (("sort", "mig"), [("sort", "mig"), ("team", "west")]);
    let from = vec![at(&[("team", "east"), mig])];
    let all = Reallocation::transfer("sales", from, Take::default(), Vec::new()).unwrap();
    let all = all.across("team").unwrap();
    // East has a million; central and north have two and four.
    let new = after(&west, &all).unwrap();
    assert_eq!(migration(&new), [0, 233_333_333, 300_000_000, 466_666_667]);
    // Of a region only who is held stays, and what goes to the region goes to the others in it.
    let rep = [mig, ("team", "west"), ("rep", "west-1")];
    let new = after(&rep, &all).unwrap();
    assert_eq!(worth(&new, &rep), 750_000);
    assert_eq!(
        migration(&new).iter().sum::<i64>(),
        migration(&plan).iter().sum::<i64>()
    );
    // Where the one who is to give or to get is held, that is told.
    let to = vec![part(at(&[("team", "west"), mig]), 1)];
    let from = vec![at(&[("team", "east"), mig])];
    let named = Reallocation::transfer("sales", from, Take::default(), to).unwrap();
    let error = after(&west, &named).unwrap_err();
    assert!(
        matches!(error, PlanError::Edit(EditError::HeldAbove { .. })),
        "{error}"
    );
    // Split anew, who is held keeps what it has.
    let asked = Reallocation::resplit("sales", at(&[mig]), "team", Easing::Equal).unwrap();
    let new = after(&west, &asked).unwrap();
    assert_eq!(
        migration(&new),
        [233_333_334, 233_333_333, 300_000_000, 233_333_333]
    );
}
