//! S8: nobody sees what goes on.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 4] = [
    Shipped {
        key: "reports_missing",
        title: ("reports missing", "报表缺失"),
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
            "one report in five may be missed by illness or travel; more is a choice",
            "病假出差可缺两成，再多就是态度",
        ),
        message: (
            "{subject} handed in {report.completeness} of the reports that were due",
            "{subject} 报表提交率 {report.completeness}",
        ),
        action: (
            "ask for the missing ones; say what the reports are used for",
            "补交缺报，说明报表用途",
        ),
    },
    Shipped {
        key: "stale_records",
        title: ("no record for long", "长期无记录"),
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
            "ten days without a visit, an order or a report: holidays are known, everything else should be",
            "十天没有拜访、订单或报表，假期已知，其余都应知道",
        ),
        message: (
            "nothing was recorded of {subject} for {days_since_record} days",
            "{subject} 已 {days_since_record} 天没有任何记录",
        ),
        action: ("call today", "今天电话了解"),
    },
    Shipped {
        key: "unlogged_gap",
        title: ("gap between records", "记录断档"),
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
            "a week without a visit in the middle of a month is seen only when somebody looks",
            "月中一周没有拜访，不查就没人知道",
        ),
        message: (
            "{subject} made no visit for {longest_gap} days in {period}",
            "{subject} 在 {period} 有 {longest_gap} 天没有拜访",
        ),
        action: (
            "ask what the days were used for and have it entered",
            "了解这些天的工作并补录",
        ),
    },
    Shipped {
        key: "market_unseen",
        title: ("no news of the market", "市场信息断档"),
        watch: Watch::Team,
        records: &["market_observation"],
        when: "days_since_market_report > $days",
        clear: None,
        parameters: &[("days", "31 day")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "a salesperson has two results, sales and market information; a territory without any for a month is blind",
            "销售人员有两个成果：销售与市场信息，一月无信息即失明",
        ),
        message: (
            "from {subject} nothing was heard of the market for {days_since_market_report} days",
            "{subject} 已 {days_since_market_report} 天没有市场信息",
        ),
        action: (
            "give every visit one question about competitors",
            "每次拜访布置一个竞品问题",
        ),
    },
];
