//! The test vectors on payout curves by their ids, and a pay plan worked by hand.
#![allow(
    clippy::inconsistent_digit_grouping,
    reason = "cents stand apart: 1_000_00 is 1,000.00"
)]

use crate::at::PeriodAt;
use quotaflow::band::{BandDef, Interval};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::pay::{
    Base, CreditSplit, Draw, DrawKind, PayCurve, PayCurveDef, PayElementDef, PayPlan, PayPlanDef,
    PayUnknown, compare_pay,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    Benchmark, Consolidation, CurveDef, InputDef, MissingChild, PartialUnit, PerUnit, Shape,
};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn key(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

fn rates(rows: &[(&str, &str)]) -> Vec<BandDef<Ratio>> {
    rows.iter()
        .map(|(range, rate)| BandDef::new(range.parse().unwrap(), ratio(rate)))
        .collect()
}

const TIERS: [(&str, &str); 4] = [
    ("(.., 10000)", "0.01"),
    ("[10000, 50000)", "0.02"),
    ("[50000, 100000)", "0.03"),
    ("[100000, ..)", "0.04"),
];

fn pays(curve: PayCurveDef, position: &str) -> Ratio {
    PayCurve::new(curve).unwrap().at(ratio(position)).unwrap().0
}

#[test]
fn payout_curves() {
    let whole = || PayCurveDef::Whole(CurveDef::steps(TIERS).unwrap());
    let marginal = || PayCurveDef::Marginal(rates(&TIERS));
    let by_amount =
        || PayCurveDef::passing([("10000", "10"), ("50000", "40"), ("100000", "100")]).unwrap();
    let by_share =
        || PayCurveDef::passing([("0.25", "1000"), ("0.5", "2000"), ("1", "5000")]).unwrap();
    let per_order =
        || PayCurveDef::Amount(CurveDef::steps([("(.., 10)", "0"), ("[10, ..)", "250")]).unwrap());
    let to_target = || PayCurveDef::Amount(CurveDef::through([("0", "0"), ("1", "5000")]).unwrap());
    let cases = [
        ("1 % of all", whole(), "5000", "50"),
        ("2 % of all", whole(), "15000", "300"),
        ("3 % of all", whole(), "60000", "1800"),
        ("marginal rates", marginal(), "60000", "1200"),
        // The source gives outcomes only; these positions reproduce all six and their total of 149.
        ("by amount", by_amount(), "2000", "2"),
        ("by amount", by_amount(), "3000", "3"),
        ("by amount", by_amount(), "20000", "20"),
        ("by amount", by_amount(), "14000", "14"),
        ("by amount", by_amount(), "30000", "30"),
        ("by amount", by_amount(), "65000", "80"),
        ("by share", by_share(), "0.12", "480"),
        ("nine orders", per_order(), "9", "0"),
        ("ten orders", per_order(), "10", "250"),
        ("twenty-five orders", per_order(), "25", "250"),
        ("beyond the target", to_target(), "1.3", "5000"),
    ];
    for (id, curve, position, expected) in cases {
        assert_eq!(pays(curve, position), ratio(expected), "{id} {position}");
    }
    // As printed two rows claim 10,000; the lower tier has it where its range says so.
    let printed = rates(&[("(.., 10000]", "0.01"), ("[10000, ..)", "0.02")]);
    assert!(PayCurve::new(PayCurveDef::Marginal(printed)).is_err());
    let lower = CurveDef::steps([("(.., 10000]", "0.01"), ("(10000, ..)", "0.02")]).unwrap();
    assert_eq!(pays(PayCurveDef::Whole(lower), "10000"), ratio("100"));
}

#[test]
fn guarantees_and_shared_deals() {
    // Pays the larger of earnings and guarantee; nothing is owed later.
    let guarantee = Draw::new(DrawKind::Guarantee, 3_000).unwrap();
    for (earned, paid) in [(2_000, 3_000), (3_000, 3_000), (4_000, 4_000)] {
        let settled = guarantee.settle(earned, 0).unwrap();
        assert_eq!((settled.paid, settled.owed), (paid, 0), "{earned}");
    }
    // 70, 20 and 10 percent of ten million make ten million; 25 and 10 percent stand beside it.
    let split = CreditSplit::new(
        [70, 20, 10].map(Ratio::percent).to_vec(),
        [25, 10].map(Ratio::percent).to_vec(),
    );
    let split = split.unwrap();
    assert_eq!(
        split.credit(10_000_000).unwrap(),
        [7_000_000, 2_000_000, 1_000_000]
    );
    assert_eq!(
        split.overlay(10_000_000).unwrap(),
        [2_500_000, 1_000_000].map(Ratio::from)
    );
    // 5 units in full and 10 units by half are 10, not 15.
    let whole = CreditSplit::new(vec![Ratio::ONE], Vec::new())
        .unwrap()
        .credit(5)
        .unwrap()[0];
    let half = CreditSplit::new([50, 50].map(Ratio::percent).to_vec(), Vec::new())
        .unwrap()
        .credit(10)
        .unwrap()[0];
    assert_eq!(whole + half, 10);
    // The mean of 34, 50 and 75.
    let scores = [34, 50, 75].map(|score| Ok(Ratio::from(score)));
    let def = DimensionDef::new("person", &["team", "person"])
        .and_then(|def| def.member("team", "north"));
    let def = ["ann", "bo", "cai"]
        .iter()
        .try_fold(def.unwrap(), |def, person| {
            def.child("person", person, "north")
        });
    let people = Dimension::new(def.unwrap()).unwrap();
    let rows = |level: &str, keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).try_into().unwrap()).collect();
        Subjects::new(Axis::new("person", level).unwrap(), keys).unwrap()
    };
    let (persons, teams) = (
        rows("person", &["ann", "bo", "cai"]),
        rows("team", &["north"]),
    );
    let tree = people.tree("person").unwrap();
    let tree = tree.rows(&persons, &teams, "2026-03-31".parse().unwrap());
    let mean = Consolidation::Mean
        .roll(&scores, &tree, None, MissingChild::LeaveOut)
        .unwrap();
    assert_eq!(mean, [Ok(Ratio::from(53))]);
}

