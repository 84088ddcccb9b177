//! Before rules are let loose on people: check them, try them on history, tune them.
//!
//! `cargo run --release --example rule_lab`

#[path = "shared/company.rs"]
mod company;
#[path = "shared/table.rs"]
mod table;

use quotaflow::Error;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use quotaflow::band::{Bands, Interval, Owner};
use quotaflow::calendar::{Calendar, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::backtest::{Backtest, Score, Wanted, suggest, thresholds};
use quotaflow::rule::check::{Anomaly, Witness};
use quotaflow::rule::{Constant, Grade, Grading, Operand, RuleDef, RuleSet, Severity};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};

use crate::company::{AS_OF, Company, FIRST_DAY, TERRITORIES, date};
use crate::table::print;

fn main() -> Result<(), Error> {
    let panel = panel(&Company::generate())?;
    let weeks = panel.periods().len();
    println!("{} salespeople over {weeks} weeks", panel.subjects().len());

    let rules = draft()?;
    let lines: Vec<Vec<String>> = rules
        .iter()
        .map(|rule| vec![rule.key.to_string(), rule.when.to_string()])
        .collect();
    print("The first draft", &["rule", "holds when"], &lines);
    let draft = RuleSet::compile(rules, &panel)?;
    let mut found = draft.check(&ranges()?);
    found.extend(draft.unreached(&panel)?);
    let lines: Vec<Vec<String>> = found.iter().map(line).collect();
    print(
        "What the checker says of the first draft",
        &["rule", "finding", "a case of it"],
        &lines,
    );
    println!("(values week by week, the judged week last)");
    let says = |wanted: fn(&Anomaly) -> bool| found.iter().any(wanted);
    assert!(says(
        |it| matches!(it, Anomaly::Never { rule } if *rule == "negative")
    ));
    assert!(says(
        |it| matches!(it, Anomaly::Milder { rule, .. } if *rule == "collections")
    ));
    assert!(says(
        |it| matches!(it, Anomaly::Implies { rule, .. } if *rule == "very-idle")
    ));

    let first = RuleSet::compile(mended("0.8", "15")?, &panel)?;
    let tested = first.backtest(&panel)?;
    assert_eq!(first.check(&ranges()?), []);
    show(&tested, "The mended rules on history");
    let overdue = outcome(&panel)?;
    let (wide, lead) = (&tested.trials[1], 8);
    scored(
        "collections below 80 % of the sales",
        &wide.against(&overdue.trials[0], weeks, lead),
    );

    let candidates: Vec<Ratio> = (4..20).map(|step| Ratio::percent(step * 5)).collect();
    let wanted = Wanted::Precision {
        at_least: Ratio::percent(75),
        outcome: &overdue.trials[0],
        lead,
    };
    let rules = mended("0.8", "15")?;
    let share = suggest(&rules[1], &Key::new("share")?, &candidates, wanted, &panel)?
        .ok_or("no share is precise enough")?;
    scored(
        &format!(
            "collections below {} of the sales, the widest with three alerts right of four",
            percent(Some(share.value))
        ),
        &share.trial.against(&overdue.trials[0], weeks, lead),
    );
    let fewest = Key::new("fewest")?;
    let candidates = thresholds(&rules[0], &fewest, &panel, 100)?;
    let wanted = Wanted::OpenPerPeriod(Ratio::from(2));
    let visits = suggest(&rules[0], &fewest, &candidates, wanted, &panel)?
        .ok_or("no number of visits is rare enough")?;
    println!(
        "\nidle below {} visits a week: as many as there can be with two people at a time on average:\n  \
         {} alerts of {} people in {weeks} weeks",
        visits.value,
        visits.trial.alerts.len(),
        visits.trial.subjects
    );

    let tuned = mended(&share.value.to_string(), &visits.value.to_string())?;
    let tuned = RuleSet::compile(tuned, &panel)?.backtest(&panel)?;
    let change = |count: Option<usize>| count.map_or("-".to_owned(), |count| count.to_string());
    let lines: Vec<Vec<String>> = tested
        .compared_with(&tuned)
        .iter()
        .map(|it| {
            vec![
                it.rule.to_string(),
                change(it.before),
                change(it.after),
                it.cells.both.to_string(),
                it.cells.first_only.to_string(),
                it.cells.second_only.to_string(),
            ]
        })
        .collect();
    print(
        "Before and after tuning",
        &[
            "rule",
            "alerts before",
            "after",
            "weeks in both",
            "only before",
            "only after",
        ],
        &lines,
    );
    let mut people = DimensionDef::new("person", &["territory", "person"])?;
    for (territory, members) in TERRITORIES {
        people = people.member("territory", territory)?;
        for person in members {
            people = people.child("person", person, territory)?;
        }
    }
    let people = Dimension::new(people)?;
    let tree = people.tree("person")?;
    let (before, after) = (
        tested.workload_by(&panel, tree),
        tuned.workload_by(&panel, tree),
    );
    let lines: Vec<Vec<String>> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| {
            let manager = before.of.as_ref().map_or("-", Key::as_str);
            let busiest = after.alerts.iter().map(|new| new.count).max().unwrap_or(0);
            vec![
                manager.to_owned(),
                places(before.per_week, 2),
                places(after.per_week, 2),
                busiest.to_string(),
            ]
        })
        .collect();
    print(
        "New alerts a week for each manager",
        &["manager", "before", "after", "in the busiest week"],
        &lines,
    );
    let all = |tested: &Backtest| {
        tested
            .trials
            .iter()
            .map(|trial| trial.alerts.len())
            .sum::<usize>()
    };
    let loaded: usize = after
        .iter()
        .flat_map(|load| &load.alerts)
        .map(|new| new.count)
        .sum();
    assert_eq!(loaded, all(&tuned), "every alert is somebody's work");
    println!(
        "\nevery alert is some manager's work: {loaded} of {}",
        all(&tuned)
    );
    Ok(())
}

