//! Favourable deviations: a market opens up.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 6] = [
    Shipped {
        key: "market_opening",
        title: ("Market opening up", "市场机会显现"),
        watch: Watch::Team,
        records: &["order"],
        when: "new_customers / mean(new_customers, 3 months) > $customers and change(sales, mean(sales, 3 months)) > $growth",
        clear: None,
        parameters: &[("customers", "150%"), ("growth", "20%")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "director",
        reason: (
            "More new customers and more sales at once are demand, not one large order",
            "新客户与销售同时增长，说明需求上升，而非一笔大单",
        ),
        message: (
            "{subject} won {new_customers} new customers; sales {sales}",
            "{subject} 新增客户 {new_customers} 家，销售额 {sales}",
        ),
        action: (
            "Find out who they are; move people and promotion there now",
            "弄清是哪些客户，立即投入人力和促销",
        ),
    },
    Shipped {
        key: "growth_beyond_season",
        title: ("Growth beyond the season", "超季节性增长"),
        watch: Watch::Team,
        records: &["order"],
        when: "change(sales, last_year(sales)) > $growth",
        clear: None,
        parameters: &[("growth", "30%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "director",
        reason: (
            "30% above the same month last year, two months running, is no accident of the calendar",
            "连续两个月高出去年同期 30%，不是节假日错位",
        ),
        message: (
            "Sales of {subject} reached {sales}, far above the same month last year",
            "{subject} 销售额 {sales}，远高于去年同期",
        ),
        action: (
            "See what drives it and whether stock and people suffice",
            "查明增长来源，确认库存和人手是否够用",
        ),
    },
    Shipped {
        key: "far_ahead_of_pace",
        title: ("Far ahead of pace", "进度大幅超前"),
        watch: Watch::Person,
        records: &["order", "target"],
        when: "sales / expected(sales) > $share",
        clear: None,
        parameters: &[("share", "125%")],
        months: 2,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "manager",
        reason: (
            "25% ahead two months running: there is something to learn from",
            "连续两个月超前 25%，必有可取之处",
        ),
        message: (
            "{subject} has sold {sales}; expected by now: {expected:sales}",
            "{subject} 已完成 {sales}，按进度应完成 {expected:sales}",
        ),
        action: (
            "Have it shared in the next meeting and tried elsewhere",
            "请其在下次会议上分享，并在其他区域试行",
        ),
    },
    Shipped {
        key: "customer_reactivation",
        title: ("Customers coming back", "老客户回流"),
        watch: Watch::Team,
        records: &["order"],
        when: "reactivated_customers >= $customers",
        clear: None,
        parameters: &[("customers", "3")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "manager",
        reason: (
            "Three customers back in one month after a quarter without orders have a common reason",
            "停单一个季度的客户一个月内回来三家，多半有共同原因",
        ),
        message: (
            "Customers of {subject} ordering again after three months or more: {reactivated_customers}",
            "{subject} 有 {reactivated_customers} 家老客户停单 3 个月后恢复下单",
        ),
        action: ("Ask each what brought them back", "逐一询问回来的原因"),
    },
    Shipped {
        key: "share_of_wallet_growth",
        title: ("Share of wallet growing", "我方进货占比上升"),
        watch: Watch::Dealer,
        records: &["order", "wallet"],
        when: "share_of_wallet_quarter rising for 2 months and share_of_wallet_quarter - previous(share_of_wallet_quarter, 2 months) > $points",
        clear: None,
        parameters: &[("points", "5%")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "salesperson",
        reason: (
            "A dealer who moves purchases to us is open for more",
            "经销商把进货转向我方，正是加深合作之时",
        ),
        message: (
            "Our share of what {subject} buys rose to {share_of_wallet_quarter}",
            "{subject} 进货中我方占比升至 {share_of_wallet_quarter}",
        ),
        action: (
            "Offer the product groups that are still bought elsewhere",
            "推介仍从他家进货的品类",
        ),
    },
    Shipped {
        key: "low_stock_rising_sell_out",
        title: ("Selling faster than restocked", "出货加快、库存不足"),
        watch: Watch::Dealer,
        records: &["stock", "sell_out"],
        when: "stock_cover_quarter < $days and sell_out rising for 2 months",
        clear: None,
        parameters: &[("days", "14 day")],
        months: 1,
        severity: Severity::Info,
        sort: Sort::Chance,
        owner: "salesperson",
        reason: (
            "Less than two weeks of stock while sell-out grows is a sale about to be lost",
            "出货上升而库存不足两周，很快就会断货丢单",
        ),
        message: (
            "Sell-out of {subject} keeps growing; stock lasts {stock_cover_quarter} days",
            "{subject} 出货持续上升，库存仅够 {stock_cover_quarter} 天",
        ),
        action: (
            "Offer a restock before the dealer asks",
            "主动联系补货，避免断货",
        ),
    },
];
