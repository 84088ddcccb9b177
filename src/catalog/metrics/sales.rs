//! Sales, volume, margin, expense, growth and concentration.

use super::family;
use super::terms::{Made, costed, member, negative, of, rest, share, sum};
use crate::calendar::Grain;
use crate::metric::{Concentration, Formula, Timeframe, Valued};

fn sold() -> Made {
    Formula::sum("sales", "order")
}

fn line(measure: &str) -> Made {
    Formula::sum(measure, "order_line")
}

fn margin() -> Made {
    Ok(costed("sales", "order_line")?.less(costed("cost_of_sales", "order_line")?))
}

fn to_date(grain: Grain) -> Made {
    sum("sales", of("order")?.in_window(Timeframe::ToDate(grain)))
}

fn concentration(dimension: &str, kind: &str, figure: Concentration) -> Made {
    let value = crate::metric::Value::Measure(crate::key::Key::new("sales")?);
    Ok(Formula::Concentration {
        value: Some(value),
        entity: member(dimension)?,
        of: of(kind)?,
        figure,
    })
}

family! { "sales";
    /// What was ordered in the period, by the day of the order.
    sales: "money", Larger, "";
    sold()?;
    "2026-02-27 order sales=900",
    "2026-03-02 order sales=1000.50",
    "2026-03-30 order sales=500" => "1500.5"

    /// The number of orders.
    orders: "count:order", Larger, "";
    Formula::count("order")?;
    "2 x 2026-03-02 order sales=100" => "2"

    /// What an order is worth on average. Without an order: no base.
    average_order_value: "money", Larger, "average order value, sales / orders";
    Formula::Mean(Valued::measure("sales", of("order")?)?);
    "2026-03-02 order sales=100",
    "2026-03-03 order sales=50" => "75"

    /// The number of pieces ordered.
    volume: "count:piece", Larger, "";
    line("volume")?;
    "2026-03-02 order_line volume=24",
    "2026-03-09 order_line volume=12" => "36"

    /// Sales from the beginning of the month to the period's last day.
    sales_month_to_date: "money", Larger, "month to date";
    to_date(Grain::Month)?;
    "2026-02-28 order sales=10",
    "2026-03-01 order sales=20" => "20"

    /// Sales from the beginning of the quarter to the period's last day.
    sales_quarter_to_date: "money", Larger, "quarter to date";
    to_date(Grain::Quarter)?;
    "2025-12-31 order sales=10",
    "2026-02-28 order sales=20",
    "2026-03-01 order sales=30" => "50"

    /// Sales from the beginning of the year to the period's last day.
    sales_year_to_date: "money", Larger, "year to date";
    to_date(Grain::Year)?;
    "2025-12-31 order sales=10",
    "2026-01-01 order sales=20",
    "2026-03-01 order sales=30" => "50"

    /// The change of sales against the period before, as a share of it. Where nothing was sold then: no base.
    sales_growth: "share", Larger, "";
    sold()?.growth(1);
    "2026-02-10 order sales=1000",
    "2026-03-10 order sales=1100" => "0.1"

    /// The change of sales against the same period a year earlier, by the calendar.
    sales_growth_year: "share", Larger, "same period last year";
    sold()?.year_growth();
    "2025-03-10 order sales=800",
    "2026-02-10 order sales=9999",
    "2026-03-10 order sales=1000" => "0.25"

    /// Sales of the same period a year earlier.
    sales_last_year: "money", Neutral, "same period last year";
    sold()?.last_year();
    "2025-03-10 order sales=800",
    "2026-03-10 order sales=1000" => "800"

    /// The subject's share in the sales of all subjects of the panel.
    sales_share: "share", Larger, "share of parent";
    Formula::Share { of: Box::new(sold()?), within: Vec::new() };
    "2026-03-10 order person=ann sales=300" => "1"

    /// Sales less what the goods cost, of the order lines whose cost is known.
    gross_margin: "money", Larger, "";
    margin()?;
    "2026-03-02 order_line sales=1000 cost_of_sales=700",
    "2026-03-03 order_line sales=500 cost_of_sales=400",
    "2026-03-04 order_line sales=90" => "400"

    /// Gross margin as a share of sales: of the sums, never the mean of rates, over the lines whose cost is known.
    margin_rate: "share", Larger, "gross margin / sales";
    rest(costed("cost_of_sales", "order_line")?, costed("sales", "order_line")?);
    "2026-03-02 order_line sales=1000 cost_of_sales=700",
    "2026-03-03 order_line sales=250 cost_of_sales=200",
    "2026-03-04 order_line sales=90" => "0.28"

    /// Selling expense.
    expense: "money", Smaller, "";
    Formula::sum("expense", "expense")?;
    "2026-03-05 expense person=ann expense=120.50",
    "2026-03-06 expense person=bo expense=79.50" => "200"

    /// Selling expense as a share of sales. Without sales: no base.
    expense_ratio: "share", Smaller, "";
    share(Formula::sum("expense", "expense")?, sold()?);
    "2026-03-05 expense expense=80",
    "2026-03-06 order sales=1000" => "0.08"

    /// Gross margin less selling expense: the profit that the subject brings.
    contribution_margin: "money", Larger, "";
    margin()?.less(Formula::sum("expense", "expense")?);
    "2026-03-02 order_line sales=1000 cost_of_sales=700",
    "2026-03-05 expense expense=120" => "180"

    /// Goods that came back, in money.
    returns: "money", Smaller, "";
    Formula::sum("sales", "goods_return")?;
    "2026-03-20 goods_return sales=150" => "150"

    /// Goods that came back as a share of sales.
    return_rate: "share", Smaller, "returns / sales";
    share(Formula::sum("sales", "goods_return")?, sold()?);
    "2026-03-02 order sales=1000",
    "2026-03-20 goods_return sales=50" => "0.05"

    /// Sales less what came back.
    net_sales: "money", Larger, "sales less returns";
    sold()?.plus(negative(Formula::sum("sales", "goods_return")?));
    "2026-03-02 order sales=1000",
    "2026-03-20 goods_return sales=50" => "950"

    /// The share of the five largest customers in sales.
    customer_concentration: "share", Smaller, "top-5 concentration ratio";
    concentration("customer", "order", Concentration::Top(5))?;
    "2026-03-02 order customer=c1 sales=500",
    "5 x 2026-03-02 order customer=c2 sales=20",
    "2026-03-02 order customer=c3 sales=100",
    "2026-03-02 order customer=c4 sales=100",
    "2026-03-02 order customer=c5 sales=100",
    "2026-03-02 order customer=c6 sales=100" => "0.9"

    /// The sum of the squared shares of all customers in sales: 1 for a single one.
    customer_hhi: "share", Smaller, "Herfindahl-Hirschman index", "Hirschman: The Paternity of an Index, American Economic Review 54 (1964)";
    concentration("customer", "order", Concentration::Herfindahl)?;
    "2026-03-02 order customer=c1 sales=60",
    "2026-03-02 order customer=c2 sales=40" => "0.52"

    /// The share of the five products that sell most in sales.
    product_concentration: "share", Smaller, "top-5 concentration ratio";
    concentration("product", "order_line", Concentration::Top(5))?;
    "2026-03-02 order_line product=p1 sales=60",
    "2026-03-02 order_line product=p2 sales=40" => "1"
}
