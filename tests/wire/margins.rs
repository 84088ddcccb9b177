//! Documents of tables with several margins.

use quotaflow::margins::{Array, Closing, Marginal, Matrix, Resolution, Several, TwoWay};
use serde_json::{Value, from_value, json, to_value};

fn two_way() -> Value {
    json!({
        "seed": { "rows": 2, "columns": 2, "cells": ["1.5", "2", "0", "0.25"] },
        "rows": { "nodes": [{ "total": 10 }, { "parent": 0 }, { "parent": 0, "total": 4 }] },
        "columns": { "nodes": [{ "total": 6 }, {}] },
        "bounds": [{ "row": 0, "column": 0, "is": { "held": 6 } }]
    })
}

#[test]
fn a_two_way_problem_is_written_as_it_was_read() {
    let stated: TwoWay = from_value(two_way()).unwrap();
    assert_eq!(stated.total(), 10);
    assert_eq!(to_value(&stated).unwrap(), two_way());
    let table = stated.solve(Closing::default()).unwrap().into_table();
    let written = to_value(&table).unwrap();
    assert_eq!(
        written,
        json!({ "rows": 2, "columns": 2, "cells": [6, 0, 0, 4] })
    );
    assert_eq!(from_value::<Matrix>(written).unwrap(), table);
}

#[test]
fn what_could_not_be_stated_cannot_be_read() {
    let broken: [(&str, Value); 6] = [
        ("unknown field", json!({ "nodes": [{ "totals": 1 }] })),
        ("no node", json!({ "nodes": [] })),
        (
            "parent after child",
            json!({ "nodes": [{ "parent": 1 }, {}] }),
        ),
        ("float total", json!({ "nodes": [{ "total": 1.5 }] })),
        (
            "disagreeing",
            json!({ "nodes": [{ "total": 1 }, { "parent": 0, "total": 2 }] }),
        ),
        (
            "too large",
            json!({ "nodes": [{ "total": i64::MAX }, { "total": 1 }] }),
        ),
    ];
    for (name, side) in broken {
        assert!(from_value::<Marginal>(side).is_err(), "{name}");
    }
    for (name, path, value) in [
        ("float weight", "/seed/cells/0", json!(1.5)),
        ("negative weight", "/seed/cells/0", json!("-1")),
        ("cell count", "/seed/rows", json!(3)),
        ("totals differ", "/columns/nodes/1", json!({ "total": 5 })),
        ("bound outside", "/bounds/0/row", json!(2)),
        ("negative bound", "/bounds/0/is", json!({ "maximum": -1 })),
        ("unknown bound", "/bounds/0/is", json!({ "about": 1 })),
    ] {
        let mut document = two_way();
        *document.pointer_mut(path).unwrap() = value;
        assert!(from_value::<TwoWay>(document).is_err(), "{name}");
    }
}

#[test]
fn a_problem_of_several_margins_is_written_as_it_was_read() {
    let document = json!({
        "sizes": [2, 1, 2],
        "weights": ["1", "2", "3", "4"],
        "margins": [
            { "axes": [0], "totals": [3, 7] },
            { "axes": [1], "totals": [10] },
            { "axes": [2], "totals": [5, 5] }
        ],
        "most": [[[1, 0, 1], 4]]
    });
    let stated: Several = from_value(document.clone()).unwrap();
    assert_eq!(to_value(&stated).unwrap(), document);
    let Resolution::Solved { table, .. } = stated.solve().unwrap() else {
        panic!("not solved");
    };
    let written = to_value(&table).unwrap();
    assert_eq!(from_value::<Array>(written).unwrap(), table);
    assert_eq!(table.totals(&[0]).unwrap(), [3, 7]);
    assert!(table.cell(&[1, 0, 1]).unwrap() <= 4);
}
