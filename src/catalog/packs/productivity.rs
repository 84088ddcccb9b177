//! S9: little is done, and dearly.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "few_visits",
        title: ("few visits", "拜访量低"),
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
            "colleagues work in the same market; less than three fifths of their median for two months is not chance, and the median does not move with one who does nothing",
            "同一市场的同事可比，连续两月不足同事中位数六成不是偶然",
        ),
        message: (
            "{subject} makes {visits_per_weekday} visits a day, far fewer than colleagues",
            "{subject} 日均拜访 {visits_per_weekday} 次，远低于同事",
        ),
        action: (
            "plan the route of every day together for two weeks",
            "连续两周共同制定每日路线",
        ),
    },
    Shipped {
        key: "few_orders_per_visit",
        title: ("few orders from visits", "拜访成交低"),
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
            "visits that bring nothing are cost; beside colleagues it is the talk, not the market",
            "拜访不出单就是成本，与同事相比问题在方法而非市场",
        ),
        message: (
            "{subject} brings home {orders_per_100_visits} orders from a hundred visits",
            "{subject} 每百次拜访成交 {orders_per_100_visits} 单",
        ),
        action: (
            "go along for three days; train what is missing",
            "随访三天，针对性培训",
        ),
    },
    Shipped {
        key: "dear_visits",
        title: ("dear visits", "拜访成本高"),
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
            "the same visit at a price far above that of colleagues is a route or a claim worth a look",
            "同样的拜访费用远高于同事，要看路线或报销",
        ),
        message: (
            "a visit of {subject} costs {cost_per_visit}",
            "{subject} 单次拜访成本 {cost_per_visit}",
        ),
        action: ("check claims and routes", "检查报销与路线"),
    },
    Shipped {
        key: "expense_ratio_high",
        title: ("selling expense too high", "费用率高"),
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
            "what selling may cost depends on the trade: set the share; beside it only those apart from colleagues are told",
            "费用率标准因行业而异，请自行设定；仅提示明显高于同事者",
        ),
        message: (
            "selling costs {expense_ratio} of what {subject} sells",
            "{subject} 费用率 {expense_ratio}",
        ),
        action: (
            "go through the largest three items of expense",
            "检查最大三项费用",
        ),
    },
    Shipped {
        key: "sales_falling",
        title: ("sales fall two months running", "销售连续两月下滑"),
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
            "two falls alone may be the season; two falls and a fifth less than last year are not",
            "连降两月可能是季节，同时低于去年同期两成就不是",
        ),
        message: (
            "sales of {subject} fell two months running, to {sales}, below last year",
            "{subject} 销售连续两月下滑至 {sales}，低于去年同期",
        ),
        action: (
            "take the fall apart by customer; start with the three largest",
            "按客户拆解，从最大三家入手",
        ),
    },
];
