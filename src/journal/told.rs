//! What was told of closed periods, and how what became known later adjusts it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{Period, PeriodDef, PeriodSet};
use crate::key::Key;
use crate::panel::{Column, ColumnKey, Figures, Panel, PanelError, Reason, Role, Told as Figure};
use crate::space::{RowId, Subjects};

/// What a view told of periods when they were closed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(super) events: Vec<Event>,
}

/// A close or reopening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// From which day on it is so.
    pub(crate) day: NaiveDate,
    /// How many hand-overs were known.
    pub(super) hand_overs: u32,
    /// The periods that it closed, as far as they were not reopened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) panel: Option<Panel>,
    /// What had become known by then of those that were closed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    adjusted: Vec<Adjusted>,
    /// By how much figures of these periods are others by a later model: what no record did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rebased: Vec<Adjusted>,
}

/// What was added to a figure of a closed period, in the period that was the first open one when it became known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjusted {
    #[serde(rename = "metric")]
    column: ColumnKey,
    of: Key,
    #[serde(rename = "in")]
    into: Key,
    row: Vec<Key>,
    units: i64,
}

/// Which periods are closed, and by how many hand-overs each: what had been done to plans and written down by then is a part of their
/// targets whatever day it is of, since it was done while they were open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fixed {
    /// By close, up to which period it closed, and how many hand-overs were known.
    closes: Vec<(usize, usize)>,
}

impl Fixed {
    /// What these events closed.
    pub(super) fn by(events: &[&Event]) -> Self {
        let mut own = Self::default();
        for event in events {
            let more = event
                .panel
                .as_ref()
                .map_or(0, |panel| panel.periods().len());
            let periods = own.periods() + more;
            own = own.and(periods, event.hand_overs as usize);
        }
        own
    }

    /// The same with the first periods closed that are not, by so many hand-overs.
    pub(super) fn and(mut self, periods: usize, hand_overs: usize) -> Self {
        if self.periods() < periods {
            self.closes.push((periods, hand_overs));
        }
        self
    }

    /// How many periods are closed: the first ones.
    pub(super) fn periods(&self) -> usize {
        self.closes.last().map_or(0, |(end, _)| *end)
    }

    /// By how many hand-overs a period was closed, if it is.
    pub(super) fn close_of(&self, period: usize) -> Option<usize> {
        let at = self.closes.partition_point(|(end, _)| *end <= period);
        self.closes.get(at).map(|(_, hand_overs)| *hand_overs)
    }

    /// Of all of so many periods, by how many hand-overs they were closed; the open ones by none.
    pub(super) fn spans(&self, all: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
        let open = (self.periods() < all).then_some((all, 0));
        let mut from = 0;
        let closes = self.closes.iter().copied().chain(open);
        closes.map(move |(end, hand_overs)| (std::mem::replace(&mut from, end)..end, hand_overs))
    }
}

/// By column, closed period and row, what figures are more than they were.
type Differences = BTreeMap<(usize, usize, RowId), i128>;

impl Told {
    /// Adds a close: the periods that are over by then stay as the panel has them.
    pub(super) fn close(
        &mut self,
        now: &Panel,
        (day, hand_overs): (NaiveDate, u32),
        columns: &[ColumnKey],
    ) -> Result<(), PanelError> {
        let events: Vec<&Event> = self.events.iter().collect();
        let from = closed(&events);
        let over = |period: &Period| period.end.pred_opt().is_some_and(|last| last <= day);
        let to = now.periods().iter().filter(over).count().max(from);
        let adjusted = adjusted(now, &events, columns);
        let panel = part(now, from..to)?;
        self.events.push(Event {
            day,
            hand_overs,
            panel,
            adjusted,
            rebased: Vec::new(),
        });
        Ok(())
    }

    /// Opens again the periods that are not over before a day.
    pub(super) fn reopen(
        &mut self,
        now: &Panel,
        since: NaiveDate,
        (day, hand_overs): (NaiveDate, u32),
        columns: &[ColumnKey],
    ) -> Result<(), PanelError> {
        let events: Vec<&Event> = self.events.iter().collect();
        let adjusted = adjusted(now, &events, columns);
        self.events.push(Event {
            day,
            hand_overs,
            panel: None,
            adjusted,
            rebased: Vec::new(),
        });
        let mut left = BTreeSet::new();
        for event in &mut self.events {
            let Some(panel) = &event.panel else { continue };
            let over = |period: &Period| period.end <= since;
            let count = panel.periods().iter().filter(over).count();
            event.panel = part(panel, 0..count)?;
            let panel = event.panel.iter().flat_map(Panel::periods);
            left.extend(panel.map(|period| period.label));
        }
        for event in &mut self.events {
            for all in [&mut event.adjusted, &mut event.rebased] {
                all.retain(|adjusted| left.contains(&adjusted.of));
            }
        }
        Ok(())
    }

