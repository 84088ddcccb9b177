//! A plan as a flat table that people edit elsewhere, and what comes back.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BoundDef, Cascade, CascadeDef, Change, DepthDef, Edit, HoldEdit, HoldWhat, Place, Plan,
    SheetChange, SheetDef, SheetError, Sources, Spread, StepDef, Verb,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{DimensionDef, Space};
use serde_json::{Value, json};

fn place(value: Value) -> Place {
    serde_json::from_value(value).unwrap()
}

fn def(value: Value) -> SheetDef {
    serde_json::from_value(value).unwrap()
}

fn space() -> Space {
    Space::new(vec![
        serde_json::from_value::<DimensionDef>(json!({
            "key": "person",
            "hierarchies": [{"key": "person", "levels": ["region", "person"], "links": [
                {"member": "ann", "parent": "north"}, {"member": "bo", "parent": "north"},
                {"member": "cy", "parent": "south"}, {"member": "di", "parent": "south"}]}],
            "members": [{"key": "north", "level": "region"}, {"key": "south", "level": "region"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"},
                {"key": "cy", "level": "person"}, {"key": "di", "level": "person"}]
        }))
        .unwrap(),
    ])
    .unwrap()
}

/// Region, person, quarter: 800.00 over two quarters, 100.00 in each cell.
fn recipe(measure: &str) -> CascadeDef {
    let half = DayRange::new("2026-01-01".parse().unwrap(), "2026-07-01".parse().unwrap()).unwrap();
    CascadeDef::new(Key::new("plan").unwrap(), Key::new(measure).unwrap(), half)
        .step(StepDef::member("person", "region").unwrap())
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Quarter))
}

/// The same, quarters in lots.
fn in_lots(lot: i64) -> CascadeDef {
    let mut def = recipe("sales");
    def.steps[2].lot = Some(lot.into());
    def
}

fn plan_of(recipes: &[CascadeDef]) -> Plan {
    let euros = || "money:EUR".parse().unwrap();
    let measures = Measures::new(vec![
        Measure::flow("sales", euros(), Quantum::CENT).unwrap(),
        Measure::flow("margin", euros(), Quantum::CENT).unwrap(),
        serde_json::from_value(
            json!({"key": "debt", "unit": "money:EUR", "quantum": "0.01", "additivity": "stock"}),
        )
        .unwrap(),
    ])
    .unwrap();
    let (space, calendar) = (space(), Calendar::gregorian());
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let plans = recipes.iter().map(|recipe| {
        let cascade = Cascade::compile(recipe.clone(), &sources).unwrap();
        cascade.run(800.into()).unwrap()
    });
    plans
        .reduce(|mut all, own| {
            all.join(own).unwrap();
            all
        })
        .unwrap()
}

fn plan() -> Plan {
    plan_of(&[recipe("sales")])
}

fn apply(plan: &mut Plan, edits: Vec<Edit>) {
    plan.apply(Change {
        version: Version::default(),
        by: Key::new("eva").unwrap(),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "asked".to_owned(),
        based_on: plan.version(),
        edits,
    })
    .unwrap();
}

fn hold(at: Value, what: HoldWhat) -> Edit {
    Edit::Hold(HoldEdit {
        measure: Key::new("sales").unwrap(),
        at: vec![place(at)],
        what,
    })
}

fn set(at: Value, amount: i64) -> Edit {
    let amount = Number::from(amount);
    Edit::Spread(Spread::new("sales", place(at), Verb::Proportional { amount }).unwrap())
}

fn lines(plan: &Plan, def: &SheetDef) -> Vec<Vec<String>> {
    plan.as_sheet(def).unwrap().lines().collect()
}

/// Gives a cell of the sheet another text: its row as a spreadsheet counts it.
fn edit(lines: &mut [Vec<String>], row: usize, heading: &str, text: &str) {
    let column = lines[0].iter().position(|own| own == heading).unwrap();
    text.clone_into(&mut lines[row - 1][column]);
}

fn told(read: Result<SheetChange, SheetError>) -> Vec<String> {
    let mistakes = read.unwrap_err().mistakes;
    mistakes.iter().map(ToString::to_string).collect()
}

fn moved(read: &SheetChange) -> Vec<String> {
    let moved = read.differences.iter();
    moved
        .map(|own| format!("{} {}: {} {}", own.measure, own.path, own.before, own.after))
        .collect()
}

