//! What customers owe and how they pay.

#[path = "../../examples/receivables/figures.rs"]
mod figures;

use crate::expected::{assert_covers, data, expected};
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