    /// Takes in by how much figures of closed periods are others by another model.
    pub(super) fn rebase(&mut self, before: &Panel, after: &Panel, columns: &[ColumnKey]) {
        let events: Vec<&Event> = self.events.iter().collect();
        let mut found: BTreeMap<(usize, Key, Vec<Key>), i128> = BTreeMap::new();
        for (panel, sign) in [(before, -1), (after, 1)] {
            for ((column, of, row), units) in differences(panel, &events, columns) {
                let label = panel.periods().iter().nth(of).map(|period| period.label);
                let row = panel.subjects().members(row).to_vec();
                if let Some(label) = label {
                    *found.entry((column, label, row)).or_default() += sign * units;
                }
            }
        }
        for event in &mut self.events {
            let Some(panel) = &event.panel else { continue };
            for ((column, of, row), units) in &found {
                if panel.periods().id(of.as_str()).is_ok()
                    && let Ok(units) = i64::try_from(*units)
                    && units != 0
                {
                    event.rebased.push(Adjusted {
                        column: columns[*column].clone(),
                        of: of.clone(),
                        into: of.clone(),
                        row: row.clone(),
                        units,
                    });
                }
            }
        }
    }

    /// How many periods are closed.
    pub(super) fn closed(&self) -> usize {
        closed(&self.events.iter().collect::<Vec<_>>())
    }

    /// The last days of the closed periods that have something in such a row.
    pub(super) fn last_days_of(&self, is: impl Fn(&[Key]) -> bool) -> Vec<NaiveDate> {
        let mut found = Vec::new();
        for panel in self.events.iter().filter_map(|event| event.panel.as_ref()) {
            let own = panel.subjects().ids();
            let own: Vec<RowId> = own
                .filter(|row| is(panel.subjects().members(*row)))
                .collect();
            let figures: Vec<_> = panel.columns().iter().filter_map(Column::told).collect();
            for period in panel.periods() {
                let has_any = own.iter().any(|row| {
                    let cell = panel.cell(*row, period.id).ok();
                    let mut all = figures.iter();
                    all.any(|(_, figures)| cell.is_some_and(|cell| units(Some(figures), cell) != 0))
                });
                found.extend(period.end.pred_opt().filter(|_| has_any));
            }
        }
        found
    }

    /// The events of the days up to one.
    pub(super) fn until(&self, day: NaiveDate) -> Vec<&Event> {
        self.events
            .iter()
            .filter(|event| event.day <= day)
            .collect()
    }
}

/// How many periods are closed: the first ones.
pub(super) fn closed(events: &[&Event]) -> usize {
    let panels = events.iter().filter_map(|event| event.panel.as_ref());
    panels.map(|panel| panel.periods().len()).sum()
}

/// The panel with a row for everybody who has one in what was told: who was merged into another one since has none any more.
pub(super) fn with_rows(now: Panel, events: &[&Event]) -> Result<Panel, PanelError> {
    let own = now.subjects();
    let panels = events.iter().filter_map(|event| event.panel.as_ref());
    let told = panels.flat_map(|panel| {
        let rows = panel.subjects().ids();
        rows.map(|row| panel.subjects().members(row))
    });
    let gone: BTreeSet<&[Key]> = told.filter(|row| own.find(row).is_none()).collect();
    if gone.is_empty() {
        return Ok(now);
    }
    let there = own.ids().map(|row| own.members(row));
    let rows = there.chain(gone).map(<[Key]>::to_vec).collect();
    let rows = Subjects::rows(own.axes().to_vec(), rows)?;
    let mut wider = now.like(rows.clone());
    for column in now.over(&rows)? {
        wider.add(column)?;
    }
    Ok(wider)
}

/// The periods of a range as a panel of their own.
fn part(of: &Panel, periods: Range<usize>) -> Result<Option<Panel>, PanelError> {
    let own = of.periods().iter().skip(periods.start).take(periods.len());
    let own = own.map(|period| PeriodDef::new(period.label, period.start, period.end));
    let set = PeriodSet::new(of.periods().key().clone(), own.collect());
    let Some(set) = set.ok().filter(|set| !set.is_empty()) else {
        return Ok(None);
    };
    let rows = of.subjects().len();
    let mut panel = Panel::new(of.subjects().clone(), set);
    for column in of.columns() {
        panel.add(column.slice(periods.start * rows..periods.end * rows))?;
    }
    Ok(Some(panel))
}

