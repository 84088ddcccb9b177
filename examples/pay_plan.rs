//! Compares two pay curves on the same year: commission on the whole by tiers, and slices with an accelerator.
//!
//! `cargo run --release --example pay_plan`
#![allow(clippy::print_stdout, clippy::inconsistent_digit_grouping)]

use quotaflow::Error;

use quotaflow::band::{BandDef, Interval};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::pay::{
    Draw, DrawKind, PayCurveDef, PayElementDef, PayPlan, PayPlanDef, compare_pay, split_pool,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{CurveDef, InputDef};
use quotaflow::space::{Axis, Subjects};

type Outcome<T> = Result<T, Error>;

const TIERS: [(&str, &str); 4] = [
    ("(.., 40000)", "0.01"),
    ("[40000, 60000)", "0.02"),
    ("[60000, 80000)", "0.03"),
    ("[80000, ..)", "0.04"),
];

fn main() -> Outcome<()> {
    let panel = year()?;
    let whole = plan("on the whole", PayCurveDef::Whole(CurveDef::steps(TIERS)?))?;
    let slices = TIERS
        .iter()
        .map(|(range, rate)| Ok(BandDef::new(range.parse()?, rate.parse()?)))
        .collect::<Outcome<_>>()?;
    let slices = plan("by slices", PayCurveDef::Marginal(slices))?;

    println!("A cliff, in one month: what the last hundred is worth\n");
    for (name, plan) in [("on the whole", &whole), ("by slices", &slices)] {
        let (below, above) = (at(plan, 59_950_00)?, at(plan, 60_050_00)?);
        println!(
            "{name:<14} 59,950 pays {}, 60,050 pays {}",
            money(below),
            money(above)
        );
    }

    println!(
        "\nThe year\n\n{:<8} {:>14} {:>14} {:>12}",
        "", "on the whole", "by slices", "change"
    );
    let lines = compare_pay(&whole, &slices, &panel)?;
    for (line, name) in lines.iter().zip(panel.subjects().labels()) {
        println!(
            "{name:<8} {:>14} {:>14} {:>12}",
            money(line.old),
            money(line.new),
            money(line.new - line.old)
        );
    }
    let total = |of: fn(&quotaflow::pay::PayCompared) -> i128| lines.iter().map(of).sum::<i128>();
    println!(
        "{:<8} {:>14} {:>14} {:>12}",
        "all",
        money(total(|l| l.old)),
        money(total(|l| l.new)),
        money(total(|l| l.new - l.old))
    );
    let by_month: i128 = slices
        .history(&panel)?
        .iter()
        .map(quotaflow::pay::Payroll::units)
        .sum();
    assert_eq!(by_month, total(|line| line.new), "the months make the year");

    println!("\nWhat December would cost if everybody attained\n");
    println!("{:<8} {:>14} {:>14}", "", "on the whole", "by slices");
    let levels = [80, 100, 120].map(Ratio::percent);
    let december = panel.periods().id("2026-12")?;
    for (old, new) in whole
        .cost(&panel, december, &levels)?
        .iter()
        .zip(slices.cost(&panel, december, &levels)?)
    {
        let percent = old.level.checked_mul(Ratio::from(100))?;
        println!(
            "{:<8} {:>14} {:>14}",
            format!("{percent} %"),
            money(old.units),
            money(new.units)
        );
    }

    evidence(&slices, &panel)?;
    draw_and_pool(&slices, &panel)?;
    Ok(())
}

/// Shows the slices of one month and that they make its pay.
fn evidence(slices: &PayPlan, panel: &Panel) -> Outcome<()> {
    println!("\nEvidence for Ann's December, by slices\n");
    let december = slices.pay(panel, panel.periods().id("2026-12")?)?;
    let element = &december.slips[0].elements[0];
    for slice in &element.slices {
        let rate = slice
            .rate
            .unwrap_or(Ratio::ZERO)
            .checked_mul(Ratio::from(100))?;
        println!(
            "{:<16} {:>8} at {rate} % = {}",
            slice.tier.to_string(),
            slice.part.to_string(),
            slice.pays
        );
    }
    let sum = element
        .slices
        .iter()
        .try_fold(Ratio::ZERO, |sum, slice| sum.checked_add(slice.pays))?;
    assert_eq!(Ok(sum), element.exact);
    Ok(())
}

/// Settles a draw month by month and splits a pool.
fn draw_and_pool(slices: &PayPlan, panel: &Panel) -> Outcome<()> {
    println!("\nA recoverable draw of 900.00 for Cy, month by month\n");
    let draw = Draw::new(DrawKind::RecoverableMinimum, 900_00)?;
    let (mut owed, mut earned_all, mut paid_all) = (0, 0, 0);
    for (month, payroll) in panel.periods().iter().zip(slices.history(panel)?) {
        let earned = payroll.slips[2].units.unwrap_or(0);
        let settled = draw.settle(earned, owed)?;
        owed = settled.owed;
        (earned_all, paid_all) = (earned_all + earned, paid_all + settled.paid);
        let label = month.label.to_string();
        println!(
            "{label:<8} earned {:>9} paid {:>9} owed {:>9}",
            money(earned),
            money(settled.paid),
            money(owed)
        );
    }
    assert_eq!(earned_all + owed, paid_all, "what was paid ahead is owed");

    let scores = [104, 87, 61].map(|score| Ok(Ratio::from(score)));
    let pool = split_pool(10_000_00, &scores, &Interval::at_least(Ratio::from(60)))?;
    println!(
        "\nA pool of 10,000.00 by scores of 104, 87 and 61: {}",
        pool.iter()
            .map(|units| money(*units))
            .collect::<Vec<_>>()
            .join(", ")
    );
    assert_eq!(pool.iter().sum::<i64>(), 10_000_00);
    Ok(())
}

fn plan(name: &str, curve: PayCurveDef) -> Outcome<PayPlan> {
    let element = PayElementDef::new(
        "commission",
        InputDef::value(ColumnKey::actual("sales")?),
        curve,
    )?;
    Ok(PayPlan::compile(PayPlanDef::new(name, vec![element])?)?)
}

fn keys(names: &[&str]) -> Outcome<Vec<Key>> {
    Ok(names.iter().map(Key::new).collect::<Result<_, _>>()?)
}

fn panel_of(names: &[&str], to: &str) -> Outcome<Panel> {
    let subjects = Subjects::new(Axis::new("person", "person")?, keys(names)?)?;
    Ok(Panel::new(
        subjects,
        Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, to.parse()?)?,
    ))
}

