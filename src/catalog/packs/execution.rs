//! S7: the plan has no guarantee of being carried out.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 6] = [
    Shipped {
        key: "action_without_owner",
        title: ("action without owner or deadline", "行动无责任人或期限"),
        watch: Watch::Team,
        records: &["task"],
        when: "tasks_unowned >= $tasks",
        clear: None,
        parameters: &[("tasks", "1")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "what belongs to nobody, or has no day, is not going to be done; one is enough",
            "无人负责或没有期限的事不会完成，一项就够",
        ),
        message: (
            "open actions of {subject} without an owner or a deadline: {tasks_unowned}",
            "{subject} 有 {tasks_unowned} 项行动没有责任人或期限",
        ),
        action: (
            "name the owner and the day in the next meeting",
            "下次会议落实责任人与日期",
        ),
    },
    Shipped {
        key: "actions_overdue",
        title: ("actions overdue", "行动逾期"),
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
            "one overdue action is a delay, three at once are a person who has too much or does not mean it",
            "一项逾期是拖延，三项同时逾期是负担过重或不当回事",
        ),
        message: (
            "actions of {subject} past their deadline: {tasks_overdue}",
            "{subject} 有 {tasks_overdue} 项行动逾期",
        ),
        action: (
            "go through them: do, hand over, or drop with a reason",
            "逐项处理：完成、移交或注明原因取消",
        ),
    },
    Shipped {
        key: "steps_late",
        title: ("steps of workflows late", "流程环节超时"),
        watch: Watch::Person,
        records: &["workflow_event"],
        when: "workflow.in_time < $share",
        clear: None,
        parameters: &[("share", "70%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "below seven of ten steps in time, others wait for this person",
            "按时率不足七成，他人都在等",
        ),
        message: (
            "{subject} finished {workflow.in_time} of the steps in time",
            "{subject} 流程环节按时率 {workflow.in_time}",
        ),
        action: (
            "see which step takes long and why; change the time or the load",
            "查明哪一环节慢及原因，调整时限或负荷",
        ),
    },
    Shipped {
        key: "departs_from_plan",
        title: ("execution departs from the plan", "执行走样"),
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
            "some visits must be made as things come; if it is every second one for two months, the plan does not lead",
            "临时拜访难免，连续两月过半说明计划不起作用",
        ),
        message: (
            "{visit_plan.unplanned_share} of the visits of {subject} were not planned",
            "{subject} 有 {visit_plan.unplanned_share} 的拜访不在计划内",
        ),
        action: (
            "ask what the unplanned visits were for; plan for it",
            "弄清临时拜访的缘由并纳入计划",
        ),
    },
    Shipped {
        key: "fading_out",
        title: ("an initiative fades out", "虎头蛇尾"),
        watch: Watch::Initiative,
        records: &["task"],
        when: "initiative.kept < $part",
        clear: None,
        parameters: &[("part", "50%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "less than half of the beginning, in two months, is how initiatives end without anybody ending them",
            "连续两月不及开头一半，就是无声收场",
        ),
        message: (
            "{subject} is down to {initiative.kept} of how it began",
            "{subject} 执行力度只剩开始时的 {initiative.kept}",
        ),
        action: (
            "decide openly: take it up again with an owner, or end it",
            "公开决定：重新启动并指定负责人，或正式结束",
        ),
    },
    Shipped {
        key: "rewritten_too_often",
        title: ("the plan is rewritten too often", "计划改得太勤"),
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
            "a plan is corrected when markets move, not every month: more than two changes in three months follow the results",
            "市场变化才改计划，三个月改两次以上是跟着结果走",
        ),
        message: (
            "the plan of {subject} was changed {plan_changes} times in three months",
            "{subject} 的计划三个月内改了 {plan_changes} 次",
        ),
        action: (
            "look at the reasons given; correct the execution before the plan",
            "检查修改理由，先纠正执行再改计划",
        ),
    },
];
