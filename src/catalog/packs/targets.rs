//! Nearly everybody misses, or nobody does: targets in doubt.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 3] = [
    Shipped {
        key: "widespread_target_miss",
        title: ("Nearly everybody below target", "普遍未达标"),
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
            "One who misses is a matter for the leader; when four of five miss for two months, check the target first",
            "个别人未达标由主管辅导；五分之四的人连续两个月未达标，先查目标",
        ),
        message: (
            "{people_below_target} of {people_with_target} people in {subject} are below target",
            "{subject} {people_with_target} 人中有 {people_below_target} 人未达标",
        ),
        action: (
            "Check the basis of the target (history, market, capacity) before judging anybody",
            "先核对目标依据（历史、市场、人力），再评价人",
        ),
    },
    Shipped {
        key: "unrealistic_target",
        title: ("Target out of reach", "目标脱离实际"),
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
            "A target 40% above last year, missed by far two months running, has no basis",
            "高出去年四成且连续两个月远未完成，目标缺乏依据",
        ),
        message: (
            "The target of {subject}, {target:sales}, is far above last year; reached: {sales}",
            "{subject} 目标 {target:sales}，远高于去年同期；实际 {sales}",
        ),
        action: (
            "Set the remaining targets anew from sales that can be reached",
            "按可实现的销售重新核定余下各期目标",
        ),
    },
    Shipped {
        key: "target_too_low",
        title: ("Target too low", "目标偏低"),
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
            "Nobody misses and all together are 20% above for three months: the target is no challenge",
            "无人未达标，且整体连续三个月超额 20% 以上，目标没有挑战性",
        ),
        message: (
            "Everybody in {subject} is on target; sales {sales}, target {target:sales}",
            "{subject} 全员达标，实际 {sales}，目标 {target:sales}",
        ),
        action: (
            "Raise the next target in steps; use the spare effort where the market opens",
            "逐步提高下期目标，把余力投向机会市场",
        ),
    },
];