fn column(key: &str, units: Vec<i64>) -> Outcome<Column> {
    Ok(Column::amounts(
        key.parse()?,
        "money:CNY".parse()?,
        Quantum::CENT,
        units,
    ))
}

/// What a plan pays for one month's sales.
fn at(plan: &PayPlan, sales: i64) -> Outcome<i64> {
    let mut panel = panel_of(&["one"], "2026-02-01")?;
    panel.add(column("sales", vec![sales])?)?;
    Ok(plan.pay(&panel, panel.periods().id("2026-01")?)?.slips[0]
        .units
        .unwrap_or(0))
}

/// A year of three people: steady, seasonal, and growing.
fn year() -> Outcome<Panel> {
    let mut panel = panel_of(&["Ann", "Bo", "Cy"], "2027-01-01")?;
    let sales = (0..12).flat_map(|month| {
        let season = [58, 40, 52, 55, 60, 66, 70, 72, 61, 63, 80, 95][month];
        let month = i64::try_from(month).unwrap_or(0);
        [
            61_234_56 + month * 10_00,
            season * 1_000_00 + 12_34,
            35_000_00 + month * 4_321_09,
        ]
    });
    panel.add(column("sales", sales.collect())?)?;
    panel.add(column("target:sales", vec![60_000_00; 36])?)?;
    Ok(panel)
}

fn money(cents: impl Into<i128>) -> String {
    let cents = cents.into();
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}
