//! Duties of all members of a level, checked, each with the question that counts its records.

use super::asks::Asks;
use super::definition::{ModelDef, ViewDef};
use super::duties::{CommonDutyDef, Owing, every_day};
use super::error::ModelCause;
use super::found::Found;
use super::parts::Asked;
use super::periods::PeriodsDef;
use crate::calendar::{Calendar, PeriodDef, PeriodSet, WorkingDays};
use crate::key::{Key, unknown};
use crate::ledger::Schema;
use crate::metric::{Formula, MetricDef, Program};
use crate::panel::{ColumnKey, Role};
use crate::space::{Dimension, Unassigned};
use crate::text::Texts;

/// Checks the duties, each with the question that counts its records; these come behind all others.
pub(super) fn duties(
    definition: &ModelDef,
    (schema, calendar): (&Schema, &Calendar),
    working: Option<&WorkingDays>,
    (views, programs): (&mut Vec<Asked>, &mut Vec<Program>),
    found: &mut Found,
) -> Vec<Owing> {
    let mut all = Vec::new();
    let kinds_are_fine = schema.kinds().len() == definition.kinds.len();
    let every_day = every_day();
    for (at, duty) in definition.duties.iter().enumerate() {
        let place = format!("duties[{at}]");
        let before = found.count();
        named_once(definition, at, &place, found);
        addressed(duty, schema, &place, found);
        let working = working.or(every_day.as_ref());
        let periods = working.and_then(|working| windows(definition, duty, working, &place, found));
        let Some(periods) = periods.filter(|_| found.count() == before) else {
            continue;
        };
        let metric = MetricDef {
            key: duty.key.clone(),
            title: Texts::default(),
            unit: None,
            direction: None,
            formula: Formula::Count(duty.evidence.clone()),
        };
        let question = ViewDef {
            key: duty.key.clone(),
            rows: vec![duty.who.clone()],
            unassigned: Unassigned::Hidden,
            periods: PeriodsDef::Set(periods),
            show: vec![ColumnKey {
                metric: duty.key.clone(),
                role: Role::Actual,
            }],
        };
        let asking = Asks {
            definition,
            schema,
            calendar,
            judged: &[],
            metrics: &[metric],
            duties: &[],
            place: &place,
            axes: "who",
        };
        if let Some((asked, program)) = asking.compiled(&question, kinds_are_fine, found) {
            all.push(Owing {
                definition: duty.clone(),
                question: views.len(),
            });
            views.push(asked);
            programs.push(program);
        }
    }
    all
}

/// Tells of two duties, or of a duty and something else, that have one name.
fn named_once(definition: &ModelDef, at: usize, place: &str, found: &mut Found) {
    let duty = &definition.duties[at];
    if definition.duties[..at]
        .iter()
        .any(|other| other.key == duty.key)
    {
        let duty = duty.key.clone();
        found.add(place, ModelCause::DuplicateDuty { duty });
    }
    let metrics = definition.metrics.iter().map(|metric| &metric.key);
    let cards = definition.cards.iter().map(|card| &card.key);
    let pay = definition.pay.iter().map(|plan| &plan.key);
    for name in metrics.chain(cards).chain(pay) {
        if duty.columns().any(|(own, _)| *name == *own.as_str()) {
            let name = name.clone();
            found.add(place, ModelCause::DuplicateName { name });
        }
    }
}

/// Checks who has a duty.
fn addressed(duty: &CommonDutyDef, schema: &Schema, place: &str, found: &mut Found) {
    let who = schema.space().subjects(&duty.who, Unassigned::Hidden);
    let who = found.take(format!("{place}.who"), who);
    let dimension = schema.space().dimension(duty.who.dimension.as_str());
    let (Some(_), Ok(dimension), Some(under)) = (who, dimension, &duty.under) else {
        return;
    };
    if !dimension
        .find(under.as_str())
        .is_some_and(|_| is_above(dimension, under, &duty.who.level))
    {
        let above =
            |member: &&crate::space::MemberDef| is_above(dimension, &member.key, &duty.who.level);
        let members = dimension.definition().members.iter().filter(above);
        let (name, nearest, known) =
            unknown(under.as_str(), members.map(|member| member.key.as_str()));
        let level = duty.who.level.clone();
        found.add(
            format!("{place}.under"),
            ModelCause::NotAbove {
                name,
                level,
                nearest,
                known,
            },
        );
    }
}

/// Whether a member stands at a level above another one.
fn is_above(dimension: &Dimension, member: &Key, below: &Key) -> bool {
    let level = dimension
        .find(member.as_str())
        .and_then(|member| dimension.level_of(member));
    let Some(level) = level.and_then(|level| dimension.level_key(level)) else {
        return false;
    };
    dimension.definition().hierarchies.iter().any(|own| {
        let depth = |level: &Key| own.levels.iter().position(|known| known == level);
        depth(level)
            .zip(depth(below))
            .is_some_and(|(above, below)| above < below)
    })
}

/// From the day after one due day through the next one, by the name of that.
fn windows(
    definition: &ModelDef,
    duty: &CommonDutyDef,
    working: &WorkingDays,
    place: &str,
    found: &mut Found,
) -> Option<PeriodSet> {
    let span = definition.span;
    let place = format!("{place}.cadence");
    let due = duty.cadence.occurrences(span.start(), span.end(), working);
    let due = found.take(&place, due)?;
    let mut start = span.start().max(duty.cadence.anchor());
    // What falls on a day before the anchor, since that is not worked, stands open on that day.
    start = due.first().map_or(start, |first| start.min(first.due));
    let mut periods: Vec<PeriodDef> = Vec::new();
    for one in due {
        let Some(end) = one.due.succ_opt().filter(|end| start < *end) else {
            continue;
        };
        let label = Key::new(one.due.to_string()).ok()?;
        periods.push(PeriodDef::new(label, start, end));
        start = end;
    }
    if periods.is_empty() {
        let duty = duty.key.clone();
        found.add(place, ModelCause::NeverDue { duty });
        return None;
    }
    found.take(place, PeriodSet::new(duty.key.clone(), periods))
}
