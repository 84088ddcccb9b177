//! S1: problems are found too late, and not solved.

use super::Watch;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 3] = [
    Shipped {
        key: "problem_open_too_long",
        title: ("problem open for too long", "问题久拖不决"),
        watch: Watch::Person,
        records: &["complaint"],
        when: "problems_open_long >= $problems",
        clear: None,
        parameters: &[("problems", "1")],
        months: 1,
        severity: Severity::Serious,
        owner: "manager",
        reason: (
            "a complaint or another problem that is open after thirty days is not being solved; one is enough to ask",
            "投诉或问题三十天仍未关闭，说明无人解决",
        ),
        message: (
            "problems of {subject} that are open for more than thirty days: {problems_open_long}",
            "{subject} 有 {problems_open_long} 个问题超过三十天未解决",
        ),
        action: (
            "name one person and one day for each of them",
            "逐个落实责任人和期限",
        ),
    },
    Shipped {
        key: "found_too_late",
        title: ("problems found too late", "问题发现太晚"),
        watch: Watch::Team,
        records: &["complaint"],
        when: "days_to_notice > $days",
        clear: None,
        parameters: &[("days", "7 day")],
        months: 1,
        severity: Severity::Warning,
        owner: "manager",
        reason: (
            "what is seen a week after its first sign has cost a week; a weekly meeting would have seen it",
            "从第一个异常记录到被发现超过一周，周会本可发现",
        ),
        message: (
            "in {subject} a problem was noticed {days_to_notice} days after its first sign, on average",
            "{subject} 的问题平均在出现 {days_to_notice} 天后才被发现",
        ),
        action: (
            "go through open records in the weekly meeting; see which report should have shown it",
            "周会逐条检查未结记录，查清哪张报表本应显示",
        ),
    },
    Shipped {
        key: "same_cause_again",
        title: ("the same cause comes back", "同类事件反复发生"),
        watch: Watch::Team,
        records: &["complaint"],
        when: "repeated_problems >= $times",
        clear: None,
        parameters: &[("times", "2")],
        months: 1,
        severity: Severity::Serious,
        owner: "manager",
        reason: (
            "a cause that came back twice in three months was not removed: the event was settled, not the cause",
            "三个月内同一原因重复两次以上，说明只处理了事件、没有消除原因",
        ),
        message: (
            "in {subject} {repeated_problems} problems of the last three months had a cause that was there before",
            "{subject} 近三个月有 {repeated_problems} 起问题属同类原因重复发生",
        ),
        action: (
            "change the procedure that lets it happen; check the effect after a month",
            "修改制度或流程，一个月后检查效果",
        ),
    },
];
