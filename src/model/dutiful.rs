//! Duties of all members of a level, checked, each with the question that counts its records.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::asks::Asks;
use super::definition::{ModelDef, ViewDef};
use super::duties::{
    AbsenceRule, Bearers, CommonDutyDef, CountOf, Due, Owing, StayRule, VacancyRule, every_day,
};
use super::error::ModelCause;
use super::found::Found;
use super::parts::Asked;
use super::periods::PeriodsDef;
use super::posted::finds_rows;
use crate::calendar::{Calendar, PeriodDef, PeriodSet, WorkingDays};
use crate::duty::Grace;
use crate::key::{Key, unknown};
use crate::ledger::Schema;
use crate::limits::Limits;
use crate::metric::{MetricDef, Program, Reversals, Timeframe};
use crate::space::{Dimension, Unassigned};
use crate::text::Texts;

/// Checks the duties, each with the question that counts its records; these come behind all others.
pub(super) fn duties(
    definition: &ModelDef,
    (schema, calendar, limits): (&Schema, &Calendar, Limits),
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
        counted(duty, &place, found);
        let bearers = Bearers::of(duty, definition.posts.as_ref());
        held(duty, bearers, &place, found);
        let Some(working) = working.or(every_day.as_ref()) else {
            continue;
        };
        let dues = dues(definition, duty, working, &place, found);
        let dues = dues.filter(|_| found.count() == before);
        let periods = dues
            .as_deref()
            .and_then(|dues| windows(&duty.key, dues, &place, found));
        let Some((dues, periods)) = dues.zip(periods) else {
            continue;
        };
        let metric = MetricDef {
            key: duty.key.clone(),
            title: Texts::default(),
            unit: None,
            direction: None,
            formula: duty.each.formula(&duty.evidence),
        };
        let rows = vec![duty.who.clone()];
        let mut question = ViewDef::of(&duty.key, rows, PeriodsDef::Set(periods), &duty.key);
        // What is taken back shows nothing to have been done.
        question.reversals = Reversals::FromTheStart;
        let asking = Asks {
            definition,
            schema,
            calendar,
            limits,
            judged: &[],
            metrics: &[metric],
            lent: None,
            duties: &[],
            place: &place,
            axes: "who",
        };
        if let Some((asked, program)) = asking.compiled(&question, kinds_are_fine, found) {
            if let Some(posts) = &definition.posts {
                let rows = (&question.rows[..], &program);
                let evidence = |_| format!("{place}.evidence");
                finds_rows(posts, rows, schema, evidence, found);
            }
            all.push(Owing {
                definition: duty.clone(),
                bearers,
                question: views.len(),
                working: working.clone(),
                dues,
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

/// Checks that what is counted between two days adds up to what is counted from one due day to the next.
fn counted(duty: &CommonDutyDef, place: &str, found: &mut Found) {
    if duty.evidence.window != Timeframe::Period {
        let duty = duty.key.clone();
        found.add(
            format!("{place}.evidence"),
            ModelCause::OtherWindow { duty },
        );
    }
    let is_strict = duty.grace == Grace::None && duty.late == Grace::None;
    if duty.each != CountOf::Records && !is_strict {
        let duty = duty.key.clone();
        found.add(format!("{place}.each"), ModelCause::CountedLate { duty });
    }
}

/// Checks that what a duty says of those who hold posts is read.
fn held(duty: &CommonDutyDef, bearers: Bearers, place: &str, found: &mut Found) {
    let posts = (bearers == Bearers::Posts, "the posts");
    let both = (
        bearers != Bearers::Others,
        "the posts or the people who hold them",
    );
    let rules = [
        (
            "vacant",
            "vacant",
            duty.vacant != VacancyRule::default(),
            posts,
        ),
        (
            "absent",
            "absent",
            duty.absent != AbsenceRule::default(),
            both,
        ),
        ("stay", "by_parts", duty.stay == StayRule::ByParts, both),
    ];
    for (field, rule, is_said, (is_read, of)) in rules {
        if is_said && !is_read {
            let (duty, who) = (duty.key.clone(), duty.who.clone());
            let cause = ModelCause::NotOfPosts {
                duty,
                rule,
                of,
                who,
            };
            found.add(format!("{place}.{field}"), cause);
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

/// What falls due on which day.
fn dues(
    definition: &ModelDef,
    duty: &CommonDutyDef,
    working: &WorkingDays,
    place: &str,
    found: &mut Found,
) -> Option<Vec<Due>> {
    let span = definition.span;
    let days = duty.cadence.occurrences(span.start(), span.end(), working);
    let days = found.take(format!("{place}.cadence"), days)?;
    let mut opens = span.start().max(duty.cadence.anchor());
    // What falls on a day before the anchor, since that is not worked, stands open on that day.
    opens = days.first().map_or(opens, |first| opens.min(first.due));
    let times = i64::from(duty.times.get());
    let mut all: Vec<Due> = Vec::new();
    for one in days {
        if let Some(same) = all.last_mut().filter(|last| last.day == one.due) {
            same.times += times;
            continue;
        }
        let Some(next) = one.due.succ_opt().filter(|next| opens < *next) else {
            continue;
        };
        let last = duty.grace.last_day(one.due, working);
        let last = found.take(format!("{place}.grace"), last)?;
        let until = duty.late.last_day(last, working);
        let until = found.take(format!("{place}.late"), until)?;
        all.push(Due {
            opens,
            day: one.due,
            last,
            until,
            times,
        });
        opens = next;
    }
    if all.is_empty() {
        let duty = duty.key.clone();
        found.add(format!("{place}.cadence"), ModelCause::NeverDue { duty });
        return None;
    }
    Some(all)
}

/// The days from each on which something changes up to the next one, by the name of the last of them.
fn windows(key: &Key, dues: &[Due], place: &str, found: &mut Found) -> Option<PeriodSet> {
    let mut cuts = BTreeSet::new();
    for one in dues {
        cuts.insert(one.opens);
        let ends = [one.day, one.last, one.until].into_iter();
        cuts.extend(ends.filter_map(|day| day.succ_opt()));
    }
    let cuts: Vec<NaiveDate> = cuts.into_iter().collect();
    let mut periods = Vec::with_capacity(cuts.len());
    for pair in cuts.windows(2) {
        let label = Key::new(pair[1].pred_opt()?.to_string()).ok()?;
        periods.push(PeriodDef::new(label, pair[0], pair[1]));
    }
    found.take(
        format!("{place}.cadence"),
        PeriodSet::new(key.clone(), periods),
    )
}