fn panel(subjects: &[&str]) -> Panel {
    let members = subjects
        .iter()
        .map(|name| (*name).try_into().unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    Panel::new(
        subjects,
        Calendar::gregorian()
            .periods(Grain::Month, from, to)
            .unwrap(),
    )
}

fn money(name: &str, units: &[i64]) -> Column {
    Column::amounts(
        key(name),
        "money:CNY".parse().unwrap(),
        Quantum::CENT,
        units.to_vec(),
    )
}

#[test]
fn an_expense_limit_rewards_and_charges() {
    // Limit 2 % of collections; half of a saving is paid, all of an excess is charged.
    let shape = Shape::PerUnit(PerUnit {
        base: Ratio::ZERO,
        from: ratio("0.02"),
        every: Ratio::ONE,
        above: ratio("-1"),
        below: ratio("0.5"),
        part: PartialUnit::Share,
    });
    let element = PayElementDef::new(
        "expense",
        InputDef::value(key("expense rate")),
        PayCurveDef::Amount(CurveDef::new(shape)),
    );
    let element = element.unwrap().times(Base::Column(key("collections")));
    let plan = PayPlan::compile(PayPlanDef::new("expense", vec![element]).unwrap()).unwrap();
    let mut panel = panel(&["saver", "spender"]);
    let million = 1_000_000_00;
    panel
        .add(money("collections", &[million, million]))
        .unwrap();
    let spent = vec![16_000_00, 23_000_00];
    let rate = Column::quotients(
        key("expense rate"),
        Unit::Share,
        Ratio::ONE,
        spent,
        vec![million; 2],
    )
    .unwrap();
    panel.add(rate.better(Direction::Smaller)).unwrap();
    let payroll = plan.pay(&panel, panel.period_at(0)).unwrap();
    assert_eq!(payroll.slips[0].units, Some(2_000_00));
    assert_eq!(payroll.slips[1].units, Some(-3_000_00));
}

/// Target pay of 4,000 in proportion to attainment from 60 % on, doubled above target up to 150 %, times a quality
/// factor; and 1 % of collections at most 800.
fn plan() -> PayPlanDef {
    let slices = rates(&[("(.., 1)", "1"), ("[1, 1.5)", "2"), ("[1.5, ..)", "0")]);
    let quality = CurveDef::steps([("(.., 80)", "0.9"), ("[80, ..)", "1")]).unwrap();
    let sales = PayElementDef::new(
        "sales",
        InputDef::rate(key("sales"), Benchmark::Plan),
        PayCurveDef::Marginal(slices),
    )
    .unwrap()
    .requires(Interval::at_least(ratio("0.6")))
    .times(Base::Column(key("target pay")))
    .multiplied(InputDef::value(key("quality")), quality);
    let curve = PayCurveDef::Amount(CurveDef::line(ratio("0.01")));
    let collections = PayElementDef::new("collections", InputDef::value(key("collections")), curve)
        .unwrap()
        .cap(ratio("800"));
    PayPlanDef::new("salesperson", vec![sales, collections]).unwrap()
}

fn year() -> Panel {
    let mut panel = panel(&["ann", "bo", "cy", "di"]);
    panel
        .add(money("sales", &[120_000_00, 59_999_99, 100_000_00, 0]))
        .unwrap();
    panel.add(money("target:sales", &[100_000_00; 4])).unwrap();
    panel
        .add(money(
            "target pay",
            &[4_000_00, 4_000_00, 4_000_00, 4_000_00],
        ))
        .unwrap();
    panel
        .add(money("collections", &[90_000_00, 50_000_33, 70_000_50, 0]))
        .unwrap();
    let states = [None, None, None, Some(Reason::NotYetDue)];
    let quality = Column::amounts(
        key("quality"),
        Unit::Point,
        Quantum::ONE,
        vec![85, 70, 70, 0],
    );
    panel.add(quality.with_reasons(&states).unwrap()).unwrap();
    panel
}

#[test]
fn a_plan_pays_by_slices_and_shows_them() {
    let plan = PayPlan::compile(plan()).unwrap();
    let panel = year();
    let payroll = plan.pay(&panel, panel.period_at(0)).unwrap();
    // Ann: (1 x 1 + 0.2 x 2) x 4,000 = 5,600, and 1 % of 90,000 capped at 800.
    let ann = &payroll.slips[0];
    assert_eq!(ann.units, Some(6_400_00));
    let slices: Vec<_> = ann.elements[0]
        .slices
        .iter()
        .map(|slice| (slice.part.to_string(), slice.pays.to_string()))
        .collect();
    assert_eq!(
        slices,
        [
            ("1".to_owned(), "1".to_owned()),
            ("0.2".to_owned(), "0.4".to_owned())
        ]
    );
    // Bo misses the threshold by a cent: nothing but 1 % of 50,000.33, half a cent rounded once.
    assert!(!payroll.slips[1].elements[0].met);
    assert_eq!(payroll.slips[1].units, Some(500_00));
    // Cy: 4,000 x 0.9, and 700.005 rounded to 700.01.
    assert_eq!(payroll.slips[2].units, Some(3_600_00 + 700_01));
    // Di's threshold is missed, so that the open quality decides nothing.
    assert_eq!(payroll.slips[3].units, Some(0));
    let mut open = plan.definition().clone();
    open.elements[0].requires = None;
    let open = PayPlan::compile(open).unwrap();
    assert_eq!(
        open.pay(&panel, panel.period_at(0)).unwrap().slips[3].units,
        None
    );
    let mut lost = open.definition().clone();
    lost.elements[0].unknown = PayUnknown::Nothing;
    assert_eq!(
        PayPlan::compile(lost)
            .unwrap()
            .pay(&panel, panel.period_at(0))
            .unwrap()
            .slips[3]
            .units,
        Some(0)
    );
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<PayPlan>(&text).unwrap(), plan);
    let text = serde_json::to_string(&payroll).unwrap();
    assert_eq!(
        serde_json::from_str::<quotaflow::pay::Payroll>(&text).unwrap(),
        payroll
    );
}

