//! What customers owe and how they pay.

#[path = "../../examples/receivables/figures.rs"]
mod figures;

use crate::expected::{assert_covers, data, expected};
use crate::file::Table;
use crate::invoices::Invoices;

#[test]
fn payments_ageing_and_days_sales_outstanding() {
    let Some(folder) = data() else { return };
    let invoices = Invoices::read(&folder.join("receivables")).unwrap();
    let found = figures::document(&invoices).unwrap();
    assert_covers(&found, &expected(&folder, "receivables.part.json"));
    let count = |name: &str| found[name].as_object().unwrap().len();
    assert_eq!(count("as_of"), 6);
    assert_eq!(count("cei"), 5);
    assert_eq!(count("by_customer"), 100);
    // Five countries and all of them together.
    assert_eq!(count("by_month"), 6);
}

const HEAD: &str = "country_code,customer_id,invoice_number,invoice_date,due_date,invoice_amount,disputed,settled_date,paperless_bill";

fn wrong(head: &str, rows: &[&str]) -> String {
    let text = format!("{head}\n{}\n", rows.join("\n"));
    let table = Table::parse("invoices.csv", text.as_bytes()).unwrap();
    match Invoices::of(&table) {
        Ok(_) => panic!("{text} was read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_with_an_invoice_is_named_with_its_line() {
    const GOOD: &str = "391,ann,1,2013-01-02,2013-02-01,55.94,No,2013-01-15,Paper";
    let second = |row: &str| wrong(HEAD, &[GOOD, row]);
    assert_eq!(
        wrong(&HEAD.replace("due_date", "due"), &[GOOD]),
        "invoices.csv line 1: there is no column `due_date`"
    );
    assert_eq!(
        wrong(HEAD, &[]),
        "invoices.csv: there is no invoice after line 1"
    );
    for (row, what) in [
        (
            "391,ann,2,2013-01-02,2013-02-01,55.945,No,2013-01-15,Paper",
            ", column invoice_amount: 55.945 has more decimals than the smallest unit 0.01 allows",
        ),
        (
            "391,ann,2,2013-01-02,2013-02-01,1_000,No,2013-01-15,Paper",
            ", column invoice_amount: `1_000` is not a number",
        ),
        (
            "391,ann,2,2013-01-02,2013-02-01,5,Maybe,2013-01-15,Paper",
            ", column disputed: `Maybe` is not in Yes, No",
        ),
        (
            "391,,2,2013-01-02,2013-02-01,5,No,2013-01-15,Paper",
            ", column customer_id: is empty",
        ),
        (
            "391,ann,2,2013-01-02,2013-02-01,5,No,2013-01-01,Paper",
            ", column settled_date: is before the invoice_date",
        ),
        (
            "391,ann,1,2013-01-02,2013-02-01,5,No,2013-01-15,Paper",
            ": another record with this id, with other content, was entered before",
        ),
    ] {
        assert_eq!(second(row), format!("invoices.csv line 3{what}"));
    }
}
