//! Sales are pulled forward at the cost of the market.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 6] = [
    Shipped {
        key: "sell_in_above_sell_out",
        title: ("Sell-in far above sell-out", "进货远大于出货"),
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
            "When sell-in is 140% of sell-out over three months, the rest is in the dealer's warehouse",
            "3 个月进货达出货的 140%，多出的都压在库里",
        ),
        message: (
            "Over three months {subject} bought {sell_in_to_sell_out} of what it sold on",
            "{subject} 近 3 个月进货为出货的 {sell_in_to_sell_out}",
        ),
        action: (
            "Stop pushing stock; help the dealer sell before the next order",
            "停止压货，先帮经销商出货，再谈下一单",
        ),
    },
    Shipped {
        key: "period_end_spike",
        title: ("Month-end spike", "月底冲量"),
        watch: Watch::Person,
        records: &["order"],
        when: "last_five_days_share > $share and from_median(last_five_days_share) > $apart",
        clear: None,
        parameters: &[("share", "45%"), ("apart", "20%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "The last five days are a fifth of the working days; more than twice that, two months running and clearly above colleagues, is pushed. Where everybody books at month end it is a bookkeeping habit",
            "最后 5 天约占工作日两成，连续两个月超过其两倍且明显高于同事，就是人为冲量；人人如此则是记账习惯",
        ),
        message: (
            "{last_five_days_share} of the month's sales of {subject} fell into the last five days",
            "{subject} 当月有 {last_five_days_share} 的销售集中在最后 5 天",
        ),
        action: (
            "Check the stock of the dealers who ordered; tie incentives to sell-out",
            "核查下单经销商库存，激励与出货挂钩",
        ),
    },
    Shipped {
        key: "spike_then_slump",
        title: ("Spike, then slump", "冲高回落"),
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
            "A month far above the three before and then one far below is an order pulled forward; the season moves less",
            "上月远高于、本月远低于此前常态，是把订单提前了；季节波动没有这么大",
        ),
        message: (
            "{subject} sold only {sales} after a month far above the usual",
            "{subject} 上月冲量后，本月仅销售 {sales}",
        ),
        action: (
            "Compare with sell-out; judge both months together",
            "对照出货，两个月合并考核",
        ),
    },
    Shipped {
        key: "high_stock_cover",
        title: ("Dealer stock cover too long", "经销商库存天数过高"),
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
            "Two and a half months of stock tie up cash and age; set the days agreed in your trade",
            "两个半月库存占压资金且易过期，天数请按行业约定设定",
        ),
        message: (
            "{subject} has stock for {stock_cover_quarter} days",
            "{subject} 库存可销 {stock_cover_quarter} 天",
        ),
        action: (
            "Hold new orders until cover is below the agreed days; move stock to where it sells",
            "降到约定天数前暂缓进货，并调剂库存",
        ),
    },
    Shipped {
        key: "high_return_rate",
        title: ("High return rate", "退货率高"),
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
            "Goods that come back were never sold; the rate covers three months, since returns come late",
            "退回的货等于没卖出去；退货滞后，按 3 个月计",
        ),
        message: (
            "{subject} returned {return_rate_quarter} of what it bought in three months",
            "{subject} 近 3 个月退货率 {return_rate_quarter}",
        ),
        action: (
            "Find which orders came back and who asked for them",
            "查明退的是哪些订单、当初由谁要求下单",
        ),
    },
    Shipped {
        key: "month_end_habit",
        title: ("Whole team sells at month end", "全团队月底集中出单"),
        watch: Watch::Team,
        records: &["order"],
        when: "last_five_days_share > $share",
        clear: None,
        parameters: &[("share", "45%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "Default: when a whole team sells more than 45% in the last five days two months running, nobody stands out against colleagues; the habit itself is the exception",
            "默认值：整个团队连续两个月有 45% 以上的销售集中在最后 5 天，同事之间看不出差别，习惯本身就是异常",
        ),
        message: (
            "{last_five_days_share} of the month's sales of {subject} as a whole fell into the last five days",
            "{subject} 整体当月有 {last_five_days_share} 的销售集中在最后 5 天",
        ),
        action: (
            "Check dealer stock and when orders are booked; spread targets and incentives over the month",
            "核查经销商库存和订单入账时间，把任务和激励分摊到全月",
        ),
    },
];
