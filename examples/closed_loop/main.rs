//! A company's quarter managed by its process: target, cascade, records, pace, score, exceptions, corrections.
//!
//! `cargo run --release --example closed_loop`

#[path = "../shared/company.rs"]
mod company;
mod goals;
mod judgement;
mod records;
#[path = "../shared/table.rs"]
mod table;

use quotaflow::Error;

use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::panel::{ColumnKey, Panel, Role};
use quotaflow::quantity::{Ratio, Rounding};
use quotaflow::review::{Correction, Review, ReviewSources, review};
use quotaflow::rule::RuleSet;
use quotaflow::scorecard::Scorecard;
use quotaflow::space::{Axis, RowId, Subjects, Unassigned};
use quotaflow::text::Locale;

use crate::table::{grouped, print};

fn main() -> Result<(), Error> {
    let world = records::World::new()?;
    let year = goals::year()?;
    let quarters = Calendar::gregorian().periods(Grain::Quarter, year.start(), year.end())?;
    println!(
        "{} salespeople in three territories, {} records up to {}",
        world.company.dealers.len() / 8,
        world.ledger.len(),
        world.as_of
    );

    let goals = goals::Goals::set(&world)?;
    goals.show(&world, &quarters)?;

    let people = world.subjects("person")?;
    let teams = world.subjects("territory")?;
    let mut panel = world.fold(&people, &quarters)?;
    panel.join(goals.targets(&world, "person", &quarters)?)?;
    let mut team_panel = world.fold(&teams, &quarters)?;
    team_panel.join(goals.targets(&world, "territory", &quarters)?)?;
    let period = quarters.on(world.as_of).ok_or("the year holds the day")?;

    let def = judgement::review_def(&world)?;
    for panel in [&mut panel, &mut team_panel] {
        for pace in &def.paces {
            panel.extend(pace.columns(world.as_of))?;
        }
    }
    show_pace(
        "Pace of the territories in the third quarter",
        &team_panel,
        period,
    )?;
    show_pace("Pace of the people", &panel, period)?;
    show_activity(&panel, period)?;

    let card = Scorecard::compile(judgement::card()?)?;
    let rules = RuleSet::compile(judgement::rules()?, &panel)?;
    let scores = card.score(&panel, period)?;
    let alerts = rules.evaluate(&panel, period)?;
    let team_scores = card.score(&team_panel, period)?;
    let evidence = ReviewSources {
        panel: &panel,
        as_of: world.as_of,
        scores: Some(&scores),
        alerts: Some((&rules, &alerts)),
    };
    let people_review = review(&def, evidence)?;
    let evidence = ReviewSources {
        panel: &team_panel,
        as_of: world.as_of,
        scores: Some(&team_scores),
        alerts: None,
    };
    let team_review = review(&def, evidence)?;
    show_scores(&[&team_review, &people_review]);
    show_exceptions(&rules, &alerts, &panel)?;
    show_corrections(&people_review);

    check(&world, &goals, &panel, &team_panel)
}

fn figure(value: Option<Ratio>, places: u8) -> String {
    let rounded = value.and_then(|value| value.to_decimal(places, Rounding::HalfAwayFromZero).ok());
    rounded.map_or_else(|| "-".to_owned(), |value| grouped(&value.to_string()))
}

fn percent(value: Option<Ratio>) -> String {
    match value.and_then(|value| value.checked_mul(Ratio::from(100)).ok()) {
        Some(value) => format!("{} %", figure(Some(value), 0)),
        None => "-".to_owned(),
    }
}

/// The exact value of a column in a cell, if there is one.
fn value(
    panel: &Panel,
    key: &str,
    subject: RowId,
    period: PeriodId,
) -> Result<Option<Ratio>, Error> {
    Ok(panel.answer(&key.parse()?, subject, period)?.ratio().ok())
}

fn show_pace(title: &str, panel: &Panel, period: PeriodId) -> Result<(), Error> {
    let mut rows = Vec::new();
    for subject in panel.subjects().ids() {
        let label = panel.subjects().label(subject);
        let cell = |key: &str| value(panel, key, subject, period);
        rows.push(vec![
            label,
            figure(cell("target:sales")?, 0),
            figure(cell("expected:sales")?, 0),
            figure(cell("sales")?, 0),
            figure(cell("sales.pace_gap")?, 0),
            percent(cell("sales.pace_attainment")?),
            figure(cell("projected:sales")?, 0),
            figure(cell("sales.needed_per_day")?, 0),
        ]);
    }
    let head = [
        "",
        "target",
        "by now",
        "sales",
        "gap",
        "of pace",
        "projection",
        "needed a day",
    ];
    print(title, &head, &rows);
    Ok(())
}

fn show_activity(panel: &Panel, period: PeriodId) -> Result<(), Error> {
    let mut rows = Vec::new();
    for subject in panel.subjects().ids() {
        let label = panel.subjects().label(subject);
        let cell = |key: &str| value(panel, key, subject, period);
        rows.push(vec![
            label,
            figure(cell("visits")?, 0),
            percent(cell("visits.pace_attainment")?),
            figure(cell("orders_per_100_visits")?, 1),
            figure(cell("cost_per_visit")?, 2),
            percent(cell("reports_on_time")?),
            figure(cell("overdue")?, 0),
            percent(cell("sold_below_floor")?),
        ]);
    }
    let head = [
        "",
        "visits",
        "of pace",
        "orders/100",
        "cost a visit",
        "reports",
        "overdue",
        "below floor",
    ];
    print("What the people did, and what it left behind", &head, &rows);
    Ok(())
}

