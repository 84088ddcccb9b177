//! Favourable deviations: a market opens up.

use super::Watch;
use super::lives::Sort;
use super::shipped::Shipped;
use crate::rule::Severity;

pub(super) static RULES: [Shipped; 6] = [
    Shipped {
        key: "market_opening",
        title: ("a market opens up", "市场打开"),
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
            "more new customers and more sales at once is demand, not one large order",
            "新客户与销售同时增长是需求，不是一笔大单",
        ),
        message: (
            "{subject} won {new_customers} new customers and sells {sales}",
            "{subject} 新增客户 {new_customers} 家，销售 {sales}",
        ),
        action: (
            "find out who they are; move people and promotion there now",
            "弄清客户是谁，立即投入人力与促销",
        ),
    },
    Shipped {
        key: "growth_beyond_season",
        title: ("growth beyond the season", "超越季节的增长"),
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
            "three tenths above the same month of last year, twice, is no accident of the calendar",
            "连续两月高出去年同期三成，不是日历巧合",
        ),
        message: (
            "{subject} sells {sales}, far above the same month of last year",
            "{subject} 销售 {sales}，远超去年同期",
        ),
        action: (
            "see what carries it and whether stock and people suffice",
            "查明动力，确认库存与人手是否足够",
        ),
    },
    Shipped {
        key: "far_ahead",
        title: ("far ahead of pace", "进度大幅领先"),
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
            "a quarter ahead, two months running, somebody has found something",
            "连续两月领先四分之一，必有可取之处",
        ),
        message: (
            "{subject} is at {sales} where {expected:sales} were expected",
            "{subject} 已达 {sales}，应达 {expected:sales}",
        ),
        action: (
            "have it told in the next meeting and tried elsewhere",
            "下次会议分享并在他处试行",
        ),
    },
    Shipped {
        key: "customers_come_back",
        title: ("customers come back", "老客户回流"),
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
            "three customers back in one month after a quarter of silence have a common reason",
            "沉默一季的客户一月内回来三家，必有共同原因",
        ),
        message: (
            "{reactivated_customers} customers of {subject} are back",
            "{subject} 有 {reactivated_customers} 家老客户回流",
        ),
        action: ("ask each what brought them back", "逐一询问回来的原因"),
    },
    Shipped {
        key: "wallet_grows",
        title: ("share of wallet grows", "钱包份额上升"),
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
            "a dealer who moves purchases to us is open for more",
            "经销商把采购转向我方，正是加深合作之时",
        ),
        message: (
            "of what {subject} buys, our share rose to {share_of_wallet_quarter}",
            "{subject} 采购中我方份额升至 {share_of_wallet_quarter}",
        ),
        action: (
            "offer the groups that are still bought elsewhere",
            "推介仍在他处采购的品类",
        ),
    },
    Shipped {
        key: "selling_faster_than_supplied",
        title: ("sells faster than supplied", "供不应求"),
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
            "less than two weeks of stock while sell-out grows is a sale that will be lost",
            "出货上升而库存不足两周，就要断货丢单",
        ),
        message: (
            "{subject} sells ever more and has stock for {stock_cover_quarter} days",
            "{subject} 出货持续上升，库存仅够 {stock_cover_quarter} 天",
        ),
        action: ("deliver before the dealer asks", "主动补货"),
    },
];
