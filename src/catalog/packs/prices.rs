//! Prices are in disorder, and profit falls.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "below_minimum_price",
        title: ("Resale below the minimum price", "低于最低限价出货"),
        watch: Watch::Dealer,
        records: &["price_observation"],
        when: "resale_below_floor >= $share",
        clear: None,
        parameters: &[("share", "10%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "One price below the minimum may be a slip; a tenth of all prices observed is a practice",
            "偶尔一次可能是失误，达到一成就是惯常做法",
        ),
        message: (
            "{subject} resells below the minimum price: {resale_below_floor} of the prices observed",
            "{subject} 低于最低限价出货，占所采集价格的 {resale_below_floor}",
        ),
        action: (
            "Visit with the price records and find the cause (stock, cash, competitor); settle it as contract and law allow",
            "带价格记录走访，查明原因（库存、资金、竞品），依合同和法规处理",
        ),
    },
    Shipped {
        key: "above_maximum_price",
        title: ("Resale above the maximum price", "高于最高限价出货"),
        watch: Watch::Dealer,
        records: &["price_observation"],
        when: "resale_above_ceiling >= $share",
        clear: None,
        parameters: &[("share", "10%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Promotion goods sold above the set price, or sold instead of given away, waste the promotion",
            "促销品高于规定价格销售，或应免费发放而出售，促销就失效",
        ),
        message: (
            "{subject} sells above the maximum price: {resale_above_ceiling} of the prices observed",
            "{subject} 高于最高限价出货，占所采集价格的 {resale_above_ceiling}",
        ),
        action: (
            "Check the dealer's promotion stock; agree on a date by which it goes out at the set price or free",
            "核对促销品库存，约定按规定价格或免费发放完毕的期限",
        ),
    },
    Shipped {
        key: "price_inversion",
        title: ("Price inversion", "价格倒挂"),
        watch: Watch::Dealer,
        records: &["price_observation"],
        when: "price_inversions >= $times",
        clear: None,
        parameters: &[("times", "1")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "Where the lower tier pays less than the tier above paid, goods come in from elsewhere or a discount was given twice",
            "下级拿货价低于上级进价，说明有低价货流入或重复让利",
        ),
        message: (
            "Price inversions at {subject} (the tier below paid less than {subject} did): {price_inversions}",
            "{subject} 出现价格倒挂 {price_inversions} 次：下级拿货价低于其进价",
        ),
        action: (
            "Trace the cheap goods; set the prices of both tiers anew",
            "追查低价货源，重新核定两级价格",
        ),
    },
    Shipped {
        key: "excessive_discounts",
        title: ("Discounts deeper than colleagues'", "让利明显高于同事"),
        watch: Watch::Person,
        records: &["order"],
        when: "discount_depth > $depth and from_median(discount_depth) > $apart",
        clear: None,
        parameters: &[("depth", "8%"), ("apart", "3%")],
        months: 1,
        severity: Severity::Warning,
        sort: Sort::Happening,
        owner: "manager",
        reason: (
            "On the same price list, three points above the colleagues' median is selling on price",
            "同一价目表下，比同事中位数高 3 个百分点以上，就是靠降价卖货",
        ),
        message: (
            "{subject} gives {discount_depth} off list on average, clearly more than colleagues",
            "{subject} 平均让利 {discount_depth}，明显高于同事",
        ),
        action: (
            "Review the five largest discounts together; require approval above the limit",
            "一起复核最大的五笔让利，超权限的须审批",
        ),
    },
    Shipped {
        key: "margin_decline",
        title: ("Gross margin falling", "毛利率下滑"),
        watch: Watch::Team,
        records: &["order"],
        when: "margin_rate falling for 2 months and previous(margin_rate, 2 months) - margin_rate > $points",
        clear: None,
        parameters: &[("points", "3%")],
        months: 1,
        severity: Severity::Serious,
        sort: Sort::Happening,
        owner: "director",
        reason: (
            "Two falls in a row of more than three points together are rarely mix or chance; raise the threshold where the mix moves more",
            "连续两个月合计下滑超过 3 个百分点，一般不是产品结构或偶然波动；结构变动大的行业可调高阈值",
        ),
        message: (
            "Gross margin of {subject} fell two months running, to {margin_rate}",
            "{subject} 毛利率连续两个月下滑至 {margin_rate}",
        ),
        action: (
            "Break the decline down by product and by discount",
            "按产品和让利拆解下滑原因",
        ),
    },
];