#[test]
fn a_plan_says_in_advance_what_it_costs() {
    let plan = PayPlan::compile(plan()).unwrap();
    let costs = plan
        .cost(
            &year(),
            year().period_at(0),
            &[80, 100, 120].map(Ratio::percent),
        )
        .unwrap();
    // Collections have no target and stay; factors 1, 0.9, 0.9; the last subject stays open for its quality.
    let collections = 800_00 + 500_00 + 700_01;
    let of_sales = |percent: i64| 4_000 * percent + 2 * 3_600 * percent;
    let expected = [
        of_sales(80) + collections,
        of_sales(100) + collections,
        of_sales(140) + collections,
    ];
    let found: Vec<i64> = costs
        .iter()
        .map(|cost| i64::try_from(cost.units).unwrap())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        costs.iter().map(|cost| cost.open).collect::<Vec<_>>(),
        [1, 1, 1]
    );
}

/// What a plan pays by is taken to be what was planned of it, as far as it was planned.
#[test]
fn what_a_plan_costs_counts_its_base_at_the_level_too() {
    let mut panel = sold(&[[50, 25]]);
    let like = |name: &str, units: [i64; 2]| {
        let sales = sold(&[[0, 0]]);
        let unit = sales.column(&key("sales")).unwrap().unit().clone();
        Column::amounts(key(name), unit, Quantum::ONE, units.to_vec())
    };
    panel.add(like("target:sales", [200, 100])).unwrap();
    panel.add(like("here", [1, 1])).unwrap();
    let curve = PayCurveDef::Amount(CurveDef::line(Ratio::from(2)));
    let element = PayElementDef::new("by sales", InputDef::value(key("here")), curve).unwrap();
    let element = element.times(Base::Column(key("sales")));
    let plan = PayPlan::compile(PayPlanDef::new("plan", vec![element]).unwrap()).unwrap();
    let paid: i64 = plan
        .pay(&panel, panel.period_at(0))
        .unwrap()
        .slips
        .iter()
        .map(|slip| slip.units.unwrap())
        .sum();
    let levels = [Ratio::ONE, Ratio::percent(50)];
    let costs = plan.cost(&panel, panel.period_at(0), &levels).unwrap();
    let found: Vec<i128> = costs.iter().map(|cost| cost.units).collect();
    // 75 were sold of 300.
    assert_eq!(found, [4 * i128::from(paid), 2 * i128::from(paid)]);
}

