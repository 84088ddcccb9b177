//! The team is badly built or unstable.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "high_staff_turnover",
        title: ("High staff turnover", "人员流失率过高"),
        watch: Watch::Team,
        records: &["employment"],
        when: "staff_turnover_year > $share",
        clear: None,
        parameters: &[("share", "35%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "Over twelve months; above a third, customers face somebody new every third year or sooner",
            "按 12 个月计，超过三分之一意味着客户频繁换人对接",
        ),
        message: (
            "Staff turnover of {subject} over twelve months: {staff_turnover_year}",
            "{subject} 近 12 个月人员流失率 {staff_turnover_year}",
        ),
        action: (
            "Ask those who stayed; look at targets, pay and leadership",
            "访谈在职员工，检视任务、薪酬与管理",
        ),
    },
    Shipped {
        key: "long_vacancy",
        title: ("Position vacant too long", "岗位长期空缺"),
        watch: Watch::Team,
        records: &["vacancy"],
        when: "positions_open_over_60 >= $positions",
        clear: None,
        parameters: &[("positions", "1")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "A seat empty for 60 days is a territory left to competitors",
            "岗位空缺 60 天，市场就让给了竞品",
        ),
        message: (
            "Positions of {subject} vacant for more than 60 days: {positions_open_over_60}",
            "{subject} 有 {positions_open_over_60} 个岗位空缺超过 60 天",
        ),
        action: (
            "Assign the customers to a named colleague until it is filled",
            "空缺期间指定专人负责客户，并限期补岗",
        ),
    },
    Shipped {
        key: "untrained_on_duty",
        title: ("On duty without training", "未培训上岗"),
        watch: Watch::Person,
        records: &["employment", "training"],
        when: "days_employed > $days and trainings_to_date <= 0 and not state(days_since_leaving) in (value)",
        clear: None,
        parameters: &[("days", "30 day")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A month is enough to train a beginner; after it, customers pay for the lessons",
            "一个月足以培训新人，过后就是拿客户练手",
        ),
        message: (
            "{subject} has been on duty for {days_employed} days without any training",
            "{subject} 上岗 {days_employed} 天未接受任何培训",
        ),
        action: (
            "Train this week; until then work beside a colleague",
            "本周完成培训，此前由老员工带教",
        ),
    },
    Shipped {
        key: "no_recent_training",
        title: ("No training for three months", "三个月无培训"),
        watch: Watch::Team,
        records: &["training"],
        when: "trainings_held <= 0 for 3 months",
        clear: None,
        parameters: &[],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A team untrained for three months lives on what it knew",
            "三个月没有培训，队伍在吃老本",
        ),
        message: (
            "No training in {subject} for three months",
            "{subject} 三个月没有任何培训",
        ),
        action: (
            "Hold one this month on what the figures show to be weak",
            "本月就数据反映的薄弱环节组织一次培训",
        ),
    },
    Shipped {
        key: "slow_ramp_up",
        title: ("Slow ramp-up", "新人成长偏慢"),
        watch: Watch::Person,
        records: &["employment", "order"],
        when: "days_employed between $earliest and $latest and sales / (sales - from_median(sales)) < $share",
        clear: None,
        parameters: &[
            ("earliest", "180 day"),
            ("latest", "540 day"),
            ("share", "50%"),
        ],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "After half a year, half of the colleagues' median is the least to expect; after a year and a half it is no longer about starting",
            "半年后至少应达同事中位数的一半；一年半以后就不是新人问题",
        ),
        message: (
            "{subject} has been on duty for {days_employed} days and sells {sales}, less than {share} of the colleagues' median",
            "{subject} 上岗 {days_employed} 天，销售 {sales}，不足同事中位数的 {share}",
        ),
        action: (
            "Find where it stalls: customers, visits or closing",
            "查明卡在客户、拜访还是成交，安排带教",
        ),
    },
];
