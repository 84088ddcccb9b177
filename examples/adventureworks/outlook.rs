//! Looking ahead: the pace and the exceptions of the last quota period, and next year's target cascaded.

use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodId};
use quotaflow::key::Key;
use quotaflow::pace::{Days, Pace, Pacing};
use quotaflow::panel::{ColumnKey, Figure, Role};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, MissingFigure, Sources, SplitDef, StepDef, Structure, Table,
    TableUse,
};
use quotaflow::quantity::Ratio;
use quotaflow::rule::{Deviation, Operand, Persistence, RuleDef, RuleSet, Severity};
use quotaflow::space::{Axis, Unassigned};
use quotaflow::text::{Lang, Locale};

use crate::company::Company;
use crate::data::Data;
use crate::fold::{fold, fold_as_of};
use crate::quota::{quota_metrics, quota_periods};
use crate::sales::{periods, subjects};
use crate::table::{grouped, print};

/// Two months into the last quota period, which ends with May.
const AS_OF: (i32, u32, u32) = (2014, 4, 30);

fn money(value: Option<Ratio>, places: u8) -> String {
    let rounded = value.and_then(|value| {
        value
            .to_decimal(places, quotaflow::quantity::Rounding::default())
            .ok()
    });
    rounded.map_or_else(|| "-".to_owned(), |value| grouped(&value.to_string()))
}

pub fn last_quota_period(data: &Data, company: &Company) -> Result<(), quotaflow::Error> {
    let as_of = chrono::NaiveDate::from_ymd_opt(AS_OF.0, AS_OF.1, AS_OF.2)
        .ok_or("a day of the calendar")?;
    let people = subjects(company, "person", "person")?;
    let mut panel = fold_as_of(
        &company.ledger,
        &people,
        &quota_periods(data)?,
        &quota_metrics()?,
        as_of,
    )?;
    // The quota of the records is the target of the sales.
    let target = panel
        .column(&ColumnKey::actual("quota")?)?
        .clone()
        .named(ColumnKey::target("actual")?);
    panel.add(target)?;
    let last = panel.periods().ids().last().ok_or("quotas of a period")?;
    let pace = Pace::new("actual", Pacing::Even(Days::Calendar))?;
    let view = pace.view(&panel, as_of)?;
    let mut rows = Vec::new();
    for subject in panel.subjects().ids() {
        let person = panel.subjects().label(subject);
        let reading = view.reading(subject, last)?;
        if reading.target.ok().is_some() {
            let name = data
                .employees
                .iter()
                .find(|employee| employee.key == person)
                .map_or(person, |found| found.name.clone());
            rows.push(vec![
                name,
                money(reading.target.and_then(Figure::value).ok(), 0),
                money(reading.expected.and_then(Figure::value).ok(), 0),
                money(reading.actual.and_then(Figure::value).ok(), 0),
                money(reading.gap.and_then(Figure::value).ok(), 0),
                money(reading.attainment.and_then(Figure::value).ok(), 3),
                money(reading.projected.and_then(Figure::value).ok(), 0),
                money(reading.needed_per_day.and_then(Figure::value).ok(), 0),
            ]);
        }
    }
    panel.extend(pace.columns(as_of))?;
    let head = [
        "",
        "quota",
        "by now",
        "sales",
        "gap",
        "of pace",
        "projection",
        "needed a day",
    ];
    print(
        &format!("Pace of the last quota period as of {as_of}"),
        &head,
        &rows,
    );
    exceptions(data, &panel, last)
}

fn exceptions(
    data: &Data,
    panel: &quotaflow::panel::Panel,
    period: PeriodId,
) -> Result<(), quotaflow::Error> {
    let of_pace = Operand::metric("actual")?.per(Operand::expected("actual")?);
    let rules = vec![
        RuleDef::new("far behind pace", of_pace.below(Operand::percent(60)))?
            .severity(Severity::Critical)
            .saying(
                Lang::EN,
                "{subject} has far less than the quota asks for by now",
            )
            .saying(Lang::ZH, "{subject} 进度严重落后")
            .advising(Lang::EN, "go through the open opportunities this week")
            .advising(Lang::ZH, "本周逐项检查在谈机会"),
        RuleDef::new(
            "quota missed again",
            Operand::attainment("actual")?.below(Operand::percent(85)),
        )?
        .severity(Severity::Warning)
        .lasting(Persistence::Periods(3.into()))
        .saying(
            Lang::EN,
            "{subject} has missed 85 % of the quota for three periods",
        )
        .saying(Lang::ZH, "{subject} 连续三期完成率低于85%")
        .advising(Lang::EN, "look at the quota and at the territory together")
        .advising(Lang::ZH, "共同检查指标与区域"),
        RuleDef::new(
            "no order",
            Operand::metric("orders")?
                .at_most(Operand::amount(0, "count:order".parse()?))
                .and(Operand::target("actual")?.above(Operand::number(0))),
        )?
        .severity(Severity::Warning)
        .saying(Lang::EN, "{subject} has no order in the period")
        .saying(Lang::ZH, "{subject} 本期无订单"),
    ];
    let set = RuleSet::compile(rules, panel)?;
    let mut rows = Vec::new();
    for alert in set.evaluate(panel, period)? {
        let person = alert
            .members()
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let name = data
            .employees
            .iter()
            .find(|employee| employee.key == person)
            .map_or(person.clone(), |found| found.name.clone());
        let explanation = alert.explain(&set, panel)?;
        let text = explanation.message(&Locale::EN).replace(&person, &name);
        let sign = if alert.deviation() == Deviation::Adverse {
            ""
        } else {
            "+"
        };
        rows.push(vec![
            format!("{}{}", sign, alert.rule()),
            alert.severity().name(&Locale::EN).to_owned(),
            alert.periods().to_string(),
            text,
        ]);
    }
    print(
        "Exceptions",
        &["rule", "severity", "periods", "says"],
        &rows,
    );
    Ok(())
}