/// Sales of ann and bo by month from January 2026.
fn sold(months: &[[i64; 2]]) -> Panel {
    let names = ["ann", "bo"].map(|name| name.try_into().unwrap()).to_vec();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let from: chrono::NaiveDate = "2026-01-01".parse().unwrap();
    let to = from + chrono::Months::new(u32::try_from(months.len()).unwrap());
    let periods = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(subjects, periods);
    let units = months.iter().flatten().copied().collect();
    let unit = "money:EUR".parse().unwrap();
    let column = Column::amounts(key("sales"), unit, Quantum::ONE, units);
    panel.add(column).unwrap();
    panel
}

/// 10 % up to 100 and 20 % above, of each slice or of all.
fn tiered(marginal: bool) -> PayElementDef {
    let curve = if marginal {
        PayCurveDef::Marginal(rates(&[("(.., 100]", "0.1"), ("(100, ..)", "0.2")]))
    } else {
        PayCurveDef::Whole(CurveDef::steps([("(.., 100]", "0.1"), ("(100, ..)", "0.2")]).unwrap())
    };
    PayElementDef::new("commission", InputDef::value(key("sales")), curve).unwrap()
}

fn paid(plan: &PayPlan, panel: &Panel) -> Vec<[Option<i64>; 2]> {
    let payrolls = plan.history(panel).unwrap();
    let both = |payroll: &quotaflow::pay::Payroll| {
        ["ann", "bo"].map(|name| payroll.get([name]).unwrap().units)
    };
    payrolls.iter().map(both).collect()
}

