//! From a document to a model: every part is checked, whatever is wrong with those before it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::asks::{Asks, with_named};
use super::definition::{ModelDef, ViewDef};
use super::dutiful::duties;
use super::error::{ModelCause, ModelError};
use super::found::Found;
use super::judged::Judged;
use super::parts::{Asked, Cuts, Parts};
use super::plan::TableDef;
use super::plans::{Ground, plans};
use super::posted::finds_rows;
use super::targets::supply;
use super::watch::Watched;
use crate::calendar::{
    Calendar, PeriodDef, PeriodSet, Shift, WorkingDays, WorkingHours, WorkingHoursDef,
};
use crate::fingerprint::Fingerprint;
use crate::key::{Key, unknown};
use crate::ledger::{RateTable, Schema};
use crate::limits::Limits;
use crate::measure::Measures;
use crate::metric::{Lanes, Layout, MetricDef, MetricError, Program};
use crate::panel::{Columns, Panel};
use crate::pay::PayPlan;
use crate::rule::{RuleDef, RuleError, RuleSet};
use crate::scorecard::Scorecard;
use crate::space::{Dimension, Posts, Space, Subjects};

/// How a document is checked.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner<'a> {
    pub(super) limits: Limits,
    /// Of a model that is run once: rules for who is gone are no mistakes then, and no day is told.
    pub(super) once: Option<Once<'a>>,
}

/// What a model that is run once takes from elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Once<'a> {
    /// The watches whose rules are ready ones: they may read what nobody records, and each view may be watched by them.
    pub(crate) watches: &'a BTreeSet<Key>,
    /// The metrics that only a view shows which names them.
    pub(crate) metrics: &'a BTreeSet<Key>,
}

pub(super) fn check(definition: ModelDef, manner: Manner<'_>) -> Result<Parts, ModelError> {
    let mut found = Found::default();
    let limits = manner.limits;
    let calendar = match definition.calendar.clone() {
        Some(calendar) => found.take("calendar", Calendar::new(calendar)),
        None => Some(Calendar::gregorian()),
    };
    let working_days = definition.working_days.clone();
    let working_days =
        working_days.and_then(|days| found.take("working_days", WorkingDays::new(days)));
    let hours = hours(&definition, &mut found);
    let schema = schema(&definition, &mut found);
    let calendar = calendar.unwrap_or_else(Calendar::gregorian);
    let posts = definition.posts.as_ref().zip(schema.as_ref());
    let posts = posts.and_then(|(own, schema)| {
        let posts = found.take("posts", Posts::new(own, schema.space()));
        posts.map(Arc::new)
    });
    let judged = judged(&definition, &mut found);
    let (mut views, programs, duties) = match &schema {
        Some(schema) => {
            let (mut views, mut programs) = views(
                &definition,
                &judged,
                (schema, &calendar, manner),
                &mut found,
            );
            let ground = Ground {
                definition: &definition,
                schema,
                calendar: &calendar,
                working_days: working_days.as_ref(),
                views: &views,
                limits,
            };
            plans(&ground, &mut found);
            if let Some(own) = &definition.posts {
                for (at, (view, program)) in views.iter().zip(&programs).enumerate() {
                    let place = |number: usize| format!("views[{at}].rows[{number}]");
                    let rows = &view.definition.rows;
                    finds_rows(own, (rows, program), schema, place, &mut found);
                }
            }
            let all = (&mut views, &mut programs);
            let (ground, working) = ((schema, &calendar, limits), working_days.as_ref());
            let duties = duties(&definition, ground, working, all, &mut found);
            (views, programs, duties)
        }
        None => (Vec::new(), Vec::new(), Vec::new()),
    };
    let lanes = schema
        .as_ref()
        .and_then(|schema| found.take("views", Lanes::new(schema, &programs)));
    let watches = match &schema {
        Some(schema) => {
            let stated = hours
                .as_ref()
                .filter(|_| definition.working_hours.is_some());
            let world = (schema, working_days.as_ref(), stated);
            watches(
                &definition,
                (&mut views, &programs),
                (world, manner),
                &mut found,
            )
        }
        None => Vec::new(),
    };
    let ((schema, lanes), hours) = found.done(schema.zip(lanes).zip(hours))?;
    let cuts = cuts(&definition, &calendar, &views, &programs);
    Ok(Parts {
        fingerprint: Fingerprint::of(&definition),
        definition,
        calendar,
        working_days,
        schema,
        posts,
        views,
        lanes,
        cuts,
        watches,
        duties,
        judged,
        hours,
    })
}