/// Each person's weeks: visits, what they cost, sales, what was collected, and what was overdue at the end.
fn panel(company: &Company) -> Result<Panel, Error> {
    // Whole weeks from the first Monday.
    let first = date(FIRST_DAY) + Days::new(5);
    let weeks = Calendar::gregorian().periods(Grain::Week, first, date(AS_OF) - Days::new(4))?;
    let people: Vec<&str> = TERRITORIES.iter().flat_map(|(_, people)| *people).collect();
    let names = people.iter().map(Key::new).collect::<Result<_, _>>()?;
    let subjects = Subjects::new(Axis::new("person", "person")?, names)?;
    let mut panel = Panel::new(subjects.clone(), weeks.clone());
    let cell = |person: &str, day: NaiveDate| Some((subjects.row([person]).ok()?, weeks.on(day)?));
    let mut sums: [BTreeMap<_, i64>; 4] = Default::default();
    let [visits, cost, sales, collected] = &mut sums;
    for visit in &company.visits {
        if let Some(cell) = cell(visit.person, visit.on) {
            *visits.entry(cell).or_default() += 1;
            *cost.entry(cell).or_default() += visit.cents;
        }
    }
    for order in &company.orders {
        if let Some(cell) = cell(order.person, order.on) {
            *sales.entry(cell).or_default() += order.cents;
        }
    }
    for payment in &company.payments {
        if let Some(cell) = cell(company.orders[payment.order].person, payment.on) {
            *collected.entry(cell).or_default() += payment.cents;
        }
    }
    let [visits, cost, sales, collected] =
        sums.map(|sums| panel.each(|row, week| sums.get(&(row, week)).copied().unwrap_or(0)));
    let money: Unit = "money:CNY".parse()?;
    let mut add = |name: &str, unit: &Unit, quantum, units| {
        panel.add(Column::amounts(
            ColumnKey::actual(name)?,
            unit.clone(),
            quantum,
            units,
        ))?;
        Ok::<_, Error>(())
    };
    add("visits", &"count:visit".parse()?, Quantum::ONE, visits)?;
    add("cost", &money, Quantum::CENT, cost)?;
    add("sales", &money, Quantum::CENT, sales)?;
    add("collected", &money, Quantum::CENT, collected)?;
    add(
        "overdue",
        &money,
        Quantum::CENT,
        overdue(company, &weeks, &people),
    )?;
    Ok(panel)
}

/// What was owed for more than 45 days at the end of each week.
fn overdue(company: &Company, weeks: &PeriodSet, people: &[&str]) -> Vec<i64> {
    let mut paid: Vec<Option<NaiveDate>> = vec![None; company.orders.len()];
    for payment in &company.payments {
        paid[payment.order] = Some(payment.on);
    }
    let ends = weeks.ids().filter_map(|week| weeks.range(week));
    ends.flat_map(|week| {
        let due = week.end() - Days::new(45);
        let paid = &paid;
        people.iter().map(move |person| {
            let orders = company.orders.iter().zip(paid);
            let open = orders.filter(|(order, paid)| {
                order.person == *person
                    && order.on < due
                    && paid.is_none_or(|paid| paid >= week.end())
            });
            open.map(|(order, _)| order.cents).sum()
        })
    })
    .collect()
}

fn ranges() -> Result<BTreeMap<ColumnKey, Interval>, Error> {
    let from_zero = Interval::at_least(Ratio::ZERO);
    ["visits", "cost", "sales", "collected", "overdue"]
        .into_iter()
        .map(|name| Ok((ColumnKey::actual(name)?, from_zero)))
        .collect()
}

fn rule(key: &str, text: &str) -> Result<RuleDef, Error> {
    Ok(RuleDef::new(key, text.parse()?)?)
}

const COLLECTIONS: &str =
    "mean(collected, 4 weeks) / previous(mean(sales, 4 weeks), 4 weeks) < $share for 2 weeks";

fn number(text: &str) -> Result<Constant, Error> {
    Ok(Constant {
        value: text.parse()?,
        unit: None,
    })
}

