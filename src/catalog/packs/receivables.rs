//! S5: receivables pile up.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 4] = [
    Shipped {
        key: "beyond_credit_limit",
        title: ("overdue beyond the credit limit", "逾期且超信用额度"),
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
            "either alone may be agreed; both together mean that we lend without a decision",
            "单独一项可能已批准，两项同时出现等于无决定放款",
        ),
        message: (
            "{subject} owes {receivables}, the limit is {credit_limit}, and {overdue} are overdue",
            "{subject} 欠款 {receivables}，额度 {credit_limit}，逾期 {overdue}",
        ),
        action: (
            "stop delivery on credit until what is overdue is paid",
            "停止赊销，逾期付清后恢复",
        ),
    },
    Shipped {
        key: "overdue_piles_up",
        title: ("overdue receivables pile up", "逾期应收攀升"),
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
            "a quarter overdue, two months running, is no longer a matter of single customers; it ends below a fifth",
            "连续两月逾期超四分之一，已非个别客户问题；降到两成以下解除",
        ),
        message: (
            "{overdue_share} of the receivables of {subject} are overdue: {overdue}",
            "{subject} 应收款中 {overdue_share} 逾期：{overdue}",
        ),
        action: (
            "collect with the manager, largest first; no new credit to those who are late",
            "与经理一同催收，先大后小；逾期客户停止赊销",
        ),
    },
    Shipped {
        key: "collections_behind",
        title: ("collections behind plan", "回款落后计划"),
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
            "sales without money are a loan; four fifths of what should have come in by now, twice, is a trend",
            "只有销售没有回款等于放贷，连续两月不足应收进度八成即为趋势",
        ),
        message: (
            "{subject} collected {collections} where {expected:collections} were expected",
            "{subject} 回款 {collections}，应达 {expected:collections}",
        ),
        action: (
            "agree on a day of payment with each of the five largest debtors",
            "与前五大欠款户逐一约定付款日",
        ),
    },
    Shipped {
        key: "old_debt",
        title: ("old debt", "陈年欠款"),
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
            "what is three months late is paid in full ever more seldom; a fifth of the balance is worth a decision",
            "逾期九十天以上回收率骤降，占两成须决策",
        ),
        message: (
            "{subject} owes {overdue_over_90} for more than ninety days beyond the term",
            "{subject} 逾期九十天以上 {overdue_over_90}",
        ),
        action: (
            "decide: instalments with a signature, security, or the court",
            "决策：签分期协议、追加担保或诉讼",
        ),
    },
];