/// When work is done: all of each day, where nothing is said.
fn hours(definition: &ModelDef, found: &mut Found) -> Option<WorkingHours> {
    let all_day = || {
        let shift = Shift::new("00:00".parse()?, "24:00".parse()?)?;
        let week = [(); 7].map(|()| vec![shift]);
        WorkingHours::new(WorkingHoursDef::new(Key::from_static("all_day"), week))
    };
    let own = definition.working_hours.clone();
    found.take("working_hours", own.map_or_else(all_day, WorkingHours::new))
}

/// The schema, and which days and hours are worked as far as the document says.
type World<'a> = (
    &'a Schema,
    Option<&'a WorkingDays>,
    Option<&'a WorkingHours>,
);

/// The rules by what they watch, each checked against the columns of its view.
fn watches(
    definition: &ModelDef,
    (views, programs): (&mut [Asked], &[Program]),
    (world, manner): (World<'_>, Manner<'_>),
    found: &mut Found,
) -> Vec<Watched> {
    let (mut watches, mut rules) = (Vec::new(), BTreeSet::new());
    for (at, watch) in definition.watches.iter().enumerate() {
        let place = format!("watches[{at}]");
        let before = &definition.watches[..at];
        if before.iter().any(|other| other.key == watch.key) {
            let watch = watch.key.clone();
            found.add(&place, ModelCause::DuplicateWatch { watch });
        }
        let may_lack = manner
            .once
            .is_some_and(|once| once.watches.contains(&watch.key));
        for (rule, known) in watch.rules.iter().enumerate() {
            let own = (None, known.key.clone());
            let is_there = rules.contains(&own);
            let of_view = may_lack.then(|| watch.view.clone());
            if is_there || !rules.insert((of_view, known.key.clone())) {
                let cause = ModelCause::DuplicateRule {
                    rule: known.key.clone(),
                };
                found.add(format!("{place}.rules[{rule}]"), cause);
            }
        }
        let names = definition.views.iter().map(|view| view.key.as_str());
        if !names.clone().any(|name| watch.view == *name) {
            let (name, nearest, known) = unknown(watch.view.as_str(), names);
            let cause = ModelCause::UnknownView {
                name,
                nearest,
                known,
            };
            found.add(format!("{place}.view"), cause);
        }
        // A view that is wrong itself is told where it stands.
        let is_a_view = |view: &&Asked| definition.views.contains(&view.definition);
        let own = views
            .iter()
            .take_while(is_a_view)
            .position(|view| view.definition.key == watch.view);
        let Some((view, program)) = own.and_then(|view| Some((view, programs.get(view)?))) else {
            continue;
        };
        // What the view itself does not show is told where it stands.
        let whole = program.panel(&program.empty()).ok();
        let panel = whole.and_then(|whole| {
            let own = (whole, program);
            views[view].of_nothing(own, definition, world).ok()
        });
        let Some(mut panel) = panel else { continue };
        let taken_on = if may_lack {
            Vec::new()
        } else {
            program.layout().taken_on()
        };
        let mut fit = true;
        for (rule, known) in watch.rules.iter().enumerate() {
            let place = format!("{place}.rules[{rule}]");
            if !may_lack {
                let own = silences(known, &mut views[view], (&mut panel, &taken_on, world));
                if found.take(&place, own).is_none() {
                    fit = false;
                    continue;
                }
            }
            let alone = [known.clone()];
            let checked = match manner.once {
                None => RuleSet::compile(alone, &panel).map(|_| ()),
                Some(_) if may_lack => RuleSet::fitting(alone, &panel).map(|_| ()),
                Some(_) => RuleSet::applicable(alone, &panel).map(|_| ()),
            };
            fit &= found.take_new(place, checked).is_some();
        }
        if fit
            && manner.once.is_none()
            && let Ok(rules) = RuleSet::compile(watch.rules.clone(), &panel)
        {
            watches.push(Watched {
                definition: watch.clone(),
                view,
                rules,
            });
        }
    }
    watches
}

