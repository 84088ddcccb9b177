//! The channel, by hand.

use crate::at::PeriodAt;
use std::collections::BTreeSet;

use quotaflow::calendar::{DayRange, Grain};
use quotaflow::channel::{
    BreachKind, CardGap, CardItem, ChannelError, CrossingReport, CustomerCard, CustomerCardDef,
    Execution, Origin, PriceSeen, Promotion, Shipment, Sighting, Terms, Verification, crossings,
    inversion_columns, inversions, period_end_columns,
};
use quotaflow::funnel::{Deal, FunnelError, OpportunityMatrix};
use quotaflow::measure::Unit;
use quotaflow::panel::{Columns, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};

use crate::orders::{day, key, orders, panel, periods, ratio, rows};

/// A set that dealers get for a fee of 20 and must give away free is sold by one of them at 200 while 400 sets pile up.
#[test]
fn a_gift_that_is_sold_and_piles_up_is_found() {
    let promotion = Promotion {
        key: key("spring-gift"),
        days: DayRange::new(day("2026-03-01"), day("2026-04-01")).unwrap(),
        territories: vec![key("north"), key("south")],
        terms: Terms {
            fee: 2000,
            resale: 0,
            stock: Ratio::percent(20),
            reached: Ratio::percent(80),
        },
    };
    let did = |dealer: &str, territory: &str, received, fee, handed_on, price| Execution {
        dealer: key(dealer),
        territory: key(territory),
        day: day("2026-03-10"),
        received,
        fee,
        handed_on,
        price,
    };
    // d1 got 500 sets for 10,000.00, sold 100 of them at 200.00 each; d2 gave away 450 of 500; d3 is nobody's dealer.
    let all = [
        did("d1", "north", 500, 1_000_000, 0, 0),
        did("d1", "north", 0, 0, 100, 20_000),
        did("d2", "south", 500, 1_000_000, 450, 0),
        did("d3", "west", 10, 10_000, 10, 0),
    ];
    let found = promotion.breaches(&all);
    let told: Vec<(&str, BreachKind, i64, i64)> = found
        .iter()
        .map(|one| (one.dealer.as_str(), one.kind, one.found, one.allowed))
        .collect();
    assert_eq!(
        told,
        [
            ("d1", BreachKind::Price, 20_000, 0),
            ("d1", BreachKind::Stock, 400, 100),
            ("d3", BreachKind::Territory, 20, 0),
            ("d3", BreachKind::Fee, 10_000, 20_000),
        ]
    );
    assert_eq!(
        found[0].executions,
        all[1..2],
        "the sale itself is the evidence"
    );
    assert_eq!(found[1].executions, all[..2], "all that d1 did");
    let months = periods(Grain::Month, "2026-02-01", "2026-04-01");
    let panel = Panel::new(rows(&["north", "south", "west"]), months);
    let columns = promotion.columns(&all).columns(&panel).unwrap();
    assert_eq!(columns[0].key().to_string(), "spring-gift.on_terms");
    assert_eq!(
        ratio(&columns, 0, 0),
        Err(Reason::NoBase),
        "nothing came in February"
    );
    assert_eq!(ratio(&columns, 0, 4), Ok(Ratio::percent(90)));
    // What is done on the day on which a period ends is one of the next.
    let mut on_first = all[2].clone();
    (on_first.day, on_first.received, on_first.handed_on) = (day("2026-03-01"), 100, 50);
    let later = [&all[..], &[on_first]].concat();
    let early = promotion.columns(&later).columns(&panel).unwrap();
    assert_eq!(ratio(&early, 0, 1), Err(Reason::NoBase));
    assert_eq!(ratio(&early, 0, 4), Ok(Ratio::new(500, 600).unwrap()));
    assert_eq!(ratio(&columns, 1, 3), Ok(Ratio::from(100)));
    assert_eq!(ratio(&columns, 2, 3), Ok(Ratio::from(400)));
    assert_eq!(ratio(&columns, 2, 5), Err(Reason::NotApplicable));
    let by_territory = promotion.territories(&all);
    assert_eq!(by_territory[0].share(), Some(Ratio::ZERO));
    assert_eq!(
        (by_territory[0].above_price, by_territory[0].stock),
        (100, 400)
    );
    assert_eq!(by_territory[1].share(), Some(Ratio::percent(90)));
    assert_eq!(
        (by_territory[0].reached, by_territory[1].reached),
        (false, true)
    );
}

