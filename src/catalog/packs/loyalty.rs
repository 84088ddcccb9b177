//! Effort or money that may be leaving the company, and what leavers leave behind.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "fewer_visits_same_expense",
        title: ("Fewer visits, same expenses", "拜访减少、费用未降"),
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
            "Visits down by a third for two months at almost the same expenses need a talk; ask before judging: illness looks the same",
            "连续两个月拜访减少三成而费用基本未降，应当面了解；先了解再判断，生病、休假也是这样",
        ),
        message: (
            "{subject} made {visits} visits, far fewer than before, with expenses of {expense}",
            "{subject} 拜访 {visits} 次，明显减少；费用仍为 {expense}",
        ),
        action: (
            "Talk in person this week; join the visits for a day",
            "本周面谈，随访一天",
        ),
    },
    Shipped {
        key: "leaver_customer_loss",
        title: ("Customers lost with a leaver", "离职人员客户流失"),
        watch: Watch::Person,
        records: &["employment", "order"],
        when: "state(days_since_leaving) in (value) and lapsed_customer_share > $share",
        clear: None,
        parameters: &[("share", "30%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "When 30% of a leaver's customers have not ordered for two months, they followed or were forgotten",
            "离职人员的客户三成两个月未下单，不是被带走，就是没人跟进",
        ),
        message: (
            "{lapsed_customer_share} of the customers of {subject}, who left {days_since_leaving} days ago, have stopped ordering",
            "{subject} 离职 {days_since_leaving} 天，其客户有 {lapsed_customer_share} 停止下单",
        ),
        action: (
            "Visit the customers with the successor within two weeks",
            "两周内陪同接手人走访这些客户",
        ),
    },
    Shipped {
        key: "leaver_receivables",
        title: (
            "Leaver's receivables not handed over",
            "离职人员应收账款未移交",
        ),
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
            "Debts in the name of somebody who left are collected by nobody",
            "挂在离职人员名下的欠款无人催收",
        ),
        message: (
            "{receivables} of receivables are still in the name of {subject}, who has left",
            "{subject} 已离职，名下仍有应收 {receivables}",
        ),
        action: (
            "Have each customer confirm the balance in writing, then hand it over",
            "逐户书面对账确认，并移交接手人",
        ),
    },
    Shipped {
        key: "leaver_handover_open",
        title: ("Leaver's handover incomplete", "离职交接未完成"),
        watch: Watch::Person,
        records: &["employment", "clearance"],
        when: "days_since_leaving > $days and handovers_open >= $items",
        clear: None,
        parameters: &[("days", "10 day"), ("items", "1")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "Goods, money and papers are due before the last day; ten days after it they rarely come back",
            "货、款、票据应在离职前交清，10 天后就难以追回",
        ),
        message: (
            "{subject} left {days_since_leaving} days ago; items not handed over: {handovers_open}",
            "{subject} 离职 {days_since_leaving} 天，仍有 {handovers_open} 项未交接",
        ),
        action: (
            "List what is missing with a date each; let HR and finance settle final pay as law and contract allow",
            "逐项列明未交接事项和期限，由人事、财务依法依约结算",
        ),
    },
    Shipped {
        key: "withheld_rebates",
        title: (
            "Rebates not confirmed by the dealer",
            "返利与经销商确认不符",
        ),
        watch: Watch::Person,
        records: &["rebate"],
        when: "rebate_unconfirmed_share > $share",
        clear: None,
        parameters: &[("share", "5%")],
        months: 1,
        severity: Severity::Critical,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "Rebates granted and confirmed are compared over three months; 5% may be delay, more has to be explained (possible withholding)",
            "对比 3 个月内发放与经销商确认的返利；差额 5% 以内可能是时间差，超过须查明（疑似截留返利）",
        ),
        message: (
            "{rebate_unconfirmed_share} of the rebates passed on by {subject} are not confirmed by the dealers",
            "{subject} 经手的返利有 {rebate_unconfirmed_share} 未获经销商确认",
        ),
        action: (
            "Have finance reconcile directly with the dealers before speaking to the person",
            "由财务直接与经销商对账，查实后再约谈",
        ),
    },
];
