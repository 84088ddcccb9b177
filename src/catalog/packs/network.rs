//! S11: the network collapses and share falls.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 4] = [
    Shipped {
        key: "customers_fall_silent",
        title: ("customers fall silent", "客户沉默"),
        watch: Watch::Team,
        records: &["order"],
        when: "dormant_share > $share and dormant_share rising for 2 months",
        clear: None,
        parameters: &[("share", "15%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Standing,
        owner: "manager",
        reason: (
            "every market loses some; more than one in seven silent for three months, and more each month, is a hole",
            "任何市场都有流失，沉默三个月者超过七分之一且逐月增加就是漏洞",
        ),
        message: (
            "{dormant_share} of the customers of {subject} have been silent for three months or longer",
            "{subject} 有 {dormant_share} 的客户沉默三个月以上",
        ),
        action: (
            "call every one of them within two weeks; note the reason",
            "两周内逐一联系并记录原因",
        ),
    },
    Shipped {
        key: "share_below_target",
        title: ("market share below target", "市场份额低于目标"),
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
            "sales may grow while the market grows faster; two months below nine tenths of the planned share say so",
            "销售增长但市场增长更快，连续两月低于目标份额九成",
        ),
        message: (
            "{subject} has {market_share} of the market, planned were {target:market_share}",
            "{subject} 市场份额 {market_share}，目标 {target:market_share}",
        ),
        action: (
            "see which competitor gains and where",
            "查明哪家竞品在哪里增长",
        ),
    },
    Shipped {
        key: "few_carry_it",
        title: ("few customers carry the territory", "客户过于集中"),
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
            "where three customers are half of the sales, each of them sets the price",
            "三家客户占一半销售，价格就由他们定",
        ),
        message: (
            "three customers are {top_customers_share} of the sales of {subject}",
            "{subject} 前三大客户占销售 {top_customers_share}",
        ),
        action: (
            "plan new customers for the next quarter",
            "下季度制定新客户开发计划",
        ),
    },
    Shipped {
        key: "network_shrinks",
        title: ("fewer customers order", "下单客户减少"),
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
            "fewer customers come before fewer sales, because those who stay buy more for a while",
            "客户减少先于销售下降，留下的会暂时多买",
        ),
        message: (
            "customers of {subject} who order fell to {active_customers}",
            "{subject} 下单客户降至 {active_customers}",
        ),
        action: (
            "find the ones that stopped and who visited them last",
            "找出停单客户及最后拜访人",
        ),
    },
];
