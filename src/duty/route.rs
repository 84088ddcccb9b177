//! Weekly visit routes: fixed points, with a frequency for each class of customer.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use super::matching::PlannedItem;
use crate::calendar::WorkingDays;
use crate::key::{Key, unknown};

/// A customer on the route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The customer.
    pub customer: Key,
    /// Its class, which says how often it is visited.
    pub class: Key,
    /// The weekday that is fixed for it; the least loaded one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<Weekday>,
}

/// A route as data: a cycle of weeks, how often each class is visited in it, and how many visits a day holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteDef {
    /// Whose route it is.
    pub person: Key,
    /// The Monday on which a cycle begins.
    pub anchor: NaiveDate,
    /// How many weeks a cycle has.
    pub weeks: u8,
    /// How often each class is visited in a cycle.
    #[serde(deserialize_with = "crate::document::keys_once")]
    pub frequency: BTreeMap<Key, u8>,
    /// How many visits a day holds.
    pub per_day: u32,
    /// The stops, in the order in which they are given days.
    pub stops: Vec<Stop>,
}

/// A visit of a cycle: in which week, on which weekday, to which customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteVisit {
    /// The week of the cycle; the first one is 1.
    pub week: u8,
    /// The weekday.
    pub weekday: Weekday,
    /// The customer.
    pub customer: Key,
}

/// When a visit of a cycle is, and at which stop: the week and the days after its Monday, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    week: u8,
    day: u8,
    stop: usize,
}

/// A checked route with its visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RouteDef", into = "RouteDef")]
pub struct Route {
    definition: RouteDef,
    // In order.
    slots: Vec<Slot>,
}

const WEEKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

impl Route {
    /// Checks a route and gives every visit its week and weekday.
    ///
    /// The visits of a customer stand as evenly in the cycle as whole weeks allow. The first week and, where none is
    /// fixed, the weekday from Monday to Friday are chosen so that the fullest of its days is the least full,
    /// then so that they are the least full together; ties go to the earlier week, then the earlier day. More visits
    /// than weeks fall on several days of a week.
    ///
    /// # Errors
    /// [`DutyError::RouteAnchor`], [`DutyError::UnknownClass`], [`DutyError::Duplicate`], [`DutyError::TooOften`].
    pub fn new(definition: RouteDef) -> Result<Self, DutyError> {
        if definition.anchor.weekday() != Weekday::Mon || definition.weeks == 0 {
            let (anchor, weeks) = (definition.anchor, definition.weeks);
            return Err(DutyError::RouteAnchor { anchor, weeks });
        }
        // By week, then weekday.
        let mut load = vec![[0_u32; 7]; usize::from(definition.weeks)];
        let mut given = Vec::new();
        for (index, stop) in definition.stops.iter().enumerate() {
            if definition.stops[..index]
                .iter()
                .any(|other| other.customer == stop.customer)
            {
                return Err(DutyError::Duplicate {
                    what: "customer",
                    key: stop.customer.clone(),
                });
            }
            let Some(times) = definition.frequency.get(&stop.class).copied() else {
                let classes = definition.frequency.keys().map(Key::as_str);
                let (name, nearest, known) = unknown(stop.class.as_str(), classes);
                return Err(DutyError::UnknownClass {
                    customer: stop.customer.clone(),
                    name,
                    nearest,
                    known,
                });
            };
            for (week, day) in slots(&definition, stop, times, &load)? {
                load[usize::from(week)][usize::from(day)] += 1;
                let stop = index;
                given.push(Slot { week, day, stop });
            }
        }
        given.sort_unstable();
        Ok(Self {
            definition,
            slots: given,
        })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &RouteDef {
        &self.definition
    }

    /// Returns the visits of a cycle, by week and weekday, those of a day in the order of the stops.
    ///
    /// ```
    /// use quotaflow::duty::Route;
    /// let route: Route = serde_json::from_str(
    ///     r#"{"person": "ann", "anchor": "2026-03-02", "weeks": 2, "frequency": {"A": 1}, "per_day": 5,
    ///         "stops": [{"customer": "x", "class": "A", "weekday": "Tue"}]}"#,
    /// ).map_err(quotaflow::Error::unreadable)?;
    /// let visits = serde_json::to_string(&route.visits().collect::<Vec<_>>()).map_err(quotaflow::Error::other)?;
    /// assert_eq!(visits, r#"[{"week":1,"weekday":"Tue","customer":"x"}]"#);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn visits(&self) -> impl ExactSizeIterator<Item = RouteVisit> {
        self.slots.iter().map(|slot| RouteVisit {
            week: slot.week.saturating_add(1),
            weekday: weekday(slot.day),
            customer: self.definition.stops[slot.stop].customer.clone(),
        })
    }

