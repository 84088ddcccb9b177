//! S1: problems are found too late, and not solved: by the records of problems, and by what became of the alerts themselves.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 8] = [
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
        sort: Sort::Standing,
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
        sort: Sort::Happening,
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
        sort: Sort::Happening,
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
    Shipped {
        key: "exception_comes_back",
        title: ("an exception comes back", "异常重复发生"),
        watch: Watch::Person,
        records: &["alert"],
        when: "alerts_recurred >= $alerts or alerts_reopened >= $reopened",
        clear: None,
        parameters: &[("alerts", "1 count:alert"), ("reopened", "2 count:alert")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "an alert that was over and fires again for the same rule and subject was settled, not cured; one is enough to ask. One \
             that was over for less than its reopening time may be an accident of the month's end, two are none",
            "已解除的预警再次触发，说明当时只处理了表面、没有根治，一次就该过问；短期内恢复的一次可能是月末偶然，两次就不是偶然",
        ),
        message: (
            "exceptions of {subject} that came back in {period}: {alerts_recurred} after a while, {alerts_reopened} soon after their end",
            "{subject} 在 {period} 有 {alerts_recurred} 项异常重复发生，另有 {alerts_reopened} 项解除后不久又出现",
        ),
        action: (
            "ask what was done the last time and why it did not hold; write down another cure",
            "查明上次的措施为何无效，另定整改措施",
        ),
    },
    Shipped {
        key: "cure_without_effect",
        title: ("a cure without effect", "整改无效"),
        watch: Watch::Person,
        records: &["alert"],
        when: "cures_failed >= $cures",
        clear: None,
        parameters: &[("cures", "1 count:alert")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "a cure that was not carried out by its deadline, or was and changed nothing, leaves the problem where it was",
            "整改措施到期未落实，或落实后没有效果，问题依旧",
        ),
        message: (
            "cures of {subject} that were not carried out or changed nothing in {period}: {cures_failed}",
            "{subject} 在 {period} 有 {cures_failed} 项整改未落实或无效",
        ),
        action: (
            "look at the cause again with the one who knows it; name a new cure and a day",
            "与当事人重新分析原因，另定措施和期限",
        ),
    },
    Shipped {
        key: "exception_not_solved",
        title: ("an exception is not solved", "异常久未解决"),
        watch: Watch::Person,
        records: &["alert"],
        when: "oldest_alert > $days",
        clear: None,
        parameters: &[("days", "92 day")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "an exception that has been open for a quarter is being lived with",
            "异常一个季度仍未解除，等于默认了它",
        ),
        message: (
            "the oldest open exception of {subject} was told {oldest_alert} days ago",
            "{subject} 最早的未解除异常已有 {oldest_alert} 天",
        ),
        action: (
            "solve it, or say openly that it is accepted and exempt it with a reason and an end",
            "限期解决；确属可接受的，注明理由和期限予以豁免",
        ),
    },
    Shipped {
        key: "slow_to_solve",
        title: ("exceptions are solved slowly", "异常解决太慢"),
        watch: Watch::Team,
        records: &["alert"],
        when: "days_to_resolve > $days",
        clear: None,
        parameters: &[("days", "62 day per count:alert")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "what a team solves in more than two months, on average, was solved by time and not by the team",
            "平均两个月以上才解除，多半是时间解决的，不是团队解决的",
        ),
        message: (
            "exceptions of {subject} that ended in {period} had been open for {days_to_resolve} days on average",
            "{subject} 在 {period} 解除的异常平均历时 {days_to_resolve} 天",
        ),
        action: (
            "begin the weekly meeting with what is open, oldest first",
            "周会先过未解除的异常，从最早的开始",
        ),
    },
    Shipped {
        key: "alerted_late",
        title: ("alerts come late", "预警太晚"),
        watch: Watch::Team,
        records: &["alert"],
        when: "days_to_alert > $days",
        clear: None,
        parameters: &[("days", "45 day per count:alert")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "rules wait for a second month at most; where alerts come later than a month and a half after the first sign, the rules are set too patient",
            "规则最多等到第二个月，平均一个半月以上才预警，说明规则设得太宽",
        ),
        message: (
            "exceptions of {subject} that were told in {period} had begun {days_to_alert} days before, on average",
            "{subject} 在 {period} 发出的预警平均已发生 {days_to_alert} 天",
        ),
        action: (
            "shorten how long the rules wait, and try them on history before",
            "缩短规则的等待期，先用历史数据回测",
        ),
    },
];