#[test]
fn what_is_earned_to_date_is_paid_less_what_was_paid_before() {
    let panel = sold(&[[150, 40], [-50, 80], [0, -120]]);
    let plan = |marginal| {
        let def = PayPlanDef::new("2026", vec![tiered(marginal).to_date()]).unwrap();
        PayPlan::compile(def).unwrap()
    };
    let some = |pairs: [[i64; 2]; 3]| pairs.map(|pair| pair.map(Some)).to_vec();
    // Ann: 20, then what the 50 above 100 were paid; bo: 4, then 60 at 10 % and 20 at 20 %, then all of it.
    let marginal = some([[20_00, 4_00], [-10_00, 10_00], [0, -14_00]]);
    assert_eq!(paid(&plan(true), &panel), marginal);
    let whole = some([[30_00, 4_00], [-20_00, 20_00], [0, -24_00]]);
    assert_eq!(paid(&plan(false), &panel), whole);
    // What each period says of itself: the part of earlier ones is shown.
    let march = plan(true)
        .pay(&panel, panel.periods().id("2026-03").unwrap())
        .unwrap();
    let bo = &march.get(["bo"]).unwrap().elements[0];
    assert_eq!((bo.exact, bo.paid_before), (Ok(Ratio::ZERO), Some(14_00)));
    assert_eq!(
        march.get(["bob"]).unwrap_err().to_string(),
        "`bob` is not among the subjects; did you mean `bo`?"
    );
}

#[test]
fn what_becomes_known_of_a_paid_period_is_settled_once_in_the_next() {
    let def = PayPlanDef::new("2026", vec![tiered(true).to_date()]).unwrap();
    let plan = PayPlan::compile(def).unwrap();
    let then = sold(&[[90, 100], [0, 0], [0, 0]]);
    let period = |name: &str| then.periods().id(name).unwrap();
    let january = plan.pay(&then, period("2026-01")).unwrap();
    assert_eq!(january.units(), 19_00);
    // In February 30 of January are found for ann, and 40 of bo's January come back.
    let now = sold(&[[120, 60], [10, 0], [0, 0]]);
    let paid = [january];
    let february = plan.pay_after(&now, period("2026-02"), &paid).unwrap();
    // Ann has earned 16.00 on 130 and got 9.00, bo 6.00 and got 10.00.
    let units = ["ann", "bo"].map(|name| february.get([name]).unwrap().units);
    assert_eq!(units, [Some(7_00), Some(-4_00)]);
    let [january] = paid;
    let march = plan.pay_after(&now, period("2026-03"), &[january.clone(), february]);
    assert_eq!(march.unwrap().units(), 0);
    let twice = [january.clone(), january.clone()];
    let twice = plan.pay_after(&now, period("2026-02"), &twice);
    assert_eq!(
        twice.unwrap_err().to_string(),
        "plan `2026` has two payrolls of `2026-01`: hand over the one that was paid"
    );
    // What another plan paid, or this one before it began anew, is not what it has paid of what is earned by it.
    let mut other = january.clone();
    other.plan = "2025".try_into().unwrap();
    let first = plan.pay_after(&now, period("2026-02"), &[other]).unwrap();
    assert_eq!(first.units(), 16_00 + 6_00);
    let anew = PayPlanDef::new("2026", vec![tiered(true).to_date()]).unwrap();
    let anew = PayPlan::compile(anew.from("2026-02-01".parse().unwrap())).unwrap();
    let february = anew.pay_after(&now, period("2026-02"), std::slice::from_ref(&january));
    assert_eq!(february.unwrap().units(), 1_00);
    let late = plan.pay_after(&now, period("2026-01"), &[january]);
    assert_eq!(
        late.unwrap_err().to_string(),
        "the payroll of `2026-01` is not one of an earlier period of the panel"
    );
}

