//! The reports as tables for people.

use serde_json::Value;

use crate::data::Data;
use crate::table::{print, shown as text};

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

pub fn tables(data: &Data, document: &Value) {
    company(&document["aw_company"]);
    quotas(data, &document["aw_quota_attainment"]);
    territories(data, &document["aw_territory_year"]);
    customers(data, &document["aw_salesperson"]);
    goods(document);
}

fn company(company: &Value) {
    println!(
        "{} orders of {} customers, {} in all",
        text(&company["all"]["orders"], 0),
        text(&company["all"]["customers"], 0),
        text(&company["all"]["sub_total"], 2)
    );
    for (title, key) in [("Halves", "by_half"), ("Quarters", "by_quarter")] {
        let rows: Vec<Vec<String>> = members(&company[key])
            .map(|(period, row)| {
                vec![
                    period.to_owned(),
                    text(&row["orders"], 0),
                    text(&row["customers"], 0),
                    text(&row["sub_total"], 0),
                ]
            })
            .collect();
        print(title, &["", "orders", "customers", "sales"], &rows);
    }
}

fn quotas(data: &Data, report: &Value) {
    let rows: Vec<Vec<String>> = members(&report["company_by_quota_period"])
        .map(|(period, row)| {
            let reached = format!(
                "{} of {}",
                row["persons_at_or_above_quota"], row["persons_with_quota"]
            );
            vec![
                period.to_owned(),
                text(&row["quota"], 0),
                text(&row["actual_all"], 0),
                text(&row["attainment"], 3),
                reached,
            ]
        })
        .collect();
    print(
        "The company's quota periods",
        &["from", "quota", "sales", "attainment", "reached by"],
        &rows,
    );
    let last = report["periods"]
        .as_array()
        .and_then(|periods| periods.last())
        .map_or("", |period| period["key"].as_str().unwrap_or(""));
    let rows: Vec<Vec<String>> = data
        .employees
        .iter()
        .filter_map(|employee| {
            let row = &report["by_quota_period"][&employee.key][last];
            row.is_object().then(|| {
                let figures = ["quota", "actual", "gap"].map(|name| text(&row[name], 0));
                let mut cells = vec![employee.name.clone()];
                cells.extend(figures);
                cells.extend([text(&row["attainment"], 3), text(&row["orders"], 0)]);
                cells
            })
        })
        .collect();
    print(
        &format!("People in the quota period from {last}"),
        &["", "quota", "sales", "gap", "attainment", "orders"],
        &rows,
    );
    let rows: Vec<Vec<String>> = data
        .employees
        .iter()
        .filter_map(|employee| {
            let node = &report["team_rollup_by_quota_period"][&employee.key];
            let row = &node["periods"][last];
            (node["team_size"].as_i64()? > 1).then(|| {
                let title = format!(
                    "{} and {} more",
                    employee.name,
                    node["team_size"].as_i64().unwrap_or(1) - 1
                );
                vec![
                    title,
                    text(&row["team_quota"], 0),
                    text(&row["team_actual"], 0),
                    text(&row["attainment"], 3),
                ]
            })
        })
        .collect();
    print(
        "Teams in the same period",
        &["", "quota", "sales", "attainment"],
        &rows,
    );
}

fn territories(data: &Data, report: &Value) {
    let years = ["2011", "2012", "2013", "2014"];
    let rows: Vec<Vec<String>> = data
        .territories
        .iter()
        .map(|territory| {
            let row = &report["by_calendar_year"][&territory.key];
            std::iter::once(territory.name.clone())
                .chain(years.map(|year| text(&row[year]["sub_total"], 0)))
                .collect()
        })
        .collect();
    print(
        "Territories by calendar year",
        &["", "2011", "2012", "2013", "2014"],
        &rows,
    );
}

fn customers(data: &Data, report: &Value) {
    let quarters = &report["customers_by_calendar_quarter"];
    let line = |(period, row): (&str, &Value)| {
        let counts = ["active", "new", "lost_event", "lost_state", "reactivated"]
            .map(|name| text(&row[name], 0));
        std::iter::once(period.to_owned())
            .chain(counts)
            .chain([text(&row["retention_rate"], 3)])
            .collect()
    };
    let rows: Vec<Vec<String>> = members(&quarters["all"]).map(line).collect();
    print(
        "Customers of the company",
        &[
            "",
            "active",
            "new",
            "lost",
            "lost (state)",
            "back",
            "retention",
        ],
        &rows,
    );
    let rows: Vec<Vec<String>> = data
        .employees
        .iter()
        .filter_map(|employee| {
            let row = quarters[&employee.key].as_object()?;
            let sum = |name: &str| {
                row.values()
                    .filter_map(|quarter| quarter[name].as_i64())
                    .sum::<i64>()
                    .to_string()
            };
            Some(vec![
                employee.name.clone(),
                sum("new"),
                sum("lost_event"),
                sum("reactivated"),
            ])
        })
        .collect();
    print(
        "Customers by person, all quarters",
        &["", "new", "lost", "back"],
        &rows,
    );
}

fn goods(document: &Value) {
    let mut rows = Vec::new();
    for (category, years) in
        members(&document["aw_category_month"]["margin_by_category_year_channel"])
    {
        for (year, channels) in members(years) {
            for (channel, row) in members(channels) {
                rows.push(vec![
                    format!("{category} {year} {channel}"),
                    text(&row["revenue"], 0),
                    text(&row["margin"], 0),
                    text(&row["margin_rate"], 3),
                    text(&row["price_realisation"], 3),
                ]);
            }
        }
    }
    print(
        "Margins",
        &["", "revenue", "margin", "rate", "price realisation"],
        &rows,
    );
    let mut rows = Vec::new();
    for (method, channels) in members(&document["aw_settlement_method_year"]) {
        for (channel, years) in members(channels) {
            let cells =
                ["2011", "2012", "2013", "2014"].map(|year| text(&years[year]["total_due"], 0));
            rows.push(
                std::iter::once(format!("{method}, {channel}"))
                    .chain(cells)
                    .collect(),
            );
        }
    }
    print(
        "Settlement methods, total due",
        &["", "2011", "2012", "2013", "2014"],
        &rows,
    );
}
