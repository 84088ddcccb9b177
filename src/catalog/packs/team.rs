//! S10: the team is badly built or unstable.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "turnover_high",
        title: ("high turnover", "人员流失高"),
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
            "of twelve months; above a third, customers meet a stranger every third year or sooner",
            "按十二个月计，超过三分之一意味着客户频繁换人",
        ),
        message: (
            "{staff_turnover_year} of {subject} left within a year",
            "{subject} 一年内流失 {staff_turnover_year}",
        ),
        action: (
            "ask those who stayed; look at targets, pay and the leader",
            "访谈在职者，检视目标、薪酬与领导",
        ),
    },
    Shipped {
        key: "position_open_for_long",
        title: ("position open for long", "岗位长期空缺"),
        watch: Watch::Team,
        records: &["vacancy"],
        when: "positions_open_long >= $positions",
        clear: None,
        parameters: &[("positions", "1")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "an empty seat for sixty days is a territory that somebody else is taking",
            "岗位空缺六十天，市场就被别人占了",
        ),
        message: (
            "positions of {subject} open for more than sixty days: {positions_open_long}",
            "{subject} 有 {positions_open_long} 个岗位空缺超过六十天",
        ),
        action: (
            "give the customers to a named colleague until then",
            "空缺期间指定同事负责客户",
        ),
    },
    Shipped {
        key: "untrained_on_duty",
        title: ("on duty without training", "未培训上岗"),
        watch: Watch::Person,
        records: &["employment", "training"],
        when: "days_on_duty > $days and trainings <= 0 and not state(days_since_leaving) in (value)",
        clear: None,
        parameters: &[("days", "30 day")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "a month is the time in which a beginner can be trained; after it customers do the training",
            "一个月足以培训新人，过后就是客户在交学费",
        ),
        message: (
            "{subject} has been on duty for {days_on_duty} days without any training",
            "{subject} 上岗 {days_on_duty} 天未接受任何培训",
        ),
        action: (
            "train this week; until then go along with a colleague",
            "本周培训，此前由同事带教",
        ),
    },
    Shipped {
        key: "nobody_trained",
        title: ("nobody trained for a quarter", "整季无培训"),
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
            "a team that was not trained for three months lives on what it knew",
            "三个月没有培训，队伍在吃老本",
        ),
        message: (
            "in {subject} there was no training for three months",
            "{subject} 三个月没有任何培训",
        ),
        action: (
            "hold one this month on what the figures show to be weak",
            "本月就薄弱环节开展一次培训",
        ),
    },
    Shipped {
        key: "long_ramp",
        title: ("a long start", "新人成长慢"),
        watch: Watch::Person,
        records: &["employment", "order"],
        when: "days_on_duty between $earliest and $latest and sales / (sales - from_median(sales)) < $share",
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
            "after half a year half of what colleagues in the middle sell is the least; later it is no longer a start",
            "半年后至少应达同事中位数一半，再往后就不是新人问题",
        ),
        message: (
            "{subject} is on duty for {days_on_duty} days and sells {sales}, less than {share} of the colleagues' median",
            "{subject} 上岗 {days_on_duty} 天，销售 {sales}，不足同事中位数的 {share}",
        ),
        action: (
            "see where it stops: customers, visits, or the close",
            "查明卡在客户、拜访还是成交",
        ),
    },
];
