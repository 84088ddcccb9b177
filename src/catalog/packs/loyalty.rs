//! S12: salespeople whose hearts are elsewhere, and what leavers leave behind.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "effort_falls_costs_stay",
        title: ("effort falls, costs stay", "少干活、费用照旧"),
        watch: Watch::Person,
        records: &["visit", "expense"],
        when: "change(visits, mean(visits, 3 months)) < $effort and change(expense, mean(expense, 3 months)) > $cost",
        clear: None,
        parameters: &[("effort", "-30%"), ("cost", "-10%")],
        months: 2,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "who works a third less for two months and claims as before is working for somebody; ask before judging, illness looks the same",
            "连续两月工作量降三成而费用不降，可能另有所图；先了解再判断，生病也是这样",
        ),
        message: (
            "{subject} made {visits} visits, far fewer than before, at expenses of {expense}",
            "{subject} 拜访 {visits} 次，明显减少，费用仍有 {expense}",
        ),
        action: (
            "talk in person this week; go along for a day",
            "本周面谈，随访一天",
        ),
    },
    Shipped {
        key: "customers_go_with_leaver",
        title: ("customers go with a leaver", "客户随离职者流失"),
        watch: Watch::Person,
        records: &["employment", "order"],
        when: "state(days_since_leaving) in (value) and silent_share > $share",
        clear: None,
        parameters: &[("share", "30%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "of the customers of somebody who left, three in ten silent for two months went along or were forgotten",
            "离职者客户三成沉默两月，不是被带走就是被遗忘",
        ),
        message: (
            "{silent_share} of the customers of {subject}, who left {days_since_leaving} days ago, have stopped ordering",
            "{subject} 离职 {days_since_leaving} 天，其客户 {silent_share} 停止订货",
        ),
        action: (
            "visit the customers with the successor within two weeks",
            "两周内陪同接手人走访客户",
        ),
    },
    Shipped {
        key: "receivables_without_owner",
        title: ("receivables without an owner", "应收无人负责"),
        watch: Watch::Person,
        records: &["employment", "invoice"],
        when: "state(days_since_leaving) in (value) and receivables > 0",
        clear: None,
        parameters: &[],
        months: 1,
        severity: Severity::Critical,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "debts of customers in the name of somebody who left are collected by nobody",
            "挂在离职者名下的欠款无人催收",
        ),
        message: (
            "{receivables} of receivables are in the name of {subject}, who left",
            "{subject} 已离职，名下仍有应收 {receivables}",
        ),
        action: (
            "have each balance confirmed by the customer and hand it over",
            "逐户对账确认并移交",
        ),
    },
    Shipped {
        key: "leaver_not_cleared",
        title: ("leaver not cleared", "离职未清算"),
        watch: Watch::Person,
        records: &["employment", "clearance"],
        when: "days_since_leaving > $days and clearances_open >= $items",
        clear: None,
        parameters: &[("days", "10 day"), ("items", "1")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "goods, money and papers are handed over before the last day; ten days after it they are not coming",
            "货款票据应在离职前交接，十天后就难追回",
        ),
        message: (
            "{subject} left {days_since_leaving} days ago; items not cleared: {clearances_open}",
            "{subject} 离职 {days_since_leaving} 天，仍有 {clearances_open} 项未清",
        ),
        action: (
            "hold the last payment; list what is missing with a day",
            "暂扣尾款，列明欠项与期限",
        ),
    },
    Shipped {
        key: "private_rebates",
        title: (
            "rebates that the dealer did not get",
            "返利未到经销商（吃回扣）",
        ),
        watch: Watch::Person,
        records: &["rebate"],
        when: "rebate_gap > $share",
        clear: None,
        parameters: &[("share", "5%")],
        months: 1,
        severity: Severity::Critical,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "what was granted and what the dealer confirms are compared, over three months; a twentieth may be delay, more stays somewhere",
            "对比三个月发放与经销商确认的返利，差额超过百分之五就有去处",
        ),
        message: (
            "of the rebates that {subject} passed on, {rebate_gap} did not reach the dealers",
            "{subject} 经手返利有 {rebate_gap} 未到经销商",
        ),
        action: (
            "have finance confirm balances with the dealers directly",
            "由财务直接与经销商对账",
        ),
    },
];