#[test]
fn goods_are_traced_to_the_territory_that_sold_them() {
    let sold = |trace: &str, territory: &str, on: &str| Shipment {
        trace: key(trace),
        territory: key(territory),
        day: day(on),
        volume: 100,
    };
    let seen = |trace: &str, territory: &str, on: &str, volume| Sighting {
        trace: key(trace),
        territory: key(territory),
        day: day(on),
        volume,
    };
    let shipments = [
        sold("l1", "north", "2026-03-01"),
        sold("l2", "north", "2026-03-01"),
        sold("l2", "south", "2026-03-05"),
        sold("l3", "south", "2026-03-25"),
    ];
    let sightings = [
        seen("l1", "south", "2026-03-10", 30),
        seen("l1", "north", "2026-03-10", 10),
        // Both sold this lot: it is at home in the south, and nobody's for certain in the west.
        seen("l2", "south", "2026-03-10", 5),
        seen("l2", "west", "2026-03-10", 7),
        // Seen before it was sold to anybody.
        seen("l3", "north", "2026-03-10", 9),
    ];
    let report = crossings(&shipments, &sightings);
    let origins: Vec<&Origin> = report.found.iter().map(|found| &found.origin).collect();
    assert_eq!(
        origins,
        [
            &Origin::Foreign(key("north")),
            &Origin::Home,
            &Origin::Home,
            &Origin::ForeignOfSeveral(vec![key("north"), key("south")]),
            &Origin::Untraced,
        ]
    );
    assert_eq!(report.found[3].sighting, sightings[3]);
    assert_eq!(report.found[3].shipments, shipments[1..3]);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(
        serde_json::from_str::<CrossingReport>(&text).unwrap(),
        report
    );
    assert_eq!(report.foreign_share("north"), Some(Ratio::percent(75)));
    assert_eq!(report.foreign_share("south"), Some(Ratio::ZERO));
    assert_eq!(report.foreign_share("west"), None);
    assert_eq!(report.traced_share(), Ratio::new(52, 61).ok());
    let months = periods(Grain::Month, "2026-03-01", "2026-04-01");
    let panel = Panel::new(rows(&["north", "south", "west"]), months);
    let columns = report.columns(&key("goods")).columns(&panel).unwrap();
    assert_eq!(columns[0].key().to_string(), "goods.cross_territory_share");
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::percent(75)));
    // In the south 30 of 35 pieces came from elsewhere; in the west all 7, whoever sold them.
    assert_eq!(ratio(&columns, 1, 1), Ok(Ratio::new(6, 7).unwrap()));
    assert_eq!(ratio(&columns, 1, 2), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 0, 2), Err(Reason::NoBase));
}

#[test]
fn a_spike_at_the_end_leaves_a_hole_behind() {
    // March: 10 a day for 29 days, 100 on each of the last two; April opens with 2 and 3.
    let days = periods(Grain::Day, "2026-03-01", "2026-04-03");
    let mut flow = vec![10; 29];
    flow.extend([100, 100, 2, 3]);
    let fine = panel(&["d1"], days, flow);
    let months = periods(Grain::Month, "2026-03-01", "2026-05-01");
    let columns = period_end_columns(&fine, &orders(), 2)
        .columns(&Panel::new(rows(&["d1"]), months.clone()))
        .unwrap();
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::from(10)));
    assert_eq!(ratio(&columns, 1, 0), Ok(Ratio::new(1, 4).unwrap()));
    assert_eq!(
        ratio(&columns, 1, 1),
        Err(Reason::NotYetDue),
        "nothing after April yet"
    );
    // April, all of it known, has a spike of its own: 10 a day for 28 days, 50 on each of the last two.
    let days = periods(Grain::Day, "2026-03-01", "2026-05-03");
    let mut flow = vec![10; 31 + 28];
    flow.extend([50, 50, 5, 5]);
    let columns = period_end_columns(&panel(&["d1"], days, flow), &orders(), 2)
        .columns(&Panel::new(rows(&["d1"]), months.clone()))
        .unwrap();
    assert_eq!(ratio(&columns, 0, 1), Ok(Ratio::from(5)));
    assert_eq!(ratio(&columns, 1, 1), Ok(Ratio::new(1, 2).unwrap()));
    // The tenth of April is not its end, and May has not begun.
    let part = periods(Grain::Day, "2026-03-01", "2026-04-11");
    let fine = panel(
        &["d1"],
        part,
        [vec![10; 31], vec![10; 7], vec![90; 3]].concat(),
    );
    let months = periods(Grain::Month, "2026-03-01", "2026-06-01");
    let columns = period_end_columns(&fine, &orders(), 2)
        .columns(&Panel::new(rows(&["d1"]), months.clone()))
        .unwrap();
    for month in [1, 2] {
        assert_eq!(ratio(&columns, 0, month), Err(Reason::NotYetDue));
        assert_eq!(ratio(&columns, 1, month), Err(Reason::NotYetDue));
    }
    let part = periods(Grain::Day, "2026-03-20", "2026-04-04");
    let fine = panel(&["d1"], part, vec![10; 15]);
    let columns = period_end_columns(&fine, &orders(), 2)
        .columns(&Panel::new(rows(&["d1"]), months.clone()))
        .unwrap();
    assert_eq!(ratio(&columns, 0, 0), Err(Reason::NotApplicable));
    assert!(matches!(
        period_end_columns(&fine, &orders(), 0).columns(&Panel::new(rows(&["d1"]), months.clone())),
        Err(ChannelError::NoEnd { .. })
    ));
    let weeks = panel(
        &["d1"],
        periods(Grain::Week, "2026-03-02", "2026-04-13"),
        vec![1; 6],
    );
    let error = period_end_columns(&weeks, &orders(), 1)
        .columns(&Panel::new(rows(&["d1"]), months.clone()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "period `2026-W14` lies only partly in `2026-03`"
    );
}