/// A panel in which nothing but some periods is applicable.
pub(super) fn only(of: Panel, periods: &Range<usize>) -> Result<Panel, PanelError> {
    if *periods == (0..of.periods().len()) {
        return Ok(of);
    }
    let rows = of.subjects().len();
    let own = periods.start * rows..periods.end * rows;
    let mut panel = of.like(of.subjects().clone());
    for column in of.columns() {
        let mut column = column.clone();
        for cell in (0..of.cells()).filter(|cell| !own.contains(cell)) {
            column.put(cell, None);
        }
        panel.add(column)?;
    }
    Ok(panel)
}

/// A number of a cell, of which none is nothing.
fn units(figures: Option<&[Figure]>, cell: usize) -> i128 {
    let figure = figures.and_then(|figures| figures.get(cell).copied());
    i128::from(figure.and_then(Result::ok).unwrap_or(0))
}

fn amounts(panel: &Panel, column: &ColumnKey) -> Option<Vec<Figure>> {
    Some(panel.find(column)?.told()?.1)
}

/// What figures of closed periods are more than what was told of them, then and since.
fn differences(now: &Panel, events: &[&Event], columns: &[ColumnKey]) -> Differences {
    let mut found = Differences::new();
    let rows = now.subjects();
    let now_told: Vec<_> = columns.iter().map(|column| amounts(now, column)).collect();
    for panel in events.iter().filter_map(|event| event.panel.as_ref()) {
        let places: Vec<_> = rows
            .ids()
            .map(|row| (row, panel.subjects().find(rows.members(row))))
            .collect();
        for (at, column) in columns.iter().enumerate() {
            let Some(own) = &now_told[at] else { continue };
            // What was not shown then was not told.
            if panel.find(column).is_none() {
                continue;
            }
            let then = amounts(panel, column);
            for period in panel.periods() {
                let Ok(now_id) = now.periods().id(period.label.as_str()) else {
                    continue;
                };
                for (row, place) in &places {
                    let own = now
                        .cell(*row, now_id)
                        .map_or(0, |cell| units(Some(own), cell));
                    let told = place.and_then(|place| panel.cell(place, period.id).ok());
                    let told = told.map_or(0, |cell| units(then.as_deref(), cell));
                    if own != told {
                        found.insert((at, now_id.index(), *row), own - told);
                    }
                }
            }
        }
    }
    for (place, units) in events.iter().flat_map(|event| event.placed(now, columns)) {
        let (column, of, _, row) = place;
        *found.entry((column, of, row)).or_default() -= units;
    }
    let rebased = events
        .iter()
        .flat_map(|event| placed(&event.rebased, now, columns));
    for ((column, of, _, row), units) in rebased {
        *found.entry((column, of, row)).or_default() -= units;
    }
    found.retain(|_, units| *units != 0);
    found
}

impl Event {
    /// Whether what it adjusted is of a view: figures that add up, of closed periods in later ones.
    pub(super) fn adjusts(&self, asked: &crate::model::Asked) -> bool {
        self.adjusted.iter().all(|own| {
            let at = |label: &Key| asked.periods.id(label.as_str()).ok();
            let is_later = at(&own.of).zip(at(&own.into));
            asked.adding_up.contains(&own.column)
                && own.row.len() == asked.definition.rows.len()
                && own.units != 0
                && is_later.is_some_and(|(of, into)| of.index() < into.index())
        })
    }

    /// What it adjusted, by column, closed period, open period and row.
    fn placed<'a>(
        &'a self,
        now: &'a Panel,
        columns: &'a [ColumnKey],
    ) -> impl Iterator<Item = ((usize, usize, usize, RowId), i128)> + 'a {
        placed(&self.adjusted, now, columns)
    }
}

/// By column, closed period, open period and row.
fn placed<'a>(
    all: &'a [Adjusted],
    now: &'a Panel,
    columns: &'a [ColumnKey],
) -> impl Iterator<Item = ((usize, usize, usize, RowId), i128)> + 'a {
    all.iter().filter_map(|own| {
        let column = columns.iter().position(|column| *column == own.column)?;
        let of = now.periods().id(own.of.as_str()).ok()?.index();
        let into = now.periods().id(own.into.as_str()).ok()?.index();
        let row = now.subjects().find(&own.row)?;
        Some(((column, of, into, row), i128::from(own.units)))
    })
}

