//! Dealers: what they buy and sell on, stock and its cover, what they earn, rebates, share of wallet, rhythm.

use super::family;
use super::terms::{Made, costed, distinct, of, rest, share, sum};
use crate::key::Key;
use crate::metric::{Entity, Formula, SameDay, Value, Valued};

fn bought(measure: &str) -> Made {
    Formula::sum(measure, "sell_in")
}

fn sold_on(measure: &str) -> Made {
    Formula::sum(measure, "sell_out")
}

fn stock() -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new("volume")?),
        entity: Entity::Attribute(Key::new("position")?),
        of: of("stock")?,
    })
}

fn order_gap() -> Result<Value, crate::metric::MetricError> {
    let dealer = Entity::Member {
        dimension: Key::new("dealer")?,
        level: None,
    };
    Ok(Value::Gap {
        entity: Some(dealer),
        same_day: SameDay::Once,
    })
}

family! { "dealers";
    /// What dealers bought from us: sell-in.
    purchases: "money", Larger, "sell-in";
    bought("sales")?;
    "2026-03-02 sell_in dealer=d1 sales=1000" => "1000"

    /// What dealers sold on, at their prices: sell-out.
    sell_out: "money", Larger, "sell-out";
    sold_on("sales")?;
    "2026-03-02 sell_out dealer=d1 sales=1200" => "1200"

    /// Pieces that dealers bought from us.
    sell_in_volume: "count:piece", Larger, "sell-in";
    bought("volume")?;
    "2026-03-02 sell_in dealer=d1 volume=100" => "100"

    /// Pieces that dealers sold on.
    sell_out_volume: "count:piece", Larger, "sell-out";
    sold_on("volume")?;
    "2026-03-02 sell_out dealer=d1 volume=60" => "60"

    /// Pieces sold on as a share of pieces bought.
    sell_through: "share", Larger, "sell-out / sell-in, in pieces";
    share(sold_on("volume")?, bought("volume")?);
    "2026-03-02 sell_in dealer=d1 volume=100",
    "2026-03-20 sell_out dealer=d1 volume=60" => "0.6"

    /// Pieces bought and not sold on: the gap that fills the dealers' stores.
    sell_in_surplus: "count:piece", Smaller, "";
    bought("volume")?.less(sold_on("volume")?);
    "2026-03-02 sell_in dealer=d1 volume=100",
    "2026-03-20 sell_out dealer=d1 volume=60" => "40"

    /// Pieces that dealers hold: the latest count of each position (a product at a dealer).
    dealer_stock: "count:piece", Target, "latest count of each position";
    stock()?;
    "2026-02-02 stock dealer=d1 position=d1/p1 volume=80",
    "2026-03-02 stock dealer=d1 position=d1/p1 volume=50",
    "2026-02-02 stock dealer=d1 position=d1/p2 volume=5" => "55"

    /// Days for which the stock lasts at the period's rate of sell-out. Without sell-out: no base.
    stock_cover: "day", Target, "stock / sell-out in a day";
    stock()?.per(sold_on("volume")?.per(Formula::Days));
    "2026-03-02 stock dealer=d1 position=d1/p1 volume=90",
    "2026-03-20 sell_out dealer=d1 volume=62" => "45"

    /// Mean days between two days on which the same dealer ordered, of the orders of the period.
    dealer_order_interval: "day", Smaller, "";
    Formula::Mean(Valued::new(order_gap()?, of("sell_in")?));
    "2026-02-20 sell_in dealer=d1",
    "2026-03-02 sell_in dealer=d1" => "10"

    /// The longest time, in days, between two orders of the same dealer.
    dealer_order_interval_longest: "day", Smaller, "";
    Formula::Maximum(Valued::new(order_gap()?, of("sell_in")?));
    "2026-02-20 sell_in dealer=d1",
    "2026-03-02 sell_in dealer=d1",
    "2026-03-03 sell_in dealer=d1" => "10"

    /// Days since a dealer last bought from us.
    days_since_last_purchase: "day", Smaller, "";
    Formula::Since(of("sell_in")?);
    "2026-03-01 sell_in dealer=d1" => "30"

    /// Dealers that bought.
    active_dealers: "count:dealer", Larger, "distinct dealers with sell-in";
    distinct("dealer", of("sell_in")?)?;
    "2 x 2026-03-01 sell_in dealer=d1",
    "2026-03-02 sell_in dealer=d2" => "2"

    /// What dealers earn with us: sell-out less what these goods cost them, where that is known.
    dealer_margin: "money", Larger, "";
    costed("sales", "sell_out")?.less(costed("cost_of_sales", "sell_out")?);
    "2026-03-20 sell_out dealer=d1 sales=120 cost_of_sales=100",
    "2026-03-21 sell_out dealer=d1 sales=90" => "20"

    /// What dealers earn with us as a share of their sell-out, where its cost is known.
    dealer_margin_rate: "share", Larger, "";
    rest(costed("cost_of_sales", "sell_out")?, costed("sales", "sell_out")?);
    "2026-03-20 sell_out dealer=d1 sales=125 cost_of_sales=100",
    "2026-03-21 sell_out dealer=d1 sales=90" => "0.2"

    /// Rebates earned.
    rebates_earned: "money", Neutral, "";
    Formula::sum("rebate_earned", "rebate")?;
    "2026-03-20 rebate dealer=d1 rebate_earned=50" => "50"

    /// Rebates used as a share of rebates earned.
    rebate_utilisation: "share", Larger, "";
    share(Formula::sum("rebate_used", "rebate")?, Formula::sum("rebate_earned", "rebate")?);
    "2026-03-20 rebate dealer=d1 rebate_earned=50 rebate_used=20",
    "2026-03-25 rebate dealer=d1 rebate_used=20" => "0.8"

    /// What dealers bought from us as a share of everything that they bought.
    share_of_wallet: "share", Larger, "";
    share(bought("sales")?, Formula::sum("all_purchases", "wallet")?);
    "2026-03-02 sell_in dealer=d1 sales=300",
    "2026-03-31 wallet dealer=d1 all_purchases=1000" => "0.3"

    /// Pieces that dealers sent back as a share of the pieces that they bought.
    dealer_return_rate: "share", Smaller, "";
    share(sum("volume", of("goods_return")?)?, bought("volume")?);
    "2026-03-02 sell_in dealer=d1 volume=100",
    "2026-03-28 goods_return dealer=d1 volume=10" => "0.1"
}
