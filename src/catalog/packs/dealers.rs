//! Dealers who lose motivation and loyalty.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 7] = [
    Shipped {
        key: "no_recent_order",
        title: ("No order for a long time", "长期未下单"),
        watch: Watch::Dealer,
        records: &["order"],
        when: "days_since_order between $days and $lost and days_since_order / order_interval > $times",
        clear: None,
        parameters: &[("days", "45 day"), ("lost", "365 day"), ("times", "3")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "salesperson",
        reason: (
            "Measured by the dealer's own rhythm: several times its usual interval, and never less than a set number of days; beyond the upper limit it is a lost customer, reported elsewhere",
            "以经销商自身订货周期衡量：超过平时间隔若干倍，且不少于规定天数；超过上限即为流失客户，另行提示",
        ),
        message: (
            "{subject} has not ordered for {days_since_order} days; its usual interval is {order_interval} days",
            "{subject} 已 {days_since_order} 天未下单，平时约 {order_interval} 天一单",
        ),
        action: (
            "Visit this week; ask about stock, price and competitors",
            "本周走访，了解库存、价格与竞品",
        ),
    },
    Shipped {
        key: "dealer_sales_decline",
        title: ("Orders down two months running", "订货连续两个月下滑"),
        watch: Watch::Dealer,
        records: &["order"],
        when: "order_interval <= $rhythm and sales falling for 2 months and sales / mean(sales, 6 months) < $share",
        clear: Some("sales / mean(sales, 6 months) >= 80%"),
        parameters: &[("rhythm", "12 day"), ("share", "50%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "salesperson",
        reason: (
            "A dealer who orders at least every twelve days rarely falls by chance: two falls to less than half the six-month average are a turning point; where orders are rare, count the days without an order",
            "至少每 12 天订一次货的经销商很少偶然下滑，连降两个月且不足近 6 个月均值一半就是转折；订货稀少的看未下单天数",
        ),
        message: (
            "Orders of {subject} fell two months running to {sales}, less than {share} of the six-month average",
            "{subject} 订货连续两个月下滑至 {sales}，不足近 6 个月均值的 {share}",
        ),
        action: (
            "Find out what changed: profit, service or another supplier",
            "查明原因：利润、服务还是其他供应商",
        ),
    },
    Shipped {
        key: "low_rebate_use",
        title: ("Rebates not used", "返利使用率低"),
        watch: Watch::Dealer,
        records: &["rebate"],
        when: "rebate_use_quarter < $share",
        clear: None,
        parameters: &[("share", "40%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Standing,
        owner: "salesperson",
        reason: (
            "A dealer who leaves most of three months' rebates unused may not mean to go on",
            "近 3 个月返利大半未用，可能无意继续合作",
        ),
        message: (
            "{subject} has used only {rebate_use_quarter} of the last three months' rebates",
            "{subject} 近 3 个月返利只用了 {rebate_use_quarter}",
        ),
        action: (
            "Show the dealer what the rebate is worth; agree on how to use it",
            "说明返利价值，商定使用计划",
        ),
    },
    Shipped {
        key: "share_of_wallet_decline",
        title: ("Share of wallet falling", "我方进货占比下降"),
        watch: Watch::Dealer,
        records: &["order", "wallet"],
        when: "share_of_wallet_quarter falling for 2 months and previous(share_of_wallet_quarter, 2 months) - share_of_wallet_quarter > $points",
        clear: None,
        parameters: &[("points", "5%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "salesperson",
        reason: (
            "A dealer who moves purchases to others is lost before the orders show it",
            "经销商转向他家进货，占比先降，订单后降",
        ),
        message: (
            "Our share of what {subject} buys fell to {share_of_wallet_quarter}",
            "{subject} 进货中我方占比降至 {share_of_wallet_quarter}",
        ),
        action: (
            "Ask what the others offer: margin, credit terms, delivery",
            "了解竞品给出的利润、账期和配送条件",
        ),
    },
    Shipped {
        key: "thin_dealer_margin",
        title: ("Dealer margin too thin", "经销商利润薄"),
        watch: Watch::Dealer,
        records: &["price_observation"],
        when: "resale_margin_rate < $margin",
        clear: None,
        parameters: &[("margin", "4%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Motivation comes from profit; below 4% a dealer of fast-moving goods hardly covers handling",
            "积极性来自利润；快消品经销商毛利率低于 4% 难以覆盖费用",
        ),
        message: (
            "{subject} earns a margin of {resale_margin_rate} on resale",
            "{subject} 转手毛利率仅 {resale_margin_rate}",
        ),
        action: (
            "Check resale prices and the tiers below before giving more",
            "先查出货价和下级价格，再谈让利",
        ),
    },
    Shipped {
        key: "single_order",
        title: ("Ordered once, then never again", "首单后未再下单"),
        watch: Watch::Dealer,
        records: &["order"],
        when: "days_since_order between $days and $lost and state(order_interval) in (no_base, nothing_recorded) and orders_so_far > 0",
        clear: None,
        parameters: &[("days", "90 day"), ("lost", "365 day")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "salesperson",
        reason: (
            "Default: a dealer with a single order has no rhythm of its own; after 90 days without a second order the first one is being lost, beyond a year it is a lost customer",
            "默认值：只下过一单的经销商没有自身订货周期；90 天没有第二单，首单就白做了；超过一年即为流失客户",
        ),
        message: (
            "{subject} ordered once, {days_since_order} days ago, and has not ordered again",
            "{subject} 只下过一单，距今 {days_since_order} 天，未再下单",
        ),
        action: (
            "Call this week; find out how the first delivery sold",
            "本周致电，了解首批货的动销情况",
        ),
    },
    Shipped {
        key: "never_ordered",
        title: ("Taken on, but never ordered", "建档后从未下单"),
        watch: Watch::Dealer,
        records: &["order"],
        when: "days_since_order between $days and $lost and orders_so_far <= 0",
        clear: None,
        parameters: &[("days", "60 day"), ("lost", "365 day")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "salesperson",
        reason: (
            "Default: whoever has not ordered 60 days after being taken on was won on paper only; silence counts from that day, beyond a year the entry is dead",
            "默认值：建档 60 天仍未下首单，等于没有开发成功；沉默天数从建档之日算起，超过一年视为无效档案",
        ),
        message: (
            "{subject} was taken on {days_since_order} days ago and has never ordered",
            "{subject} 建档已 {days_since_order} 天，从未下单",
        ),
        action: (
            "Visit this week; agree on a first order or end the agreement",
            "本周走访，落实首单或终止合作",
        ),
    },
];
