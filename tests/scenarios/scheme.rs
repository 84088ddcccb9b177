//! Ready cards, what a scheme costs, and what is found wrong with one.

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeSet;

use quotaflow::band::{Interval, Quadrant};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::catalog::cards;
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::pay::{Base, PayCurveDef, PayElementDef, PayPlan, PayPlanDef, budget};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    Benchmark, Curve, CurveDef, Finding, GridDef, HealthLimits, InputDef, KpiDef, Light, Lookback,
    Peers, Scorecard, ScorecardDef, across,
};
use quotaflow::space::{Axis, RowId, Subjects};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn key(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

fn name(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn panel(people: usize, months: u32) -> Panel {
    let members = (0..people)
        .map(|place| name(&format!("p{place}")))
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let to = format!("2026-{:02}-01", months + 1).parse().unwrap();
    let from = "2026-01-01".parse().unwrap();
    let months = Calendar::gregorian().periods(Grain::Month, from, to);
    Panel::new(subjects, months.unwrap())
}

fn add(panel: &mut Panel, column: &str, unit: Unit, units: &[i64]) {
    let column = Column::amounts(key(column), unit, Quantum::ONE, units.to_vec());
    panel.add(column).unwrap();
}

#[test]
fn who_does_just_what_was_planned_has_a_hundred_on_every_ready_card() {
    const SHARES: [&str; 8] = [
        "report_punctuality",
        "paid_on_time",
        "tasks_on_time",
        "on_time_response_rate",
        "first_pass_rate",
        "timeliness",
        "work_quality",
        "quantity",
    ];
    const RATINGS: [&str; 3] = ["market_planning", "cooperation_with_management", "teamwork"];
    const FAULTS: [&str; 4] = [
        "staff_turnover",
        "price_violations",
        "cross_territory_sightings",
        "complaints",
    ];
    let mut panel = panel(1, 1);
    for (metric, _) in cards::METRICS {
        if SHARES.contains(&metric) {
            add(&mut panel, metric, Unit::Share, &[1]);
        } else if RATINGS.contains(&metric) {
            add(&mut panel, metric, Unit::Point, &[100]);
        } else if FAULTS.contains(&metric) {
            add(&mut panel, metric, Unit::Point, &[0]);
        } else {
            add(&mut panel, metric, Unit::Point, &[50]);
            add(&mut panel, &format!("target:{metric}"), Unit::Point, &[50]);
        }
    }
    let all = cards::all().unwrap();
    let names: Vec<&str> = all.iter().map(|card| card.key.as_str()).collect();
    assert_eq!(
        names,
        [
            "salesperson",
            "team",
            "dealer",
            "territory",
            "customer",
            "department",
            "execution"
        ]
    );
    let mut scored = Vec::new();
    for def in all {
        let card = Scorecard::compile(def).unwrap();
        let scores = card.score(&panel, panel.period_at(0)).unwrap();
        let name = &card.definition().key;
        assert_eq!(
            scores.total(scores.row_at(0)),
            Ok(Ratio::from(100)),
            "{name}"
        );
        assert_eq!(
            scores.grade(scores.row_at(0)).map(Key::as_str),
            Some("A"),
            "{name}"
        );
        assert_eq!(scores.light(scores.row_at(0)), Some(Light::Green), "{name}");
        scored.push(scores.total(scores.row_at(0)));
    }
    // The execution index is the process, the salesperson's card the result.
    let mark = Ratio::from(80);
    assert_eq!(
        Quadrant::of(
            scored[5].ok().ok_or(()),
            mark,
            scored[0].ok().ok_or(()),
            mark
        ),
        Ok(Quadrant::Earned)
    );
}

fn sales_card(curve: CurveDef) -> Scorecard {
    let input = InputDef::rate(key("sales"), Benchmark::Plan);
    let kpi = KpiDef::new("sales", input, curve)
        .unwrap()
        .weigh(Ratio::ONE);
    let def = ScorecardDef::new("card").unwrap();
    Scorecard::compile(def.group("all", Ratio::ONE, vec![kpi]).unwrap()).unwrap()
}

#[test]
fn a_scheme_that_pays_by_score_says_in_advance_what_it_costs() {
    let mut panel = panel(2, 1);
    add(&mut panel, "sales", Unit::Point, &[70, 700]);
    add(&mut panel, "target:sales", Unit::Point, &[100, 1_000]);
    let card = sales_card(CurveDef::through([("0.6", "0"), ("1", "100"), ("1.2", "120")]).unwrap());
    let score = key("score");
    let curve = PayCurveDef::Amount(CurveDef::line(Ratio::percent(1)));
    let bonus = PayElementDef::new("bonus", InputDef::value(score.clone()), curve).unwrap();
    let bonus = bonus
        .requires(Interval::at_least(ratio("60")))
        .times(Base::Constant(ratio("1000")));
    let plan = PayPlan::compile(PayPlanDef::new("by score", vec![bonus]).unwrap()).unwrap();
    // 80 % are 50 points, below the threshold; 100 % are 100; 130 % are 120, flat beyond the last knot. Two people.
    let levels = [80, 100, 130].map(Ratio::percent);
    let costs = budget(&card, &plan, &score, &panel, panel.period_at(0), &levels).unwrap();
    let found: Vec<i128> = costs.iter().map(|cost| cost.units).collect();
    assert_eq!(found, [0, 200_000, 240_000]);
    assert!(costs.iter().all(|cost| cost.open == 0));
    // The same with a column of scores on the panel already, which the levels replace.
    let mut scored = panel.clone();
    scored.extend(card.columns(score.clone())).unwrap();
    assert_eq!(
        budget(&card, &plan, &score, &scored, scored.period_at(0), &levels).unwrap(),
        costs
    );
    // On the figures as they are both have 25 points, and nothing is paid.
    assert_eq!(plan.history(&scored).unwrap()[0].units(), 0);
    assert_eq!(
        card.totals_at(&panel, panel.period_at(0), ratio("0.7"))
            .unwrap(),
        [Ok(ratio("25")); 2]
    );
}

#[test]
fn penalties_and_parts_of_a_month_are_paid_exactly() {
    let mut panel = panel(3, 1);
    add(&mut panel, "violations", Unit::Point, &[0, 2, 9]);
    let share = Column::amounts(
        key("employed"),
        Unit::Share,
        Quantum::CENT,
        vec![100, 50, 33],
    );
    panel.add(share).unwrap();
    let fine = CurveDef::line(Ratio::from(-200));
    let mut fine = PayElementDef::new(
        "fine",
        InputDef::value(key("violations")),
        PayCurveDef::Amount(fine),
    )
    .unwrap();
    fine.floor = Some(ratio("-500"));
    let base = PayCurveDef::Amount(CurveDef::steps([("(.., ..)", "3000")]).unwrap());
    let mut base = PayElementDef::new("base", InputDef::value(key("violations")), base).unwrap();
    base.prorated_by = Some(key("employed"));
    let plan = PayPlan::compile(PayPlanDef::new("plan", vec![base, fine]).unwrap()).unwrap();
    let payroll = plan.pay(&panel, panel.period_at(0)).unwrap();
    let paid: Vec<_> = payroll.slips.iter().map(|slip| slip.units).collect();
    // 3,000; 1,500 - 400; 990 - 500 for nine violations, which would be 1,800.
    assert_eq!(paid, [Some(300_000), Some(110_000), Some(49_000)]);
}

#[test]
fn keeping_a_result_back_is_found_where_it_pays() {
    let mut panel = panel(2, 2);
    add(&mut panel, "sales", Unit::Point, &[130, 90, 80, 100]);
    add(&mut panel, "target:sales", Unit::Point, &[100; 4]);
    let limits = HealthLimits::default();
    let line = CurveDef::line(Ratio::from(100));
    assert_eq!(
        sales_card(line.clone()).waiting(&panel, &limits).unwrap(),
        []
    );
    // Beyond 120 % ten are worth nothing in January and ten points in February.
    let capped = sales_card(line.cap(Ratio::from(120)));
    let expected = Finding::GainsByWaiting {
        kpi: name("sales"),
        subject: panel.subjects().members(panel.row_at(0)).to_vec(),
        period: panel.periods().label(panel.period_at(0)).unwrap().clone(),
        moved: ratio("10"),
        gain: ratio("10"),
    };
    assert_eq!(capped.waiting(&panel, &limits).unwrap(), [expected]);
    // An accelerator above the target: 90 and 100 are worth 190 points, nothing and 190 are worth 280.
    let steep = CurveDef::through([("0", "0"), ("1", "100"), ("2", "300")]).unwrap();
    let found = sales_card(steep).waiting(&panel, &limits).unwrap();
    let Finding::GainsByWaiting { moved, gain, .. } = &found[0] else {
        panic!("{found:?}");
    };
    // The first subject would have gained less: 10 and 200 instead of 130 and 80, 310 points instead of 240.
    assert_eq!((moved, gain), (&ratio("90"), &ratio("90")));
}

#[test]
fn faults_of_a_table_are_found() {
    let halves = || vec!["[1, ..)".parse().unwrap(), "(.., 1)".parse().unwrap()];
    let grid = |points: [[i64; 2]; 2]| GridDef {
        rows: halves(),
        columns: halves(),
        points: points.map(|row| row.map(Ratio::from).to_vec()).to_vec(),
    };
    let card = |points| {
        let rate = |metric| InputDef::rate(key(metric), Benchmark::Plan);
        let kpi = KpiDef::new("both", rate("sales"), CurveDef::line(Ratio::ONE)).unwrap();
        let kpi = kpi
            .grid(rate("collections"), grid(points))
            .weigh(Ratio::ONE);
        let def = ScorecardDef::new("card").unwrap();
        Scorecard::compile(def.group("all", Ratio::ONE, vec![kpi]).unwrap()).unwrap()
    };
    let names = |points| -> Vec<&str> {
        let found = card(points).health(&HealthLimits::default());
        found.iter().map(Finding::name).collect()
    };
    assert_eq!(names([[104, 102], [103, 100]]), Vec::<&str>::new());
    assert_eq!(names([[120, 100], [100, 80]]), ["table_step"]);
    assert_eq!(
        names([[100, 102], [103, 100]]),
        ["perverse", "silence_pays"]
    );
    assert_eq!(names([[100, 100], [100, 100]]), ["indifferent"]);
}

#[test]
fn cards_of_departments_are_held_side_by_side() {
    let card = |shared: &[&str], target: Benchmark| {
        let input = InputDef::rate(key("sales"), target);
        let kpi = KpiDef::new("sales", input, CurveDef::line(Ratio::from(100))).unwrap();
        let kpi = kpi.shared_with(shared.iter().map(|with| name(with)).collect());
        let def = ScorecardDef::new("card").unwrap();
        Scorecard::compile(
            def.group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)])
                .unwrap(),
        )
        .unwrap()
    };
    let (sales, service) = (name("sales"), name("service"));
    let planned = BTreeSet::from([name("sales")]);
    let names = |left: &Scorecard, right: &Scorecard| -> Vec<&str> {
        let found = across(&[(&sales, left), (&service, right)], &planned);
        found.iter().map(Finding::name).collect()
    };
    let alone = card(&[], Benchmark::Plan);
    let to_service = card(&["service"], Benchmark::Plan);
    let to_sales = card(&["sales"], Benchmark::Plan);
    let fixed = card(&["sales"], Benchmark::Constant(ratio("5")));
    assert_eq!(names(&alone, &alone), ["counted_twice_across"]);
    // One side's word is not enough.
    assert_eq!(names(&to_service, &alone), ["counted_twice_across"]);
    assert_eq!(names(&to_service, &to_sales), Vec::<&str>::new());
    assert_eq!(names(&to_service, &fixed), ["shared_unequal"]);
    let lonely = across(&[(&sales, &to_service)], &BTreeSet::from([name("profit")]));
    let lonely: Vec<_> = lonely.iter().map(Finding::name).collect();
    assert_eq!(lonely, ["shared_alone", "target_without_kpi"]);
}

