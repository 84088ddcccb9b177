//! From a month's target to a week's visits: how much activity the target needs, whether there is time for it, on which
//! days which customers are visited, and what was done of it.
//!
//! `cargo run --release --example weekly_action_plan`

use std::collections::BTreeMap;

use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, Grain, PeriodSet, WorkingDays, WorkingDaysDef};
use quotaflow::duty::{
    ActivityQuota, BrokenAppointment, BrokenBy, Candidacy, Candidate, Chain, Compliance, Departure,
    DoneItem, ExecutionCounts, ExecutionIndex, ExecutionWeights, Fulfilment, MatchReport,
    MatchRule, PlannedItem, Route, RouteDef, Stop, spread,
};
use quotaflow::key::Key;
use quotaflow::pace::{Days, Pace};
use quotaflow::panel::{Column, ColumnKey, Figure, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio, Rounding};
use quotaflow::space::Subjects;

#[path = "../shared/table.rs"]
mod table;

/// The person whose month this is.
const PERSON: &str = "Lin";

fn main() -> Result<(), quotaflow::Error> {
    let office = WorkingDays::new(
        WorkingDaysDef::monday_to_friday(Key::new("office")?).holiday(day(6)?, "inventory"),
    )?;
    let missing = missing_by(&office)?;
    let visits = visits_for(missing)?;
    let of_the_week = spread_over_weeks(visits, &office)?;
    let planned = route_of_the_week(of_the_week, &office)?;
    let counts = compare(&planned)?;
    standing_of_the_quota()?;
    execution(&counts)?;
    println!("\nevery sum holds");
    Ok(())
}

/// The target, and the pace on the morning of 9 March: a week has passed and 9,000 came in. Returns what is missing.
fn missing_by(office: &WorkingDays) -> Result<Ratio, quotaflow::Error> {
    let months = Calendar::gregorian().periods(Grain::Month, day(1)?, end_of_march()?)?;
    let mut panel = Panel::new(Subjects::whole(), months);
    for (key, units) in [
        (ColumnKey::target("sales")?, 6_000_000),
        (ColumnKey::actual("sales")?, 900_000),
    ] {
        panel.add(Column::amounts(
            key,
            "money:EUR".parse()?,
            Quantum::CENT,
            vec![units],
        ))?;
    }
    let pace = Pace::new("sales", Days::Working(office.clone()))?;
    let as_of = day(8)?;
    let (row, month) = (panel.subjects().ids().next(), panel.periods().on(as_of));
    let (row, month) = row.zip(month).ok_or("a row and a month")?;
    let reading = pace.view(&panel, as_of)?.reading(row, month)?;
    let line = |name: &str, answer: Result<Figure, Reason>| {
        let shown = answer
            .and_then(Figure::value)
            .ok()
            .and_then(|ratio| ratio.to_decimal(2, Rounding::default()).ok());
        let shown = shown.map_or_else(
            || "-".to_owned(),
            |amount| table::grouped(&amount.to_string()),
        );
        vec![name.to_owned(), shown]
    };
    table::print(
        &format!("{PERSON}: March as of {as_of}, by working days"),
        &["", "EUR"],
        &[
            line("target", reading.target),
            line("expected by now", reading.expected),
            line("reached", reading.actual),
            line("gap", reading.gap),
            line("projected at this rate", reading.projected),
            line("needed on each day left", reading.needed_per_day),
        ],
    );
    let both = reading
        .target
        .and_then(Figure::value)
        .ok()
        .zip(reading.actual.and_then(Figure::value).ok());
    let (target, actual) = both.ok_or("a target and a figure")?;
    Ok(target.checked_sub(actual)?)
}

/// Back from what is missing to the visits that it needs, through the person's own conversion, counted from the past.
fn visits_for(missing: Ratio) -> Result<i64, quotaflow::Error> {
    // What the last quarter brought: 120,000 EUR from 40 orders, and so on back to the calls.
    let counts = [
        ("orders", 40),
        ("offers", 80),
        ("visits", 200),
        ("calls", 600),
    ]
    .map(|(activity, count)| Ok::<_, quotaflow::Error>((Key::new(activity)?, count)));
    let counts = counts.into_iter().collect::<Result<Vec<_>, _>>()?;
    let chain = Chain::observed(Ratio::from(120_000), &counts)?;
    let needed = chain.needed(missing)?;
    let rows: Vec<Vec<String>> = needed
        .iter()
        .zip(chain.steps())
        .map(|((activity, count), step)| {
            vec![activity.to_string(), brings(step.brings), count.to_string()]
        })
        .collect();
    // Each activity brings some of the one before it, the first one money.
    let of = ["EUR", "orders", "offers", "visits"];
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .zip(of)
        .map(|(mut row, of)| {
            row[1] = format!("{} {of}", row[1]);
            row
        })
        .collect();
    table::print(
        &format!(
            "What the missing {} EUR need, by what each brought so far",
            table::grouped(&missing.to_string())
        ),
        &["activity", "each brings", "needed"],
        &rows,
    );
    let visits = needed
        .into_iter()
        .find(|(activity, _)| *activity == "visits");
    Ok(visits.ok_or("visits are in the chain")?.1)
}

