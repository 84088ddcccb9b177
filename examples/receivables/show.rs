//! The figures of receivables as tables for people.

use serde_json::Value;

use crate::table::{print, shown};

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

pub fn tables(document: &Value) {
    let all = &document["all"];
    println!(
        "{} invoices of {} customers, {} in all",
        shown(&all["invoices"], 0),
        members(&document["by_customer"]).count(),
        shown(&all["invoiced"], 2)
    );
    for (title, name) in [("Countries", "by_country"), ("Bills", "by_bill_channel")] {
        let rows = members(&document[name]).chain([("all", all)]);
        print(title, &PAYMENTS, &rows.map(payments).collect::<Vec<_>>());
    }
    let mut slowest: Vec<(&str, &Value)> = members(&document["by_customer"]).collect();
    slowest.sort_by_key(|(_, row)| std::cmp::Reverse(decimal(&row["days_late_mean_all"])));
    let rows: Vec<Vec<String>> = slowest.into_iter().take(10).map(payments).collect();
    print("The ten customers who pay latest", &PAYMENTS, &rows);
    closings(&document["as_of"]);
    let rows: Vec<Vec<String>> = members(&document["cei"])
        .map(|(interval, row)| {
            let amounts = [
                "beginning",
                "sales",
                "collected",
                "ending_total",
                "ending_current",
            ]
            .map(|name| shown(&row[name], 2));
            std::iter::once(interval.to_owned())
                .chain(amounts)
                .chain([shown(&row["cei_percent"], 2)])
                .collect()
        })
        .collect();
    print(
        "Collection effectiveness",
        &[
            "",
            "beginning",
            "sales",
            "collected",
            "ending",
            "of it not due",
            "CEI %",
        ],
        &rows,
    );
    let rows: Vec<Vec<String>> = members(&document["by_month"]["all"])
        .map(|(month, row)| {
            let figures = ["invoices", "invoiced", "settlements", "collected"];
            std::iter::once(month.to_owned())
                .chain(figures.map(|name| shown(&row[name], 2)))
                .collect()
        })
        .collect();
    print(
        "Months",
        &["", "invoices", "invoiced", "settlements", "collected"],
        &rows,
    );
}

const PAYMENTS: [&str; 8] = [
    "",
    "invoices",
    "invoiced",
    "late",
    "days late",
    "if late",
    "days to settle",
    "disputed",
];

fn payments((name, row): (&str, &Value)) -> Vec<String> {
    vec![
        name.to_owned(),
        shown(&row["invoices"], 0),
        shown(&row["invoiced"], 2),
        shown(&row["late_rate"], 3),
        shown(&row["days_late_mean_all"], 1),
        shown(&row["days_late_mean_late_only"], 1),
        shown(&row["days_to_settle"]["mean"], 1),
        shown(&row["disputed_share"], 3),
    ]
}

fn closings(document: &Value) {
    let buckets = ["not_due", "1-30", "31-60", "61-90", ">90"];
    let rows: Vec<Vec<String>> = members(document)
        .map(|(day, row)| {
            let aged = buckets.map(|bucket| shown(&row["by_days_past_due"][bucket]["amount"], 2));
            [
                day.to_owned(),
                shown(&row["open_invoices"], 0),
                shown(&row["outstanding"], 2),
            ]
            .into_iter()
            .chain(aged)
            .collect()
        })
        .collect();
    print(
        "Open by days past due",
        &[
            "", "invoices", "amount", "not due", "1-30", "31-60", "61-90", ">90",
        ],
        &rows,
    );
    let names = [
        "dso_30",
        "dso_90",
        "dso_365",
        "dso_countback",
        "best_possible_dso_90",
        "average_days_delinquent_90",
        "overdue_share",
    ];
    let rows: Vec<Vec<String>> = members(document)
        .map(|(day, row)| {
            std::iter::once(day.to_owned())
                .chain(names.map(|name| shown(&row[name], 2)))
                .collect()
        })
        .collect();
    print(
        "Days sales outstanding",
        &[
            "",
            "30 days",
            "90 days",
            "365 days",
            "count-back",
            "best possible",
            "delinquent",
            "overdue",
        ],
        &rows,
    );
}

fn decimal(value: &Value) -> Option<rust_decimal::Decimal> {
    value.as_str().and_then(|text| text.parse().ok())
}