#[test]
fn opportunities_and_inversions_have_columns() {
    let months = periods(Grain::Month, "2026-03-01", "2026-05-01");
    let matrix = OpportunityMatrix {
        profit: Ratio::from(1000),
        chance: Ratio::percent(50),
        criteria: Vec::new(),
    };
    let offer = |name: &str, owner: &str, profit: i64, chance| Deal {
        key: key(name),
        owner: Some(key(owner)),
        profit: Ratio::from(profit),
        chance: Ratio::percent(chance),
        fits: BTreeSet::new(),
    };
    let all = [
        offer("o1", "ann", 4000, 60),
        offer("o2", "ann", 100, 20),
        offer("o3", "bo", 2000, 10),
        offer("o4", "nobody here", 2000, 10),
    ];
    let panel = Panel::new(rows(&["ann", "bo"]), months.clone());
    let unit: Unit = "money:EUR".parse().unwrap();
    let first = panel.periods().range(panel.period_at(0)).unwrap().start();
    let columns = matrix
        .columns(&key("deals"), &all, (unit, Quantum::CENT), first)
        .columns(&panel)
        .unwrap();
    let told: Vec<_> = columns
        .iter()
        .map(|column| column.key().to_string())
        .collect();
    assert_eq!(
        told,
        [
            "deals.pursue",
            "deals.develop",
            "deals.collect",
            "deals.leave",
            "deals.expected"
        ]
    );
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 1, 1), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 3, 0), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 4, 0), Ok(Ratio::from(2420)));
    assert_eq!(ratio(&columns, 4, 2), Err(Reason::NotApplicable));
    let twice = [offer("o1", "ann", 4000, 60), offer("o1", "bo", 100, 20)];
    assert_eq!(
        matrix.place(&twice).unwrap_err().to_string(),
        "opportunity `o1` is listed twice"
    );
    let again = OpportunityMatrix {
        criteria: vec![(key("need"), Ratio::ONE), (key("need"), Ratio::ONE)],
        ..matrix.clone()
    };
    assert!(matches!(
        again.place(&all),
        Err(FunnelError::Duplicate { .. })
    ));
    // A chance is a share: nothing and all are possible, less and more are not.
    for (chance, fine) in [(-1, false), (0, true), (100, true), (101, false)] {
        let placed = matrix.place(&[offer("o5", "ann", 1, chance)]);
        assert_eq!(placed.is_ok(), fine, "{chance}");
        let refused = matches!(placed, Err(FunnelError::DealChance { .. }));
        assert_eq!(refused, !fine, "{chance}");
    }
    let tiers = [key("wholesale"), key("retail")];
    let price = |product: &str, tier: usize, on: &str, price| PriceSeen {
        product: key(product),
        tier: tiers[tier].clone(),
        day: day(on),
        price,
    };
    // In March retail is dearer; in April p1 is sold below what wholesale asked.
    let seen = [
        price("p1", 0, "2026-03-02", 900),
        price("p1", 1, "2026-03-03", 950),
        price("p1", 0, "2026-04-02", 900),
        price("p1", 1, "2026-04-03", 850),
    ];
    let panel = Panel::new(rows(&["p1", "p2"]), months);
    let column = inversion_columns(&key("prices"), &tiers, &seen)
        .columns(&panel)
        .unwrap()
        .remove(0);
    let counts: Vec<_> = column.answers().map(|answer| answer.ratio().ok()).collect();
    // Of p2 no price was seen, which is not a price in order.
    assert_eq!(
        counts,
        [Some(0), None, Some(1), None].map(|count| count.map(Ratio::from))
    );
    assert_eq!(
        column.answers().nth(1).unwrap().reason(),
        Some(Reason::NothingRecorded)
    );
}

