//! The shifts of a call centre.

#[path = "../../examples/call_centre/shifts.rs"]
mod shifts;

use quotaflow::quantity::Ratio;

use crate::expected::data;
use crate::file::Table;
use crate::json::{Cell, cells};

fn ratio(numerator: i128, denominator: i128) -> Ratio {
    Ratio::new(numerator, denominator).unwrap()
}

#[test]
fn shifts_by_kind_and_week() {
    let Some(folder) = data() else { return };
    let shifts = shifts::Shifts::read(&folder.join("adventureworks-callcenter")).unwrap();
    // The sums were added up by another program.
    let whole = shifts.whole().unwrap();
    let cell = Cell::first(&whole).unwrap();
    let sums = [
        ("shifts", 120),
        ("other_total", 6),
        ("calls", 43_349),
        ("automatic", 29_834),
        ("orders", 30_217),
        ("issues", 162),
        ("operators", 1_283),
    ];
    for (name, sum) in sums {
        assert_eq!(cell.value(name), Some(ratio(sum, 1)), "{name}");
    }
    assert_eq!(
        cell.value("orders_per_100_calls"),
        Some(ratio(3_021_700, 43_349))
    );
    assert_eq!(cell.value("seconds_per_issue"), Some(ratio(12_861, 162)));
    assert_eq!(cell.value("service_grade"), Some(ratio(428_271, 4_334_900)));

    let both = shifts.by(&["shift", "day"]).unwrap();
    assert_eq!(both.subjects().len(), 8);
    let last = both.subjects().ids().last().unwrap();
    let nights = Cell::of(&both, last).unwrap();
    assert_eq!(both.subjects().label(nights.subject), "midnight / holiday");
    assert_eq!(nights.value("calls"), Some(ratio(2_263, 1)));
    // Ten of them: 98, 129, 137, 172, 223, 225, 239, 320, 352 and 368 calls.
    assert_eq!(nights.value("calls_median"), Some(ratio(224, 1)));
    assert_eq!(
        nights.value("issues_per_100_calls"),
        Some(ratio(1_800, 2_263))
    );
    assert_eq!(nights.value("calls_per_operator"), Some(ratio(2_263, 56)));

    let weeks = shifts.by_week().unwrap();
    let calls = |week: &str| {
        let (_, _, cell) = cells(&weeks).find(|(_, label, _)| label == week).unwrap();
        cell.value("calls")
    };
    assert_eq!(calls("2014-W21"), Some(ratio(10_520, 1)));
}

#[test]
fn a_shift_that_is_refused_is_named_with_its_line() {
    const HEAD: &str = "FactCallCenterID,Date,WageType,Shift,LevelOneOperators,LevelTwoOperators,TotalOperators,Calls,\
        AutomaticResponses,Orders,IssuesRaised,AverageTimePerIssue,ServiceGrade\n";
    const GOOD: &str = "1,2014-05-01,weekday,AM,2,7,9,405,283,341,2,79,0.03\n";
    let wrong = |row: &str| {
        let text = format!("{HEAD}{GOOD}{row}");
        let table = Table::parse("shifts.csv", text.as_bytes()).unwrap();
        shifts::Shifts::of(&table).err().unwrap().to_string()
    };
    assert_eq!(
        wrong("2,2014-05-01,weekday,night,2,7,9,405,283,341,2,79,0.03\n"),
        "shifts.csv line 3: shift: dimension `shift` has no member `night`; known: `unassigned`, `AM`, `PM1`, \
         `PM2`, `midnight`"
    );
    assert_eq!(
        wrong("1,2014-05-01,weekday,PM1,2,7,9,405,283,341,2,79,0.03\n"),
        "shifts.csv line 3: another record with this id, with other content, was entered before"
    );
}
