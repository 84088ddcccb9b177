//! Little is done, and at high cost.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 7] = [
    Shipped {
        key: "low_visit_rate",
        title: ("Few visits", "拜访量偏低"),
        watch: Watch::Person,
        records: &["visit"],
        when: "visits_per_weekday / (visits_per_weekday - from_median(visits_per_weekday)) < $share",
        clear: None,
        parameters: &[("share", "60%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Colleagues in the same market are comparable; below 60% of their median for two months is not chance",
            "同一市场的同事可比，连续两个月不足同事中位数的 60%，不是偶然",
        ),
        message: (
            "{subject} makes {visits_per_weekday} visits per weekday, far fewer than colleagues",
            "{subject} 工作日日均拜访 {visits_per_weekday} 次，远低于同事",
        ),
        action: (
            "Plan each day's route together for two weeks",
            "连续两周共同制定每日路线",
        ),
    },
    Shipped {
        key: "low_orders_per_visit",
        title: ("Few orders per visit", "拜访成交率低"),
        watch: Watch::Person,
        records: &["visit", "order"],
        when: "orders_per_100_visits / (orders_per_100_visits - from_median(orders_per_100_visits)) < $share",
        clear: None,
        parameters: &[("share", "60%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Visits without orders are cost; when colleagues do better in the same market, it is the method",
            "拜访不出单就是成本；同一市场同事做得到，问题就在方法",
        ),
        message: (
            "{subject} gets {orders_per_100_visits} orders from 100 visits",
            "{subject} 每 100 次拜访成交 {orders_per_100_visits} 单",
        ),
        action: (
            "Join the visits for three days; train what is missing",
            "随访三天，有针对性地培训",
        ),
    },
    Shipped {
        key: "costly_visits",
        title: ("Costly visits", "拜访成本高"),
        watch: Watch::Person,
        records: &["visit"],
        when: "cost_per_visit / (cost_per_visit - from_median(cost_per_visit)) > $share",
        clear: None,
        parameters: &[("share", "150%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A visit that costs far more than colleagues' points to the route or to the claims",
            "同样的拜访费用远高于同事，应看路线和报销",
        ),
        message: (
            "A visit of {subject} costs {cost_per_visit}, far more than colleagues' visits",
            "{subject} 单次拜访成本 {cost_per_visit}，明显高于同事",
        ),
        action: ("Check routes and expense claims", "核查路线与报销"),
    },
    Shipped {
        key: "high_expense_ratio",
        title: ("Selling expense ratio too high", "费用率过高"),
        watch: Watch::Person,
        records: &["expense", "order"],
        when: "expense_ratio > $share and expense_ratio / (expense_ratio - from_median(expense_ratio)) > $apart",
        clear: None,
        parameters: &[("share", "8%"), ("apart", "150%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "The right ratio depends on the trade: set the threshold; only those clearly above colleagues are reported",
            "费用率标准因行业而异，请自行设定；只提示明显高于同事的人员",
        ),
        message: (
            "Selling expense of {subject} is {expense_ratio} of sales, clearly above colleagues",
            "{subject} 费用率 {expense_ratio}，明显高于同事",
        ),
        action: (
            "Go through the three largest expense items",
            "逐项核查最大的三项费用",
        ),
    },
    Shipped {
        key: "sales_decline",
        title: ("Sales down two months running", "销售连续两个月下滑"),
        watch: Watch::Person,
        records: &["order"],
        when: "sales falling for 2 months and change(sales, last_year(sales)) < $fall",
        clear: None,
        parameters: &[("fall", "-20%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Two falls alone may be the season; two falls and more than 20% below last year are not",
            "连降两个月可能是季节因素，同时比去年同期低 20% 以上就不是",
        ),
        message: (
            "Sales of {subject} fell two months running to {sales}, well below last year",
            "{subject} 销售连续两个月下滑至 {sales}，明显低于去年同期",
        ),
        action: (
            "Break the decline down by customer; start with the three largest",
            "按客户拆解下滑，从降幅最大的三家入手",
        ),
    },
    Shipped {
        key: "no_visits",
        title: ("Nobody visits", "无人拜访"),
        watch: Watch::Team,
        records: &["visit", "order"],
        when: "visits <= 0 and sales > 0",
        clear: None,
        parameters: &[],
        months: 2,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "Where nobody visits, nobody is behind colleagues; a team that sells for two months without one visit recorded is run from the desk, or does not record",
            "无人拜访时，同事之间看不出差别；连续两个月有销售而没有一次拜访记录，不是坐等订单，就是没有记录",
        ),
        message: (
            "{subject} sold {sales} in {period} without a single visit recorded",
            "{subject} 在 {period} 销售 {sales}，没有一次拜访记录",
        ),
        action: (
            "Find out whether visits are missing or not recorded; agree on a weekly visit plan for everybody",
            "查明是没有拜访还是没有记录，为每人制定周拜访计划",
        ),
    },
    Shipped {
        key: "steep_sales_decline",
        title: (
            "Sales down by a third within two months",
            "两个月内销售下滑三分之一",
        ),
        watch: Watch::Person,
        records: &["order"],
        when: "sales falling for 2 months and change(sales, previous(sales, 2 months)) < $fall",
        clear: None,
        parameters: &[("fall", "-33%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Default: somebody new has no last year to compare with; two falls that lose a third together are seen without it. Where the season moves more, raise the threshold",
            "默认值：新人没有去年同期可比；连降两个月合计下滑三分之一，不看去年也应过问；季节波动更大的行业可调高阈值",
        ),
        message: (
            "Sales of {subject} fell two months running, to {sales}",
            "{subject} 销售连续两个月大幅下滑至 {sales}",
        ),
        action: (
            "Break the decline down by customer; start with the three largest falls",
            "按客户拆解下滑，从降幅最大的三家入手",
        ),
    },
];
