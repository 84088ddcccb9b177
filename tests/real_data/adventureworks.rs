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

#[test]
fn what_is_wrong_with_a_row_is_named_with_its_file_and_line() {
    let Some(folder) = data() else { return };
    let copy = std::env::temp_dir().join(format!("quotaflow-{}", std::process::id()));
    std::fs::create_dir_all(&copy).unwrap();
    let restore = |name: &str| {
        let from = folder.join("adventureworks").join(name);
        std::fs::write(copy.join(name), std::fs::read(from).unwrap()).unwrap();
    };
    for file in std::fs::read_dir(folder.join("adventureworks")).unwrap() {
        restore(&file.unwrap().file_name().to_string_lossy());
    }
    // The second row of the file with a text in it exchanged for another; without a text, no row at all.
    let wrong = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(copy.join(name)).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if from.is_empty() {
            lines.truncate(1);
        } else {
            assert!(lines[2].contains(from), "{}", lines[2]);
            lines[2] = lines[2].replacen(from, to, 1);
        }
        std::fs::write(copy.join(name), lines.join("\n")).unwrap();
        let read = Data::read(&copy).map_err(Into::into);
        let built = read.and_then(|data| crate::company::build(&data).map(|_| ()));
        restore(name);
        built.unwrap_err().to_string()
    };
    let (orders, lines) = ("SalesOrderHeader.csv", "SalesOrderDetail.csv");
    let quotas = "SalesPersonQuotaHistory.csv";
    assert_eq!(
        wrong(quotas, "2011-08-31", "2011-05-31"),
        "SalesPersonQuotaHistory.csv line 3: another record with this id, with other content, was entered before"
    );
    assert_eq!(
        wrong(orders, "1294.2529", "1294.25291"),
        "SalesOrderHeader.csv line 3, column SubTotal: 1294.25291 has more decimals than the smallest unit 0.0001 allows"
    );
    assert_eq!(
        wrong(orders, ",279,", ",999,"),
        "SalesOrderHeader.csv line 3, column SalesPersonID: `999` is not in SalesEmployee.csv"
    );
    assert_eq!(
        wrong(lines, "43659,2,", "1,2,"),
        "SalesOrderDetail.csv line 3, column SalesOrderID: `1` is not in SalesOrderHeader.csv"
    );
    assert_eq!(
        wrong(quotas, "274,", "12,"),
        "SalesPersonQuotaHistory.csv line 3, column BusinessEntityID: `12` is not in SalesEmployee.csv"
    );
    assert_eq!(
        wrong(quotas, "", ""),
        "SalesPersonQuotaHistory.csv: there is no quota after line 1"
    );
    std::fs::remove_dir_all(&copy).unwrap();
}