/// What somebody wrote down in a hurry.
fn draft() -> Result<Vec<RuleDef>, Error> {
    let of: Operand =
        "mean(collected, 4 weeks) / previous(mean(sales, 4 weeks), 4 weeks)".parse()?;
    // Milder where it is worse, and a band of which no value fires.
    let edges = vec![
        ("0.3".parse()?, Severity::Serious),
        ("0.6".parse()?, Severity::Warning),
        ("0.9".parse()?, Severity::Info),
    ];
    let graded = Grade::By(Grading {
        of,
        bands: Bands::from_edges(Severity::Warning, edges, Owner::Upper)?,
        unknown: Severity::Warning,
    });
    Ok(vec![
        rule("idle", "visits < 15 for 2 weeks")?,
        rule("very-idle", "visits < 10 for 2 weeks")?,
        rule("lazy", "not visits >= 15 for 2 weeks")?,
        rule("busy", "visits >= 30")?,
        rule("quiet", "visits < 15")?,
        rule("negative", "cost < 0 money:CNY")?,
        rule("free", "visits > 0 and cost = 0 money:CNY")?,
        rule("collections", COLLECTIONS)?
            .with("share", number("0.8")?)?
            .severity(graded),
    ])
}

/// The same without what the checker found.
fn mended(share: &str, visits: &str) -> Result<Vec<RuleDef>, Error> {
    Ok(vec![
        rule("idle", "visits < $fewest for 2 weeks")?.with("fewest", number(visits)?)?,
        rule("collections", COLLECTIONS)?.with("share", number(share)?)?,
        rule(
            "dear",
            "cost / visits > 100 money:CNY per count:visit for 4 weeks",
        )?,
    ])
}

/// What is to be foreseen: a balance overdue that grows beyond 60,000.
fn outcome(panel: &Panel) -> Result<Backtest, Error> {
    let bad = rule("overdue", "overdue > 60000 money:CNY")?;
    Ok(RuleSet::compile([bad], panel)?.backtest(panel)?)
}

fn line(finding: &Anomaly) -> Vec<String> {
    let (rule, text, witness) = match finding {
        Anomaly::Never { rule } => (rule, "can never hold".to_owned(), None),
        Anomaly::Always { rule, witness } => (rule, "always holds".into(), witness.as_ref()),
        Anomaly::NeverClears { rule, witness } => (rule, "never ends".into(), witness.as_ref()),
        Anomaly::Duplicate {
            rule,
            other,
            witness,
        } => (rule, format!("says the same as {other}"), witness.as_ref()),
        Anomaly::Implies {
            rule,
            other,
            witness,
        } => (
            rule,
            format!("holds only where {other} does"),
            witness.as_ref(),
        ),
        Anomaly::Contradict {
            rule,
            other,
            witness,
        } => (
            rule,
            format!("never holds together with {other}"),
            witness.as_ref(),
        ),
        Anomaly::Milder {
            rule,
            better,
            worse,
        } => (
            rule,
            format!("in {worse} it is worse and milder than in {better}"),
            None,
        ),
        Anomaly::NotReached { rule, witness, .. } => {
            (rule, "never held in these weeks".into(), witness.as_ref())
        }
        other => return vec![String::new(), format!("{other:?}"), String::new()],
    };
    vec![
        rule.to_string(),
        text,
        witness.map(case).unwrap_or_default(),
    ]
}

/// A case as text: each column with its values, the latest last; the same value throughout only once.
fn case(witness: &Witness) -> String {
    let columns = witness.history.iter().map(|(column, course)| {
        let mut course: Vec<String> = course
            .iter()
            .map(|value| value.map_or("none".to_owned(), |value| value.to_string()))
            .collect();
        course.dedup();
        format!("{column} {}", course.join(", "))
    });
    columns.collect::<Vec<_>>().join("; ")
}

fn show(tested: &Backtest, title: &str) {
    let lines: Vec<Vec<String>> = tested
        .trials
        .iter()
        .map(|trial| {
            vec![
                trial.rule.to_string(),
                trial.alerts.len().to_string(),
                trial.subjects.to_string(),
                places(trial.mean_length(), 1),
                trial.undecided.to_string(),
            ]
        })
        .collect();
    print(
        title,
        &["rule", "alerts", "people", "mean weeks", "undecided"],
        &lines,
    );
}

fn percent(share: Option<Ratio>) -> String {
    let percent = share.and_then(|share| share.checked_mul(Ratio::from(100)).ok());
    format!("{} %", places(percent, 0))
}

fn scored(title: &str, score: &Score) {
    println!("\nOverdue foreseen within 8 weeks by {title}:");
    println!(
        "  {} right, {} wrong, {} open; precision {}, recall {}, {} weeks ahead on average",
        score.right,
        score.wrong,
        score.open,
        percent(score.precision()),
        percent(score.recall()),
        places(score.mean_lead(), 1)
    );
}

fn places(value: Option<Ratio>, places: u8) -> String {
    let rounded = value.and_then(|value| {
        let rounding = quotaflow::quantity::Rounding::HalfAwayFromZero;
        value.to_decimal(places, rounding).ok()
    });
    rounded.map_or("-".to_owned(), |value| value.to_string())
}
