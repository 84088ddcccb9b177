//! Cards and pay plans in a model: points and money are columns of a view, closed as they were told.

use quotaflow::journal::{Close, Entry, EntryId, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::measure::Currency;
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::ColumnKey;
use quotaflow::pay::{PayCurveDef, PayElementDef, PayPlanDef};
use quotaflow::quantity::Ratio;
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, ScorecardDef};
use rust_decimal::Decimal;

use crate::journal_closing::{day, enter};

/// 10 % or 20 % of sales to date, less what was paid before.
fn commission(from: &str, until: &str, percent: i32) -> PayPlanDef {
    let curve = PayCurveDef::Amount(CurveDef::line(Ratio::percent(percent)));
    let input = InputDef::value(ColumnKey::actual("sales").unwrap());
    let share = PayElementDef::new("share", input, curve).unwrap().to_date();
    let plan = PayPlanDef::new("commission", vec![share]).unwrap();
    let plan = plan.currency(Currency::new("EUR").unwrap());
    plan.from(day(from)).until(day(until))
}

/// Two teams; a card that gives a point for each euro up to 100, and plans that pay 10 % until the end of March and then 20 %.
fn definition() -> ModelDef {
    let text = include_str!("../../examples/models/two_teams.json");
    let mut definition: ModelDef = serde_json::from_str(text).unwrap();
    let curve = CurveDef::through([("0", "0"), ("100", "100")]).unwrap();
    let input = InputDef::value(ColumnKey::actual("sales").unwrap());
    let kpi = KpiDef::new("sales", input, curve)
        .unwrap()
        .weigh(Ratio::ONE);
    let card = ScorecardDef::new("activity").unwrap();
    definition.cards = vec![card.group("sales", Ratio::ONE, vec![kpi]).unwrap()];
    definition.pay = vec![
        commission("2026-01-01", "2026-04-01", 10),
        commission("2026-04-01", "2027-01-01", 20),
    ];
    definition.unique_ids = vec!["crm".try_into().unwrap()];
    definition.views.truncate(2);
    definition.views.remove(0);
    definition.views[0].key = "judged".try_into().unwrap();
    definition.views[0].show = ["sales", "activity", "commission"]
        .map(|name| name.parse().unwrap())
        .to_vec();
    definition
}

fn order(id: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new("order", day(on)).id(id).of("person", "ann");
    Entry::record("crm", record.amount("sales", Decimal::from(euros))).unwrap()
}

fn figure(journal: &Journal, column: &str, period: &str) -> String {
    let panel = journal.view("judged").unwrap().panel().unwrap();
    panel.get(column, ["ann"], period).unwrap().to_string()
}

#[test]
fn points_and_pay_stand_beside_the_figures_that_they_judge() {
    let model = Model::new(definition()).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-03-01",
        &[order("1", "2026-01-10", 60), order("2", "2026-02-10", 90)],
    );
    assert_eq!(figure(&journal, "activity", "2026-01"), "60.0000 points");
    assert_eq!(figure(&journal, "commission", "2026-01"), "6.00 EUR");
    // 15.00 are earned to date, of which 6.00 were paid.
    assert_eq!(figure(&journal, "commission", "2026-02"), "9.00 EUR");
    // The scores of a period with what they come from.
    let panel = journal.view("judged").unwrap().panel().unwrap();
    let card = model.card("activity").unwrap();
    let period = panel.periods().id("2026-02").unwrap();
    let scores = card.score(&panel, period).unwrap();
    let ann = panel.subjects().row(["ann"]).unwrap();
    assert_eq!(scores.explain(ann).unwrap().total.unwrap(), 90.into());
}

#[test]
fn what_is_closed_keeps_its_score_and_is_paid_for_in_the_first_open_period() {
    let model = Model::new(definition()).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let id = EntryId::new("books", "C-1").unwrap();
    let close = Entry::close(id, day("2026-01-31"), Close::Hard);
    enter(
        &mut journal,
        "2026-02-01",
        &[order("1", "2026-01-10", 60), close],
    );
    enter(
        &mut journal,
        "2026-02-20",
        &[order("2", "2026-01-20", 30), order("3", "2026-02-03", 10)],
    );
    assert_eq!(figure(&journal, "activity", "2026-01"), "60.0000 points");
    assert_eq!(figure(&journal, "commission", "2026-01"), "6.00 EUR");
    let late = "adjustment of 2026-01 (commission)";
    assert_eq!(figure(&journal, late, "2026-02"), "3.00 EUR");
    // 10.00 are earned by now: 6.00 were paid, 3.00 are the adjustment, and 1.00 is February's own.
    assert_eq!(figure(&journal, "commission", "2026-02"), "1.00 EUR");
    let panel = journal.view("judged").unwrap().panel().unwrap();
    assert!(
        panel
            .get("adjustment of 2026-01 (activity)", ["ann"], "2026-02")
            .is_err()
    );
    // The same after a restart.
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&model, snapshot).unwrap();
    assert_eq!(again.view("judged").unwrap().panel().unwrap(), panel);
}

#[test]
fn plans_of_one_name_follow_one_another() {
    let model = Model::new(definition()).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let orders = [order("1", "2026-03-10", 100), order("2", "2026-04-10", 100)];
    enter(&mut journal, "2026-05-01", &orders);
    assert_eq!(figure(&journal, "commission", "2026-03"), "10.00 EUR");
    assert_eq!(figure(&journal, "commission", "2026-04"), "20.00 EUR");
}

#[test]
fn mistakes_in_cards_and_pay_are_told_with_the_others() {
    let mut wrong = definition();
    let column = "visits".parse().unwrap();
    wrong.views[0].show = vec!["activity".parse().unwrap(), column];
    wrong.cards.push(wrong.cards[0].clone());
    let error = Model::new(wrong).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(
        lines,
        [
            "cards[1]: `activity` is the name of something else already; metrics, duties, cards and pay plans are shown by their names",
            "views[0].show[1]: there is no metric, target, duty, card or pay plan `visits`; known: `sales`, `orders`, `order_value`, `strike_rate`, `target:sales`, `attainment(sales)`, `activity`, `commission`",
        ]
    );
    // A view shows a card whose figures it does not show.
    let mut wrong = definition();
    wrong.views[0].show.remove(0);
    let error = Model::new(wrong).unwrap_err().to_string();
    assert!(error.starts_with("views[0].show[0]: "), "{error}");
    assert!(error.contains("`sales`"), "{error}");
    // Two plans are in force at once.
    let mut wrong = definition();
    wrong.pay[0].until = None;
    let error = Model::new(wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        "views[0].show[2]: plans `commission` and `commission` are both in force from 2026-04-01 on: write when the earlier one ends (`until`)"
    );
    let mut wrong = definition();
    wrong.pay[1].currency = None;
    let error = Model::new(wrong).unwrap_err().to_string();
    assert!(
        error.contains("does not say in which currency it pays"),
        "{error}"
    );
    // What a name is asked for that is none.
    let model = Model::new(definition()).unwrap();
    let error = model.card("activty").unwrap_err().to_string();
    assert_eq!(
        error,
        "cards: there is no card `activty`; did you mean `activity`?"
    );
}
