//! Locks that have nothing to do with each other, and what cannot be: each is solved, refused and told by itself.

use quotaflow::plan::{ConstraintError, RoomVerdict};

use super::*;

fn held(place: Place) -> Edit {
    Edit::Hold(HoldEdit {
        measure: key("sales"),
        at: vec![place],
        what: HoldWhat::Total,
    })
}

#[test]
fn a_lock_without_room_elsewhere_changes_nothing_of_one_that_has_room() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3", "r4"])], 2);
    for steps in ORDERS {
        let plan = house.plan(steps, |name| match (&*name("rep"), &*name("quarter")) {
            ("r2", "2026-Q1") => 500,
            ("r4", "2026-Q1") => 10,
            ("r4", _) => 200,
            _ => 100,
        });
        let one = locks(&[(&[("rep", "r1")], "300")]);
        let tight = locks(&[(&[("rep", "r3")], "260")]);
        let both = done(&plan, vec![one.clone(), tight.clone()]).unwrap();
        assert_eq!(by_quarter(&both, ("rep", "r1")), [15_000; 2]);
        // The mix of r3 asks for 130 in each quarter, where its team has 110 in the first.
        let of_r3 = by_quarter(&both, ("rep", "r3"));
        assert!(
            of_r3[0] <= 11_000 && of_r3.iter().sum::<i64>() == 26_000,
            "{of_r3:?}"
        );
        let apart = done(&plan, vec![one]).unwrap();
        let apart = {
            let mut new = apart.clone();
            new.apply(changed(&apart, vec![Edit::Reallocate(tight)]))
                .unwrap();
            new
        };
        let units = |plan: &Plan| plan.units("sales", steps[2]).unwrap().to_vec();
        assert_eq!(units(&both), units(&apart));
    }
}

#[test]
fn others_who_have_nothing_absorb_where_nobody_else_of_the_parent_can() {
    let house = House::new(&[("t1", &["r1", "r2"])], 2);
    for steps in ORDERS {
        let plan = house.plan(steps, |name| match (&*name("rep"), &*name("quarter")) {
            ("r1", _) => 100,
            ("r2", "2026-Q2") => 50,
            _ => 0,
        });
        let q = |quarter: &'static str| [("rep", "r1"), ("quarter", quarter)];
        let (one, other) = (q("2026-Q1"), q("2026-Q2"));
        let asked = locks(&[(&one, "60"), (&other, "120")]);
        let told = plan.reallocation(&asked).unwrap();
        assert!(told.conflicts.is_empty());
        let rooms: Vec<RoomVerdict> = told.rooms.iter().map(|room| room.room).collect();
        assert_eq!(rooms, [RoomVerdict::Fits; 2]);
        let new = done(&plan, vec![asked]).unwrap();
        assert_eq!(by_quarter(&new, ("rep", "r2")), [4_000, 3_000]);
        // As one lock too, in its mix.
        let new = done(&plan, vec![locks(&[(&[("rep", "r1")], "180")])]).unwrap();
        assert_eq!(by_quarter(&new, ("rep", "r1")), [9_000; 2]);
        assert_eq!(by_quarter(&new, ("rep", "r2")), [1_000, 6_000]);
    }
    // And in the table of locks that have no room for their mix: r3 has room for 105 in Q2, and nobody has anything left in Q1.
    let house = House::new(&[("t1", &["r1", "r2", "r3"])], 2);
    let plan = house.plan(ORDERS[0], |name| match (&*name("rep"), &*name("quarter")) {
        ("r1" | "r3", "2026-Q1") => 500,
        ("r1", _) => 1,
        ("r2", "2026-Q2") => 5,
        ("r3", _) => 99,
        _ => 0,
    });
    let asked = locks(&[(&[("rep", "r1")], "10"), (&[("rep", "r3")], "700")]);
    let new = done(&plan, vec![asked]).unwrap();
    let now = ["r1", "r2", "r3"].map(|rep| worth(&new, &[("rep", rep)]));
    assert_eq!(now, [10, 395, 700]);
    assert_eq!(worth(&new, &[("quarter", "2026-Q1")]), 1_000);
}

