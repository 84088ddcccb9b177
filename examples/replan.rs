//! A year that is short in its middle, corrected in four ways, and what each of them asks of everybody.
//!
//! `cargo run --release --example replan`

#[path = "shared/table.rs"]
mod table;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::pace::{Days, Pace, RateVerdict};
use quotaflow::panel::{Column, ColumnKey, Figure, Panel};
use quotaflow::plan::{
    BasisDef, CarryForward, Cascade, CascadeDef, Change, Edit, GivenDef, GivenWeight, NodeId,
    Place, Plan, ReachedAmount, Sources, StepDef, Stretch, Structure,
};
use quotaflow::quantity::{Quantity, Quantum};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};

/// Who has which weight of the year, and how much of the first half was reached, in percent.
const PEOPLE: [(&str, i64, i64); 5] = [
    ("ann", 4, 80),
    ("bo", 3, 104),
    ("cy", 3, 93),
    ("di", 2, 60),
    ("house", 0, 0),
];
const SEASON: [i64; 12] = [6, 6, 8, 8, 9, 9, 8, 7, 9, 10, 10, 10];
const JULY: &str = "2026-07-01";

/// The four ways, as documents: edits of a change, as a journal's entries have them. `reached` is filled in from the records.
const WAYS: [(&str, &str); 4] = [
    (
        "Equally over the months that are left",
        r#"[{"carry_forward": {"measure": "sales", "from": "2026-07-01", "reached": [], "by": "equal"}}]"#,
    ),
    (
        "By season, at most 15 % more a month, the rest to the house",
        r#"[{"carry_forward": {"measure": "sales", "from": "2026-07-01", "reached": [], "per_period": {"share": "0.15"},
            "by": {"given": {"weights": [
                {"at": {"month": "2026-10"}, "weight": "2"}, {"at": {"month": "2026-11"}, "weight": "2"},
                {"at": {"month": "2026-12"}, "weight": "2"}], "otherwise": "1"}},
            "others": [{"at": {"person": "house"}}]}}]"#,
    ),
    (
        "Closed at actuals, at most 15 % more a month, bo agreed on 20,000, the rest written off",
        r#"[{"carry_forward": {"measure": "sales", "from": "2026-07-01", "reached": [], "per_period": {"share": "0.15"},
            "past": "as_reached", "others": [{"at": {"person": "bo"}, "at_most": "20000"}], "rest": "written_off"}},
           {"close": {"before": "2026-07-01"}}]"#,
    ),
    (
        "Relief: the second half a tenth lower for all",
        r#"[{"close": {"before": "2026-07-01"}},
           {"spread": {"measure": "sales", "verb": {"percent_change": {"by": "0.1"}}, "mode": "subtract"}}]"#,
    ),
];

fn main() -> Result<(), quotaflow::Error> {
    let measures = Measures::new(vec![Measure::flow(
        "sales",
        "money:EUR".parse()?,
        Quantum::CENT,
    )?])?;
    let people = PEOPLE.map(|(person, ..)| person);
    let space = Space::new(vec![DimensionDef::flat("person", "person", people)?])?;
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    let months = (1..=12).map(|month| format!("2026-{month:02}")).zip(SEASON);
    let recipe = CascadeDef::new("sales-2026".try_into()?, "sales".try_into()?, year)
        .step(StepDef::member("person", "person")?.basis(given(
            "person",
            PEOPLE.map(|(person, weight, _)| (person.to_owned(), weight)),
        )?))
        .step(StepDef::grain(Grain::Month).basis(given("month", months)?));
    let plan = Cascade::compile(recipe, &sources)?.run(1_200_000.into())?;
    let panel = records(&plan, &calendar, year)?;

    let half = CarryForward::new("sales", JULY.parse()?)?.reached_in(&plan, &panel)?;
    println!("The first half:");
    for gap in plan.carry_forward(&half)?.gaps {
        println!("  {gap}");
    }
    asked(&plan, &plan, &panel, &space, "As it stands")?;

    let mut compared = Vec::new();
    for (title, document) in WAYS {
        let mut edits: Vec<Edit> =
            serde_json::from_str(document).map_err(quotaflow::Error::unreadable)?;
        let mut told = None;
        for edit in &mut edits {
            if let Edit::CarryForward(carry) = edit {
                carry.reached.clone_from(&half.reached);
                told = Some(plan.carry_forward(carry)?);
            }
        }
        let mut corrected = plan.clone();
        corrected.apply(Change {
            version: Version::default(),
            by: Key::new("eva")?,
            at: "2026-07-02T09:00:00".parse()?,
            reason: title.to_owned(),
            based_on: 0,
            edits,
        })?;
        assert!(corrected.verify().is_empty());
        let verdicts = asked(&corrected, &plan, &panel, &space, title)?;
        let sum = |of: fn(&quotaflow::plan::CarriedGap) -> i64| {
            told.as_ref()
                .map_or(0, |told| told.gaps.iter().map(of).sum())
        };
        let (carried, given, left) = (
            sum(|gap| gap.carried.units()),
            sum(|gap| gap.given.units()),
            sum(|gap| gap.left.units()),
        );
        check(&plan, &corrected, &half.reached, carried + given, left)?;
        let amount = |units: i64| table::grouped(&Quantum::CENT.quantity(units).to_string());
        compared.push(vec![
            title.to_owned(),
            amount(carried),
            amount(given),
            amount(left),
            table::grouped(&corrected.amount("sales", NodeId::WHOLE)?.to_string()),
            verdicts,
        ]);
    }
    table::print(
        "Four ways",
        &[
            "",
            "carried",
            "to others",
            "written off",
            "year",
            "impossible for",
        ],
        &compared,
    );
    Ok(())
}

