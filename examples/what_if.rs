//! What if: spread, hold, edit, and compare the versions of one plan.
//!
//! `cargo run --release --example what_if`

#[path = "shared/table.rs"]
mod table;

use quotaflow::calendar::{Calendar, DayRange, Grain, WorkingDays, WorkingDaysDef};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Additivity, Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, Edit, EditError, GrowthOf, HoldEdit, HoldWhat, Mode,
    NodeId, Place, Plan, PlanError, Sources, Spread, StepDef, Verb,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{Axis, DimensionDef, Space};

const PEOPLE: [(&str, &str); 4] = [
    ("ann", "north"),
    ("bo", "north"),
    ("cy", "south"),
    ("di", "south"),
];

fn main() -> Result<(), quotaflow::Error> {
    let measures = Measures::new(vec![Measure::flow(
        "sales",
        "money:EUR".parse()?,
        Quantum::CENT,
    )?])?;
    let mut people = DimensionDef::new("person", &["region", "person"])?
        .member("region", "north")?
        .member("region", "south")?;
    for (person, region) in PEOPLE {
        people = people.child("person", person, region)?;
    }
    let space = Space::new(vec![people])?;
    let calendar = Calendar::gregorian();
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("office")?))?;
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .working_days(&office);
    let half = DayRange::new("2026-01-01".parse()?, "2026-07-01".parse()?)?;
    let recipe = CascadeDef::new(Key::new("first-half")?, Key::new("sales")?, half)
        .step(StepDef::member("person", "region")?)
        .step(StepDef::member("person", "person")?)
        .step(StepDef::grain(Grain::Month).basis(BasisDef::WorkingDays));
    let mut plan = Cascade::compile(recipe, &sources)?.run("600000.00".parse()?)?;
    show(&plan, "Version 0: cascaded by working days")?;

    let at = |place: Place, verb| Spread::new("sales", place, verb);
    let person = |region: &str, name: &str| {
        Place::whole()
            .at("region", region)
            .and_then(|place| place.at("person", name))
    };
    let hold = HoldEdit {
        measure: Key::new("sales")?,
        at: vec![person("north", "ann")?.at("month", "2026-01")?],
        what: HoldWhat::Total,
    };
    let more = Verb::Proportional {
        amount: "30000.00".parse()?,
    };
    change(
        &mut plan,
        "january of ann is agreed; the north takes 30,000.00 more",
        vec![
            Edit::Hold(hold),
            Edit::Spread(at(Place::whole().at("region", "north")?, more)?.mode(Mode::Add)),
        ],
    )?;
    show(
        &plan,
        "Version 1: the north takes 30,000.00 more, Ann's January held",
    )?;

    let growth = Verb::Growth {
        start: "20000.00".parse()?,
        by: "0.05".parse()?,
        of: GrowthOf::Previous,
    };
    let cy = at(person("south", "cy")?, growth)?.keeping(Place::whole());
    change(
        &mut plan,
        "cy starts small and grows by 5 % a month; the company total stays",
        vec![Edit::Spread(cy)],
    )?;
    show(
        &plan,
        "Version 2: Cy grows by 5 % a month, everybody else gives way",
    )?;

    let close = Edit::Close {
        before: "2026-02-01".parse()?,
    };
    let february = Place::whole().at("month", "2026-02")?;
    let less = at(february, Verb::PercentChange { by: "0.1".parse()? })?.mode(Mode::Subtract);
    change(
        &mut plan,
        "january is over; february is a tenth lower everywhere",
        vec![close, Edit::Spread(less)],
    )?;
    show(&plan, "Version 3: January closed, February a tenth lower")?;

    let stale = made(1, "too late", vec![Edit::Revert { to: 0 }])?;
    match plan.apply(stale) {
        Err(error @ PlanError::Edit(EditError::Stale { .. })) => println!("\nRefused: {error}"),
        _ => return Err("a stale change was made".into()),
    }
    compare(&plan)?;

    // The same record gives the same plan, to the cent.
    let text = serde_json::to_string(&plan.record()).map_err(quotaflow::Error::other)?;
    let again = serde_json::from_str::<quotaflow::plan::PlanRecord>(&text)
        .map_err(quotaflow::Error::unreadable)?
        .replay(&sources)?;
    for step in plan.frame().steps() {
        let step = step.as_str();
        assert_eq!(again.units("sales", step)?, plan.units("sales", step)?);
    }
    println!(
        "\nThe record of {} bytes replays to the same plan; all sums hold.",
        text.len()
    );
    receivables(&space, &calendar)
}

