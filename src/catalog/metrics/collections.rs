//! Collections, receivables, ageing, days sales outstanding, credit.

use super::family;
use super::terms::{
    Made, average, by, mean_days, member, negative, of, open, past_due, share, sum, with, within,
};
use crate::key::Key;
use crate::metric::{Formula, QuantileMethod, Timeframe, Value};
use crate::quantity::Ratio;

fn paid() -> Made {
    Formula::sum("amount", "payment")
}

fn amount_invoiced() -> Made {
    Formula::sum("amount", "invoice")
}

fn fell_due() -> Made {
    sum("amount", by("invoice", "due")?)
}

fn unsettled() -> Made {
    open(Some("amount"), of("invoice")?, "settled", None)
}

fn ever(measure: &str, kind: &str) -> Made {
    sum(measure, of(kind)?.in_window(Timeframe::AsOf))
}

fn limit() -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new("limit")?),
        entity: member("customer")?,
        of: of("credit_limit")?,
    })
}

/// Opening receivables and what was invoiced: what there was to collect.
fn collectable() -> Made {
    Ok(unsettled()?.earlier(1).plus(amount_invoiced()?))
}

fn undelivered() -> Made {
    open(Some("sales"), of("order")?, "delivered", None)
}

family! { "collections";
    /// Money collected (回款), by the day of payment.
    collections: "money", Larger, "";
    paid()?;
    "2026-03-05 payment amount=400",
    "2026-03-28 payment amount=100" => "500"

    /// What was invoiced.
    invoiced: "money", Larger, "invoices by their day";
    amount_invoiced()?;
    "2026-03-05 invoice amount=400 due=2026-04-04" => "400"

    /// What fell due in the period.
    amount_due: "money", Neutral, "invoices by their due day";
    fell_due()?;
    "2026-02-05 invoice amount=400 due=2026-03-07" => "400"

    /// Money collected as a share of what fell due in the period: above 1 where arrears come in. A target of collection in
    /// full is 1.
    collection_rate: "share", Larger, "";
    share(paid()?, fell_due()?);
    "2026-02-05 invoice amount=400 due=2026-03-07",
    "2026-03-10 payment amount=300" => "0.75"

    /// The share, in money, of what fell due in the period that was settled by its due day.
    paid_on_time: "share", Larger, "invoices settled by their due day / invoices fallen due";
    share(sum("amount", within("due", "settled", 0, by("invoice", "due")?)?)?, fell_due()?);
    "2026-02-05 invoice amount=300 due=2026-03-07 settled=2026-03-07",
    "2026-02-06 invoice amount=100 due=2026-03-08 settled=2026-03-20" => "0.75"

    /// Invoices that are not settled at the end of the period.
    receivables: "money", Smaller, "";
    unsettled()?;
    "2026-01-05 invoice amount=400 due=2026-02-04 settled=2026-03-02",
    "2026-02-05 invoice amount=300 due=2026-03-07" => "300"

    /// Everything invoiced to date less everything paid and written off to date: the balance where payments are partial.
    receivables_balance: "money", Smaller, "account balance";
    ever("amount", "invoice")?.plus(negative(ever("amount", "payment")?)).less(ever("amount", "write_off")?);
    "2026-01-05 invoice amount=400",
    "2026-02-05 payment amount=150",
    "2026-03-05 write_off amount=50" => "200"

    /// The mean of the receivables at the beginning and at the end of the period.
    average_receivables: "money", Smaller, "average balance, (opening + closing) / 2";
    average(unsettled()?);
    "2026-02-05 invoice amount=300 due=2026-03-07",
    "2026-03-05 invoice amount=200 due=2026-04-04" => "400"

    /// Invoices that are not settled and past their due day.
    overdue: "money", Smaller, "";
    past_due(Some(1), None)?;
    "2026-02-05 invoice amount=300 due=2026-03-07",
    "2026-03-05 invoice amount=200 due=2026-03-31" => "300"

    /// Overdue as a share of receivables.
    overdue_share: "share", Smaller, "overdue / receivables";
    share(past_due(Some(1), None)?, unsettled()?);
    "2026-02-05 invoice amount=300 due=2026-03-07",
    "2026-03-05 invoice amount=100 due=2026-04-04" => "0.75"

    /// Receivables that are not past due: the first bucket of the ageing.
    not_due: "money", Neutral, "ageing bucket: days past due at most 0";
    past_due(None, Some(0))?;
    "2026-03-05 invoice amount=200 due=2026-03-31" => "200"

    /// Receivables 1 to 30 days past due.
    overdue_1_30: "money", Smaller, "ageing bucket";
    past_due(Some(1), Some(30))?;
    "2026-02-01 invoice amount=200 due=2026-03-01",
    "2026-02-01 invoice amount=50 due=2026-02-28" => "200"

    /// Receivables 31 to 60 days past due.
    overdue_31_60: "money", Smaller, "ageing bucket";
    past_due(Some(31), Some(60))?;
    "2026-02-01 invoice amount=200 due=2026-03-01",
    "2026-02-01 invoice amount=50 due=2026-02-28" => "50"

    /// Receivables 61 to 90 days past due.
    overdue_61_90: "money", Smaller, "ageing bucket";
    past_due(Some(61), Some(90))?;
    "2025-12-20 invoice amount=70 due=2026-01-10" => "70"

    /// Receivables more than 90 days past due.
    overdue_over_90: "money", Smaller, "ageing bucket";
    past_due(Some(91), None)?;
    "2025-10-20 invoice amount=70 due=2025-11-20" => "70"

    /// Days sales outstanding: receivables at the end for each day's invoices of the period. Without invoices: no base.
    days_sales_outstanding: "day", Smaller, "DSO = receivables / invoiced x days in period";
    unsettled()?.per(amount_invoiced()?.per(Formula::Days));
    "2026-02-05 invoice amount=300 due=2026-03-07",
    "2026-03-05 invoice amount=310 due=2026-04-04 settled=2026-03-20" => "30"

    /// How much of what there was to collect was collected, in the part that was due: (opening receivables + invoiced -
    /// closing receivables) / (opening receivables + invoiced - closing receivables not due).
    collection_effectiveness: "share", Larger, "collection effectiveness index (CEI)";
    share(collectable()?.less(unsettled()?), collectable()?.less(past_due(None, Some(0))?));
    "2026-02-05 invoice amount=300 due=2026-03-07 settled=2026-03-10",
    "2026-02-06 invoice amount=100 due=2026-03-08",
    "2026-03-05 invoice amount=200 due=2026-04-04" => "0.75"

    /// The mean days from the invoice to its settlement, of those settled in the period.
    days_to_pay: "day", Smaller, "days from invoice to settlement";
    mean_days("day", "settled", by("invoice", "settled")?)?;
    "2026-02-01 invoice amount=1 settled=2026-03-03",
    "2026-02-21 invoice amount=1 settled=2026-03-03" => "20"

    /// The mean days from the due day to settlement, of those settled in the period; early ones are negative.
    average_days_delinquent: "day", Smaller, "days past due when settled";
    mean_days("due", "settled", by("invoice", "settled")?)?;
    "2026-02-01 invoice amount=1 due=2026-03-01 settled=2026-03-11",
    "2026-02-01 invoice amount=1 due=2026-03-13 settled=2026-03-11" => "4"

    /// The median days from the due day to settlement, of those settled in the period.
    median_days_delinquent: "day", Smaller, "median", "Hyndman, Fan: Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), type 7";
    Formula::Quantile {
        value: Value::Days { from: Key::new("due")?, to: Key::new("settled")? },
        of: by("invoice", "settled")?,
        p: Ratio::percent(50),
        method: QuantileMethod::Type7,
    };
    "2026-02-01 invoice amount=1 due=2026-03-01 settled=2026-03-02",
    "2026-02-01 invoice amount=1 due=2026-03-01 settled=2026-03-04",
    "2026-02-01 invoice amount=1 due=2026-03-01 settled=2026-03-29" => "3"

    /// The mean age, in days since the invoice, of what is not settled.
    receivables_age: "day", Smaller, "mean age of open invoices";
    Formula::OpenAge { of: of("invoice")?, until: Some(Key::new("settled")?), since: Key::new("day")? };
    "2026-03-01 invoice amount=1",
    "2026-03-21 invoice amount=1" => "20"

    /// The share of the invoices that are disputed.
    dispute_rate: "share", Smaller, "disputed invoices / invoices";
    share(Formula::Count(with("invoice", "disputed", "yes")?), Formula::count("invoice")?);
    "2026-03-01 invoice amount=1 disputed=yes",
    "3 x 2026-03-01 invoice amount=1 disputed=no" => "0.25"

    /// What was written off.
    write_offs: "money", Smaller, "bad debt";
    Formula::sum("amount", "write_off")?;
    "2026-03-31 write_off amount=80" => "80"

    /// The credit that customers may use: each one's latest limit.
    credit_limit: "money", Neutral, "";
    limit()?;
    "2026-01-01 credit_limit customer=c1 limit=500",
    "2026-02-01 credit_limit customer=c1 limit=400",
    "2026-01-01 credit_limit customer=c2 limit=100" => "500"

    /// Receivables and orders that are not delivered: what is at risk.
    credit_exposure: "money", Smaller, "";
    unsettled()?.plus(undelivered()?);
    "2026-02-05 invoice amount=300 due=2026-03-07",
    "2026-03-30 order sales=100" => "400"

    /// Receivables as a share of the credit limits; above 1 the limit is exceeded.
    credit_utilisation: "share", Smaller, "";
    share(unsettled()?, limit()?);
    "2026-01-01 credit_limit customer=c1 limit=500",
    "2026-02-05 invoice customer=c1 amount=600 due=2026-03-07" => "1.2"

    /// Receivables whose salesperson is not known.
    unassigned_receivables: "money", Smaller, "";
    open(
        Some("amount"),
        of("invoice")?.only(crate::metric::Filter::Not(Box::new(crate::metric::Filter::has("person")?))),
        "settled",
        None,
    )?;
    "2026-03-05 invoice person=ann amount=300",
    "2026-03-05 invoice amount=40" => "40"
}
