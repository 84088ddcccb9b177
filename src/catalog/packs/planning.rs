//! Salespeople act without a plan and are not assessed.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "weekly_plans_missing",
        title: ("Weekly plans missing", "周计划缺交"),
        watch: Watch::Person,
        records: &["plan_report"],
        when: "weekly_plan.completeness < $share",
        clear: None,
        parameters: &[("share", "75%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Of four weekly plans in a month one may be missed; less than 75% means no plan",
            "每月四份可缺一份，提交率不足 75% 等于没有计划",
        ),
        message: (
            "{subject} handed in {weekly_plan.completeness} of the weekly plans due",
            "{subject} 周计划提交率 {weekly_plan.completeness}",
        ),
        action: (
            "Make the next weekly plan together on Friday",
            "周五一起制定下周计划",
        ),
    },
    Shipped {
        key: "weekly_plans_late",
        title: ("Weekly plans late", "周计划迟交"),
        watch: Watch::Person,
        records: &["plan_report"],
        when: "weekly_plan.punctuality / weekly_plan.completeness < $share",
        clear: None,
        parameters: &[("share", "60%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "A plan that arrives after the week has begun guides nothing; reported when less than 60% of those handed in were on time, two months running",
            "周开始后才交的计划起不到作用；已交计划中按时的连续两个月不足 60% 即提示",
        ),
        message: (
            "{subject} handed in {weekly_plan.completeness} of the weekly plans, {weekly_plan.punctuality} on time",
            "{subject} 周计划提交率 {weekly_plan.completeness}，按时率 {weekly_plan.punctuality}",
        ),
        action: (
            "Fix the day and send a reminder before it",
            "固定日期，提前提醒",
        ),
    },
    Shipped {
        key: "visit_plan_not_followed",
        title: ("Visit plan not followed", "拜访计划执行率低"),
        watch: Watch::Person,
        records: &["visit", "visit_plan"],
        when: "visit_plan.compliance < $share",
        clear: None,
        parameters: &[("share", "60%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Below 60% two months running, the plan exists on paper only",
            "连续两个月低于 60%，计划形同虚设",
        ),
        message: (
            "{subject} made {visit_plan.compliance} of the planned visits",
            "{subject} 计划拜访完成率 {visit_plan.compliance}",
        ),
        action: (
            "Compare plan and actual days together; plan fewer visits, but make them",
            "一起对照计划与实际行程，宁可少排，排了就做到",
        ),
    },
    Shipped {
        key: "not_assessed",
        title: ("Not assessed", "未考核"),
        watch: Watch::Person,
        records: &["score"],
        when: "missing(score_total)",
        clear: None,
        parameters: &[],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "No score for a month means no assessment, and targets then bind nobody",
            "当月没有得分即未被考核，任务就没有约束力",
        ),
        message: (
            "{subject} has no score for {period}",
            "{subject} 在 {period} 没有考核得分",
        ),
        action: (
            "Complete the assessment before the monthly meeting",
            "月会前完成考核",
        ),
    },
    Shipped {
        key: "no_sales_target",
        title: ("No sales target", "未下达销售任务"),
        watch: Watch::Person,
        records: &["target"],
        when: "state(target(sales)) in (nothing_recorded, not_applicable)",
        clear: None,
        parameters: &[],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Without a target nobody can be ahead or behind",
            "没有任务，就无所谓完成或落后",
        ),
        message: (
            "{subject} has no sales target in {period}",
            "{subject} 在 {period} 没有销售任务",
        ),
        action: (
            "Agree on a target, or take the person out of the plan with a reason",
            "尽快商定并下达任务，不参与考核的注明原因",
        ),
    },
];