fn given(
    step: &str,
    weights: impl IntoIterator<Item = (String, i64)>,
) -> Result<BasisDef, quotaflow::Error> {
    let weights = weights.into_iter().map(|(member, weight)| {
        Ok(GivenWeight {
            at: Place::whole().at(step, &member)?,
            weight: weight.into(),
        })
    });
    let weights = weights.collect::<Result<_, quotaflow::Error>>()?;
    Ok(BasisDef::Given(GivenDef {
        weights,
        otherwise: None,
    }))
}

/// What was sold from January to June: so many percent of each month's target, in whole euros.
fn records(plan: &Plan, calendar: &Calendar, year: DayRange) -> Result<Panel, quotaflow::Error> {
    let people = PEOPLE.iter().map(|(person, ..)| Key::new(*person));
    let rows = Subjects::new(
        Axis::new("person", "person")?,
        people.collect::<Result<_, _>>()?,
    )?;
    let mut panel = Panel::new(
        rows,
        calendar.periods(Grain::Month, year.start(), year.end())?,
    );
    let mut sold = Vec::new();
    for month in 1..=12 {
        for (person, _, percent) in PEOPLE {
            let target = plan.get("sales", [person], &format!("2026-{month:02}"))?;
            let target = target
                .figure()
                .and_then(Figure::amount)
                .map_or(0, Quantity::units);
            sold.push(if month <= 6 {
                target * percent / 10_000 * 100
            } else {
                0
            });
        }
    }
    panel.add(Column::amounts(
        ColumnKey::actual("sales")?,
        "money:EUR".parse()?,
        Quantum::CENT,
        sold,
    ))?;
    Ok(panel)
}

/// Prints what a plan asks of everybody from July on, and returns for whom that is impossible.
fn asked(
    plan: &Plan,
    before: &Plan,
    panel: &Panel,
    space: &Space,
    title: &str,
) -> Result<String, quotaflow::Error> {
    let mut panel = panel.clone();
    panel.extend(plan.columns(&Structure::as_it_was(space)))?;
    let pace = Pace::new("sales", Days::Calendar)?;
    let view = pace.view(&panel, "2026-06-30".parse()?)?;
    let per_day =
        |rate: Result<Figure, quotaflow::panel::Reason>| match rate.and_then(Figure::value) {
            Ok(rate) => format!("{:.2}", rate.approximate()),
            Err(_) => "-".to_owned(),
        };
    let mut rows = Vec::new();
    let mut impossible = Vec::new();
    for row in panel.subjects().ids() {
        let person = panel.subjects().label(row);
        let second = Stretch::new(
            Place::whole().at("person", &person)?,
            DayRange::new(JULY.parse()?, "2027-01-01".parse()?)?,
        );
        let Ok(rate) = view.required_rate(row)? else {
            continue;
        };
        let verdict = match rate.verdict {
            RateVerdict::Reached => "nothing to do".to_owned(),
            RateVerdict::Reachable => "reachable".to_owned(),
            RateVerdict::Stretch => "a stretch".to_owned(),
            RateVerdict::Impossible { by } => {
                impossible.push(person.clone());
                format!("impossible by {}", table::grouped(&by.to_string()))
            }
            _ => "untested".to_owned(),
        };
        rows.push(vec![
            person,
            table::grouped(&before.stretch("sales", &second)?.to_string()),
            table::grouped(&plan.stretch("sales", &second)?.to_string()),
            per_day(rate.needed_per_day),
            per_day(rate.usual_per_day),
            per_day(rate.best_per_day),
            verdict,
        ]);
    }
    table::print(
        title,
        &[
            "",
            "second half",
            "becomes",
            "a day",
            "usual",
            "best",
            "verdict",
        ],
        &rows,
    );
    Ok(impossible.join(", "))
}

/// Every total is exact: what is carried comes on top of the second half, and a past closed at actuals is what was reached.
fn check(
    before: &Plan,
    after: &Plan,
    reached: &[ReachedAmount],
    carried: i64,
    left: i64,
) -> Result<(), quotaflow::Error> {
    let half = |plan: &Plan, from: &str, until: &str| -> Result<i64, quotaflow::Error> {
        let days = DayRange::new(from.parse()?, until.parse()?)?;
        Ok(plan
            .stretch("sales", &Stretch::new(Place::whole(), days))?
            .units())
    };
    let first = |plan| half(plan, "2026-01-01", JULY);
    let second = |plan| half(plan, JULY, "2027-01-01");
    if carried == 0 {
        // A tenth of what is left, rounded once.
        assert_eq!(first(after)?, first(before)?);
        assert_eq!(second(after)?, second(before)? - (second(before)? + 5) / 10);
        return Ok(());
    }
    assert_eq!(second(after)?, second(before)? + carried);
    if first(after)? != first(before)? {
        let mut all = 0;
        for own in reached {
            all += Quantum::CENT.units(own.amount.decimal())?;
        }
        assert_eq!(first(after)?, all);
    }
    // What was beyond the target of the first half stays with whoever had it.
    let short = |plan: &Plan| {
        plan.carry_forward(
            &CarryForward {
                reached: reached.to_vec(),
                ..CarryForward::new("sales", JULY.parse()?)?
            }
            .writing_off(),
        )
        .map_err(quotaflow::Error::from)
    };
    let missing: i64 = short(before)?
        .gaps
        .iter()
        .map(|gap| gap.gap.units().max(0))
        .sum();
    assert_eq!(carried + left, missing);
    Ok(())
}
