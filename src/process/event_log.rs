//! Event logs: what happened to which case, when, and by whom.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use super::error::ProcessError;

/// The number of a name in its list, in the order of the names.
type NameId = u32;

/// Names in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn get(&self, id: NameId) -> &str {
        self.0.get(index(id)).map_or("", String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(super) fn id(&self, name: &str) -> Option<NameId> {
        let found = self
            .0
            .binary_search_by(|known| known.as_str().cmp(name))
            .ok()?;
        NameId::try_from(found).ok()
    }
}

pub(super) fn index(id: NameId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// One event of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub activity: NameId,
    pub resource: Option<NameId>,
    /// The instant, in microseconds from the start of 1970.
    pub at: i64,
    /// The local date as recorded, as a number of days from 0001-01-01.
    pub day: i32,
}

/// One event, as it is entered and as it is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEvent<'a> {
    /// The case: an order, a request, an instance of a workflow.
    pub case: &'a str,
    /// What was done.
    pub activity: &'a str,
    /// When, with the offset of the local clock; whole microseconds.
    pub at: DateTime<FixedOffset>,
    /// Who did it, where that is known.
    pub resource: Option<&'a str>,
}

/// Events collected for an [`EventLog`], in the order in which they were entered.
#[derive(Debug, Clone, Default)]
pub struct EventLogBuilder {
    cases: Interned,
    activities: Interned,
    resources: Interned,
    events: Vec<(NameId, Event)>,
}

#[derive(Debug, Clone, Default)]
struct Interned(BTreeMap<String, NameId>);

impl Interned {
    /// Returns the number that a name has, or will have once it is entered.
    fn number(&self, name: &str, what: &'static str) -> Result<NameId, ProcessError> {
        if name.is_empty() {
            return Err(ProcessError::EmptyName { what });
        }
        if let Some(id) = self.0.get(name) {
            return Ok(*id);
        }
        NameId::try_from(self.0.len()).map_err(|_| ProcessError::TooMany {
            what,
            limit: index(NameId::MAX),
        })
    }

    fn enter(&mut self, name: &str, number: NameId) {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), number);
        }
    }

    /// Returns the names in ascending order, and for each number as entered its place among them.
    fn sorted(self) -> (Names, Vec<NameId>) {
        let mut places = vec![0; self.0.len()];
        let mut names = Vec::with_capacity(self.0.len());
        for (place, (name, entered)) in (0..).zip(self.0) {
            names.push(name);
            places[index(entered)] = place;
        }
        (Names(names), places)
    }
}

impl EventLogBuilder {
    /// Returns a log without events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event; one that is refused leaves nothing behind.
    ///
    /// # Errors
    /// [`ProcessError::EmptyName`] for a case or activity without name; [`ProcessError::TooFine`] for an instant finer
    /// than a microsecond.
    pub fn push(&mut self, event: LogEvent<'_>) -> Result<(), ProcessError> {
        if !event.at.timestamp_subsec_nanos().is_multiple_of(1000) {
            return Err(ProcessError::TooFine { at: event.at });
        }
        let case = self.cases.number(event.case, "case")?;
        let activity = self.activities.number(event.activity, "activity")?;
        let by = event.resource.filter(|name| !name.is_empty());
        let resource = by
            .map(|name| self.resources.number(name, "resource"))
            .transpose()?;
        self.cases.enter(event.case, case);
        self.activities.enter(event.activity, activity);
        if let Some((name, number)) = by.zip(resource) {
            self.resources.enter(name, number);
        }
        let day = event.at.date_naive().num_days_from_ce();
        let at = event.at.timestamp_micros();
        self.events.push((
            case,
            Event {
                activity,
                resource,
                at,
                day,
            },
        ));
        Ok(())
    }

    /// Returns the log: cases in the order of their names, events of a case in the order of their instants, and of
    /// equal instants in the order in which they were entered.
    #[must_use]
    pub fn build(self) -> EventLog {
        let (cases, case_places) = self.cases.sorted();
        let (activities, activity_places) = self.activities.sorted();
        let (resources, resource_places) = self.resources.sorted();
        let mut events: Vec<(NameId, Event)> = self.events;
        for (case, event) in &mut events {
            *case = case_places[index(*case)];
            event.activity = activity_places[index(event.activity)];
            event.resource = event
                .resource
                .map(|resource| resource_places[index(resource)]);
        }
        // A stable sort keeps the order of entry where case and instant are equal.
        events.sort_by_key(|(case, event)| (*case, event.at));
        let mut starts = vec![0; cases.len() + 1];
        for (case, _) in &events {
            starts[index(*case) + 1] += 1;
        }
        for case in 1..starts.len() {
            starts[case] += starts[case - 1];
        }
        let events = events.into_iter().map(|(_, event)| event).collect();
        EventLog {
            cases,
            activities,
            resources,
            starts,
            events,
        }
    }
}

/// Events by case, in the order of time.
///
/// ```
/// use quotaflow::process::{EventLogBuilder, LogEvent};
/// let mut log = EventLogBuilder::new();
/// for (activity, at) in [("decide", "2026-03-02T11:00:00+01:00"), ("register", "2026-03-02T09:00:00+01:00")] {
///     log.push(LogEvent { case: "1", activity, at: at.parse()?, resource: None })?;
/// }
/// let statistics = log.build().statistics();
/// assert_eq!(statistics.variants[0].activities, ["register", "decide"]);
/// assert_eq!(statistics.throughput.max(), Some(2 * 3_600_000_000));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventLog {
    pub(super) cases: Names,
    pub(super) activities: Names,
    pub(super) resources: Names,
    starts: Vec<usize>,
    events: Vec<Event>,
}

impl EventLog {
    /// Returns how many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Says whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Returns the names of the cases, ascending.
    #[must_use]
    pub fn cases(&self) -> impl ExactSizeIterator<Item = &str> {
        self.cases.iter()
    }

    /// Returns the activities of a case in the order of time; none for an unknown case.
    pub fn trace(&self, case: &str) -> impl Iterator<Item = &str> {
        let found = self.cases.id(case).map_or(0..0, |id| self.range(index(id)));
        self.events[found]
            .iter()
            .map(|event| self.activities.get(event.activity))
    }

    pub(super) fn range(&self, case: usize) -> Range<usize> {
        match (self.starts.get(case), self.starts.get(case + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    pub(super) fn events_of(&self, case: usize) -> &[Event] {
        &self.events[self.range(case)]
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }
}

pub(super) fn date(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_event_leaves_nothing_behind() {
        let at = "2026-03-02T09:00:00+01:00".parse().unwrap();
        let mut log = EventLogBuilder::new();
        for (case, activity) in [("1", "decide"), ("2", ""), ("", "register")] {
            let event = LogEvent {
                case,
                activity,
                at,
                resource: Some("ann"),
            };
            assert_eq!(log.push(event).is_ok(), case == "1");
        }
        let log = log.build();
        assert_eq!(log.cases().collect::<Vec<_>>(), ["1"]);
        let statistics = log.statistics();
        assert_eq!((statistics.cases, statistics.activities.len()), (1, 1));
    }
}
