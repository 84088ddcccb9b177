//! S4: goods are sold in territories that are not theirs.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 2] = [
    Shipped {
        key: "goods_elsewhere",
        title: ("goods seen in another territory", "货物流入他区"),
        watch: Watch::Dealer,
        records: &["sighting"],
        when: "goods_elsewhere >= $lots",
        clear: None,
        parameters: &[("lots", "2")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "one lot may have been carried by a customer; two lots in three months were sold there",
            "一批可能是客户携带，三个月内两批即为窜货",
        ),
        message: (
            "{goods_elsewhere} lots sold to {subject} were seen in another territory",
            "销给 {subject} 的 {goods_elsewhere} 批货出现在其他区域",
        ),
        action: (
            "confront the dealer with the lot numbers; hold the rebate of the period",
            "出示批号对质，暂扣当期返利",
        ),
    },
    Shipped {
        key: "foreign_goods",
        title: ("goods of other territories here", "外区货流入"),
        watch: Watch::Team,
        records: &["sighting"],
        when: "foreign_goods >= $lots",
        clear: None,
        parameters: &[("lots", "3")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "the territory that suffers sees it first; three lots in three months press its prices",
            "受害区域最先发现，三个月三批足以冲击价格",
        ),
        message: (
            "{foreign_goods} lots of dealers of other territories were seen in {subject}",
            "{subject} 发现 {foreign_goods} 批外区货物",
        ),
        action: (
            "trace the lots to their dealers; protect the prices of the loyal ones",
            "按批号追查来源，保护守规经销商价格",
        ),
    },
];