fn show_scores(reviews: &[&Review]) {
    for review in reviews {
        let mut rows: Vec<(u32, Vec<String>)> = Vec::new();
        for subject in &review.subjects {
            if let Some(score) = &subject.score {
                let rank = score.rank.unwrap_or(u32::MAX);
                let grade = score
                    .grade
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), ToString::to_string);
                let focus = subject
                    .focus
                    .iter()
                    .map(judgement::point)
                    .collect::<Vec<_>>()
                    .join("; ");
                let name = subject.subject[0].to_string();
                rows.push((
                    rank,
                    vec![
                        name,
                        figure(score.total.ok(), 1),
                        grade,
                        rank.to_string(),
                        focus,
                    ],
                ));
            }
        }
        rows.sort();
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
        print(
            &format!("Scores in {}", review.period),
            &["", "points", "grade", "rank", "focus"],
            &rows,
        );
    }
}

fn show_exceptions(
    rules: &RuleSet,
    alerts: &[quotaflow::rule::Alert],
    panel: &Panel,
) -> Result<(), Error> {
    println!("\nExceptions");
    for alert in alerts {
        let explanation = alert.explain(rules, panel)?;
        println!(
            "  [{}] {}",
            alert.severity().name(&Locale::EN),
            explanation.message(&Locale::EN)
        );
        let mut numbers = Vec::new();
        explanation
            .evidence()
            .comparisons(&mut |left, is, right, _| {
                let shown = |value: Result<_, quotaflow::rule::WhyUnknown>| figure(value.ok(), 2);
                numbers.push(format!(
                    "{} {} {}",
                    shown(left.value()),
                    is.sign(),
                    shown(right.value())
                ));
            });
        println!("      because {}", numbers.join(" and "));
        if let Some(action) = explanation.action(&Locale::EN) {
            println!("      next: {action}");
        }
    }
    Ok(())
}

fn show_corrections(review: &Review) {
    println!("\nProposed corrections");
    for subject in &review.subjects {
        let name = &subject.subject[0];
        for cause in &subject.causes {
            if cause.variance.gap.units() < 0 {
                println!(
                    "  {name}: of a gap of {}, {} is {} and {} what comes out of them",
                    grouped(&cause.variance.gap.to_string()),
                    grouped(&cause.variance.volume.to_string()),
                    cause.activity,
                    grouped(&cause.variance.yielded.to_string()),
                );
            }
        }
        for correction in &subject.corrections {
            match correction {
                Correction::MoreActivity {
                    activity,
                    by,
                    shortfall,
                    ..
                } => {
                    println!(
                        "  {name}: {by} more {activity} close {} at the present yield",
                        grouped(&shortfall.to_string())
                    );
                }
                Correction::CarryForward {
                    metric,
                    shortfall,
                    into,
                    ..
                } => {
                    let parts: Vec<String> = into
                        .iter()
                        .map(|part| {
                            format!("{} to {}", grouped(&part.amount.to_string()), part.period)
                        })
                        .collect();
                    println!(
                        "  {name}: carry {} of {metric} forward: {}",
                        grouped(&shortfall.to_string()),
                        parts.join(", ")
                    );
                }
                _ => {}
            }
        }
    }
    for suspicion in &review.suspicions {
        println!(
            "  {} of {} are behind in {}: look at the target first",
            suspicion.behind, suspicion.of, suspicion.metric
        );
    }
}

/// Every sum of the example, added up again another way.
fn check(
    world: &records::World,
    goals: &goals::Goals,
    panel: &Panel,
    teams: &Panel,
) -> Result<(), Error> {
    let discrepancies = goals.sales.verify().len() + goals.visits.verify().len();
    assert_eq!(discrepancies, 0, "a cascade does not add up");
    let quarters = panel.periods();
    let whole = world.fold(&Subjects::whole(), quarters)?;
    let everybody = world
        .ledger
        .schema()
        .space()
        .subjects(&Axis::new("person", "person")?, Unassigned::Shown)?;
    let everybody = world.fold(&everybody, quarters)?;
    let mut sums = 0;
    for period in quarters.ids() {
        for metric in ["sales", "orders", "visits", "overdue"] {
            let key = ColumnKey::actual(metric)?;
            // What has not begun has no figure, and nothing adds up to nothing.
            let [only] = whole.subjects().ids().collect::<Vec<_>>()[..] else {
                return Err("the whole is one row".into());
            };
            let all = whole
                .answer(&key, only, period)?
                .ratio()
                .ok()
                .unwrap_or(Ratio::ZERO);
            for panel in [&everybody, teams] {
                let mut sum = Ratio::ZERO;
                for subject in panel.subjects().ids() {
                    sum = sum.checked_add(
                        panel
                            .answer(&key, subject, period)?
                            .ratio()
                            .ok()
                            .unwrap_or(Ratio::ZERO),
                    )?;
                }
                assert_eq!(sum, all, "{metric} in {period:?}");
                sums += 1;
            }
        }
        for metric in ["sales", "visits"] {
            let key = ColumnKey::target(metric)?.with(Role::Target);
            let total = |panel: &Panel| -> Result<Ratio, Error> {
                let mut sum = Ratio::ZERO;
                for subject in panel.subjects().ids() {
                    sum = sum.checked_add(
                        panel
                            .answer(&key, subject, period)?
                            .ratio()
                            .ok()
                            .unwrap_or(Ratio::ZERO),
                    )?;
                }
                Ok(sum)
            };
            assert_eq!(
                total(panel)?,
                total(teams)?,
                "targets of {metric} in {period:?}"
            );
            sums += 1;
        }
    }
    println!(
        "\n{} nodes of two cascades and {sums} sums checked: every sum holds",
        goals.nodes()
    );
    Ok(())
}
