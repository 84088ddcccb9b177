//! The reports of the real company with quotas, territories, products and customers.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

#[path = "../../examples/target_decomposition/decomposition.rs"]
mod decomposition;

use crate::company::Company;
use crate::data::Data;
use crate::expected::{assert_covers, data, expected};

/// The company, read once; none without the data.
static COMPANY: LazyLock<Option<(Data, Company)>> = LazyLock::new(|| {
    let folder = data()?.join("adventureworks");
    let tables = Data::read(&folder).unwrap();
    let company = crate::company::build(&tables).unwrap();
    Some((tables, company))
});

/// All reports, made once; none without the data.
static REPORTS: LazyLock<Option<Value>> = LazyLock::new(|| {
    let (tables, company) = COMPANY.as_ref()?;
    Some(crate::report::json(tables, company).unwrap())
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

#[test]
fn a_target_split_by_every_weight() {
    let (Some((_, company)), Some(folder)) = (&*COMPANY, data()) else {
        return;
    };
    let found = decomposition::document(company).unwrap();
    assert_covers(&found, &expected(&folder, "target_decomposition.part.json"));
    let wanted = expected(&folder, "target_decomposition.part.json");
    let names = |document: &Value| -> Vec<String> {
        document.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(&found), names(&wanted));
    for (name, entry) in found.as_object().unwrap() {
        assert_eq!(names(entry), names(&wanted[name]), "{name}");
    }
}
