//! The network collapses and share falls.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 4] = [
    Shipped {
        key: "rising_dormancy",
        title: ("Dormant customers growing", "休眠客户增多"),
        watch: Watch::Team,
        records: &["order"],
        when: "dormant_customer_share > $share and dormant_customer_share rising for 2 months",
        clear: None,
        parameters: &[("share", "15%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "Every market loses some; more than 15% without an order for three months, and more each month, is a leak",
            "任何市场都有流失；3 个月未下单的客户超过 15% 且逐月增加，就是漏洞",
        ),
        message: (
            "{dormant_customer_share} of the customers of {subject} have not ordered for three months or longer",
            "{subject} 有 {dormant_customer_share} 的客户已 3 个月以上未下单",
        ),
        action: (
            "Call every one of them within two weeks; note the reason",
            "两周内逐一联系并记录原因",
        ),
    },
    Shipped {
        key: "share_below_target",
        title: ("Market share below target", "市场份额低于目标"),
        watch: Watch::Team,
        records: &["order", "market_report"],
        when: "attainment(market_share) < $share",
        clear: None,
        parameters: &[("share", "90%")],
        months: 2,
        severity: Severity::Warning,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "Sales may grow while the market grows faster; two months below 90% of the target share say so",
            "销售可能在增长，但市场增长更快；连续两个月不足目标份额的 90% 即提示",
        ),
        message: (
            "{subject} has a market share of {market_share}; target {target:market_share}",
            "{subject} 市场份额 {market_share}，目标 {target:market_share}",
        ),
        action: (
            "Find which competitor gains, and where",
            "查明哪家竞品在哪里增长",
        ),
    },
    Shipped {
        key: "high_customer_concentration",
        title: ("Sales depend on few customers", "客户过于集中"),
        watch: Watch::Team,
        records: &["order"],
        when: "top_customers_share > $share",
        clear: None,
        parameters: &[("share", "50%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Standing,
        owner: "director",
        reason: (
            "Where three customers are half of the sales, each of them dictates the price",
            "三家客户占一半销售，价格就由他们说了算",
        ),
        message: (
            "The three largest customers make {top_customers_share} of the sales of {subject}",
            "{subject} 前三大客户占销售额 {top_customers_share}",
        ),
        action: (
            "Plan the winning of new customers for the next quarter",
            "制定下季度新客户开发计划",
        ),
    },
    Shipped {
        key: "active_customer_decline",
        title: ("Fewer customers order", "下单客户减少"),
        watch: Watch::Team,
        records: &["order"],
        when: "active_customers falling for 2 months and change(active_customers, previous(active_customers, 2 months)) < $fall",
        clear: None,
        parameters: &[("fall", "-20%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Fewer customers come before fewer sales, because those who stay buy more for a while",
            "客户减少先于销售下滑，因为留下的客户会暂时多买",
        ),
        message: (
            "Ordering customers of {subject} fell two months running, to {active_customers}",
            "{subject} 下单客户连续两个月减少，降至 {active_customers} 家",
        ),
        action: (
            "Find those who stopped and who visited them last",
            "列出停单客户及最近拜访人，逐一回访",
        ),
    },
];
