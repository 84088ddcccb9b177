//! Plain tables for people: columns as wide as their widest cell, numbers to the right.

#![allow(dead_code, reason = "each example uses its own part of this")]

/// Prints a table under a title; columns after the first are set to the right.
pub fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain([head[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    println!("\n{title}");
    let line = |cells: Vec<&str>| {
        let mut text = Vec::new();
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            text.push(if column == 0 {
                format!("  {cell:<width$}")
            } else {
                format!("  {cell:>width$}")
            });
        }
        println!("{}", text.concat().trim_end());
    };
    line(head.to_vec());
    line(
        widths
            .iter()
            .map(|width| "-".repeat(*width))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect(),
    );
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// Groups the digits of a number in threes: 1234567.89 is 1,234,567.89.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number
        .strip_prefix('-')
        .map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, ""), |(whole, fraction)| (whole, fraction));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A figure of a report for people, rounded to this many decimals; a dash where there is none.
pub fn shown(value: &serde_json::Value, places: u32) -> String {
    match value {
        serde_json::Value::String(text) => match text.parse::<rust_decimal::Decimal>() {
            Ok(number) => {
                let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
                grouped(&format!(
                    "{:.1$}",
                    number.round_dp_with_strategy(places, strategy),
                    places as usize
                ))
            }
            Err(_) => text.clone(),
        },
        serde_json::Value::Null => "-".to_owned(),
        other => grouped(&other.to_string()),
    }
}