#[test]
fn a_pay_plan_holds_from_a_day_to_a_day_and_begins_anew() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let panel = sold(&[[150, 0], [50, 0], [60, 0], [60, 0]]);
    let def = |key| PayPlanDef::new(key, vec![tiered(true).to_date()]).unwrap();
    let spring = PayPlan::compile(def("spring").from(day("2026-03-01"))).unwrap();
    // March and April alone: 60 at 10 %, then 40 at 10 % and 20 at 20 %.
    assert_eq!(
        paid(&spring, &panel),
        [[Some(6_00), Some(0)], [Some(8_00), Some(0)]]
    );
    let winter = PayPlan::compile(def("winter").until(day("2026-03-01"))).unwrap();
    assert_eq!(paid(&winter, &panel).len(), 2);
    let refused = winter.pay(&panel, panel.periods().id("2026-03").unwrap());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "plan `winter` is not in force at the beginning of `2026-03`: it holds until the day before 2026-03-01"
    );
    let never = def("never")
        .from(day("2026-03-01"))
        .until(day("2026-03-01"));
    assert!(PayPlan::compile(never).is_err());
    let mut alone = def("alone");
    alone.elements[0].input = InputDef::value(key("sales"));
    assert!(
        PayPlan::compile(alone)
            .unwrap_err()
            .to_string()
            .contains("does not count to date")
    );
}

#[test]
fn two_plans_are_compared_where_both_are_in_force_and_pay() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let panel = sold(&[[150, 0], [50, 0], [60, 0], [60, 0]]);
    let def = |key, marginal| PayPlanDef::new(key, vec![tiered(marginal)]).unwrap();
    let old = PayPlan::compile(def("old", true).until(day("2026-04-01"))).unwrap();
    let new = PayPlan::compile(def("new", false).from(day("2026-02-01"))).unwrap();
    let pay = |plan: &PayPlan, period: &str| {
        let payroll = plan.pay(&panel, panel.periods().id(period).unwrap());
        i128::from(payroll.unwrap().slips[0].units.unwrap())
    };
    let both = ["2026-02", "2026-03"];
    let lines = compare_pay(&old, &new, &panel).unwrap();
    assert_eq!(
        lines[0].old,
        both.iter().map(|period| pay(&old, period)).sum()
    );
    assert_eq!(
        lines[0].new,
        both.iter().map(|period| pay(&new, period)).sum()
    );
    assert!(lines[0].old > 0 && lines[0].new > 0);
    // January and April belong to one of them only.
    assert_eq!((lines[0].open, lines[1].open), (2, 2));
}

#[test]
fn a_period_without_a_figure_leaves_to_later_ones_what_it_cannot_pay() {
    let mut panel = sold(&[[100, 0], [0, 0], [50, 0]]);
    let reasons: Vec<Option<Reason>> = (0..6)
        .map(|cell| (cell == 2).then_some(Reason::NotApplicable))
        .collect();
    let column = panel.column(&key("sales")).unwrap().clone();
    let units = vec![100, 0, 0, 0, 50, 0];
    let column = Column::amounts(key("known"), column.unit().clone(), Quantum::ONE, units);
    panel.add(column.with_reasons(&reasons).unwrap()).unwrap();
    let mut element = tiered(true).to_date();
    element.input.metric = key("known");
    let plan = PayPlan::compile(PayPlanDef::new("2026", vec![element]).unwrap()).unwrap();
    // A month that does not apply adds nothing and pays nothing.
    let ann: Vec<Option<i64>> = paid(&plan, &panel).iter().map(|both| both[0]).collect();
    assert_eq!(ann, [Some(10_00), Some(0), Some(10_00)]);
}