/// A balance follows a path: from 90,000 now to 60,000 at the end of June, then to a stricter end.
fn receivables(space: &Space, calendar: &Calendar) -> Result<(), quotaflow::Error> {
    let balance = Measure::flow("receivables", "money:EUR".parse()?, Quantum::ONE)?;
    let measures = Measures::new(vec![balance.adding(Additivity::Stock)])?;
    let sources = Sources::new(&measures, space).calendar(calendar);
    let half = DayRange::new("2026-01-01".parse()?, "2026-07-01".parse()?)?;
    let recipe = CascadeDef::new(Key::new("receivables")?, Key::new("receivables")?, half)
        .step(StepDef::member("person", "region")?)
        .step(StepDef::grain(Grain::Month))
        .opening(Place::whole().at("region", "north")?, Number::from(50_000))
        .opening(Place::whole().at("region", "south")?, Number::from(40_000));
    let mut plan = Cascade::compile(recipe, &sources)?.run(60_000.into())?;
    let row = |plan: &Plan, title: &str, region: &str| -> Result<Vec<String>, PlanError> {
        let node = plan.frame().find(&[region])?;
        let mut row = vec![title.to_owned(), region.to_owned()];
        for month in plan.frame().children(node) {
            let amount = plan.amount("receivables", month)?.to_string();
            row.push(table::grouped(&amount));
        }
        Ok(row)
    };
    let mut rows = Vec::new();
    for region in ["north", "south"] {
        rows.push(row(&plan, "at first", region)?);
    }
    let close = Edit::Close {
        before: "2026-03-01".parse()?,
    };
    let verb = Verb::Proportional {
        amount: Number::from(48_000),
    };
    let lower = Edit::Spread(Spread::new("receivables", Place::whole(), verb)?);
    change(
        &mut plan,
        "two months are over, and June is to end lower",
        vec![close, lower],
    )?;
    for region in ["north", "south"] {
        rows.push(row(&plan, "then", region)?);
    }
    let head = [
        "version", "region", "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    ];
    table::print("Receivables at the end of each month", &head, &rows);
    Ok(())
}

fn made(based_on: u64, reason: &str, edits: Vec<Edit>) -> Result<Change, quotaflow::Error> {
    Ok(Change {
        version: Version::default(),
        by: Key::new("planner")?,
        at: "2026-01-05T09:00:00".parse()?,
        reason: reason.to_owned(),
        based_on,
        edits,
    })
}

fn change(plan: &mut Plan, reason: &str, edits: Vec<Edit>) -> Result<(), quotaflow::Error> {
    plan.apply(made(plan.version(), reason, edits)?)?;
    assert_eq!(plan.verify(), [], "every sum and every hold");
    Ok(())
}

fn show(plan: &Plan, title: &str) -> Result<(), quotaflow::Error> {
    let amount = |node| -> Result<String, PlanError> {
        Ok(table::grouped(&plan.amount("sales", node)?.to_string()))
    };
    let mut rows = Vec::new();
    for (name, region) in PEOPLE {
        let person = plan.frame().find(&[region, name])?;
        let mut row = vec![name.to_owned()];
        for month in plan.frame().children(person) {
            let held = if plan.is_held("sales", month)? {
                "*"
            } else {
                ""
            };
            row.push(format!("{held}{}", amount(month)?));
        }
        row.push(amount(person)?);
        rows.push(row);
    }
    let half = DayRange::new("2026-01-01".parse()?, "2026-07-01".parse()?)?;
    let months = Calendar::gregorian().periods(Grain::Month, half.start(), half.end())?;
    let sums = plan.roll_up("sales", &[], Some(&months))?;
    let mut last = vec!["total".to_owned()];
    let mut check = 0;
    let whole = sums.subjects().ids().next().ok_or("the whole")?;
    for month in months.ids() {
        let sum = sums
            .get(whole, Some(month))
            .ok_or("a month without a target")?;
        check += sum.units();
        last.push(table::grouped(&sum.to_string()));
    }
    assert_eq!(
        check,
        plan.amount("sales", NodeId::WHOLE)?.units(),
        "months and people agree"
    );
    last.push(amount(NodeId::WHOLE)?);
    rows.push(last);
    let head = ["person", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "total"];
    table::print(title, &head, &rows);
    Ok(())
}

fn compare(plan: &Plan) -> Result<(), quotaflow::Error> {
    let regions = [Axis::new("person", "region")?];
    let mut rows = Vec::new();
    for version in 0..=plan.version() {
        let then = plan.as_of(version)?;
        let sums = then.roll_up("sales", &regions, None)?;
        let of = |name| {
            sums.of(name)
                .map(|sum| table::grouped(&sum.to_string()))
                .unwrap_or_default()
        };
        let reason = match usize::try_from(version)?.checked_sub(1) {
            Some(change) => plan
                .changes()
                .nth(change)
                .map(|change| change.reason.clone()),
            None => None,
        };
        rows.push(vec![
            version.to_string(),
            of("north"),
            of("south"),
            reason.unwrap_or_default(),
        ]);
    }
    table::print("Versions", &["version", "north", "south", "why"], &rows);
    let differences = plan.differences(0, plan.version())?;
    let rows: Vec<Vec<String>> = differences
        .iter()
        .filter(|found| {
            plan.frame()
                .step_of(found.node)
                .is_some_and(|step| step == "person")
        })
        .map(|found| {
            let versions: Vec<String> = found.versions.iter().map(ToString::to_string).collect();
            vec![
                found.path.to_string(),
                table::grouped(&found.before.to_string()),
                table::grouped(&found.after.to_string()),
                versions.join(", "),
            ]
        })
        .collect();
    table::print(
        "What changed since version 0",
        &["person", "before", "after", "by versions"],
        &rows,
    );
    Ok(())
}
