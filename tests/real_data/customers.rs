//! Customers won, kept, lost and won back.

#[path = "../../examples/customers/figures.rs"]
mod figures;

use serde_json::{Value, json};

use crate::expected::{data, expected};
use crate::file::Table;
use crate::purchases::Purchases;

fn read(text: &str) -> Result<Value, String> {
    let table = Table::parse("sample.csv", text.as_bytes()).map_err(|error| error.to_string())?;
    let purchases = Purchases::read(&table).map_err(|error| error.to_string())?;
    figures::document(&purchases).map_err(|error| error.to_string())
}

fn wrong(text: &str) -> String {
    read(text).unwrap_err()
}

#[test]
fn a_sample_of_customers_to_the_last_digit() {
    let Some(folder) = data() else { return };
    let path = folder.join("purchases-sample").join("purchases.csv");
    let found = read(&std::fs::read_to_string(path).unwrap()).unwrap();
    // The whole document, not a part of it.
    assert_eq!(found, expected(&folder, "customers_sample.json"));
}

#[test]
fn quarters_without_a_record_are_there() {
    let found =
        read("customer,date,amount\nann,2019-11-30,5\nann,2021-02-01,7.5\nbo,2021-02-01,0\n")
            .unwrap();
    let quarters = found["quarters"].as_object().unwrap();
    let labels: Vec<&String> = quarters.keys().collect();
    assert_eq!(
        labels,
        [
            "2019-Q4", "2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", "2021-Q1"
        ]
    );
    assert_eq!(
        quarters["2020-Q2"],
        json!({"active": 0, "new": 0, "purchases": 0, "amount": "0.00", "lost_event": 0, "lost_state": 1, "reactivated": 0})
    );
    assert_eq!(quarters["2020-Q1"]["lost_event"], json!(1));
    // She is lost in no quarter that is followed by the one in which she comes back.
    assert_eq!(quarters["2020-Q4"]["lost_state"], json!(0));
    assert_eq!(
        quarters["2021-Q1"],
        json!({"active": 2, "new": 1, "purchases": 2, "amount": "7.50", "lost_event": null, "lost_state": null, "reactivated": 1})
    );
    assert_eq!(found["zero_amount_purchases"], json!(1));
    assert_eq!(
        found["cohort_by_first_month"]["2019-11"]["active_after_months"],
        json!([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    );
    assert_eq!(found["days_between_purchases"]["n"], json!(1));
    assert_eq!(found["days_between_purchases"]["mean"], json!("429.000000"));
}

#[test]
fn one_purchase_has_no_interval_and_no_loss() {
    let found = read("customer,date,amount\nann,2020-02-29,1.10\n").unwrap();
    let quarter = &found["quarters"]["2020-Q1"];
    assert_eq!(quarter["lost_event"], Value::Null);
    assert_eq!(quarter["lost_state"], Value::Null);
    let days = found["days_between_purchases"].as_object().unwrap();
    assert_eq!(days["n"], json!(0));
    assert!(
        days.iter()
            .all(|(name, value)| name == "n" || value.is_null())
    );
    assert_eq!(found["purchases_per_customer"], json!({"1": 1}));
}

#[test]
fn a_return_lowers_the_amount_and_is_no_purchase() {
    let found = read(
        "customer,date,amount\nann,2020-01-02,10.00\nbo,2020-01-03,4.00\nann,2020-04-05,-2.50\nbo,2020-04-06,1.00\n\
         cy,2020-05-01,-1.00\nbo,2020-07-01,3.00\n",
    )
    .unwrap();
    let second = &found["quarters"]["2020-Q2"];
    assert_eq!(
        (&second["active"], &second["purchases"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(second["amount"], json!("-2.50"));
    // She brought something back, but bought nothing in this quarter or the next.
    assert_eq!(second["lost_event"], json!(1));
    assert_eq!(second["new"], json!(0));
    assert_eq!(found["customers"], json!(2));
    assert_eq!(found["purchases"], json!(4));
    assert_eq!(found["amount"], json!("14.50"));
    assert_eq!(found["purchases_per_customer"], json!({"1": 1, "3": 1}));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    assert_eq!(
        wrong("customer,date,amount\n"),
        "sample.csv: there is no record after line 1"
    );
    assert_eq!(
        wrong("customer,day,amount\nann,2020-01-01,1\n"),
        "sample.csv line 1: there is no column `date`"
    );
    assert_eq!(
        wrong(""),
        "sample.csv line 1: there is no column `customer`"
    );
    assert_eq!(
        wrong("customer,amount,date,amount\nann,1,2020-01-01,2\n"),
        "sample.csv line 1: there are two columns `amount`"
    );
    // A carriage return alone ends a line too.
    assert_eq!(
        wrong("customer,date,amount\rann,2020-01-01,1\rbo,2020-01-01,x\r"),
        "sample.csv line 3, column amount: `x` is not an amount such as 12.50"
    );
    assert_eq!(
        wrong("customer,date,amount\nann,2020-01-01,1\nann,2021-02-29,1\n"),
        "sample.csv line 3, column date: `2021-02-29` is not a date such as 2026-01-31"
    );
    assert_eq!(
        wrong("customer,date,amount\nann,2020-1-1,1\n"),
        "sample.csv line 2, column date: `2020-1-1` is not a date such as 2026-01-31"
    );
    // Blank lines count as lines, whatever ends them, and so does the line break in a name.
    assert_eq!(
        wrong("customer,date,amount\r\n\r\n\"an\r\nn\",2020-01-01,x\r\n"),
        "sample.csv line 3, column amount: `x` is not an amount such as 12.50"
    );
    assert_eq!(
        wrong("customer,date,amount\n\"an\nn\",2020-01-01,1\nbo,,1"),
        "sample.csv line 4, column date: `` is not a date such as 2026-01-31"
    );
    assert_eq!(
        wrong("customer,date,amount\r\nann,2020-01-01,1\r\n\r\nann,2020-01-02,1.005\r\n"),
        "sample.csv line 4, column amount: `1.005` has more than two decimals"
    );
    for amount in ["", "x", "1.", ".5", "1e3", "1_000", "--1"] {
        let error = wrong(&format!("customer,date,amount\nann,2020-01-01,{amount}\n"));
        let wanted =
            format!("sample.csv line 2, column amount: `{amount}` is not an amount such as 12.50");
        assert_eq!(error, wanted);
    }
    assert_eq!(
        wrong("customer,date,amount\n,2020-01-01,1\n"),
        "sample.csv line 2, column customer: there is no customer"
    );
}

#[test]
fn a_byte_order_mark_and_other_columns_do_no_harm() {
    let found =
        read("\u{feff}date,shop,amount,customer\n2020-01-01,3,1,all\n2020-01-01,3,2,unassigned\n");
    assert_eq!(found.unwrap()["customers"], json!(2));
}