    /// Returns the days of a cycle that hold more visits than they can, each with its week, the first one being 1, and the excess.
    #[must_use]
    pub fn overfull(&self) -> Vec<(u8, Weekday, u32)> {
        let mut load: BTreeMap<(u8, u8), u32> = BTreeMap::new();
        for slot in &self.slots {
            *load.entry((slot.week, slot.day)).or_default() += 1;
        }
        let most = self.definition.per_day;
        let full = load.into_iter().filter(|(_, visits)| *visits > most);
        full.map(|((week, day), visits)| (week.saturating_add(1), weekday(day), visits - most))
            .collect()
    }

    /// Returns the visits from `start` up to and without `end`, with their customers; a visit on a day that is not
    /// worked moves to the next working day.
    ///
    /// # Errors
    /// [`DutyError::DayOutOfRange`].
    pub fn plan(
        &self,
        start: NaiveDate,
        end: NaiveDate,
        working: &WorkingDays,
    ) -> Result<Vec<(NaiveDate, &Key)>, DutyError> {
        let cycle = i64::from(self.definition.weeks) * 7;
        // Visits of the cycle before may have moved into the span.
        let first = (start - self.definition.anchor)
            .num_days()
            .div_euclid(cycle)
            - 1;
        let last = (end - self.definition.anchor).num_days().div_euclid(cycle);
        let mut found = Vec::new();
        for number in first.max(0)..=last {
            for slot in &self.slots {
                let days = number * cycle + i64::from(slot.week) * 7 + i64::from(slot.day);
                let day = u64::try_from(days).ok().and_then(|days| {
                    self.definition
                        .anchor
                        .checked_add_days(chrono::Days::new(days))
                });
                let day = day.ok_or(DutyError::DayOutOfRange { day: start })?;
                let Some(day) = working.roll_forward(day) else {
                    continue;
                };
                if start <= day && day < end {
                    found.push((day, slot.stop));
                }
            }
        }
        found.sort_unstable();
        let named = found.into_iter();
        Ok(named
            .map(|(day, stop)| (day, &self.definition.stops[stop].customer))
            .collect())
    }
}

impl Route {
    /// Returns the same visits as planned items of one sort, to be matched with what was done: named `<person> <day> <number>`,
    /// by their number on that day from 1, so that the same visit has the same name in the plan of a week and of a month.
    ///
    /// ```
    /// use quotaflow::calendar::{WorkingDays, WorkingDaysDef};
    /// use quotaflow::duty::{MatchRule, Route};
    /// let route: Route = serde_json::from_str(
    ///     r#"{"person": "ann", "anchor": "2026-03-02", "weeks": 1, "frequency": {"A": 2}, "per_day": 5,
    ///         "stops": [{"customer": "x", "class": "A"}]}"#,
    /// ).map_err(quotaflow::Error::unreadable)?;
    /// let office = WorkingDays::new(WorkingDaysDef::monday_to_friday("office".try_into()?))?;
    /// let (monday, sunday) = ("2026-03-02".parse()?, "2026-03-08".parse()?);
    /// let week = route.items(&"visit".try_into()?, Some(30), monday, sunday, &office)?;
    /// assert_eq!((week.len(), week[0].id.as_str()), (2, "ann 2026-03-02 1"));
    /// let report = MatchRule::default().match_plan(&week, &[], &[], sunday)?;
    /// assert_eq!(report.compliance(|_, _| true).planned(), 2);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Route::plan`]; [`DutyError::Key`] for a person's name too long to be part of another.
    pub fn items(
        &self,
        kind: &Key,
        minutes: Option<u32>,
        start: NaiveDate,
        end: NaiveDate,
        working: &WorkingDays,
    ) -> Result<Vec<PlannedItem>, DutyError> {
        let person = &self.definition.person;
        let mut items = Vec::new();
        let mut on_day = (start, 0_u32);
        for (day, customer) in self.plan(start, end, working)? {
            let number = if on_day.0 == day { on_day.1 + 1 } else { 1 };
            on_day = (day, number);
            items.push(PlannedItem {
                id: Key::new(format!("{person} {day} {number}"))?,
                person: person.clone(),
                kind: kind.clone(),
                customer: Some(customer.clone()),
                place: None,
                day,
                minutes,
            });
        }
        Ok(items)
    }
}

