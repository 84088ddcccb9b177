//! S14: everybody misses alike.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 3] = [
    Shipped {
        key: "everybody_below_target",
        title: ("everybody below target", "普遍未达标"),
        watch: Watch::Team,
        records: &["order", "target"],
        when: "people_below_target / people_with_target >= $share and people_with_target >= $people",
        clear: None,
        parameters: &[("share", "80%"), ("people", "3")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "one who misses is a case for the leader; where four of five miss for two months, suspect the target, not the people",
            "一人未达标找本人，五分之四连续两月未达标应怀疑目标而非人",
        ),
        message: (
            "{people_below_target} of {people_with_target} people of {subject} are below target",
            "{subject} 有 {people_below_target}/{people_with_target} 人未达标",
        ),
        action: (
            "check the basis of the target against history, market and capacity before anybody is judged",
            "先核对目标依据（历史、市场、能力），再评价人",
        ),
    },
    Shipped {
        key: "target_out_of_reach",
        title: ("target out of reach", "目标脱离实际"),
        watch: Watch::Team,
        records: &["order", "target"],
        when: "target(sales) / last_year(sales) > $growth and attainment(sales) < $share",
        clear: None,
        parameters: &[("growth", "140%"), ("share", "85%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "a target two fifths above last year that is missed by far, twice, was a wish",
            "高出去年四成且连续两月远未达成的目标只是愿望",
        ),
        message: (
            "the target of {subject}, {target:sales}, lies far above last year, and {sales} were reached",
            "{subject} 目标 {target:sales} 远高于去年同期，实际 {sales}",
        ),
        action: (
            "set the rest of the year anew from sales that are possible",
            "按可实现销售重定余下目标",
        ),
    },
    Shipped {
        key: "target_too_soft",
        title: ("nobody below target", "目标过低"),
        watch: Watch::Team,
        records: &["order", "target"],
        when: "people_below_target <= 0 and attainment(sales) > $share for 3 months",
        clear: None,
        parameters: &[("share", "120%")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "where nobody misses and all together are a fifth above, for a quarter, the target asks for nothing",
            "无人未达标且整体连续三月超两成，目标没有挑战性",
        ),
        message: (
            "all people of {subject} reached a target that was passed by far",
            "{subject} 全员轻松超额完成目标",
        ),
        action: (
            "raise the next target in steps; use the reserve where the market opens",
            "逐步提高下期目标，把余力投向机会市场",
        ),
    },
];
