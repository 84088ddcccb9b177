//! Sales, prices below the list, receivables, expense.

use super::{add, dealer, has, less, opened, sum};
use crate::key::Key;
use crate::measure::Direction;
use crate::metric::{Formula, MetricDef, MetricError, Selection, Timeframe, Value};

type Made = Result<Formula, MetricError>;

pub(super) fn add_to(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Neutral, Smaller};
    let sold = |measure| sum(measure, Selection::of("order")?);
    add(to, "sales", "sales", Larger, sold("sales")?)?;
    let listed = |measure| sum(measure, has(Selection::of("order")?, &["list_value"])?);
    add(
        to,
        "discount_depth",
        "discount off list value, share",
        Smaller,
        less(listed("list_value")?, listed("sales")?).per(listed("list_value")?),
    )?;
    let costed = |measure| sum(measure, has(Selection::of("order")?, &["cost_of_sales"])?);
    add(
        to,
        "margin_rate",
        "sales less cost, as a share of sales",
        Larger,
        less(costed("sales")?, costed("cost_of_sales")?).per(costed("sales")?),
    )?;
    add(
        to,
        "last_five_days_share",
        "the share of sales in the last five days",
        Neutral,
        sum(
            "sales",
            Selection::of("order")?.in_window(Timeframe::LastDays(5)),
        )?
        .per(sold("sales")?),
    )?;
    add(
        to,
        "collections",
        "collections",
        Larger,
        Formula::sum("amount", "payment")?,
    )?;
    add(
        to,
        "receivables",
        "invoices that are not settled",
        Smaller,
        open_invoices(None)?,
    )?;
    add(
        to,
        "overdue",
        "overdue receivables",
        Smaller,
        open_invoices(Some(1))?,
    )?;
    add(
        to,
        "overdue_over_90",
        "receivables more than 90 days past their due day",
        Smaller,
        open_invoices(Some(91))?,
    )?;
    add(
        to,
        "overdue_share",
        "overdue, as a share of receivables",
        Smaller,
        open_invoices(Some(1))?.per(open_invoices(None)?),
    )?;
    add(
        to,
        "credit_limit",
        "the credit limit that holds",
        Neutral,
        last("limit", "credit_limit")?,
    )?;
    let spent = || Formula::sum("expense", "expense");
    add(to, "expense", "selling expense", Smaller, spent()?)?;
    add(
        to,
        "expense_ratio",
        "selling expense, as a share of sales",
        Smaller,
        spent()?.per(sold("sales")?),
    )
}

fn last(measure: &str, kind: &str) -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new(measure)?),
        entity: dealer()?,
        of: Selection::of(kind)?,
    })
}

fn open_invoices(days_late: Option<i32>) -> Made {
    let value = Value::Measure(Key::new("amount")?);
    let age = days_late.map(|days| ("due", days));
    opened(Selection::of("invoice")?, Some(value), "settled", age)
}
