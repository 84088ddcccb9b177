//! The reports of the real company with quotas, territories, products and customers.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use crate::expected::{assert_covers, data, expected};

/// All reports, made once; none without the data.
static REPORTS: LazyLock<Option<Value>> = LazyLock::new(|| {
    let folder = data()?.join("adventureworks");
    let tables = crate::data::Data::read(&folder).unwrap();
    let company = crate::company::build(&tables).unwrap();
    Some(crate::report::json(&tables, &company).unwrap())
});

fn check(stem: &str) {
    if let (Some(reports), Some(folder)) = (&*REPORTS, data()) {
        assert_covers(
            &reports[stem],
            &expected(Path::new(&folder), &format!("{stem}.part.json")),
        );
    }
}

#[test]
fn the_company_by_channel_and_time() {
    check("aw_company");
}

#[test]
fn quotas_beside_orders() {
    check("aw_quota_attainment");
}

#[test]
fn territories_by_year() {
    check("aw_territory_year");
}

#[test]
fn what_each_salesperson_did() {
    check("aw_salesperson");
}

#[test]
fn categories_margins_and_prices() {
    check("aw_category_month");
}

#[test]
fn settlement_methods_by_year() {
    check("aw_settlement_method_year");
}