#[test]
fn a_card_that_nobody_verified_lately_is_stale() {
    let item = |name: &str, group: &str| CardItem {
        key: key(name),
        group: key(group),
    };
    let form = CustomerCardDef {
        items: vec![item("warehouse", "capability"), item("limit", "credit")],
        good_for: 365,
    };
    let verified = |on: &str| {
        Some(Verification {
            by: key("ann"),
            day: day(on),
        })
    };
    let mut card = CustomerCard {
        customer: key("c1"),
        known: [(key("limit"), "50000".to_owned())].into(),
        verified: verified("2025-03-30"),
    };
    let on = day("2026-03-31");
    let standing = form.standing(&card, on).unwrap();
    assert_eq!((standing.gap, standing.age), (CardGap::Stale, Some(366)));
    assert_eq!(standing.completeness, Some(Ratio::percent(50)));
    card.verified = verified("2025-03-31");
    assert_eq!(form.standing(&card, on).unwrap().gap, CardGap::Incomplete);
    // A verification of later does not count yet.
    card.verified = verified("2026-04-01");
    assert_eq!(form.standing(&card, on).unwrap().gap, CardGap::Unverified);
    card.known.insert(key("limits"), String::new());
    let error = form.standing(&card, on).unwrap_err().to_string();
    assert!(
        error.contains("`limits`") && error.contains("`limit`"),
        "{error}"
    );
}

fn price(tier: &str, on: &str, price: i64) -> PriceSeen {
    PriceSeen {
        product: key("p1"),
        tier: key(tier),
        day: day(on),
        price,
    }
}

#[test]
fn a_price_after_a_cut_is_not_held_against_the_price_before_it() {
    let tiers = ["wholesale", "second", "retail"].map(key);
    let cut = [
        price("wholesale", "2026-03-02", 900),
        price("wholesale", "2026-03-16", 700),
        price("second", "2026-03-20", 800),
    ];
    assert_eq!(inversions(&tiers, &cut).unwrap(), []);
    let reversed: Vec<PriceSeen> = cut.iter().rev().cloned().collect();
    assert_eq!(inversions(&tiers, &reversed).unwrap(), [], "in any order");
    // The lower tier sold at 800 while 900 was asked above it, for a fortnight.
    let slow = [
        price("second", "2026-03-01", 800),
        price("wholesale", "2026-03-02", 900),
        price("wholesale", "2026-03-16", 700),
    ];
    let found = inversions(&tiers, &slow).unwrap();
    assert_eq!((found.len(), found[0].by), (1, 100));
    assert_eq!(found[0].day, day("2026-03-02"));
    assert_eq!((&found[0].above, &found[0].below), (&slow[1], &slow[0]));
    // A rise above it turns the tiers upside down on the day of the rise.
    let rise = [
        price("wholesale", "2026-03-02", 700),
        price("second", "2026-03-03", 800),
        price("wholesale", "2026-03-16", 900),
    ];
    let found = inversions(&tiers, &rise).unwrap();
    assert_eq!((found[0].day, found[0].by), (day("2026-03-16"), 100));
    // The price of wholesale was seen in February and still holds in March.
    let held = [
        price("wholesale", "2026-02-02", 900),
        price("second", "2026-03-20", 800),
    ];
    let months = periods(Grain::Month, "2026-02-01", "2026-05-01");
    let panel = Panel::new(rows(&["p1"]), months);
    let told = |prices: &[PriceSeen]| {
        let column = inversion_columns(&key("prices"), &tiers, prices)
            .columns(&panel)
            .unwrap()
            .remove(0);
        let answers = column.answers().map(|answer| answer.ratio().ok());
        answers.collect::<Vec<_>>()
    };
    assert_eq!(told(&held), [None, Some(Ratio::ONE), None]);
    assert_eq!(told(&cut), [None, Some(Ratio::ZERO), None]);
    let error = inversions(&tiers, &[price("second_tier", "2026-03-20", 800)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no tier `second_tier`; known: `wholesale`, `second`, `retail`"
    );
}

#[test]
fn an_end_longer_than_all_periods_leaves_nothing_to_compare_with() {
    let days = periods(Grain::Day, "2026-03-01", "2026-04-01");
    let fine = panel(&["d1"], days, vec![1; 31]);
    let months = periods(Grain::Month, "2026-03-01", "2026-04-01");
    for last in [31, 32, usize::MAX] {
        let columns = period_end_columns(&fine, &orders(), last)
            .columns(&Panel::new(rows(&["d1"]), months.clone()))
            .unwrap();
        assert_eq!(ratio(&columns, 0, 0), Err(Reason::NoBase), "{last}");
        assert_eq!(ratio(&columns, 1, 0), Err(Reason::NotYetDue), "{last}");
    }
}