/// The sales of 2013 grown by a tenth, by territory and month in the proportions of 2013.
pub fn next_year(company: &Company) -> Result<(), quotaflow::Error> {
    let schema = company.ledger.schema();
    let (space, calendar) = (schema.space(), Calendar::gregorian());
    let year = |year: i32| {
        DayRange::new(
            chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default(),
            chrono::NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap_or_default(),
        )
    };
    let months = calendar.periods(Grain::Month, year(2013)?.start(), year(2013)?.end())?;
    let sales = [quotaflow::metric::MetricDef::new(
        "sub_total",
        quotaflow::metric::Formula::sum("sub_total", "order")?,
    )?];
    let history = fold(
        &company.ledger,
        &subjects(company, "territory", "territory")?,
        &months,
        &sales,
    )?;
    let before = fold(
        &company.ledger,
        &quotaflow::space::Subjects::whole(),
        &periods(company, Grain::Year)?,
        &sales,
    )?;
    let sold = before
        .get("sub_total", [""; 0], "2013")?
        .ratio()
        .ok()
        .ok_or("sales are a sum")?;
    let target = sold
        .checked_mul(Ratio::percent(110))?
        .to_decimal(4, quotaflow::quantity::Rounding::default())?;
    let table = Table::from_panel(
        &history,
        &ColumnKey::actual("sub_total")?,
        MissingFigure::NoWeight,
    )?;
    let sources = Sources::new(schema.measures(), space)
        .calendar(&calendar)
        .table(Key::new("sales-2013")?, table);
    let recipe = CascadeDef::new(
        Key::new("target-2014")?,
        Key::new("sub_total")?,
        year(2014)?,
    )
    .step(
        StepDef::member("territory", "group")?
            .basis(BasisDef::History(TableUse::total("sales-2013")?)),
    )
    .step(
        StepDef::member("territory", "territory")?
            .basis(BasisDef::History(TableUse::total("sales-2013")?)),
    )
    .step(
        StepDef::grain(Grain::Month).basis(BasisDef::History(TableUse::in_turn(
            "sales-2013",
            SplitDef::Grain(Grain::Month),
        )?)),
    );
    let plan = Cascade::compile(recipe, &sources)?.run(target)?;
    let quarters = calendar.periods(Grain::Quarter, year(2014)?.start(), year(2014)?.end())?;
    let was = Structure::as_it_was(space);
    let by_quarter = plan.targets(&was, &[Axis::new("territory", "group")?], &quarters)?;
    let by_territory = plan.targets(&was, &[Axis::new("territory", "territory")?], &quarters)?;
    let key = ColumnKey {
        metric: Key::new("sub_total")?,
        role: Role::Target,
    };
    let mut rows = Vec::new();
    for panel in [&by_quarter, &by_territory] {
        for subject in panel.subjects().ids() {
            let label = panel.subjects().label(subject);
            let title = space
                .dimension("territory")?
                .definition()
                .members
                .iter()
                .find(|member| member.key == *label.as_str());
            let mut row = vec![
                title
                    .and_then(|member| member.title.find(Lang::EN))
                    .map_or(label, Clone::clone),
            ];
            for quarter in panel.periods().ids() {
                row.push(money(panel.answer(&key, subject, quarter)?.ratio().ok(), 2));
            }
            rows.push(row);
        }
    }
    print(
        &format!(
            "A target of {} for 2014, ten percent above 2013",
            grouped(&target.to_string())
        ),
        &["", "Q1", "Q2", "Q3", "Q4"],
        &rows,
    );
    let discrepancies = plan.verify();
    let total = space
        .subjects(&Axis::new("territory", "territory")?, Unassigned::Hidden)?
        .len();
    println!(
        "\n{total} territories x 12 months: {}",
        if discrepancies.is_empty() {
            "every sum holds"
        } else {
            "some sums do not hold"
        }
    );
    if discrepancies.is_empty() {
        Ok(())
    } else {
        Err("the cascade does not add up".into())
    }
}