/// Spread over the weeks that are left, beside what the days allow: five visits a day. Returns the visits of the first week.
fn spread_over_weeks(visits: i64, office: &WorkingDays) -> Result<i64, quotaflow::Error> {
    // The last week ends with the month.
    let mondays = [day(9)?, day(16)?, day(23)?, day(30)?];
    let label = |_, monday: NaiveDate| format!("from {monday}");
    let weeks = PeriodSet::from_starts(Key::new("weeks left")?, &mondays, end_of_march()?, label)?;
    let plan = spread(visits, &weeks, day(9)?, office, Ratio::from(5))?;
    let rows: Vec<Vec<String>> = weeks
        .iter()
        .zip(plan.planned.iter().zip(&plan.feasible))
        .map(|(week, (planned, feasible))| {
            vec![
                week.label.to_string(),
                planned.to_string(),
                feasible.to_string(),
            ]
        })
        .collect();
    table::print("Visits by week", &["week", "planned", "feasible"], &rows);
    assert_eq!(
        plan.planned.iter().sum::<i64>(),
        visits,
        "the weeks add up to the need"
    );
    match plan.shortfall() {
        0 => println!("  the days that are left are enough"),
        more => println!("  {more} visits more than the days that are left allow"),
    }
    Ok(plan.planned.first().copied().unwrap_or(0))
}

/// The route of the week from 9 March: fixed points, class A weekly, class B every second week.
fn route_of_the_week(
    needed: i64,
    office: &WorkingDays,
) -> Result<Vec<PlannedItem>, quotaflow::Error> {
    let route = Route::new(route()?)?;
    let visit = Key::new("visit")?;
    let planned = route.items(&visit, Some(30), day(9)?, day(14)?, office)?;
    let rows: Vec<Vec<String>> = planned
        .iter()
        .map(|item| {
            let customer = item.customer.as_ref().map_or("-", Key::as_str);
            vec![item.day.format("%a %d").to_string(), customer.to_owned()]
        })
        .collect();
    table::print(
        "The route of the week from 9 March",
        &["day", "customer"],
        &rows,
    );
    let fixed = i64::try_from(planned.len())?;
    println!("  Friday 6 March was inventory: what the route has there moved to Monday");
    println!(
        "  the route fixes {fixed} of the week's {needed} visits; {} are for offers that are open and for new customers",
        needed - fixed
    );
    Ok(planned)
}

/// What was done of the week.
fn compare(planned: &[PlannedItem]) -> Result<Compliance, quotaflow::Error> {
    let done = done()?;
    let hall = planned.iter().find(|item| {
        item.customer
            .as_ref()
            .is_some_and(|customer| *customer == "Hall")
    });
    let hall = hall.ok_or("a stop")?.id.clone();
    let broken = [BrokenAppointment {
        planned: hall,
        by: BrokenBy::CustomerOut,
        moved_to: None,
        minutes_lost: 50,
        expense_lost: 0,
    }];
    let rule = MatchRule::default();
    let report = rule.match_plan(planned, &done, &broken, day(16)?)?;
    let rows: Vec<Vec<String>> = report
        .planned
        .iter()
        .map(|(item, outcome)| row(item, outcome))
        .collect();
    table::print("Planned and done", &["day", "customer", "outcome"], &rows);
    for item in &report.unplanned {
        let customer = item.customer.as_ref().map_or("-", Key::as_str);
        println!("  unplanned: {customer} on {}", item.day);
    }
    for (item, outcome) in &report.planned {
        if matches!(outcome, Fulfilment::Missed | Fulfilment::Overdue) {
            let customer = item.customer.as_ref().map_or("-", Key::as_str);
            println!(
                "  {customer} of {} was missed: {}",
                item.day.format("%a %d"),
                reasons(&rule.candidates(item, &report, &done), &report).join("; ")
            );
        }
    }
    let counts = report.compliance(|_, _| true);
    assert_eq!(
        counts.done + counts.missed + counts.excused,
        counts.due,
        "every planned item has one outcome"
    );
    assert_eq!(
        counts.done + counts.unplanned,
        i64::try_from(done.len())?,
        "every visit is used once"
    );
    println!(
        "  compliance {}: {} done of {} due, one broken by the customer excused; adherence {}: {} as planned; {} minutes lost",
        percent(counts.compliance()),
        counts.done,
        counts.due - counts.excused,
        percent(counts.adherence()),
        counts.as_planned,
        report.minutes_lost
    );
    Ok(counts)
}