#[test]
fn a_scheme_may_ask_for_the_largest_numbers_and_nothing_breaks() {
    let mut panel = panel(2, 1);
    add(&mut panel, "sales", Unit::Point, &[i64::MAX, i64::MIN]);
    add(&mut panel, "target:sales", Unit::Point, &[1, -1]);
    let largest = Ratio::from(1_000_000_000_000_000_000);
    let card = sales_card(CurveDef::line(largest));
    let scores = card.score(&panel, panel.period_at(0)).unwrap();
    assert!(scores.total(scores.row_at(0)).is_err() && scores.total(scores.row_at(1)).is_err());
    assert_eq!(
        (scores.rank(scores.row_at(0)), scores.best_first()),
        (None, Vec::new())
    );
    assert!(card.totals_at(&panel, panel.period_at(0), largest).is_ok());
    let curve = PayCurveDef::Whole(CurveDef::line(largest));
    let pay = PayElementDef::new("pay", InputDef::value(key("sales")), curve).unwrap();
    let plan = PayPlan::compile(PayPlanDef::new("plan", vec![pay]).unwrap()).unwrap();
    assert_eq!(plan.pay(&panel, panel.period_at(0)).unwrap().open(), 2);
    assert!(plan.cost(&panel, panel.period_at(0), &[largest]).is_ok());
    assert!(Curve::new(CurveDef::line(largest.checked_mul(Ratio::from(2)).unwrap())).is_err());
}