fn take(plan: &mut Plan, read: &SheetChange) {
    let change = read.change(
        Key::new("eva").unwrap(),
        "2026-01-06T08:00:00".parse().unwrap(),
        "the sheet of the north",
    );
    // As a document, as a host keeps it.
    let change = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
    plan.apply(change).unwrap();
    assert_eq!(plan.verify(), []);
}

#[test]
fn a_sheet_shows_each_leaf_of_a_part_and_what_of_it_may_not_be_edited() {
    let mut plan = plan_of(&[recipe("sales"), recipe("margin")]);
    let close = Edit::Close {
        before: "2026-04-01".parse().unwrap(),
    };
    let cell = json!({"region": "north", "person": "bo", "quarter": "2026-Q2"});
    apply(&mut plan, vec![close, hold(cell, HoldWhat::Total)]);
    let north = def(json!({"at": {"region": "north"}}));
    let shown: Vec<String> = lines(&plan, &north)
        .iter()
        .map(|line| line.join(";"))
        .collect();
    assert_eq!(
        shown,
        [
            "region;person;quarter;sales;margin;fixed",
            "north;ann;2026-Q1;100.00;100.00;closed",
            "north;ann;2026-Q2;100.00;100.00;",
            "north;bo;2026-Q1;100.00;100.00;closed",
            "north;bo;2026-Q2;100.00;100.00;held: sales",
        ]
    );
    let one = def(json!({"measures": ["margin"], "at": {"person": "di", "quarter": "2026-Q1"}}));
    assert_eq!(plan.as_sheet(&one).unwrap().rows.len(), 1);
    let sheet = serde_json::to_value(plan.as_sheet(&one).unwrap()).unwrap();
    assert_eq!(
        sheet,
        json!({"def": {"version": 1, "measures": ["margin"], "at": {"person": "di", "quarter": "2026-Q1"}}, "based_on": 1,
            "steps": ["region", "person", "quarter"],
            "rows": [{"place": {"region": "south", "person": "di", "quarter": "2026-Q1"}, "amounts": ["100"], "held": [], "closed": true}]})
    );
}

#[test]
fn what_is_altered_becomes_a_change_and_totals_above_follow() {
    let mut plan = plan();
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    // Nothing altered is nothing to do, in whatever order, and however a number is written.
    own[1..].reverse();
    edit(&mut own, 2, "sales", " 100 ");
    let read = plan.read_sheet(&all, 0, &own).unwrap();
    assert_eq!(
        (read.edits.len(), read.differences.len(), read.missing.len()),
        (0, 0, 0)
    );
    // Columns may be turned too, blank rows and cells at the end say nothing.
    let mut turned: Vec<Vec<String>> = own
        .iter()
        .map(|line| line.iter().rev().cloned().collect())
        .collect();
    turned.push(vec![String::new(); 9]);
    edit(&mut turned, 2, "sales", "130.01");
    edit(&mut turned, 3, "sales", "0");
    let read = plan.read_sheet(&all, 0, &turned).unwrap();
    assert_eq!(
        moved(&read),
        [
            "sales all: 800.00 730.01",
            "sales south: 400.00 330.01",
            "sales south / di: 200.00 130.01",
            "sales south / di / 2026-Q1: 100.00 0.00",
            "sales south / di / 2026-Q2: 100.00 130.01",
        ]
    );
    take(&mut plan, &read);
    assert_eq!(plan.units("sales", "region").unwrap()[1], 33_001);
}

#[test]
fn a_leaf_without_a_row_stays_and_is_told() {
    let mut plan = plan();
    let north = def(json!({"at": {"region": "north"}}));
    let mut own = lines(&plan, &north);
    own.remove(2);
    edit(&mut own, 2, "sales", "90");
    let read = plan.read_sheet(&north, 0, &own).unwrap();
    let wanted = json!([{"region": "north", "person": "ann", "quarter": "2026-Q2"}]);
    assert_eq!(serde_json::to_value(&read.missing).unwrap(), wanted);
    take(&mut plan, &read);
    assert_eq!(
        plan.units("sales", "quarter").unwrap()[..4],
        [9000, 10000, 10000, 10000]
    );
}

