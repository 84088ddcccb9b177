//! One case for each ready rule: what is recorded of the one in whom something is wrong, and of one who is like him but for
//! that. All is seen at the end of June 2026.

use quotaflow::catalog::packs::Watch::{Dealer, Initiative, Person, Team};

use super::company::Case;

pub fn all() -> Vec<Case> {
    [habits(), first(), second(), third(), fourth()]
        .into_iter()
        .flatten()
        .collect()
}

/// Habits of all, which nobody shows beside colleagues, and those who have no history to be compared with.
fn habits() -> Vec<Case> {
    vec![
        // Everybody of the north books in the last days; in the south one of three does.
        Case::new("month_end_habit", Team, "north").records(&[
            "order 2026-05-29 person=bo sales=100",
            "order 2026-05-30 person=n1 sales=100",
            "order 2026-05-10 person=n2 sales=20",
            "order 2026-06-29 person=bo sales=100",
            "order 2026-06-30 person=n1 sales=100",
            "order 2026-06-10 person=n2 sales=20",
            "order 2026-05-29 person=gu sales=40",
            "order 2026-05-10 person=s1 sales=100",
            "order 2026-06-29 person=gu sales=40",
            "order 2026-06-10 person=s1 sales=100",
        ]),
        Case::new("no_visits", Team, "north").records(&[
            "order 2026-05-10 person=bo sales=100",
            "order 2026-06-10 person=bo sales=100",
            "order 2026-05-10 person=gu sales=100",
            "order 2026-06-10 person=gu sales=100",
            "visit 2026-05-10 person=s1",
            "visit 2026-06-10 person=s1",
        ]),
        // A first year, without a last one: 100, 80, 64 and 100, 90, 81.
        Case::new("steep_sales_decline", Person, "bo")
            .monthly("order", 10, "person=bo", "sales", "100 80 64")
            .monthly("order", 10, "person=gu", "sales", "100 90 81"),
        // 200 days ago, and 60.
        Case::new("single_order", Dealer, "dx").records(&[
            "order 2025-12-12 dealer=dx sales=100",
            "order 2026-05-01 dealer=dy sales=100",
        ]),
        // Taken on four months ago, and three weeks; who ordered at once.
        Case::new("never_ordered", Dealer, "dz").records(&["order 2026-05-01 dealer=dx sales=100"]),
        // Five times the limit, and one and a half; nothing is due before July.
        Case::new("far_over_credit_limit", Dealer, "dx").records(&[
            "credit_limit 2026-01-01 dealer=dx limit=100",
            "credit_limit 2026-01-01 dealer=dy limit=100",
            "invoice 2026-06-10 dealer=dx amount=500 due=2026-07-20",
            "invoice 2026-06-10 dealer=dy amount=150 due=2026-07-20",
        ]),
    ]
}

