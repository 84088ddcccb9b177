//! Nothing assures that the plan is carried out.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 6] = [
    Shipped {
        key: "unowned_tasks",
        title: ("Action without owner or deadline", "事项无责任人或期限"),
        watch: Watch::Team,
        records: &["task"],
        when: "tasks_without_owner >= $tasks",
        clear: None,
        parameters: &[("tasks", "1")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "What nobody owns, or has no deadline, will not get done; one is enough to ask",
            "无人负责或没有期限的事难以完成，出现一项就应过问",
        ),
        message: (
            "Open actions of {subject} without owner or deadline: {tasks_without_owner}",
            "{subject} 有 {tasks_without_owner} 个事项缺责任人或期限",
        ),
        action: (
            "Name owner and deadline in the next meeting",
            "下次会议逐项落实责任人和期限",
        ),
    },
    Shipped {
        key: "overdue_tasks",
        title: ("Actions overdue", "事项逾期"),
        watch: Watch::Person,
        records: &["task"],
        when: "tasks_overdue >= $tasks",
        clear: None,
        parameters: &[("tasks", "3")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "One overdue action is a delay; three at once mean too much work or too little priority",
            "一项逾期是拖延，三项同时逾期是负荷过重或重视不够",
        ),
        message: (
            "Overdue actions of {subject}: {tasks_overdue}",
            "{subject} 有 {tasks_overdue} 个事项逾期",
        ),
        action: (
            "Go through them: finish, hand over, or drop with a reason",
            "逐项处理：完成、移交，或注明原因后取消",
        ),
    },
    Shipped {
        key: "late_workflow_steps",
        title: ("Workflow steps late", "流程环节超时"),
        watch: Watch::Person,
        records: &["workflow_event"],
        when: "workflow.punctuality < $share",
        clear: None,
        parameters: &[("share", "70%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Below 70% on time, the next steps are kept waiting",
            "按时率低于 70%，下游环节都在等",
        ),
        message: (
            "{subject} finished {workflow.punctuality} of workflow steps on time",
            "{subject} 流程环节按时率 {workflow.punctuality}",
        ),
        action: (
            "Find which step takes long and why; change the time limit or the load",
            "查明哪一环节慢及原因，调整时限或负荷",
        ),
    },
    Shipped {
        key: "unplanned_visits",
        title: ("Too many unplanned visits", "计划外拜访过多"),
        watch: Watch::Person,
        records: &["visit", "visit_plan"],
        when: "visit_plan.unplanned_share > $share",
        clear: None,
        parameters: &[("share", "50%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Some visits come up; when every second one does for two months, the plan does not lead",
            "计划外拜访难免，连续两个月过半说明计划没有起作用",
        ),
        message: (
            "{visit_plan.unplanned_share} of the visits of {subject} were unplanned",
            "{subject} 计划外拜访占 {visit_plan.unplanned_share}",
        ),
        action: (
            "Ask what the unplanned visits were for; plan for them",
            "了解计划外拜访的缘由，纳入计划",
        ),
    },
    Shipped {
        key: "fading_initiative",
        title: ("Initiative fading out", "专项工作虎头蛇尾"),
        watch: Watch::Initiative,
        records: &["task"],
        when: "initiative.momentum < $part",
        clear: None,
        parameters: &[("part", "50%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Less than half of the beginning, two months running: so initiatives end without anybody ending them",
            "连续两个月不及开始时的一半，就会不了了之",
        ),
        message: (
            "Execution of {subject} is down to {initiative.momentum} of its beginning",
            "{subject} 执行力度降至开始时的 {initiative.momentum}",
        ),
        action: (
            "Decide openly: restart with an owner, or end it",
            "公开决定：指定负责人重新推进，或正式终止",
        ),
    },
    Shipped {
        key: "frequent_plan_changes",
        title: ("Plan changed too often", "计划变更过于频繁"),
        watch: Watch::Team,
        records: &["plan_change"],
        when: "plan_changes > $times",
        clear: None,
        parameters: &[("times", "2")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "A plan changes when markets move; more than two changes in three months bend it to the results",
            "市场变了才调整计划；3 个月调整两次以上，是让计划迁就结果",
        ),
        message: (
            "Plan changes of {subject} in the last three months: {plan_changes}",
            "{subject} 近 3 个月计划变更 {plan_changes} 次",
        ),
        action: (
            "Check the reasons given; correct the execution before the plan",
            "核查变更理由，先纠正执行，再调整计划",
        ),
    },
];