#[test]
fn those_that_cannot_hold_together_are_named_and_dropped_and_no_others() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3", "r4"])], 1);
    let plan = house.plan(&["team", "rep"], |name| match &*name("rep") {
        "r1" | "r2" => 125,
        _ => 100,
    });
    let asked = locks(&[
        (&[("rep", "r1")], "100"),
        (&[("rep", "r2")], "100"),
        (&[("rep", "r3")], "150"),
        (&[("rep", "r4")], "50"),
    ]);
    let error = done(&plan, vec![asked.clone()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rep r1 = 100; rep r2 = 100 cannot hold together: needed 250, available 200, with what is kept at team t1"
    );
    let told = plan.reallocation(&asked).unwrap();
    let conflicts: Vec<String> = told.conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(conflicts, [error.to_string()]);
    // The team that can be has its room told as it would be.
    let t2 = told
        .rooms
        .iter()
        .find(|room| room.at == team("t2"))
        .unwrap();
    assert_eq!((t2.locked, t2.room), (t2.capacity, RoomVerdict::Full));
    let won = done(&plan, vec![asked.narrower_wins()]).unwrap();
    assert_eq!(won.dropped_locks(1).unwrap(), [lock(rep("r2"), "100")]);
    let now = ["r1", "r2", "r3", "r4"].map(|rep| worth(&won, &[("rep", rep)]));
    assert_eq!(now, [100, 150, 150, 50]);
    // One that cannot be by itself is named alone, though with it nobody is left to absorb.
    let plan = two_quarters(ORDERS[0]);
    let asked = locks(&[
        (&[("rep", "r1")], "1900000"),
        (&[("rep", "r2")], "600000"),
        (&[("rep", "r3")], "900000"),
    ]);
    let error = done(&plan, vec![asked]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rep r1 = 1900000 cannot be: needed 1900000, available 1800000, with what is kept at quarter 2026-Q1, team t1; quarter 2026-Q2, team t1"
    );
}

#[test]
fn a_held_total_is_kept_over_columns_that_other_locks_open() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3", "r5"])], 1);
    let plan = house.plan(&["team", "rep", "sort"], |_| 50);
    let (exp, mig) = (("sort", "exp"), ("sort", "mig"));
    let t1: (&[(&str, &str)], &str) = (&[("team", "t1"), exp], "120");
    let beside: (&[(&str, &str)], &str) = (&[("rep", "r5"), mig], "70");
    let inside: (&[(&str, &str)], &str) = (&[("rep", "r1"), mig], "70");
    let through: (&[(&str, &str)], &str) = (&[("rep", "r1")], "160");
    let mut kept = plan.clone();
    kept.apply(changed(&plan, vec![held(team("t1"))])).unwrap();
    for asked in [
        vec![t1],
        vec![t1, beside],
        vec![t1, inside],
        vec![t1, beside, inside],
    ] {
        let asked = locks(&asked).across("rep").unwrap();
        let told = kept.reallocation(&asked).unwrap();
        assert_eq!(told.conflicts.len(), 1);
        assert_eq!(told.conflicts[0].locks, [lock(at(t1.0), "120")]);
        assert_eq!(told.conflicts[0].held.len(), 1);
        let won = {
            let mut new = kept.clone();
            let edit = Edit::Reallocate(asked.narrower_wins());
            new.apply(changed(&kept, vec![edit])).map(|_| new)
        };
        let won = won.unwrap();
        assert_eq!(won.dropped_locks(2).unwrap(), [lock(at(t1.0), "120")]);
        assert_eq!(worth(&won, &[("team", "t1")]), 300);
    }
    // What crosses the lock is not approximated either.
    let asked = locks(&[t1, through]).across("rep").unwrap();
    assert!(kept.reallocation(&asked).is_err());
    let asked = locks(&[beside, inside]).across("rep").unwrap();
    let mut new = kept.clone();
    new.apply(changed(&kept, vec![Edit::Reallocate(asked)]))
        .unwrap();
    assert_eq!(worth(&new, &[("rep", "r2"), mig]), 30);
}

