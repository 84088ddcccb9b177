//! S6: salespeople act without a plan and are not assessed.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "plan_missing",
        title: ("weekly plans missing", "缺周计划"),
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
            "of four weekly plans in a month one may be missed; fewer than three quarters means no plan",
            "每月四份周计划可缺一份，不足四分之三等于无计划",
        ),
        message: (
            "{subject} handed in {weekly_plan.completeness} of the weekly plans",
            "{subject} 周计划提交率 {weekly_plan.completeness}",
        ),
        action: (
            "make the next plan together on Friday",
            "周五一起制定下周计划",
        ),
    },
    Shipped {
        key: "plan_late",
        title: ("weekly plans late", "周计划迟交"),
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
            "a plan that comes when the week has begun guides nothing; of those handed in, fewer than three in five in time, two months running",
            "周开始后才交的计划起不到作用；已交计划中按时不足六成且连续两月即触发",
        ),
        message: (
            "only {weekly_plan.punctuality} of the weekly plans of {subject} came in time",
            "{subject} 周计划按时率仅 {weekly_plan.punctuality}",
        ),
        action: (
            "fix the day and ask for the plan before it",
            "固定日期，提前提醒",
        ),
    },
    Shipped {
        key: "plan_not_followed",
        title: ("the plan is not followed", "计划执行率低"),
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
            "below three fifths, twice, the plan describes somebody else's work",
            "连续两月不足六成，计划形同虚设",
        ),
        message: (
            "{subject} did {visit_plan.compliance} of the planned visits",
            "{subject} 完成计划拜访的 {visit_plan.compliance}",
        ),
        action: (
            "compare plan and days together; plan fewer visits that are made",
            "对照计划与日程，计划少一些但要做到",
        ),
    },
    Shipped {
        key: "not_assessed",
        title: ("not assessed", "没有考核"),
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
            "who has no score in a month was not assessed, and knows it",
            "当月没有得分即未被考核，本人心里清楚",
        ),
        message: (
            "{subject} has no score in {period}",
            "{subject} 在 {period} 没有考核得分",
        ),
        action: ("assess before the monthly meeting", "月会前完成考核"),
    },
    Shipped {
        key: "no_target",
        title: ("no target", "没有目标"),
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
            "without a target nothing can be behind",
            "没有目标就谈不上落后",
        ),
        message: (
            "{subject} has no sales target in {period}",
            "{subject} 在 {period} 没有销售目标",
        ),
        action: (
            "agree on a target, or take the person out of the plan with a reason",
            "商定目标，或注明原因移出计划",
        ),
    },
];
