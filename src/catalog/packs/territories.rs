//! Goods are sold in territories that are not theirs.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 2] = [
    Shipped {
        key: "diverted_out",
        title: (
            "Goods diverted to other territories",
            "货物窜出辖区（窜货）",
        ),
        watch: Watch::Dealer,
        records: &["sighting"],
        when: "lots_diverted_out >= $lots",
        clear: None,
        parameters: &[("lots", "2")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "One lot may have travelled with a customer; two lots in three months were sold there",
            "一批可能是顾客携带，3 个月内两批基本可认定窜货",
        ),
        message: (
            "Lots sold to {subject} that were seen in other territories in the last three months: {lots_diverted_out}",
            "近 3 个月销给 {subject} 的货有 {lots_diverted_out} 批出现在其他区域",
        ),
        action: (
            "Show the dealer the lot numbers and ask for an explanation; settle the rebate as the contract provides",
            "出示批号请经销商说明，按合同约定处理当期返利",
        ),
    },
    Shipped {
        key: "diverted_in",
        title: ("Goods from other territories found here", "外区货窜入"),
        watch: Watch::Team,
        records: &["sighting"],
        when: "lots_diverted_in >= $lots",
        clear: None,
        parameters: &[("lots", "3")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "The territory that suffers sees it first; three lots in three months are enough to hurt its prices",
            "被窜货的区域最先发现，3 个月三批足以冲击价格",
        ),
        message: (
            "Lots from other territories seen in {subject} in the last three months: {lots_diverted_in}",
            "{subject} 近 3 个月发现外区窜入货物 {lots_diverted_in} 批",
        ),
        action: (
            "Trace the lots to their dealers; protect the prices of those who keep the rules",
            "按批号追查源头，保护守规经销商的价格",
        ),
    },
];
