//! S3: dealers are unmotivated and disloyal.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "no_order_for_long",
        title: ("no order for long", "长期不下单"),
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
            "silence is measured by the dealer's own rhythm: some times the usual interval, and never less than a number of days that is long for anybody; after a longer one it is a lost customer, told elsewhere",
            "以经销商自身订货周期衡量：超过平常间隔的若干倍，且不少于规定天数；更久即为流失客户，另行提示",
        ),
        message: (
            "{subject} has not ordered for {days_since_order} days; usual are {order_interval}",
            "{subject} 已 {days_since_order} 天未订货，平常间隔 {order_interval} 天",
        ),
        action: (
            "visit this week; ask about stock, price and competitors",
            "本周走访，了解库存、价格与竞品",
        ),
    },
    Shipped {
        key: "falling_two_months",
        title: ("orders fall two months running", "连续两月下滑"),
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
            "a dealer who orders every twelve days or oftener falls by chance seldom: two falls to less than half of the own half year are a turn; where orders are few, falls are the rule and silence counts",
            "十二天内订一次货的客户很少偶然下滑，连降两次且低于半年均值一半就是转折；订单稀少者看静默天数",
        ),
        message: (
            "orders of {subject} fell two months running, to {sales}, less than {share} of the half-year mean",
            "{subject} 订货连续两月下滑至 {sales}，不足半年均值的 {share}",
        ),
        action: (
            "find out what changed: profit, service, or another supplier",
            "查明原因：利润、服务还是其他供应商",
        ),
    },
    Shipped {
        key: "rebates_unused",
        title: ("rebates not used", "返利不用"),
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
            "a dealer who leaves most of the rebate of three months lying does not expect to go on",
            "三个月返利大半不用，说明无意继续合作",
        ),
        message: (
            "{subject} used only {rebate_use_quarter} of the rebate of three months",
            "{subject} 近三个月只用了返利的 {rebate_use_quarter}",
        ),
        action: (
            "show the dealer what the rebate is worth; agree on how to use it",
            "说明返利价值，商定使用计划",
        ),
    },
    Shipped {
        key: "wallet_shrinks",
        title: ("share of wallet falls", "钱包份额下降"),
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
            "a dealer who buys the same from others is lost before the orders show it",
            "经销商转向他人进货，订单尚未反映时份额先降",
        ),
        message: (
            "of what {subject} buys, our share fell to {share_of_wallet_quarter}",
            "{subject} 采购中我方份额降至 {share_of_wallet_quarter}",
        ),
        action: (
            "ask what the others give: margin, terms, delivery",
            "了解他人给出的利润、账期和送货条件",
        ),
    },
    Shipped {
        key: "dealer_earns_little",
        title: ("dealer earns little with us", "经销商利润薄"),
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
            "enthusiasm comes from profit; below four percent a dealer of fast goods hardly pays the handling",
            "积极性来自利润，低于四个点难以覆盖费用",
        ),
        message: (
            "{subject} earns {resale_margin_rate} on what is resold",
            "{subject} 转售毛利仅 {resale_margin_rate}",
        ),
        action: (
            "check the resale price and the tiers below before giving more",
            "先查转售价与下级价格，再谈让利",
        ),
    },
];