/// Problems, prices, dealers, territories and receivables.
fn first() -> Vec<Case> {
    vec![
        Case::new("long_open_problem", Person, "bo").records(&[
            "complaint 2026-04-10 person=bo",
            "complaint 2026-04-10 person=gu closed=2026-04-20",
            // Twenty days old.
            "complaint 2026-06-10 person=gu",
        ]),
        Case::new("late_detection", Team, "north").records(&[
            "complaint 2026-05-01 person=bo noticed=2026-06-10",
            "complaint 2026-06-08 person=gu noticed=2026-06-10",
        ]),
        Case::new("recurring_cause", Team, "north").records(&[
            "complaint 2026-04-10 person=bo cause=leak",
            "complaint 2026-05-10 person=n1 cause=leak",
            "complaint 2026-06-10 person=bo cause=leak",
            "complaint 2026-04-10 person=gu cause=leak",
            "complaint 2026-05-10 person=gu cause=late",
            "complaint 2026-06-10 person=gu cause=leak",
        ]),
        // One that was reopened is not enough by itself.
        Case::new("recurring_exception", Person, "bo")
            .column("alerts_recurred", "1", "0")
            .column("alerts_reopened", "1", "1"),
        Case::new("ineffective_corrective_action", Person, "bo").column(
            "corrective_actions_failed",
            "1",
            "0",
        ),
        Case::new("unresolved_exception", Person, "bo").column(
            "oldest_open_alert_days",
            "93",
            "92",
        ),
        Case::new("slow_resolution", Team, "north").column("days_to_resolve", "63", "62"),
        Case::new("late_alerts", Team, "north").column("days_to_alert", "46", "45"),
        Case::new("below_minimum_price", Dealer, "dx").records(&[
            "price_observation 2026-06-10 dealer=dx price=9.99 floor=10",
            "price_observation 2026-06-12 dealer=dx price=11 floor=10",
            "price_observation 2026-06-10 dealer=dy price=10 floor=10",
        ]),
        // What must be given away free is sold at 200.
        Case::new("above_maximum_price", Dealer, "dx").records(&[
            "price_observation 2026-06-10 dealer=dx price=200 ceiling=0",
            "price_observation 2026-06-10 dealer=dy price=0 ceiling=0",
        ]),
        Case::new("price_inversion", Dealer, "dx").records(&[
            "price_observation 2026-06-10 dealer=dx price=8 bought_at=9",
            "price_observation 2026-06-10 dealer=dy price=9 bought_at=9",
        ]),
        Case::new("excessive_discounts", Person, "bo").records(&[
            "order 2026-06-10 person=bo sales=85 list_value=100",
            "order 2026-06-10 person=gu sales=97 list_value=100",
            "order 2026-06-10 person=n1 sales=96 list_value=100",
        ]),
        // 30 %, 27 %, 24 %: six points in two months; the others lose two.
        Case::new("margin_decline", Team, "north")
            .monthly(
                "order",
                10,
                "person=bo sales=100",
                "cost_of_sales",
                "70 73 76",
            )
            .monthly(
                "order",
                10,
                "person=gu sales=100",
                "cost_of_sales",
                "70 71 72",
            ),
        // Every ten days until the end of March, and every ten days until now.
        Case::new("no_recent_order", Dealer, "dx").records(&[
            "order 2026-03-01 dealer=dx sales=1",
            "order 2026-03-11 dealer=dx sales=1",
            "order 2026-03-21 dealer=dx sales=1",
            "order 2026-03-31 dealer=dx sales=1",
            // Every ninety days: sixty days of silence are nothing.
            "order 2025-11-01 dealer=dy sales=1",
            "order 2026-01-30 dealer=dy sales=1",
            "order 2026-04-30 dealer=dy sales=1",
        ]),
        // 20 against a mean of 93 1/3; the other one falls twice too, to 85.
        Case::new("dealer_sales_decline", Dealer, "dx")
            .monthly(
                "order",
                10,
                "dealer=dx",
                "sales",
                "100 100 100 100 100 60 20",
            )
            .monthly(
                "order",
                10,
                "dealer=dy",
                "sales",
                "100 100 100 100 100 90 85",
            )
            // Every ten days; d1 falls as far as dx, but orders once a month.
            .monthly("order", 1, "dealer=dx", "sales", "0 0 0 0 0 0 0")
            .monthly("order", 20, "dealer=dx", "sales", "0 0 0 0 0 0 0")
            .monthly("order", 1, "dealer=dy", "sales", "0 0 0 0 0 0 0")
            .monthly("order", 20, "dealer=dy", "sales", "0 0 0 0 0 0 0")
            .monthly(
                "order",
                10,
                "dealer=d1",
                "sales",
                "100 100 100 100 100 60 20",
            ),
        Case::new("low_rebate_use", Dealer, "dx")
            .monthly(
                "rebate",
                10,
                "dealer=dx",
                "rebate_earned",
                "100 100 100 100",
            )
            .monthly("rebate", 20, "dealer=dx", "rebate_used", "30 30 30 30")
            .monthly(
                "rebate",
                10,
                "dealer=dy",
                "rebate_earned",
                "100 100 100 100",
            )
            .monthly("rebate", 20, "dealer=dy", "rebate_used", "50 50 50 50"),
        // 1/2, 150/350, 150/450; the other stays at a half.
        Case::new("share_of_wallet_decline", Dealer, "dx")
            .monthly("order", 10, "dealer=dx", "sales", "50 50 50 50 50")
            .monthly(
                "wallet",
                10,
                "dealer=dx",
                "all_purchases",
                "100 100 100 150 200",
            )
            .monthly("order", 10, "dealer=dy", "sales", "50 50 50 50 50")
            .monthly(
                "wallet",
                10,
                "dealer=dy",
                "all_purchases",
                "100 100 100 100 100",
            ),
        Case::new("thin_dealer_margin", Dealer, "dx")
            .monthly(
                "price_observation",
                10,
                "dealer=dx bought_at=10",
                "price",
                "10.20 10.20",
            )
            .monthly(
                "price_observation",
                10,
                "dealer=dy bought_at=10",
                "price",
                "12 12",
            ),
        Case::new("diverted_out", Dealer, "dx").records(&[
            "sighting 2026-05-10 person=gu dealer=dx lot=L1 place=elsewhere",
            "sighting 2026-06-10 person=gu dealer=dx lot=L2 place=elsewhere",
            // One lot seen twice, and another at home.
            "sighting 2026-05-10 person=gu dealer=dy lot=L3 place=elsewhere",
            "sighting 2026-06-10 person=gu dealer=dy lot=L3 place=elsewhere",
            "sighting 2026-06-10 person=gu dealer=dy lot=L4 place=own",
        ]),
        Case::new("diverted_in", Team, "north").records(&[
            "sighting 2026-04-10 person=bo dealer=dx lot=L1 place=elsewhere",
            "sighting 2026-05-10 person=n1 dealer=dx lot=L2 place=elsewhere",
            "sighting 2026-06-10 person=n2 dealer=dy lot=L3 place=elsewhere",
            "sighting 2026-06-10 person=gu dealer=dx lot=L1 place=elsewhere",
            "sighting 2026-06-10 person=gu dealer=dx lot=L2 place=elsewhere",
        ]),
        Case::new("overdue_and_over_limit", Dealer, "dx").records(&[
            "credit_limit 2026-01-01 dealer=dx limit=100",
            "invoice 2026-04-01 dealer=dx amount=150 due=2026-05-01",
            "credit_limit 2026-01-01 dealer=dy limit=200",
            "invoice 2026-04-01 dealer=dy amount=150 due=2026-05-01",
            // Beyond the limit, but not overdue.
            "credit_limit 2026-01-01 dealer=d1 limit=100",
            "invoice 2026-06-01 dealer=d1 amount=150 due=2026-07-30",
        ]),
        Case::new("high_overdue_share", Person, "bo").records(&[
            "invoice 2026-03-01 person=bo amount=100 due=2026-04-01",
            "invoice 2026-04-01 person=bo amount=100 due=2026-05-01",
            "invoice 2026-05-01 person=bo amount=100 due=2026-06-01",
            "invoice 2026-03-01 person=gu amount=100 due=2026-04-01 settled=2026-04-05",
            "invoice 2026-04-01 person=gu amount=100 due=2026-05-01 settled=2026-05-01",
            "invoice 2026-06-01 person=gu amount=100 due=2026-07-01",
        ]),
        Case::new("collections_behind", Person, "bo")
            .monthly("payment", 10, "person=bo", "amount", "79 79")
            .monthly("payment", 10, "person=gu", "amount", "80 80")
            .monthly("payment", 10, "person=n1", "amount", "90 90")
            .monthly("payment", 10, "person=n2", "amount", "90 90")
            .monthly("payment", 10, "person=s1", "amount", "90 90")
            .monthly("payment", 10, "person=s2", "amount", "90 90")
            .column("expected:collections", "100", "100"),
        // 134 days late on 30 June, of 100 in 400; the other 40 days late.
        Case::new("overdue_over_90_days", Dealer, "dx").records(&[
            "invoice 2026-01-17 dealer=dx amount=100 due=2026-02-16",
            "invoice 2026-06-01 dealer=dx amount=300 due=2026-07-01",
            "invoice 2026-04-21 dealer=dy amount=100 due=2026-05-21",
            "invoice 2026-06-01 dealer=dy amount=300 due=2026-07-01",
        ]),
    ]
}