/// What is to be remembered of them; what has left the range of amounts is out of any.
fn adjusted(now: &Panel, events: &[&Event], columns: &[ColumnKey]) -> Vec<Adjusted> {
    let Some(into) = now.periods().iter().nth(closed(events)) else {
        return Vec::new();
    };
    let own = differences(now, events, columns);
    let own = own.into_iter().filter_map(|((column, of, row), units)| {
        Some(Adjusted {
            column: columns[column].clone(),
            of: now.periods().iter().nth(of)?.label,
            into: into.label.clone(),
            row: now.subjects().members(row).to_vec(),
            units: i64::try_from(units).ok()?,
        })
    });
    own.collect()
}

/// The panel with what was told of closed periods, and a column for each of them and column that was adjusted since.
pub(super) fn laid_over(
    now: &Panel,
    events: &[&Event],
    keys: &[ColumnKey],
) -> Result<Panel, PanelError> {
    let mut columns = now.columns().to_vec();
    let rows = now.subjects();
    for panel in events.iter().filter_map(|event| event.panel.as_ref()) {
        let then: Vec<_> = columns
            .iter()
            .map(|column| panel.find(column.key()))
            .collect();
        for row in rows.ids() {
            let place = panel.subjects().find(rows.members(row));
            for period in panel.periods() {
                let Ok(id) = now.periods().id(period.label.as_str()) else {
                    continue;
                };
                let cell = now.cell(row, id)?;
                let told = place.and_then(|place| panel.cell(place, period.id).ok());
                for (column, then) in columns.iter_mut().zip(&then) {
                    column.put(cell, then.zip(told));
                }
            }
        }
    }
    let mut panel = now.like(rows.clone());
    for column in columns {
        panel.add(column)?;
    }
    for column in adjustments(now, events, keys)? {
        panel.add(column)?;
    }
    Ok(panel)
}

fn adjustments(
    now: &Panel,
    events: &[&Event],
    keys: &[ColumnKey],
) -> Result<Vec<Column>, PanelError> {
    // By closed period and column, what stands in each cell.
    let mut all: BTreeMap<(usize, usize), BTreeMap<usize, i128>> = BTreeMap::new();
    let rows = now.subjects().len();
    let stored = events.iter().flat_map(|event| event.placed(now, keys));
    let first = closed(events);
    let live = differences(now, events, keys).into_iter();
    let live = live.map(|((column, of, row), units)| ((column, of, first, row), units));
    for ((column, of, into, row), units) in stored.chain(live) {
        if into < now.periods().len() {
            let cells = all.entry((of, column)).or_default();
            *cells.entry(into * rows + row.index()).or_default() += units;
        }
    }
    let mut columns = Vec::new();
    for ((of, column), cells) in all {
        let label = now.periods().iter().nth(of).map(|period| period.label);
        let own = &keys[column];
        let (Some(label), Some(like)) = (label, now.find(own)) else {
            continue;
        };
        let Figures::Amounts { quantum, .. } = like.figures() else {
            continue;
        };
        let taken: BTreeSet<usize> = cells.keys().map(|cell| cell / rows.max(1)).collect();
        let told = |cell: usize| match cells.get(&cell) {
            _ if !taken.contains(&(cell / rows.max(1))) => Err(Reason::NotApplicable),
            Some(units) => i64::try_from(*units).map_err(|_| Reason::OutOfRange),
            None => Ok(0),
        };
        let told: Vec<Figure> = (0..now.cells()).map(told).collect();
        let reasons: Vec<_> = told.iter().map(|one| one.err()).collect();
        let units = told.into_iter().map(|one| one.unwrap_or(0)).collect();
        let of = match own.role {
            Role::Target => "target of ",
            Role::Base => "base of ",
            _ => "",
        };
        let key = ColumnKey::actual(&format!("adjustment of {label} ({of}{})", own.metric))?;
        let column = Column::amounts(key, like.unit().clone(), *quantum, units);
        columns.push(column.better(like.direction()).with_reasons(&reasons)?);
    }
    Ok(columns)
}

impl Event {
    /// Whether it closed something that was nobody's on an axis.
    pub(super) fn has_nobody(&self, axis: usize) -> bool {
        self.panel.iter().any(|panel| {
            let mut rows = panel.subjects().ids();
            rows.any(|row| {
                let member = panel.subjects().members(row).get(axis);
                member.is_some_and(|member| *member == *crate::space::UNASSIGNED)
            })
        })
    }
}
