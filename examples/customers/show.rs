//! The figures of customers as tables for people.

use serde_json::Value;

use crate::purchases::Purchases;
use crate::table::{print, shown};

/// How many months of a cohort are shown.
const MONTHS: usize = 12;

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

pub fn tables(purchases: &Purchases, document: &Value) {
    println!(
        "{} customers, {} purchases and {} returns, {} in all",
        shown(&document["customers"], 0),
        shown(&document["purchases"], 0),
        purchases.returns,
        shown(&document["amount"], 2)
    );
    let names = [
        "active",
        "new",
        "lost_event",
        "lost_state",
        "reactivated",
        "purchases",
    ];
    let rows: Vec<Vec<String>> = members(&document["quarters"])
        .map(|(quarter, row)| {
            std::iter::once(quarter.to_owned())
                .chain(names.map(|name| shown(&row[name], 0)))
                .chain([shown(&row["amount"], 2)])
                .collect()
        })
        .collect();
    let head = [
        "",
        "active",
        "new",
        "lost",
        "lost (state)",
        "back",
        "purchases",
        "amount",
    ];
    print("Quarters", &head, &rows);
    let later: Vec<String> = (0..MONTHS).map(|month| format!("+{month}")).collect();
    let head: Vec<&str> = ["", "size"]
        .into_iter()
        .chain(later.iter().map(String::as_str))
        .collect();
    let rows: Vec<Vec<String>> = members(&document["cohort_by_first_month"])
        .map(|(month, row)| {
            let active = row["active_after_months"].as_array().into_iter().flatten();
            [month.to_owned(), shown(&row["size"], 0)]
                .into_iter()
                .chain(active.take(MONTHS).map(|count| shown(count, 0)))
                .collect()
        })
        .collect();
    print("Cohorts: who buys again months later", &head, &rows);
    let mut often: Vec<(u32, String)> = members(&document["purchases_per_customer"])
        .map(|(times, customers)| (times.parse().unwrap_or(u32::MAX), shown(customers, 0)))
        .collect();
    often.sort_unstable();
    let rows: Vec<Vec<String>> = often
        .into_iter()
        .map(|(times, customers)| {
            let more = if times == 10 { " or more" } else { "" };
            vec![format!("{times}{more}"), customers]
        })
        .collect();
    print("Purchases of a customer", &["", "customers"], &rows);
    let days = &document["days_between_purchases"];
    println!(
        "\n{} intervals between purchases: mean {} days, median {}, a tenth above {}",
        shown(&days["n"], 0),
        shown(&days["mean"], 1),
        shown(&days["median_type7"], 1),
        shown(&days["p90_type7"], 1)
    );
}
