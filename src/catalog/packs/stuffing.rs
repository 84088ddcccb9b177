//! S13: sales are pulled forward at the cost of the market.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "sell_in_above_sell_out",
        title: ("sell-in far above sell-out", "进货远超出货"),
        watch: Watch::Dealer,
        records: &["order", "sell_out"],
        when: "sell_in_to_sell_out > $times",
        clear: None,
        parameters: &[("times", "140%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "over three months a dealer cannot sell less than five sevenths of what came in without filling the store",
            "三个月内进多出少，只能压在库里",
        ),
        message: (
            "{subject} took in {sell_in_to_sell_out} of what it sold on within three months",
            "{subject} 三个月进货为出货的 {sell_in_to_sell_out}",
        ),
        action: (
            "stop pushing; help to sell out before the next order",
            "停止压货，先帮助出货",
        ),
    },
    Shipped {
        key: "period_end_spike",
        title: ("spike at the end of the month", "月底冲量"),
        watch: Watch::Person,
        records: &["order"],
        when: "period_end_share > $share and from_median(period_end_share) > $apart",
        clear: None,
        parameters: &[("share", "45%"), ("apart", "20%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "the last five days are a fifth of the working days; more than twice that, two months running, and clearly more than colleagues, is made; where all book at the end it is a habit of the books",
            "最后五天约占工作日两成，连续两月超过两倍且明显高于同事就是人为；人人如此则是记账习惯",
        ),
        message: (
            "{period_end_share} of the month of {subject} fell into its last five days",
            "{subject} 当月 {period_end_share} 的销售集中在最后五天",
        ),
        action: (
            "look at the stock of the dealers who ordered; pay by sell-out",
            "核查下单经销商库存，改按出货计酬",
        ),
    },
    Shipped {
        key: "spike_and_hole",
        title: ("a spike and the hole after it", "冲高后塌陷"),
        watch: Watch::Person,
        records: &["order"],
        when: "previous(sales) / previous(mean(sales, 3 months)) > $spike and sales / previous(mean(sales, 3 months)) < $hole",
        clear: None,
        parameters: &[("spike", "160%"), ("hole", "50%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "a month far above the three before, followed by one far below, is one order pulled forward; the season moves both less",
            "前月远高、本月远低于常态，就是把订单提前了；季节不会如此大起大落",
        ),
        message: (
            "after a month far above the usual {subject} sells {sales}",
            "{subject} 上月冲高之后本月只有 {sales}",
        ),
        action: (
            "compare with sell-out; judge the two months together",
            "对照出货，两月合并考核",
        ),
    },
    Shipped {
        key: "stock_too_long",
        title: ("stock for too long", "经销商库存过高"),
        watch: Watch::Dealer,
        records: &["stock", "sell_out"],
        when: "stock_cover_quarter > $days",
        clear: None,
        parameters: &[("days", "75 day")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "two and a half months of stock block money and age; the agreed days of a trade go here",
            "两个半月库存占压资金且易过期，请按行业约定设定",
        ),
        message: (
            "{subject} has stock for {stock_cover_quarter} days",
            "{subject} 库存可销 {stock_cover_quarter} 天",
        ),
        action: (
            "no new order before the cover is below the agreed days; move stock to where it sells",
            "降到约定天数前不再进货，调剂库存",
        ),
    },
    Shipped {
        key: "returns_high",
        title: ("many returns", "退货多"),
        watch: Watch::Dealer,
        records: &["goods_return", "order"],
        when: "return_rate_quarter > $share",
        clear: None,
        parameters: &[("share", "8%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "goods that come back were never sold; the rate is over three months, since returns come late",
            "退回的货从未卖出；退货滞后，按三个月计",
        ),
        message: (
            "{subject} sent back {return_rate_quarter} of what it bought",
            "{subject} 退货率 {return_rate_quarter}",
        ),
        action: (
            "see which orders came back and who asked for them",
            "查明退的是哪些单、谁要求下的单",
        ),
    },
];
