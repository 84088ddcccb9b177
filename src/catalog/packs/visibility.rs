//! Nobody sees what goes on.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 4] = [
    Shipped {
        key: "reports_missing",
        title: ("Reports missing", "报表缺交"),
        watch: Watch::Person,
        records: &["report"],
        when: "report.completeness < $share",
        clear: None,
        parameters: &[("share", "80%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "One report in five may be missed through illness or travel; more needs a talk",
            "病假、出差可缺两成，再多就应过问",
        ),
        message: (
            "{subject} handed in {report.completeness} of the reports due",
            "{subject} 报表提交率 {report.completeness}",
        ),
        action: (
            "Ask for the missing reports; explain what they are used for",
            "催交缺报，并说明报表用途",
        ),
    },
    Shipped {
        key: "no_recent_records",
        title: ("No records for a long time", "长期无记录"),
        watch: Watch::Person,
        records: &["visit", "order", "report"],
        when: "days_since_record > $days",
        clear: None,
        parameters: &[("days", "10 day")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Ten days without a visit, an order or an expense: leave is known, anything else should be",
            "10 天没有拜访、订单和费用记录：休假应有报备，其他情况更应掌握",
        ),
        message: (
            "No visit, order or expense of {subject} for {days_since_record} days",
            "{subject} 已 {days_since_record} 天没有拜访、订单或费用记录",
        ),
        action: ("Call today", "今天电话了解情况"),
    },
    Shipped {
        key: "visit_gap",
        title: ("Long gap between visits", "拜访断档"),
        watch: Watch::Person,
        records: &["visit"],
        when: "longest_gap > $days",
        clear: None,
        parameters: &[("days", "7 day")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "A week between visits goes unseen unless somebody looks",
            "一周没有拜访，不查就没人知道",
        ),
        message: (
            "{subject}: longest gap between two visits in {period}, in days: {longest_gap}",
            "{subject} 在 {period} 两次拜访最长间隔 {longest_gap} 天",
        ),
        action: (
            "If not on leave: ask what the days were used for and have it entered",
            "非休假的，了解这些天的工作并补录",
        ),
    },
    Shipped {
        key: "no_market_information",
        title: ("No market information", "市场信息断档"),
        watch: Watch::Team,
        records: &["market_observation"],
        when: "days_since_market_observation > $days",
        clear: None,
        parameters: &[("days", "31 day")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A salesperson owes two results, sales and market information; a territory without any for a month is blind",
            "业务员有两项成果：销售和市场信息；一个月没有信息，等于闭着眼做市场",
        ),
        message: (
            "No market information from {subject} for {days_since_market_observation} days",
            "{subject} 已 {days_since_market_observation} 天未上报市场信息",
        ),
        action: (
            "Add one question about competitors to every visit",
            "每次拜访带一个竞品问题",
        ),
    },
];
