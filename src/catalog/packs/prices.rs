//! S2: prices are in disorder, and profit falls.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 5] = [
    Shipped {
        key: "resale_below_floor",
        title: ("resale below the floor", "低于底价转售"),
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
            "one price below the floor may be a slip; a tenth of all that was seen is a practice",
            "偶有一次可能是失误，一成以上就是做法",
        ),
        message: (
            "{subject} resells below the floor: {resale_below_floor} of the prices seen",
            "{subject} 低于底价销售，占所见价格的 {resale_below_floor}",
        ),
        action: (
            "visit the dealer, show the prices seen, hold the rebate until they are kept",
            "走访经销商，出示价格记录，恢复限价前暂停返利",
        ),
    },
    Shipped {
        key: "resale_above_ceiling",
        title: ("resale above the ceiling", "高于限价转售"),
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
            "goods of a promotion that must be given away or sold at a price, and are not, cost the promotion its effect",
            "促销品未按规定价格或未免费发放，促销失效",
        ),
        message: (
            "{subject} sells above the ceiling: {resale_above_ceiling} of the prices seen",
            "{subject} 高于限价销售，占所见价格的 {resale_above_ceiling}",
        ),
        action: (
            "check the stock of the promotion with the dealer and agree on the day by which it is given out",
            "核对促销品库存，约定发放期限",
        ),
    },
    Shipped {
        key: "price_inversion",
        title: ("price inversion", "价格倒挂"),
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
            "where the tier below pays less than the tier above paid, goods flow from somewhere else or a margin is paid twice",
            "下级拿货价低于上级进价，必有货源外流或重复让利",
        ),
        message: (
            "the tier below {subject} pays less than {subject} paid; times seen: {price_inversions}",
            "{subject} 出现价格倒挂 {price_inversions} 次：下级价低于其进价",
        ),
        action: (
            "find where the cheap goods come from; set the prices of both tiers anew",
            "追查低价货源，重新核定两级价格",
        ),
    },
    Shipped {
        key: "deep_discounts",
        title: ("deeper discounts than colleagues", "折扣明显高于同事"),
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
            "whoever sells by price is seen beside colleagues with the same list; three points above their middle are a habit",
            "同样价目表下，比同事中位数高三个点以上即靠降价卖货",
        ),
        message: (
            "{subject} gives {discount_depth} off the list, clearly more than colleagues",
            "{subject} 平均折扣 {discount_depth}，明显高于同事",
        ),
        action: (
            "look at the five largest discounts together; ask for approval above the limit",
            "逐笔复核最大五笔折扣，超限须审批",
        ),
    },
    Shipped {
        key: "margin_falling",
        title: ("margin falls", "毛利率下滑"),
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
            "two falls in a row of more than three points together are neither mix nor chance in most trades; raise the number where the mix moves more",
            "连续两月下滑合计超过三个点，一般不是结构或偶然",
        ),
        message: (
            "the margin of {subject} fell twice in a row, to {margin_rate}",
            "{subject} 毛利率连续两月下滑至 {margin_rate}",
        ),
        action: (
            "take the fall apart by product and by discount",
            "按产品和折扣拆解原因",
        ),
    },
];