/// Planning, execution, visibility and productivity.
fn second() -> Vec<Case> {
    let people = ["gu", "n1", "n2", "s1", "s2"];
    // So many visits and orders a month of bo, and of each of the others, who differ by one.
    let compared = |rule, own: (usize, usize, u32), others: (usize, usize, u32)| {
        let mut case = Case::new(rule, Person, "bo");
        for month in [5, 6] {
            let all = std::iter::once(("bo", own, 0)).chain(
                people
                    .iter()
                    .enumerate()
                    .map(|(at, person)| (*person, others, at % 2)),
            );
            for (person, (visits, orders, cost), more) in all {
                for _ in 0..visits + more {
                    case.records.push(format!(
                        "visit 2026-{month:02}-10 person={person} cost={cost}"
                    ));
                }
                for _ in 0..orders {
                    case.records.push(format!(
                        "order 2026-{month:02}-10 person={person} sales=100"
                    ));
                }
            }
        }
        case
    };
    let mut dear = compared("high_expense_ratio", (1, 1, 1), (1, 1, 1));
    for month in [5, 6] {
        dear.records
            .push(format!("expense 2026-{month:02}-20 person=bo expense=20"));
        for person in people {
            dear.records.push(format!(
                "expense 2026-{month:02}-20 person={person} expense=5"
            ));
        }
    }
    vec![
        Case::new("weekly_plans_missing", Person, "bo").column(
            "weekly_plan.completeness",
            "1/2",
            "3/4",
        ),
        Case::new("weekly_plans_late", Person, "bo")
            .column("weekly_plan.completeness", "1", "1")
            .column("weekly_plan.punctuality", "1/2", "3/4"),
        Case::new("visit_plan_not_followed", Person, "bo").column(
            "visit_plan.compliance",
            "1/2",
            "3/5",
        ),
        Case::new("not_assessed", Person, "bo").column("score_total", "-", "80"),
        Case::new("no_sales_target", Person, "bo").column("target:sales", "-", "100"),
        Case::new("unowned_tasks", Team, "north").records(&[
            "task 2026-06-10 person=bo responsible=bo",
            "task 2026-06-10 person=gu responsible=gu due=2026-07-10",
            "task 2026-06-10 person=gu done=2026-06-12",
        ]),
        Case::new("overdue_tasks", Person, "bo").records(&[
            "task 2026-06-01 person=bo responsible=bo due=2026-06-10",
            "task 2026-06-01 person=bo responsible=bo due=2026-06-11",
            "task 2026-06-01 person=bo responsible=bo due=2026-06-29",
            "task 2026-06-01 person=gu responsible=gu due=2026-06-10",
            "task 2026-06-01 person=gu responsible=gu due=2026-06-11 done=2026-06-20",
            "task 2026-06-01 person=gu responsible=gu due=2026-06-30",
        ]),
        Case::new("late_workflow_steps", Person, "bo").column(
            "workflow.punctuality",
            "2/3",
            "7/10",
        ),
        Case::new("unplanned_visits", Person, "bo").column(
            "visit_plan.unplanned_share",
            "3/5",
            "1/2",
        ),
        Case::new("fading_initiative", Initiative, "spring").column(
            "initiative.momentum",
            "2/5",
            "1/2",
        ),
        Case::new("frequent_plan_changes", Team, "north").records(&[
            "plan_change 2026-04-10 person=bo",
            "plan_change 2026-05-10 person=bo",
            "plan_change 2026-06-10 person=n1",
            "plan_change 2026-03-10 person=gu",
            "plan_change 2026-05-10 person=gu",
            "plan_change 2026-06-10 person=gu",
        ]),
        Case::new("reports_missing", Person, "bo").column("report.completeness", "3/4", "4/5"),
        Case::new("no_recent_records", Person, "bo").records(&[
            "visit 2026-06-19 person=bo",
            "visit 2026-06-10 person=gu",
            "order 2026-06-20 person=gu sales=1",
            // Who has never recorded anything is silent too.
            "visit 2026-06-25 person=n1",
            "visit 2026-06-25 person=n2",
            "visit 2026-06-25 person=s1",
            "visit 2026-06-25 person=s2",
        ]),
        Case::new("visit_gap", Person, "bo").records(&[
            "visit 2026-06-02 person=bo",
            "visit 2026-06-10 person=bo",
            "visit 2026-06-24 person=bo",
            "visit 2026-06-10 person=gu",
            "visit 2026-06-17 person=gu",
            "visit 2026-06-24 person=gu",
        ]),
        Case::new("no_market_information", Team, "north").records(&[
            "market_observation 2026-05-29 person=bo",
            "market_observation 2026-05-30 person=gu",
        ]),
        compared("low_visit_rate", (2, 1, 1), (10, 1, 1)),
        compared("low_orders_per_visit", (10, 1, 1), (10, 5, 1)),
        compared("costly_visits", (10, 1, 9), (10, 1, 3)),
        dear,
        // 100, 90, 70 where last June had 100; the other had 80 last June.
        Case::new("sales_decline", Person, "bo")
            .monthly(
                "order",
                10,
                "person=bo",
                "sales",
                "100 100 100 100 100 100 100 100 100 100 100 90 70",
            )
            .monthly(
                "order",
                10,
                "person=gu",
                "sales",
                "80 100 100 100 100 100 100 100 100 100 100 90 70",
            ),
    ]
}