/// Gives a view the columns of a rule that asks how long nothing has happened.
fn silences(
    rule: &RuleDef,
    view: &mut Asked,
    (panel, taken_on, (_, days, hours)): (&mut Panel, &[Option<NaiveDate>], World<'_>),
) -> Result<(), RuleError> {
    let alone = std::slice::from_ref(rule);
    let columns = supply(taken_on, days, hours)
        .columns(alone)
        .columns(panel)?;
    if !columns.is_empty() {
        view.silences.push(rule.clone());
        view.columns
            .extend(columns.iter().map(|column| column.key().clone()));
    }
    columns.into_iter().try_for_each(|own| Ok(panel.add(own)?))
}

/// Where the views cut time, whatever day they are asked as of.
fn cuts(definition: &ModelDef, calendar: &Calendar, views: &[Asked], programs: &[Program]) -> Cuts {
    let (mut days, mut reach) = (BTreeSet::new(), 0);
    for view in views {
        for period in &view.periods {
            let bounds = [period.start, period.end];
            days.extend(bounds.map(|day| day.num_days_from_ce()));
        }
    }
    let mut grains = BTreeSet::new();
    for program in programs {
        let (own, more) = program.reach();
        days.extend(program.cuts());
        reach = reach.max(own);
        grains.extend(more);
    }
    let span = definition.span;
    for grain in grains {
        // A span whose grains leave the calendar is refused by the metrics that ask for them.
        if let Ok(all) = calendar.periods(grain, span.start(), span.end()) {
            days.extend(all.iter().map(|period| period.start.num_days_from_ce()));
        }
    }
    Cuts {
        days: days.into_iter().collect(),
        reach,
    }
}

/// What of dimensions, measures, rates and kinds is fine, as a schema; axes of views are looked up in it even where a kind is not.
fn schema(definition: &ModelDef, found: &mut Found) -> Option<Schema> {
    let mut fine = true;
    for (at, dimension) in definition.dimensions.iter().enumerate() {
        let known = Dimension::new(dimension.clone());
        fine &= found.take(format!("dimensions[{at}]"), known).is_some();
    }
    let space = if fine {
        found.take("dimensions", Space::new(definition.dimensions.clone()))
    } else {
        None
    };
    let measures = found.take("measures", Measures::new(definition.measures.clone()));
    let mut rates = Vec::with_capacity(definition.rates.len());
    for (at, table) in definition.rates.iter().enumerate() {
        rates.extend(found.take(format!("rates[{at}]"), RateTable::new(table.clone())));
    }
    let (space, measures) = space.zip(measures)?;
    let mut kinds = Vec::with_capacity(definition.kinds.len());
    for (at, kind) in definition.kinds.iter().enumerate() {
        let place = || format!("kinds[{at}]");
        let alone = Schema::with_rates(
            space.clone(),
            measures.clone(),
            vec![kind.clone()],
            definition.span,
            rates.clone(),
        );
        if found.take(place(), alone).is_some() {
            kinds.push(kind.clone());
        }
    }
    let all = Schema::with_rates(space, measures, kinds, definition.span, rates);
    found.take("kinds", all)
}

/// Cards, then pay plans by name: those that are fine by themselves.
fn judged(definition: &ModelDef, found: &mut Found) -> Vec<Judged> {
    let mut judged = Vec::new();
    let metrics: BTreeSet<&Key> = definition
        .metrics
        .iter()
        .map(|metric| &metric.key)
        .collect();
    for (at, card) in definition.cards.iter().enumerate() {
        let place = || format!("cards[{at}]");
        let before = &definition.cards[..at];
        if metrics.contains(&card.key) || before.iter().any(|other| other.key == card.key) {
            let name = card.key.clone();
            found.add(place(), ModelCause::DuplicateName { name });
        }
        let card = found.take(place(), Scorecard::compile(card.clone()));
        judged.extend(card.map(|card| Judged::Card(Arc::new(card))));
    }
    let mut plans: Vec<(Key, Vec<PayPlan>)> = Vec::new();
    for (at, plan) in definition.pay.iter().enumerate() {
        let place = || format!("pay[{at}]");
        let cards = &definition.cards;
        if metrics.contains(&plan.key) || cards.iter().any(|card| card.key == plan.key) {
            let name = plan.key.clone();
            found.add(place(), ModelCause::DuplicateName { name });
        }
        let Some(compiled) = found.take(place(), PayPlan::compile(plan.clone())) else {
            continue;
        };
        match plans.iter_mut().find(|(key, _)| *key == plan.key) {
            Some((_, own)) => own.push(compiled),
            None => plans.push((plan.key.clone(), vec![compiled])),
        }
    }
    let plans = plans.into_iter();
    judged.extend(plans.map(|(key, own)| Judged::Pay(key, own.into())));
    judged
}

fn views(
    definition: &ModelDef,
    judged: &[Judged],
    (schema, calendar, manner): (&Schema, &Calendar, Manner<'_>),
    found: &mut Found,
) -> (Vec<Asked>, Vec<Program>) {
    let limits = manner.limits;
    let kinds_are_fine = schema.kinds().len() == definition.kinds.len();
    if kinds_are_fine {
        metrics(definition, (schema, calendar, limits), found);
    }
    let (mut views, mut programs) = (Vec::new(), Vec::new());
    for (at, view) in definition.views.iter().enumerate() {
        let place = format!("views[{at}]");
        if definition.views[..at]
            .iter()
            .any(|other| other.key == view.key)
        {
            let view = view.key.clone();
            found.add(&place, ModelCause::DuplicateView { view });
        }
        let asking = Asks {
            definition,
            schema,
            calendar,
            limits,
            judged,
            metrics: &definition.metrics,
            lent: manner.once.map(|once| once.metrics),
            duties: &definition.duties,
            place: &place,
            axes: "rows",
        };
        if let Some((asked, program)) = asking.compiled(view, kinds_are_fine, found) {
            views.push(asked);
            programs.push(program);
        }
    }
    for (at, table) in definition.tables.iter().enumerate() {
        let place = format!("tables[{at}]");
        let before = &definition.tables[..at];
        if before.iter().any(|other| other.key == table.key) {
            let table = table.key.clone();
            found.add(&place, ModelCause::DuplicateTable { table });
        }
        // Its own metric goes before one of the model that has the same name.
        let own = std::iter::once(&table.metric);
        let others = definition.metrics.iter();
        let others = others.filter(|other| other.key != table.metric.key);
        let metrics: Vec<MetricDef> = own.chain(others).cloned().collect();
        let asking = Asks {
            definition,
            schema,
            calendar,
            limits,
            judged: &[],
            metrics: &metrics,
            lent: None,
            duties: &[],
            place: &place,
            axes: "axes",
        };
        if let Some((asked, program)) = asking.compiled(&of_table(table), kinds_are_fine, found) {
            views.push(asked);
            programs.push(program);
        }
    }
    (views, programs)
}

/// A table as the question that it is.
fn of_table(table: &TableDef) -> ViewDef {
    let (rows, periods) = (table.axes.clone(), table.periods.clone());
    ViewDef {
        unassigned: table.unassigned,
        ..ViewDef::of(&table.key, rows, periods, &table.metric.key)
    }
}

/// Checks every metric, whether a view shows it or not. Which axes its shares need is a question of views.
fn metrics(
    definition: &ModelDef,
    (schema, calendar, limits): (&Schema, &Calendar, Limits),
    found: &mut Found,
) {
    let key = Key::from_static("span");
    let span = definition.span;
    let whole = PeriodDef::new(key.clone(), span.start(), span.end());
    let Ok(periods) = PeriodSet::new(key, vec![whole]) else {
        return;
    };
    let layout = Layout::new(schema.clone(), Subjects::whole(), periods);
    let layout = layout.with_calendar(calendar.clone()).within(limits);
    // One by one only where something is wrong.
    if Program::compile(&definition.metrics, &layout).is_ok() {
        return;
    }
    for (at, metric) in definition.metrics.iter().enumerate() {
        let place = format!("metrics[{at}]");
        if definition.metrics[..at]
            .iter()
            .any(|other| other.key == metric.key)
        {
            let metric = metric.key.clone();
            found.add(place, MetricError::Duplicate { metric });
            continue;
        }
        let mut own = vec![metric.clone()];
        with_named(&mut own, &definition.metrics);
        match Program::compile(&own, &layout) {
            Err(MetricError::UnknownAxis { .. }) => {}
            compiled => {
                found.take_new(place, compiled);
            }
        }
    }
}