/// Returns the weekday so many days after a Monday.
fn weekday(day: u8) -> Weekday {
    Weekday::try_from(day % 7).unwrap_or(Weekday::Mon)
}

/// The fullest of some days, and all of them together.
type Load = (u32, u32);

/// Chooses the weeks and weekdays of a stop.
fn slots(
    definition: &RouteDef,
    stop: &Stop,
    times: u8,
    load: &[[u32; 7]],
) -> Result<Vec<(u8, u8)>, DutyError> {
    let weeks = definition.weeks;
    let in_a_week = times.div_ceil(weeks);
    let days: Vec<u8> = match stop.weekday {
        Some(weekday) => vec![weekday.num_days_from_monday().try_into().unwrap_or(0)],
        None => WEEKDAYS
            .iter()
            .map(|day| day.num_days_from_monday().try_into().unwrap_or(0))
            .collect(),
    };
    if usize::from(in_a_week) > days.len() {
        let (customer, most) = (stop.customer.clone(), days.len());
        return Err(DutyError::TooOften {
            customer,
            times,
            weeks,
            most,
        });
    }
    // Before the first week is chosen: in which week of the cycle each visit stands, and how far from the first day.
    let mut pattern = Vec::with_capacity(usize::from(times));
    let mut earlier = vec![0_usize; usize::from(weeks)];
    for visit in 0..times {
        let week = usize::from(u16::from(visit) * u16::from(weeks) / u16::from(times));
        // Several visits of one week stand as far apart as its days allow.
        pattern.push((week, earlier[week] * days.len() / usize::from(in_a_week)));
        earlier[week] += 1;
    }
    let mut best: Option<(Load, (usize, usize))> = None;
    let slot = |(offset, first_day): (usize, usize), (week, shift): (usize, usize)| {
        let week = (offset + week) % usize::from(weeks);
        (week, days[(first_day + shift) % days.len()])
    };
    for offset in 0..usize::from(weeks) {
        for first_day in 0..days.len() {
            let mut fullest = (0, 0);
            for each in &pattern {
                let (week, day) = slot((offset, first_day), *each);
                let own = load[week][usize::from(day)];
                fullest = (own.max(fullest.0), own + fullest.1);
            }
            if best.as_ref().is_none_or(|(known, _)| fullest < *known) {
                best = Some((fullest, (offset, first_day)));
            }
        }
    }
    let Some((_, best)) = best else {
        return Ok(Vec::new());
    };
    let slots = pattern.into_iter().map(|each| {
        let (week, day) = slot(best, each);
        (u8::try_from(week).unwrap_or(0), day)
    });
    Ok(slots.collect())
}

impl TryFrom<RouteDef> for Route {
    type Error = DutyError;

    fn try_from(definition: RouteDef) -> Result<Self, DutyError> {
        Self::new(definition)
    }
}

impl From<Route> for RouteDef {
    fn from(route: Route) -> Self {
        route.definition
    }
}