#[test]
fn all_that_is_wrong_is_told_by_row_and_column() {
    let low = BoundDef::at_least("quarter", 5.into()).unwrap();
    let mut plan = plan_of(&[in_lots(10).bound(low)]);
    let close = Edit::Close {
        before: "2026-04-01".parse().unwrap(),
    };
    let cell = json!({"region": "south", "person": "cy", "quarter": "2026-Q2"});
    apply(&mut plan, vec![close, hold(cell, HoldWhat::Total)]);
    let north = def(json!({"at": {"region": "north"}}));
    let mut own = lines(&plan, &north);
    edit(&mut own, 2, "sales", "110");
    edit(&mut own, 3, "sales", "4");
    edit(&mut own, 4, "person", "boo");
    edit(&mut own, 5, "sales", "");
    own.push(own[2].clone());
    own.push(
        ["south", "cy", "2026-Q2", "1", ""]
            .map(str::to_owned)
            .to_vec(),
    );
    own.push(["north", "ann", "", "1", ""].map(str::to_owned).to_vec());
    own.push(
        ["north", "bo", "2026-Q2", "1", "", "note"]
            .map(str::to_owned)
            .to_vec(),
    );
    assert_eq!(
        told(plan.read_sheet(&north, 1, &own)),
        [
            "row 2, sales: north / ann / 2026-Q1 is closed: all before 2026-04-01 is read-only",
            "row 3, sales: north / ann / 2026-Q2 would be 4.00, outside its bounds, at least 5.00",
            "row 4: dimension `person` has no member `boo`; did you mean `bo`?",
            "row 5, sales: there is no amount: write 0 for nothing, or 100.00 as it was",
            "row 6: person ann, quarter 2026-Q2, region north stands in row 3 already",
            "row 7: person cy, quarter 2026-Q2, region south is no part of this sheet, which is of region north",
            "row 8: person ann, region north has others below it: its amount is their sum, and is no row of a sheet",
            "row 9: `note` stands below no heading",
        ]
    );
    edit(&mut own, 3, "sales", "105");
    own.truncate(3);
    assert_eq!(
        told(plan.read_sheet(&SheetDef::default(), 1, &own))[1],
        "row 3, sales: 105.00 at north / ann / 2026-Q2 is not a whole number of lots of 10.00"
    );
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    edit(&mut own, 7, "sales", "90");
    assert_eq!(
        told(plan.read_sheet(&all, 1, &own)),
        ["row 7, sales: south / cy / 2026-Q2 is held: release it first"]
    );
}

#[test]
fn headings_that_cannot_be_read_are_told_before_any_row() {
    let plan = plan();
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    own[0] = ["region", "persn", "quarter", "quarter", "fixed"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        told(plan.read_sheet(&all, 0, &own)),
        [
            "row 1: there is no column `persn`; did you mean `person`?",
            "row 1, quarter: two columns have this heading",
            "row 1, person: the column is missing",
            "row 1, sales: the column is missing",
        ]
    );
    let none: [[&str; 0]; 0] = [];
    assert_eq!(
        told(plan.read_sheet(&all, 0, none)),
        ["there is no row of headings: the first one names the steps and the measures"]
    );
    assert_eq!(
        told(plan.read_sheet(&all, 3, &own)),
        ["there is no version 3; the plan is at 0"]
    );
}

#[test]
fn what_the_plan_has_moved_since_is_kept_or_told() {
    let mut plan = plan();
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    // Since then ann has 150 in each quarter, and di 50 in the first.
    let ann = json!({"region": "north", "person": "ann"});
    let di = json!({"region": "south", "person": "di", "quarter": "2026-Q1"});
    apply(&mut plan, vec![set(ann, 300), set(di, 50)]);
    edit(&mut own, 2, "sales", "120");
    edit(&mut own, 8, "sales", "50.00");
    edit(&mut own, 9, "sales", "70");
    assert_eq!(
        told(plan.read_sheet(&all, 0, &own)),
        [
            "row 2, sales: the sheet makes 100.00 to 120.00, and the plan has made it 150.00 since: agree on one"
        ]
    );
    edit(&mut own, 2, "sales", "100");
    let read = plan.read_sheet(&all, 0, &own).unwrap();
    take(&mut plan, &read);
    let wanted = [15000, 15000, 10000, 10000, 10000, 10000, 5000, 7000];
    assert_eq!(plan.units("sales", "quarter").unwrap(), wanted);
}

