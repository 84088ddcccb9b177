//! Receivables that are too high.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "overdue_and_over_limit",
        title: ("Overdue and over the credit limit", "逾期且超信用额度"),
        watch: Watch::Dealer,
        records: &["invoice", "credit_limit"],
        when: "overdue > 0 and receivables > credit_limit",
        clear: None,
        parameters: &[],
        months: 1,
        severity: Severity::Critical,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "Either alone may be agreed; both together are credit that nobody approved",
            "单独一项可能已获批准，两项同时出现等于未经审批放账",
        ),
        message: (
            "{subject} owes {receivables} against a limit of {credit_limit}; {overdue} is overdue",
            "{subject} 欠款 {receivables}，信用额度 {credit_limit}，其中逾期 {overdue}",
        ),
        action: (
            "Deliver against payment only until the overdue amount is paid",
            "改为现款现货，逾期款付清后恢复赊销",
        ),
    },
    Shipped {
        key: "high_overdue_share",
        title: ("Overdue share too high", "逾期占比过高"),
        watch: Watch::Person,
        records: &["invoice"],
        when: "overdue_share > $share",
        clear: Some("overdue_share < 20%"),
        parameters: &[("share", "25%")],
        months: 2,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "A quarter overdue two months running is no longer about single customers; it clears below 20%",
            "连续两个月逾期超过 25%，已非个别客户问题；降到 20% 以下解除",
        ),
        message: (
            "{overdue_share} of the receivables of {subject} are overdue: {overdue}",
            "{subject} 应收账款中 {overdue_share} 已逾期，金额 {overdue}",
        ),
        action: (
            "Collect together with the salesperson, largest first; no new credit to late payers",
            "与业务员一同催收，先大后小；逾期客户停止赊销",
        ),
    },
    Shipped {
        key: "collections_behind",
        title: ("Collections behind plan", "回款落后于计划"),
        watch: Watch::Person,
        records: &["payment"],
        when: "collections / expected(collections) < $share",
        clear: None,
        parameters: &[("share", "80%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Sales without cash are a loan; less than 80% of what should be in by now, two months running, is a trend",
            "只有销售没有回款等于放贷；连续两个月不足应回款进度的 80%，即为趋势",
        ),
        message: (
            "{subject} collected {collections}; expected by now: {expected:collections}",
            "{subject} 回款 {collections}，按进度应回款 {expected:collections}",
        ),
        action: (
            "Agree on a payment date with each of the five largest debtors",
            "与前五大欠款客户逐一约定付款日",
        ),
    },
    Shipped {
        key: "overdue_over_90_days",
        title: ("Debt more than 90 days overdue", "逾期 90 天以上欠款"),
        watch: Watch::Dealer,
        records: &["invoice"],
        when: "overdue_over_90 / receivables > $share",
        clear: None,
        parameters: &[("share", "20%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "The longer a debt is late, the less of it is paid; at a fifth of the balance a decision is due",
            "逾期超过 90 天回收率明显下降；占应收账款两成就应决策",
        ),
        message: (
            "{overdue_over_90} owed by {subject} is more than 90 days overdue",
            "{subject} 逾期 90 天以上欠款 {overdue_over_90}",
        ),
        action: (
            "Decide now: signed instalment plan, security or legal action",
            "限期决策：签还款协议、追加担保或起诉",
        ),
    },
    Shipped {
        key: "far_over_credit_limit",
        title: ("Far over the credit limit", "远超信用额度"),
        watch: Watch::Dealer,
        records: &["invoice", "credit_limit"],
        when: "receivables / credit_limit > $share or receivables > 0 and credit_limit <= 0",
        clear: None,
        parameters: &[("share", "200%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "finance",
        reason: (
            "Default: twice the limit is no oversight, even while nothing is overdue; what is not yet due falls due later",
            "默认值：欠款达到额度两倍，即使尚未逾期也不是疏忽；未到期的迟早到期",
        ),
        message: (
            "{subject} owes {receivables} against a limit of {credit_limit}",
            "{subject} 欠款 {receivables}，信用额度 {credit_limit}",
        ),
        action: (
            "Hold new deliveries on credit until a decision is made: raise the limit with security, or agree on payments",
            "在作出决定前暂停赊销：追加担保提高额度，或约定还款计划",
        ),
    },
];