#[test]
fn crossing_scopes_of_cells_without_an_amount_hold_together() {
    let house = House::new(&[("t1", &["r1", "r2"])], 1);
    let steps = &["rep", "sort", "line"];
    let plan = house.plan(steps, |name| match (&*name("rep"), &*name("sort")) {
        ("r1", "exp") => 0,
        ("r1", "mig") => 10,
        _ => 100,
    });
    let (r1, exp, dc) = (("rep", "r1"), ("sort", "exp"), ("line", "dc"));
    let (of_exp, of_dc): (&[_], &[_]) = (&[r1, exp], &[r1, dc]);
    let asked = locks(&[(of_exp, "20"), (of_dc, "115")]);
    let new = done(&plan, vec![asked.across("rep").unwrap()]).unwrap();
    assert_eq!(worth(&new, of_exp), 20);
    assert_eq!(worth(&new, of_dc), 115);
    for sort in ["exp", "mig", "new"].map(|sort| ("sort", sort)) {
        for line in ["dc", "cloud"].map(|line| ("line", line)) {
            assert_eq!(worth(&new, &[sort, line]), worth(&plan, &[sort, line]));
        }
    }
    // With what they have in common locked too.
    let asked = locks(&[(of_exp, "20"), (of_dc, "115"), (&[r1, exp, dc], "8")]);
    let new = done(&plan, vec![asked.across("rep").unwrap()]).unwrap();
    assert_eq!(worth(&new, &[r1, exp, ("line", "cloud")]), 12);
    assert_eq!(worth(&new, of_dc), 115);
    // Whoever has nothing takes what is left, as nobody else is there.
    let asked = locks(&[(&[("rep", "r2"), exp], "150")]);
    let new = done(&plan, vec![asked.across("rep").unwrap()]).unwrap();
    assert_eq!(worth(&new, &[r1, exp, dc]), 25);
}

#[test]
fn others_absorb_inside_the_bounds_of_their_cells() {
    let house = House::new(&[("t1", &["r1", "r2", "r3"])], 1);
    let least = |name: &str, amount| {
        BoundDef::at_least("rep", money(amount))
            .unwrap()
            .at(rep(name))
    };
    let worths = |name: &dyn Fn(&str) -> String| match &*name("rep") {
        "r3" => 300,
        _ => 100,
    };
    let steps = &["team", "rep"];
    let asked = locks(&[(&[("rep", "r1")], "200")]);
    let bounds = vec![least("r2", "90")];
    let plan = planned(&house.bounded("sales", steps, bounds), worths);
    let new = done(&plan, vec![asked.clone()]).unwrap();
    let now = ["r1", "r2", "r3"].map(|rep| worth(&new, &[("rep", rep)]));
    assert_eq!(now, [200, 90, 210]);
    // A maximum binds as a minimum does.
    let most = BoundDef::at_most("rep", money("310"))
        .unwrap()
        .at(rep("r3"));
    let plan = planned(&house.bounded("sales", steps, vec![most]), worths);
    let new = done(&plan, vec![locks(&[(&[("rep", "r1")], "40")])]).unwrap();
    let now = ["r1", "r2", "r3"].map(|rep| worth(&new, &[("rep", rep)]));
    assert_eq!(now, [40, 150, 310]);
    // Where no amounts are inside, the cell is told that would not be.
    let bounds = vec![least("r2", "90"), least("r3", "250")];
    let plan = planned(&house.bounded("sales", steps, bounds), worths);
    let error = done(&plan, vec![asked.clone()]).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Constraint(ConstraintError::OutsideBounds { .. })
        ),
        "{error}"
    );
    assert_eq!(plan.reallocation(&asked).unwrap_err(), error);
    // A lock in two quarters gives up its own mix for what a bound leaves.
    let house = House::new(&[("t1", &["r1", "r2"])], 2);
    for steps in ORDERS {
        let at_r2 = at(&[("rep", "r2"), ("quarter", "2026-Q1")]);
        let step = if steps[2] == "rep" { "rep" } else { "quarter" };
        let bound = BoundDef::at_least(step, money("95")).unwrap().at(at_r2);
        let cascade = house.bounded("sales", steps, vec![bound]);
        let plan = planned(&cascade, |_| 100);
        let new = done(&plan, vec![locks(&[(&[("rep", "r1")], "240")])]).unwrap();
        assert_eq!(by_quarter(&new, ("rep", "r1")), [10_500, 13_500]);
    }
}