#[test]
fn below_a_held_total_or_one_that_is_kept_rows_give_to_each_other() {
    let mut plan = plan();
    apply(
        &mut plan,
        vec![hold(json!({"region": "north"}), HoldWhat::Total)],
    );
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    edit(&mut own, 2, "sales", "130");
    edit(&mut own, 5, "sales", "60");
    assert_eq!(
        told(plan.read_sheet(&all, 1, &own)),
        ["sales: north is held at 400.00, and the rows come to 10.00 less"]
    );
    edit(&mut own, 5, "sales", "70");
    let read = plan.read_sheet(&all, 1, &own).unwrap();
    assert_eq!(moved(&read).len(), 4);
    take(&mut plan, &read);
    assert_eq!(plan.units("sales", "region").unwrap()[0], 40_000);
    // A quarter of the south is kept, whoever has it.
    let kept =
        def(json!({"keeps": [{"region": "south", "quarter": "2026-Q1"}, {"quarter": "2027-Q1"}]}));
    let mut own = lines(&plan, &kept);
    edit(&mut own, 6, "sales", "130.50");
    edit(&mut own, 7, "sales", "1");
    assert_eq!(
        told(plan.read_sheet(&kept, 2, &own)),
        [
            "sales: quarter 2026-Q1, region south is to keep its 200.00, and the rows come to 30.50 more",
            "keeps: the set `gregorian.quarter` has no period `2027-Q1`; did you mean `2026-Q1`?",
        ]
    );
}

#[test]
fn edits_of_one_change_may_move_a_held_total_as_long_as_it_ends_as_it_was() {
    let mut plan = plan();
    let north = json!({"region": "north"});
    apply(&mut plan, vec![hold(north, HoldWhat::Total)]);
    let (ann, bo) = (
        json!({"region": "north", "person": "ann"}),
        json!({"region": "north", "person": "bo"}),
    );
    apply(&mut plan, vec![set(ann.clone(), 250), set(bo, 150)]);
    assert_eq!(
        plan.units("sales", "person").unwrap(),
        [25000, 15000, 20000, 20000]
    );
    let change = Change {
        version: Version::default(),
        by: Key::new("eva").unwrap(),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "alone".to_owned(),
        based_on: 2,
        edits: vec![set(ann, 260)],
    };
    let error = plan.apply(change).unwrap_err().to_string();
    assert_eq!(
        error,
        "north is held at 400.00: keep it, so that what else is below it gives way"
    );
    assert_eq!(
        plan.units("sales", "person").unwrap(),
        [25000, 15000, 20000, 20000]
    );
}

#[test]
fn numbers_go_out_and_come_back_in_the_form_of_the_sheet() {
    let mut plan = plan();
    let form = def(json!({"numbers": {"decimal": ",", "thousands": "."}}));
    let mut own = lines(&plan, &form);
    assert_eq!(own[1][3], "100,00");
    assert_eq!(plan.read_sheet(&form, 0, &own).unwrap().edits, []);
    edit(&mut own, 2, "sales", "1.234,5");
    let read = plan.read_sheet(&form, 0, &own).unwrap();
    take(&mut plan, &read);
    assert_eq!(plan.units("sales", "quarter").unwrap()[0], 123_450);
    edit(&mut own, 2, "sales", "100.00");
    assert_eq!(
        told(plan.read_sheet(&form, 0, &own)),
        ["row 2, sales: `100.00` is not a number as this one is written: `1.234,5`"]
    );
}

#[test]
fn a_branch_that_ends_early_is_a_row_with_blank_cells() {
    let mut def = recipe("sales");
    def.depth.push(DepthDef {
        at: place(json!({"region": "south"})),
        steps: vec![Key::new("region").unwrap()],
    });
    let mut plan = plan_of(&[def]);
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    assert_eq!(own[5], ["south", "", "", "400.00", ""]);
    edit(&mut own, 6, "sales", "410");
    let read = plan.read_sheet(&all, 0, &own).unwrap();
    assert_eq!(
        moved(&read),
        ["sales all: 800.00 810.00", "sales south: 400.00 410.00"]
    );
    take(&mut plan, &read);
}

#[test]
fn a_balance_is_read_back_cell_by_cell_and_keeps_no_sum() {
    let mut plan = plan_of(&[recipe("debt")]);
    let all = SheetDef::default();
    let mut own = lines(&plan, &all);
    let was = plan.units("debt", "quarter").unwrap().to_vec();
    edit(&mut own, 3, "debt", "250");
    let read = plan.read_sheet(&all, 0, &own).unwrap();
    take(&mut plan, &read);
    let now = plan.units("debt", "quarter").unwrap();
    assert_eq!((now[0], now[1]), (was[0], 25_000));
    assert_eq!(now[2..], was[2..]);
    let kept = def(json!({"keeps": [{"region": "north"}]}));
    assert_eq!(
        told(plan.read_sheet(&kept, 0, &own)),
        ["debt: `debt` is a stock, for which keeping the total of a place has no meaning"]
    );
}