#[test]
fn the_best_come_first_and_who_has_no_score_is_not_among_them() {
    let mut panel = panel(4, 1);
    add(&mut panel, "sales", Unit::Point, &[1, 3, 2, 3]);
    let column = Column::amounts(key("target:sales"), Unit::Point, Quantum::ONE, vec![4; 4]);
    let out_of_range = Some(quotaflow::panel::Reason::OutOfRange);
    let column = column.with_reasons(&[None, None, out_of_range, None]);
    panel.add(column.unwrap()).unwrap();
    let scores = sales_card(CurveDef::line(ratio("100")));
    let scores = scores.score(&panel, panel.period_at(0)).unwrap();
    let best: Vec<usize> = scores.best_first().into_iter().map(RowId::index).collect();
    assert_eq!(best, [1, 3, 0]);
}

/// Exact amounts add up by value, quotients by their parts: among peers and over periods.
#[test]
fn exact_amounts_and_quotients_are_peers_and_targets_each_in_their_way() {
    let column = |name: &str, exact: bool, parts: &[(i64, i64)]| {
        if exact {
            let parts: Vec<_> = parts.iter().map(|part| Ok(*part)).collect();
            return Column::fractions(key(name), Unit::Share, Ratio::ONE, &parts);
        }
        let (tops, bottoms) = parts.iter().copied().unzip();
        Column::quotients(key(name), Unit::Share, Ratio::ONE, tops, bottoms).unwrap()
    };
    let totals = |panel: &Panel, input: InputDef, month: usize| -> Vec<String> {
        let kpi = KpiDef::new("sales", input, CurveDef::line(ratio("90"))).unwrap();
        let def = ScorecardDef::new("card").unwrap();
        let def = def
            .group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)])
            .unwrap();
        let card = Scorecard::compile(def).unwrap();
        let scores = card.score(panel, panel.period_at(month)).unwrap();
        let rows = panel.subjects().ids();
        rows.map(|row| scores.total(row).unwrap().to_string())
            .collect()
    };
    // A third and one: in the mean two thirds, in all 3 of 5.
    for (exact, expected) in [(true, ["45", "135"]), (false, ["50", "150"])] {
        let mut panel = panel(2, 1);
        panel
            .add(column("sales", exact, &[(1, 3), (2, 2)]))
            .unwrap();
        let input = InputDef::rate(key("sales"), Benchmark::Peers(Peers::Mean));
        assert_eq!(totals(&panel, input, 0), expected, "{exact}");
    }
    // Twice a half against a half and three quarters, of which only the first holds: 1 to 1/2, and 2/4 to a quarter of 4/6.
    for (exact, expected) in [(true, ["180"]), (false, ["270"])] {
        let mut panel = panel(1, 2);
        panel
            .add(column("sales", exact, &[(1, 2), (1, 2)]))
            .unwrap();
        panel
            .add(column("target:sales", exact, &[(1, 2), (3, 4)]))
            .unwrap();
        panel
            .add(column("there", false, &[(1, 1), (0, 1)]))
            .unwrap();
        let input = InputDef::rate(key("sales"), Benchmark::Plan)
            .over(Lookback::ToDate)
            .prorated(key("there"));
        assert_eq!(totals(&panel, input, 1), expected, "{exact}");
    }
}