/// Why no record serves an item: what became of each that might have.
fn reasons(candidates: &[Candidate], report: &MatchReport) -> Vec<String> {
    let mut told = Vec::new();
    let (mut others, mut far) = (0, 0);
    for one in candidates {
        match &one.became {
            Candidacy::Serves { other } => {
                let served = report.planned.iter().find(|(item, _)| item.id == *other);
                let day = served.map_or("-".to_owned(), |(item, _)| {
                    item.day.format("%a %d").to_string()
                });
                told.push(format!(
                    "the visit that might have served it serves that of {day}, to which it is nearer"
                ));
            }
            Candidacy::DoesNotCount(Departure::OtherCustomer) => others += 1,
            Candidacy::DoesNotCount(_) | Candidacy::LeftAlone | Candidacy::Taken => far += 1,
        }
    }
    for (count, what) in [
        (others, "with other customers"),
        (far, "on days too far off"),
    ] {
        match count {
            0 => {}
            1 => told.push(format!("one visit was {what}")),
            more => told.push(format!("{more} visits were {what}")),
        }
    }
    told
}

/// The quota of the month so far: of customers never contacted before two, of whom one, better two, come to cooperation.
fn standing_of_the_quota() -> Result<(), quotaflow::Error> {
    let quota: ActivityQuota = serde_json::from_str(
        r#"{"key": "new customers", "who": ["Lin"], "quota": {"counts": "never contacted before",
            "before": "never_contacted", "floor": 2,
            "of_which": [{"counts": "came to cooperation", "outcomes": ["cooperates"], "floor": 1, "stretch": 2}]}}"#,
    )
    .map_err(quotaflow::Error::unreadable)?;
    let months = Calendar::gregorian().periods(Grain::Month, day(1)?, end_of_march()?)?;
    let mut contacts = done()?;
    contacts.extend(earlier()?);
    let report = quota.report(&contacts, &months, day(16)?)?;
    let lin = report.persons.first().ok_or("one person and one month")?;
    let rows: Vec<Vec<String>> = lin
        .lines
        .iter()
        .map(|found| {
            let line = &found.line;
            let counts = [line.reached, line.missing_to_floor, line.missing_to_stretch];
            let names: Vec<&str> = found.counted.iter().map(Key::as_str).collect();
            let mut row = vec![format!("{}{}", "  ".repeat(line.depth), line.counts)];
            row.extend(counts.map(|count| count.to_string()));
            row.push(names.join(", "));
            row
        })
        .collect();
    table::print(
        "Activity quota of March",
        &[
            "counted",
            "reached",
            "to the floor",
            "to the stretch",
            "which",
        ],
        &rows,
    );
    Ok(())
}

/// What was done with customers before the week: all but Zorn and Yan were known.
fn earlier() -> Result<Vec<DoneItem>, quotaflow::Error> {
    let known = ["Adler", "Berg", "Chen", "Gao"].map(|customer| (customer, None, 27, 2));
    let yan = [("Yan", None, 3, 3), ("Yan", Some("cooperates"), 6, 3)];
    let item =
        |(index, (customer, outcome, on, month)): (usize, (&str, Option<&str>, u32, u32))| {
            let on = NaiveDate::from_ymd_opt(2026, month, on).ok_or("a day of 2026")?;
            Ok(DoneItem {
                id: Key::new(format!("earlier-{index:02}"))?,
                person: Key::new(PERSON)?,
                kind: Key::new("visit")?,
                customer: Some(Key::new(customer)?),
                place: None,
                day: on,
                minutes: None,
                outcome: outcome.map(Key::new).transpose()?,
            })
        };
    known.into_iter().chain(yan).enumerate().map(item).collect()
}

