use crate::calendar::Grain;
use crate::document::Version;
use crate::measure::{Additivity, Measure, Measures};
use crate::panel::ColumnKey;
use crate::plan::fixture::{Company, given, key, member, recipe};
use crate::plan::*;
use crate::quantity::{Number, Quantum, Ratio};
use crate::space::Axis;

fn measures() -> Measures {
    let tenth = Quantum::new("0.1".parse().unwrap()).unwrap();
    let rating = Measure::flow("satisfaction", "point".parse().unwrap(), tenth).unwrap();
    Measures::new(vec![rating.adding(Additivity::Rating)]).unwrap()
}

fn plan(def: CascadeDef, total: &str) -> Result<Plan, PlanError> {
    let (company, measures) = (Company::new(), measures());
    let sources = Sources::new(&measures, &company.space).calendar(&company.calendar);
    let plan = Cascade::compile(def, &sources)?.run(total.parse().unwrap())?;
    assert_eq!(plan.verify(), []);
    Ok(plan)
}

fn apply(plan: &mut Plan, edits: Vec<Edit>) -> Result<u64, PlanError> {
    let done = plan.apply(Change {
        version: Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on: plan.version(),
        edits,
    });
    assert_eq!(plan.verify(), []);
    done
}

fn rate(place: Place, rating: &str) -> Edit {
    let amount: Number = rating.parse().unwrap();
    Edit::Spread(Spread::new("satisfaction", place, Verb::Proportional { amount }).unwrap())
}

/// The north counts three times what the south does.
fn people() -> CascadeDef {
    recipe("satisfaction")
        .step(member("person", "region").basis(given("region", &[("north", "3"), ("south", "1")])))
        .step(member("person", "person"))
        .step(StepDef::grain(Grain::Half))
}

#[test]
fn a_rating_is_set_for_everybody_and_rolls_up_as_a_weighted_mean() {
    let mut plan = plan(people(), "8.0").unwrap();
    assert!(
        plan.level_units("satisfaction", 3)
            .unwrap()
            .iter()
            .all(|rating| *rating == 80)
    );
    let cy = Place::whole()
        .at("region", "south")
        .and_then(|p| p.at("person", "cy"))
        .unwrap();
    apply(&mut plan, vec![rate(cy, "9.5")]).unwrap();
    // 95, 80 and 80 make 85; three times 80 and once 85 make 81.25.
    assert_eq!(plan.level_units("satisfaction", 1).unwrap(), [80, 85]);
    assert_eq!(plan.level_units("satisfaction", 0).unwrap(), [81]);
    let axes = [Axis::new("person", "grade").unwrap()];
    let grades = plan.roll_up("satisfaction", &axes, None).unwrap();
    // Seniors: ann with 3/8 of the whole at 8.0, cy with 1/12 at 9.5: (3/8 x 80 + 1/12 x 95) : 11/24 = 82.73.
    assert_eq!(grades.of("senior").unwrap().to_string(), "8.3");
    let company = Company::new();
    let was = Structure::as_it_was(&company.space);
    let year = company.calendar.year_periods(Grain::Year, 2026).unwrap();
    let panel = plan.targets(&was, &axes, &year).unwrap();
    let column = ColumnKey::target("satisfaction").unwrap();
    let row = panel.subjects().row(["senior"]).unwrap();
    let year = panel.periods().id("2026").unwrap();
    assert_eq!(
        panel.answer(&column, row, year).unwrap().ratio().ok(),
        Some(Ratio::new(91, 11).unwrap())
    );
}

#[test]
fn who_weighs_nothing_has_no_target_of_a_rating() {
    let def = recipe("satisfaction")
        .step(member("person", "region").basis(given("region", &[("north", "1"), ("south", "0")])))
        .step(StepDef::grain(Grain::Half));
    let plan = plan(def, "8.0").unwrap();
    let company = Company::new();
    let was = Structure::as_it_was(&company.space);
    let year = company.calendar.year_periods(Grain::Year, 2026).unwrap();
    let axes = [Axis::new("person", "region").unwrap()];
    let panel = plan.targets(&was, &axes, &year).unwrap();
    let column = panel
        .column(&ColumnKey::target("satisfaction").unwrap())
        .unwrap();
    assert_eq!(
        column.reasons(),
        [None, Some(crate::panel::Reason::NotApplicable)]
    );
}

#[test]
fn held_ratings_stay_and_impossible_ones_are_refused() {
    let mut plan = plan(people(), "8.0").unwrap();
    let north = Place::whole().at("region", "north").unwrap();
    let ann = north.clone().at("person", "ann").unwrap();
    let hold = HoldEdit {
        measure: key("satisfaction"),
        at: vec![ann],
        what: HoldWhat::Total,
    };
    apply(
        &mut plan,
        vec![Edit::Hold(hold), rate(north.clone(), "9.0")],
    )
    .unwrap();
    assert_eq!(
        plan.level_units("satisfaction", 2).unwrap(),
        [80, 90, 80, 80, 80]
    );
    assert_eq!(plan.level_units("satisfaction", 1).unwrap(), [85, 80]);
    let line = Verb::StraightLine {
        from: "6.0".parse().unwrap(),
        to: "8.0".parse().unwrap(),
    };
    let south = Place::whole().at("region", "south").unwrap();
    let line = Spread::new("satisfaction", south.clone(), line).unwrap();
    apply(&mut plan, vec![Edit::Spread(line)]).unwrap();
    assert_eq!(
        plan.level_units("satisfaction", 2).unwrap()[2..],
        [60, 70, 80]
    );
    let hold = HoldEdit {
        measure: key("satisfaction"),
        at: vec![Place::whole()],
        what: HoldWhat::Total,
    };
    let error = apply(
        &mut plan,
        vec![Edit::Hold(hold), rate(south.clone(), "1.0")],
    )
    .unwrap_err();
    assert!(
        matches!(error, PlanError::Edit(EditError::HeldAbove { .. })),
        "{error}"
    );
    let keeping = Spread::new("satisfaction", south, Verb::Clear).unwrap();
    let keeping = Edit::Spread(keeping.keeping(Place::whole()));
    let error = apply(&mut plan, vec![keeping]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`satisfaction` is a rating, for which keeping a total above has no meaning"
    );
    let most = BoundDef::at_most("person", "7.5".parse().unwrap()).unwrap();
    assert!(matches!(
        super::tests::plan(people().bound(most), "8.0"),
        Err(PlanError::Constraint(ConstraintError::OutsideBounds { .. }))
    ));
    let why = plan
        .explain("satisfaction", plan.frame().find(&["south", "cy"]).unwrap())
        .unwrap();
    assert_eq!(
        (why.cascaded().to_string(), why.amount.to_string()),
        ("8.0".into(), "6.0".into())
    );
}