/// Team, network and loyalty.
fn third() -> Vec<Case> {
    let lost = |case: Case, person: &str, dealers: &[&str], values: &str| {
        dealers.iter().fold(case, |case, dealer| {
            case.monthly(
                "order",
                10,
                &format!("person={person} dealer={dealer}"),
                "sales",
                values,
            )
        })
    };
    let mut silent = Case::new("rising_dormancy", Team, "north");
    silent = lost(silent, "bo", &["d1"], "1 - - - - -");
    silent = lost(silent, "bo", &["d2"], "1 1 - - - -");
    silent = lost(silent, "bo", &["d3"], "1 1 1 - - -");
    silent = lost(silent, "bo", &["d4"], "1 1 1 1 1 1");
    silent = lost(silent, "gu", &["d5", "d6", "d7", "d8"], "1 1 1 1 1 1");

    let mut fewer = Case::new("active_customer_decline", Team, "north");
    fewer = lost(fewer, "bo", &["d1"], "1 - -");
    fewer = lost(fewer, "bo", &["d2"], "1 1 -");
    fewer = lost(fewer, "bo", &["d3"], "1 1 1");
    fewer = lost(fewer, "gu", &["d5", "d6"], "1 1 1");

    // Both left in February. Of gu's two dealers one goes on with a colleague and one is new with another.
    let mut gone = Case::new("leaver_customer_loss", Person, "bo").records(&[
        "employment 2025-02-01 person=bo left=2026-02-28",
        "employment 2025-02-01 person=gu left=2026-02-28",
        "employment 2025-02-01 person=s1",
    ]);
    gone = lost(gone, "bo", &["d1", "d2"], "1 1 - - - -");
    gone = lost(gone, "gu", &["d3", "d4"], "1 1 - - - -");
    gone = lost(gone, "s1", &["d3", "d4"], "- - 1 1 1 1");

    let mut idle = Case::new("fewer_visits_same_expense", Person, "bo")
        .monthly("expense", 20, "person=bo", "expense", "10 10 10 10 10")
        .monthly("expense", 20, "person=gu", "expense", "10 10 10 4 4");
    for (month, visits) in [(2, 20), (3, 20), (4, 20), (5, 10), (6, 8)] {
        for _ in 0..visits {
            for person in ["bo", "gu"] {
                idle.records
                    .push(format!("visit 2026-{month:02}-10 person={person}"));
            }
        }
    }
    let few =
        |who, dealers: &[&str]| lost(Case::new("", Team, ""), who, dealers, "1 1 1 1").records;
    let mut carried = Case::new("high_customer_concentration", Team, "north");
    carried.records = few("bo", &["d1", "d2", "d3", "d4", "d5"]);
    carried
        .records
        .extend(few("gu", &["d1", "d2", "d3", "d4", "d5", "d6"]));
    vec![
        // One of two is gone, and one of three.
        Case::new("high_staff_turnover", Team, "north").records(&[
            "employment 2025-02-01 person=bo left=2025-09-30",
            "employment 2025-02-01 person=n1",
            "employment 2025-02-01 person=n2",
            "employment 2025-02-01 person=gu left=2025-06-30",
            "employment 2025-02-01 person=s1",
            "employment 2025-02-01 person=s2",
        ]),
        Case::new("long_vacancy", Team, "north").records(&[
            "vacancy 2026-04-15 person=n2",
            "vacancy 2026-04-15 person=s2 filled=2026-06-20",
            "vacancy 2026-06-01 person=s1",
        ]),
        Case::new("untrained_on_duty", Person, "bo").records(&[
            "employment 2026-04-01 person=bo",
            "employment 2026-04-01 person=gu",
            "training 2026-04-10 person=gu",
            "employment 2026-06-15 person=n1",
            // Left without training: no longer on duty.
            "employment 2026-04-01 person=n2 left=2026-05-20",
        ]),
        Case::new("no_recent_training", Team, "north").records(&[
            "training 2026-03-10 person=bo",
            "training 2026-05-10 person=gu",
        ]),
        Case::new("slow_ramp_up", Person, "bo")
            .records(&[
                "employment 2025-11-01 person=bo",
                "employment 2025-11-01 person=gu",
            ])
            .monthly("order", 10, "person=bo", "sales", "40 40")
            .monthly("order", 10, "person=gu", "sales", "60 60")
            .monthly("order", 10, "person=n1", "sales", "100 100")
            .monthly("order", 10, "person=n2", "sales", "100 100")
            .monthly("order", 10, "person=s1", "sales", "100 100")
            .monthly("order", 10, "person=s2", "sales", "100 100"),
        silent,
        Case::new("share_below_target", Team, "north")
            .monthly("order", 10, "person=bo", "sales", "17 17")
            .monthly("market_report", 10, "person=bo", "market_sales", "100 100")
            .monthly("order", 10, "person=gu", "sales", "18 18")
            .monthly("market_report", 10, "person=gu", "market_sales", "100 100")
            .column("target:market_share", "1/5", "1/5"),
        carried,
        fewer,
        idle,
        gone,
        Case::new("leaver_receivables", Person, "bo").records(&[
            "employment 2025-02-01 person=bo left=2026-05-31",
            "invoice 2026-05-10 person=bo amount=100 due=2026-06-10",
            "employment 2025-02-01 person=gu",
            "invoice 2026-05-10 person=gu amount=100 due=2026-06-10",
        ]),
        Case::new("leaver_handover_open", Person, "bo").records(&[
            "employment 2025-02-01 person=bo left=2026-06-15",
            "clearance 2026-06-01 person=bo",
            "employment 2025-02-01 person=gu left=2026-06-15",
            "clearance 2026-06-01 person=gu done=2026-06-15",
            // Five days ago.
            "employment 2025-02-01 person=n1 left=2026-06-25",
            "clearance 2026-06-20 person=n1",
        ]),
        Case::new("withheld_rebates", Person, "bo").records(&[
            "rebate 2026-05-10 person=bo dealer=dx rebate_earned=100 rebate_confirmed=80",
            "rebate 2026-05-10 person=gu dealer=dy rebate_earned=100 rebate_confirmed=95",
            // Not confirmed yet is not denied.
            "rebate 2026-06-10 person=gu dealer=dy rebate_earned=100",
        ]),
    ]
}