/// Execution as a whole: on time, in quality, in quantity.
fn execution(counts: &Compliance) -> Result<(), quotaflow::Error> {
    let execution = ExecutionCounts {
        due: counts.due - counts.excused,
        on_time: counts.done - counts.late,
        planned: counts.due - counts.excused,
        done: counts.done,
        reviewed: counts.done,
        good: counts.done - 1,
    };
    let index = ExecutionIndex::of(&execution, ExecutionWeights::default())?;
    println!(
        "\nExecution of the week: {}, the mean of on time {}, in quality {} (one of {} reviewed was poor), in quantity {}",
        percent(index.index),
        percent(index.timeliness),
        percent(index.quality),
        execution.reviewed,
        percent(index.quantity)
    );
    Ok(())
}

fn end_of_march() -> Result<NaiveDate, quotaflow::Error> {
    NaiveDate::from_ymd_opt(2026, 4, 1).ok_or_else(|| "2026-04-01 is no day".into())
}

fn day(day: u32) -> Result<NaiveDate, quotaflow::Error> {
    NaiveDate::from_ymd_opt(2026, 3, day).ok_or_else(|| format!("2026-03-{day} is no day").into())
}

fn brings(each: Ratio) -> String {
    let shown = each.to_decimal(2, Rounding::default()).ok();
    shown.map_or_else(
        || "-".to_owned(),
        |each| table::grouped(&each.normalize().to_string()),
    )
}

fn percent(share: Option<Ratio>) -> String {
    let shown = share
        .and_then(|share| share.checked_mul(Ratio::from(100)).ok())
        .and_then(|share| share.to_decimal(1, Rounding::default()).ok());
    shown.map_or_else(|| "-".to_owned(), |share| format!("{share} %"))
}

fn route() -> Result<RouteDef, quotaflow::Error> {
    let stop = |customer: &str, class: &str| -> Result<Stop, quotaflow::Error> {
        Ok(Stop {
            customer: Key::new(customer)?,
            class: Key::new(class)?,
            weekday: None,
        })
    };
    Ok(RouteDef {
        person: Key::new(PERSON)?,
        anchor: day(2)?,
        weeks: 2,
        frequency: BTreeMap::from([(Key::new("A")?, 2), (Key::new("B")?, 1)]),
        per_day: 5,
        stops: vec![
            stop("Adler", "A")?,
            stop("Berg", "A")?,
            stop("Chen", "A")?,
            stop("Dorn", "B")?,
            stop("Eder", "B")?,
            stop("Falk", "B")?,
            stop("Gao", "A")?,
            stop("Hall", "A")?,
            stop("Iwan", "B")?,
        ],
    })
}

/// The visits that were made: one a day late, one too short, one that was not planned.
fn done() -> Result<Vec<DoneItem>, quotaflow::Error> {
    let visits = [
        ("Adler", 9, 45),
        ("Berg", 11, 40),
        ("Chen", 11, 15),
        ("Gao", 12, 35),
        ("Zorn", 12, 60),
    ];
    let item = |(index, (customer, on, minutes)): (usize, &(&str, u32, u32))| {
        Ok(DoneItem {
            id: Key::new(format!("visit-{index:02}"))?,
            person: Key::new(PERSON)?,
            kind: Key::new("visit")?,
            customer: Some(Key::new(customer)?),
            place: None,
            day: day(*on)?,
            minutes: Some(*minutes),
            outcome: None,
        })
    };
    visits.iter().enumerate().map(item).collect()
}

fn days_of(days: u32) -> String {
    if days == 1 {
        "a day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn row(item: &PlannedItem, outcome: &Fulfilment) -> Vec<String> {
    let told = match outcome {
        Fulfilment::Done { departures, .. } if departures.is_empty() => {
            "done as planned".to_owned()
        }
        Fulfilment::Done { departures, .. } => {
            let told: Vec<String> = departures
                .iter()
                .map(|departure| match departure {
                    Departure::Early(days) => format!("{} early", days_of(*days)),
                    Departure::Late(days) => format!("{} late", days_of(*days)),
                    Departure::TooShort(minutes) => format!("{minutes} minutes short"),
                    other => format!("{other:?}"),
                })
                .collect();
            format!("done, {}", told.join(", "))
        }
        Fulfilment::NotYetDue => "to come".to_owned(),
        Fulfilment::Overdue => "overdue".to_owned(),
        Fulfilment::Missed => "missed".to_owned(),
        Fulfilment::Broken(by) if by.excuses() => "broken by the customer".to_owned(),
        Fulfilment::Broken(_) => "broken by us".to_owned(),
    };
    let customer = item.customer.as_ref().map_or("-", Key::as_str);
    vec![
        item.day.format("%a %d").to_string(),
        customer.to_owned(),
        told,
    ]
}
