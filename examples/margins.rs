//! A plan with totals prescribed for its territories and for its products at once: every sum exact to the cent; then one
//! that cannot be, refused with its proof.
//!
//! `cargo run --release --example margins`

#[path = "shared/table.rs"]
mod table;

use quotaflow::Error;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BoundDef, Cascade, CascadeDef, ConstraintError, Place, Plan, PlanError, Sources,
    StepDef, Table, TableUse,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
use rust_decimal::Decimal;

const TERRITORIES: [(&str, &str); 3] = [
    ("north", "410000.00"),
    ("south", "350000.00"),
    ("west", "240000.00"),
];
const PRODUCTS: [(&str, &str); 4] = [
    ("tea", "425000.01"),
    ("milk", "275000.00"),
    ("water", "180000.00"),
    ("juice", "119999.99"),
];
/// Last year's sales, territory by territory.
const HISTORY: [[i64; 4]; 3] = [
    [150_220, 98_310, 77_400, 12_090],
    [120_500, 101_020, 44_310, 51_700],
    [88_000, 40_110, 39_000, 0],
];

fn main() -> Result<(), Error> {
    let measures = Measures::new(vec![Measure::flow(
        "sales",
        "money:EUR".parse()?,
        Quantum::CENT,
    )?])?;
    let names = |list: &[(&'static str, &str)]| list.iter().map(|one| one.0).collect::<Vec<_>>();
    let territories = DimensionDef::flat("territory", "territory", names(&TERRITORIES))?;
    let products = DimensionDef::flat("product", "product", names(&PRODUCTS))?;
    let space = Space::new(vec![territories, products])?;
    let calendar = Calendar::gregorian();
    let axes = [
        Axis::new("territory", "territory")?,
        Axis::new("product", "product")?,
    ];
    let rows = space
        .subjects(&axes[0], Unassigned::Hidden)?
        .cross(&space.subjects(&axes[1], Unassigned::Hidden)?)?;
    let history: Vec<Decimal> = HISTORY.concat().into_iter().map(Decimal::from).collect();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .table(Key::new("last_year")?, Table::new(rows, None, &history)?);

    let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    let by_history = BasisDef::History(TableUse::total("last_year")?);
    let mut recipe = CascadeDef::new(Key::new("plan-2026")?, Key::new("sales")?, year)
        .step(StepDef::member("territory", "territory")?.basis(by_history.clone()))
        .step(StepDef::member("product", "product")?.basis(by_history))
        .step(StepDef::grain(Grain::Quarter));
    for (territory, total) in TERRITORIES {
        recipe = recipe.total(Place::whole().at("territory", territory)?, total.parse()?);
    }
    for (product, total) in PRODUCTS {
        recipe = recipe.total(Place::whole().at("product", product)?, total.parse()?);
    }
    let plan = Cascade::compile(recipe.clone(), &sources)?.run("1000000.00".parse()?)?;
    show(&plan)?;
    check(&plan)?;

    // The west sold no juice, and the others may sell 50,000 of it each: 119,999.99 cannot be.
    let cap: Number = "50000.00".parse()?;
    for territory in ["north", "south"] {
        let place = Place::whole()
            .at("territory", territory)?
            .at("product", "juice")?;
        recipe = recipe.bound(BoundDef::at_most("product", cap)?.at(place));
    }
    match Cascade::compile(recipe, &sources)?.run("1000000.00".parse()?) {
        Err(error @ PlanError::Constraint(ConstraintError::TotalsImpossible { .. })) => {
            println!("\nWith at most 50,000.00 of juice in the north and in the south:\n  {error}");
            let PlanError::Constraint(ConstraintError::TotalsImpossible {
                needed, available, ..
            }) = error
            else {
                return Ok(());
            };
            assert!(needed > available, "the proof adds up");
            println!("  that is {} more than there is", needed - available);
            Ok(())
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err("a plan that cannot be was made".into()),
    }
}

fn show(plan: &Plan) -> Result<(), Error> {
    let mut rows = Vec::new();
    for (territory, _) in TERRITORIES {
        let mut row = vec![territory.to_owned()];
        for (product, _) in PRODUCTS {
            let cell = plan.frame().find(&[territory, product])?;
            row.push(table::grouped(&plan.amount("sales", cell)?.to_string()));
        }
        let total = plan.amount("sales", plan.frame().find(&[territory])?)?;
        row.push(table::grouped(&total.to_string()));
        rows.push(row);
    }
    let sums = plan.roll_up("sales", &[Axis::new("product", "product")?], None)?;
    let mut last = vec!["total".to_owned()];
    for (product, _) in PRODUCTS {
        last.push(
            sums.of(product)
                .map(|sum| table::grouped(&sum.to_string()))
                .unwrap_or_default(),
        );
    }
    last.push(table::grouped(
        &plan
            .amount("sales", quotaflow::plan::NodeId::WHOLE)?
            .to_string(),
    ));
    rows.push(last);
    let head = ["territory", "tea", "milk", "water", "juice", "total"];
    table::print(
        "Targets by territory and product, both prescribed",
        &head,
        &rows,
    );

    let tea = plan.frame().find(&["west", "tea"])?;
    let why = plan.explain("sales", tea)?;
    println!("\nWhere the target of {} came from:", why.place);
    for split in &why.splits {
        println!(
            "  {}: {} of {} by {}{}",
            split.step,
            split.share,
            split.base,
            split.basis,
            if split.fitted.is_some() {
                ", fitted to the totals of the products"
            } else {
                ""
            },
        );
    }
    Ok(())
}

fn check(plan: &Plan) -> Result<(), Error> {
    assert_eq!(plan.verify(), [], "every sum, every prescribed total");
    let by = |name: &str| plan.roll_up("sales", &[Axis::new(name, name)?], None);
    for (name, list) in [("territory", &TERRITORIES[..]), ("product", &PRODUCTS[..])] {
        let sums = by(name)?;
        for (member, total) in list {
            assert_eq!(sums.of(member)?.amount(), total.parse()?, "{member}");
        }
    }
    println!("\nAll sums hold to the cent.");
    Ok(())
}
