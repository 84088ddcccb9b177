//! Problems are found too late, and not solved: by the records of problems, and by what became of the alerts themselves.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 8] = [
    Shipped {
        key: "long_open_problem",
        title: ("Problem open too long", "问题久拖未决"),
        watch: Watch::Person,
        records: &["complaint"],
        when: "problems_open_over_30 >= $problems",
        clear: None,
        parameters: &[("problems", "1")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A complaint or other problem still open after 30 days is not being solved; one is enough to ask",
            "投诉或其他问题满 30 天仍未关闭，说明无人真正负责；出现一个就应过问",
        ),
        message: (
            "Problems of {subject} open for more than 30 days: {problems_open_over_30}",
            "{subject} 有 {problems_open_over_30} 个问题超过 30 天未解决",
        ),
        action: (
            "Name one owner and one deadline for each",
            "逐个落实责任人和期限",
        ),
    },
    Shipped {
        key: "late_detection",
        title: ("Problems found too late", "问题发现过晚"),
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
            "A problem noticed a week after its first sign has already cost a week; a weekly meeting would have caught it",
            "从首次异常到被发现超过一周，每周例会本应发现",
        ),
        message: (
            "{subject}: problems were noticed {days_to_notice} days after the first sign, on average",
            "{subject} 的问题从首次异常到被发现平均 {days_to_notice} 天",
        ),
        action: (
            "Review open records in the weekly meeting; find out which report should have shown it",
            "周会逐条过未关闭记录，查清本应由哪张报表发现",
        ),
    },
    Shipped {
        key: "recurring_cause",
        title: ("Same cause keeps coming back", "同类事件反复发生"),
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
            "A cause that returned twice in three months was never removed: the incident was settled, not the cause",
            "3 个月内同一原因重复两次及以上，说明只处理了事件，没有消除原因",
        ),
        message: (
            "{subject}: problems of the last three months with a cause seen before: {repeated_problems}",
            "{subject} 近 3 个月有 {repeated_problems} 起问题属同一原因重复发生",
        ),
        action: (
            "Change the procedure that lets it happen; check the effect after a month",
            "修改制度或流程，一个月后检查效果",
        ),
    },
    Shipped {
        key: "recurring_exception",
        title: ("Exception keeps coming back", "异常反复出现"),
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
            "An alert that ended and fires again for the same rule and subject was treated, not cured; one is enough to ask. A single quick reopening may be month-end noise, two are not",
            "已解除的预警再次触发，说明治标未治本，出现一次就应过问；解除后短期内复发，一次可能是月末波动，两次就不是偶然",
        ),
        message: (
            "Exceptions of {subject} that came back in {period}: {alerts_recurred} raised again, {alerts_reopened} reopened soon after closing",
            "{subject} 在 {period} 的异常复发：再次触发 {alerts_recurred} 项，解除后短期内复发 {alerts_reopened} 项",
        ),
        action: (
            "Find out what was done last time and why it did not hold; agree on another corrective action",
            "查明上次的措施为何无效，另定整改措施",
        ),
    },
    Shipped {
        key: "ineffective_corrective_action",
        title: ("Corrective action without effect", "整改无效"),
        watch: Watch::Person,
        records: &["alert"],
        when: "corrective_actions_failed >= $failed",
        clear: None,
        parameters: &[("failed", "1 count:alert")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "A corrective action not carried out by its deadline, or carried out without effect, leaves the problem where it was",
            "整改措施到期未落实，或落实后没有效果，问题依旧",
        ),
        message: (
            "Corrective actions of {subject} not carried out or without effect in {period}: {corrective_actions_failed}",
            "{subject} 在 {period} 有 {corrective_actions_failed} 项整改未落实或无效",
        ),
        action: (
            "Go back to the cause with the person closest to it; agree on a new action and a deadline",
            "与了解情况的人重新分析原因，另定措施和期限",
        ),
    },
    Shipped {
        key: "unresolved_exception",
        title: ("Exception unresolved for long", "异常长期未解除"),
        watch: Watch::Person,
        records: &["alert"],
        when: "oldest_open_alert_days > $days",
        clear: None,
        parameters: &[("days", "92 day")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "An exception left open for a quarter has silently been accepted",
            "异常满一个季度仍未解除，等于默认接受",
        ),
        message: (
            "The oldest open exception of {subject} has been open for {oldest_open_alert_days} days",
            "{subject} 最早一项未解除的异常已持续 {oldest_open_alert_days} 天",
        ),
        action: (
            "Resolve it by a set date; if it is acceptable, exempt it with a reason and an end date",
            "限期解决；确可接受的，注明理由和截止日期后豁免",
        ),
    },
    Shipped {
        key: "slow_resolution",
        title: ("Exceptions resolved slowly", "异常解决过慢"),
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
            "What takes a team more than two months on average was solved by time, not by the team",
            "平均两个月以上才解除，多半是自行消退，不是团队解决的",
        ),
        message: (
            "Exceptions of {subject} closed in {period} had been open {days_to_resolve} days on average",
            "{subject} 在 {period} 解除的异常，平均历时 {days_to_resolve} 天",
        ),
        action: (
            "Start the weekly meeting with open exceptions, oldest first",
            "周会先过未解除的异常，从最早的开始",
        ),
    },
    Shipped {
        key: "late_alerts",
        title: ("Alerts come late", "预警过晚"),
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
            "Rules wait until the second month at most; alerts that come a month and a half after the first sign mean that the rules wait too long",
            "规则最多等到第二个月；平均超过一个半月才预警，说明等待期设得过长",
        ),
        message: (
            "Alerts on {subject} in {period} came {days_to_alert} days after the first sign, on average",
            "{period} 对 {subject} 的预警，平均在首次异常 {days_to_alert} 天后才发出",
        ),
        action: (
            "Shorten the rules' waiting time; backtest on history first",
            "缩短规则等待期，上线前先用历史数据回测",
        ),
    },
];
