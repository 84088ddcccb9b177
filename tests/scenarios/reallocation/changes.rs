//! Reallocations beside other edits of a change, and what the change tells.

use super::*;

#[test]
fn a_hold_or_release_between_reallocations_is_refused_so_that_their_order_never_matters() {
    let plan = two_quarters(ORDERS[0]);
    let hold = |name: &str| {
        Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![rep(name)],
            what: HoldWhat::Leaves,
        })
    };
    let lock = |name: &str, total| Edit::Reallocate(locks(&[(&[("rep", name)], total)]));
    let made = |edits: Vec<Edit>| {
        let mut new = plan.clone();
        new.apply(changed(&plan, edits)).map(|_| new)
    };
    let error = made(vec![
        lock("r4", "1200000"),
        hold("r2"),
        lock("r1", "150000"),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "edit 2 stands between reallocations, which all read the plan as it is where the first of them stands: put it before all of them, or after"
    );
    // Before all it counts for all, and after all it holds what they made.
    let before = made(vec![
        hold("r2"),
        lock("r4", "1200000"),
        lock("r1", "150000"),
    ])
    .unwrap();
    assert_eq!(worth(&before, &[("rep", "r2")]), 600_000);
    let after = made(vec![
        lock("r4", "1200000"),
        lock("r1", "150000"),
        hold("r2"),
    ])
    .unwrap();
    assert_eq!(worth(&after, &[("rep", "r2")]), 660_000);
}

#[test]
fn locks_that_a_narrower_one_drops_are_told_by_the_change_that_is_made() {
    let plan = three_sorts();
    let r1 = ("rep", "r1");
    let whole: (&[(&str, &str)], &str) = (&[r1], "900000");
    let asked = locks(&[
        whole,
        (&[r1, ("sort", "exp")], "300000"),
        (&[r1, ("sort", "mig")], "250000"),
        (&[r1, ("sort", "new")], "200000"),
    ]);
    let asked = asked.narrower_wins();
    let dropped = [lock(rep("r1"), "900000")];
    assert_eq!(plan.reallocation(&asked).unwrap().dropped, dropped);
    let new = done(&plan, vec![asked]).unwrap();
    assert_eq!(new.dropped_locks(1).unwrap(), dropped);
    assert!(new.dropped_locks(0).unwrap().is_empty());
    assert!(new.dropped_locks(2).is_err());
    // A plan that is read from its record tells it too.
    let read = new.record().load().unwrap();
    assert_eq!(read.dropped_locks(1).unwrap(), dropped);
}

#[test]
fn a_cell_that_two_edits_decide_is_told_with_these_two() {
    let plan = two_quarters(ORDERS[0]);
    let asked = vec![
        locks(&[(&[("rep", "r4")], "1200000")]),
        locks(&[(&[("rep", "r1")], "150000")]),
        Reallocation::transfer(
            "sales",
            vec![rep("r1")],
            Take::Amount(money("10000")),
            vec![part(rep("r2"), 1)],
        )
        .unwrap(),
    ];
    let error = done(&plan, asked).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("t1 / r1 / 2026-Q1 is decided by edit 2 and by edit 3"),
        "{error}"
    );
}