/// Stuffing, targets and opportunities.
fn fourth() -> Vec<Case> {
    let people = ["bo", "n1", "n2", "gu", "s1", "s2"];
    let sold = |case: Case, values: [&str; 6]| {
        people
            .iter()
            .zip(values)
            .fold(case, |case, (person, values)| {
                case.monthly("order", 10, &format!("person={person}"), "sales", values)
            })
    };
    let (low, high) = ("80 80 80", "130 130 130");
    let mut opening = Case::new("market_opening", Team, "north");
    // One new customer a month, and then two with half as much again; the others have the customers without the sales.
    for (person, dealers, last) in [
        ("bo", ["d1", "d2", "d3", "d4", "dx"], 75),
        ("gu", ["d5", "d6", "d7", "d8", "dy"], 50),
    ] {
        for (month, dealer) in [3, 4, 5, 6, 6].into_iter().zip(dealers) {
            let sales = if month == 6 { last } else { 100 };
            opening.records.push(format!(
                "order 2026-{month:02}-10 person={person} dealer={dealer} sales={sales}"
            ));
        }
    }
    let year =
        |june: &str| format!("100 100 100 100 100 100 100 100 100 100 100 100 {june} {june}");
    let mut back = Case::new("customer_reactivation", Team, "north");
    for (person, dealers) in [("bo", &["d1", "d2", "d3"][..]), ("gu", &["d4", "d5"])] {
        for dealer in dealers {
            back = back.monthly(
                "order",
                10,
                &format!("person={person} dealer={dealer}"),
                "sales",
                "1 - - - 1",
            );
        }
    }
    vec![
        // 300 in and 200 out; 270 in and 200 out.
        Case::new("sell_in_above_sell_out", Dealer, "dx")
            .monthly("order", 10, "dealer=dx", "sales", "100 100 100")
            .monthly("sell_out", 20, "dealer=dx", "sales", "70 70 60")
            .monthly("order", 10, "dealer=dy", "sales", "90 90 90")
            .monthly("sell_out", 20, "dealer=dy", "sales", "70 70 60"),
        // 70 % where the colleagues' median is 40 %.
        Case::new("period_end_spike", Person, "bo")
            .monthly("order", 10, "person=bo", "sales", "30 30")
            .monthly("order", 30, "person=bo", "sales", "70 70")
            .monthly("order", 10, "person=gu", "sales", "50 50")
            .monthly("order", 30, "person=gu", "sales", "50 50")
            .monthly("order", 10, "person=n1", "sales", "60 60")
            .monthly("order", 30, "person=n1", "sales", "40 40")
            .monthly("order", 10, "person=n2", "sales", "60 60")
            .monthly("order", 30, "person=n2", "sales", "40 40"),
        Case::new("spike_then_slump", Person, "bo")
            .monthly("order", 10, "person=bo", "sales", "100 100 100 170 40")
            .monthly("order", 10, "person=gu", "sales", "100 100 100 170 60"),
        // 91 x 100 / 100 = 91 days and 91 x 100 / 150 = 60 2/3.
        Case::new("high_stock_cover", Dealer, "dx")
            .monthly(
                "stock",
                28,
                "dealer=dx position=dx",
                "stock_value",
                "100 100",
            )
            .monthly("sell_out", 20, "dealer=dx", "sales", "40 20 40 40")
            .monthly(
                "stock",
                28,
                "dealer=dy position=dy",
                "stock_value",
                "100 100",
            )
            .monthly("sell_out", 20, "dealer=dy", "sales", "50 50 50 50"),
        Case::new("high_return_rate", Dealer, "dx")
            .monthly("order", 10, "dealer=dx", "sales", "100 100 100")
            .monthly("goods_return", 20, "dealer=dx", "sales", "- - 30")
            .monthly("order", 10, "dealer=dy", "sales", "100 100 100")
            .monthly("goods_return", 20, "dealer=dy", "sales", "- - 24"),
        sold(
            Case::new("widespread_target_miss", Team, "north").column("each_target", "100", "100"),
            [low, low, low, low, low, high],
        ),
        // Half as much again as last year's hundred, and 80 reached; a fifth more, and as little.
        Case::new("unrealistic_target", Team, "north")
            .monthly(
                "order",
                10,
                "person=bo",
                "sales",
                "100 100 1 1 1 1 1 1 1 1 1 1 80 80",
            )
            .monthly(
                "order",
                10,
                "person=gu",
                "sales",
                "100 100 1 1 1 1 1 1 1 1 1 1 80 80",
            )
            .column("target:sales", "150", "120"),
        sold(
            Case::new("target_too_low", Team, "north")
                .column("each_target", "100", "100")
                .column("target:sales", "300", "300"),
            [high, high, high, high, high, low],
        ),
        opening,
        Case::new("growth_beyond_season", Team, "north")
            .monthly("order", 10, "person=bo", "sales", &year("140"))
            .monthly("order", 10, "person=gu", "sales", &year("130")),
        Case::new("far_ahead_of_pace", Person, "bo")
            .monthly("order", 10, "person=bo", "sales", "130 130")
            .monthly("order", 10, "person=gu", "sales", "125 125")
            .column("expected:sales", "100", "100"),
        back,
        Case::new("share_of_wallet_growth", Dealer, "dx")
            .monthly("order", 10, "dealer=dx", "sales", "50 50 50 60 80")
            .monthly(
                "wallet",
                10,
                "dealer=dx",
                "all_purchases",
                "100 100 100 100 100",
            )
            .monthly("order", 10, "dealer=dy", "sales", "50 50 50 50 50")
            .monthly(
                "wallet",
                10,
                "dealer=dy",
                "all_purchases",
                "100 100 100 100 100",
            ),
        Case::new("low_stock_rising_sell_out", Dealer, "dx")
            .monthly("stock", 28, "dealer=dx position=dx", "stock_value", "20 20")
            .monthly("sell_out", 20, "dealer=dx", "sales", "40 50 60")
            .monthly("stock", 28, "dealer=dy position=dy", "stock_value", "20 20")
            .monthly("sell_out", 20, "dealer=dy", "sales", "50 50 50"),
    ]
}
