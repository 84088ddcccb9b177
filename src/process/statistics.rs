//! What a log says as a whole: activities, who follows whom after how long, rework, hand-overs, variants.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

use super::event_log::EventLog;
use super::event_log::{date, index};
use crate::quantity::{Ratio, Sample};

/// What a log says of one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActivityStatistics {
    /// How often it was done.
    pub events: usize,
    /// In how many cases.
    pub cases: usize,
    /// In how many cases it came first.
    pub start: usize,
    /// In how many cases it came last.
    pub end: usize,
    /// In how many cases it was done more than once: rework.
    pub cases_with_repeat: usize,
    /// How often it was done beyond the first time in each case.
    pub repeated_events: usize,
    /// How often it followed itself directly.
    pub direct_repeats: usize,
}

/// How often one activity directly followed another within a case, and after how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The earlier activity.
    pub from: String,
    /// The later one.
    pub to: String,
    /// The times between the two, in microseconds.
    pub waiting: Sample,
}

/// How often work passed directly from one person to another within a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Who did the earlier event.
    pub from: String,
    /// Who did the later one.
    pub to: String,
    /// How often.
    pub count: usize,
}

/// Cases that went through the same activities in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The activities.
    pub activities: Vec<String>,
    /// How many cases.
    pub count: usize,
}

/// What a resource did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResourceStatistics {
    /// In how many events.
    pub events: usize,
    /// In how many cases.
    pub cases: usize,
}

/// What a log says as a whole.
///
/// Throughput of a case is its last instant less its first. Waiting is the time between neighbouring events of a case.
/// Rework is an activity more than once in a case. A hand-over is between neighbouring events of two different known
/// resources. Times are in microseconds. Every list is in a stated order, so that equal logs give equal statistics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogStatistics {
    /// How many events.
    pub events: usize,
    /// How many cases.
    pub cases: usize,
    /// The first and the last instant, unless the log is empty.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// By activity.
    pub activities: BTreeMap<String, ActivityStatistics>,
    /// By pair of neighbouring activities, ascending.
    pub directly_follows: Vec<Succession>,
    /// How many cases have an activity more than once.
    pub cases_with_any_repeat: usize,
    /// The times from the first to the last event of the cases.
    pub throughput: Sample,
    /// The same by case.
    pub throughput_per_case: BTreeMap<String, i64>,
    /// All variants: the most frequent first, equally frequent ones by their activities.
    pub variants: Vec<Variant>,
    /// All pairs of a hand-over: the most frequent first, equally frequent ones by name.
    pub handovers: Vec<Handoff>,
    /// By resource.
    pub resources: BTreeMap<String, ResourceStatistics>,
    /// How many events have no resource.
    pub events_without_resource: usize,
    /// How many events on each local day.
    pub events_per_local_day: BTreeMap<NaiveDate, usize>,
    /// How many events in each month (year, month) of the local dates.
    pub events_per_local_month: BTreeMap<(i32, u32), usize>,
    /// How many events on each local weekday, from Monday.
    pub events_per_local_weekday: [usize; 7],
    /// How many events in each month (year, month) of the dates in universal time.
    pub events_per_utc_month: BTreeMap<(i32, u32), usize>,
}

impl LogStatistics {
    /// Returns the share of the cases with rework, unless there is no case.
    #[must_use]
    pub fn rework_rate(&self) -> Option<Ratio> {
        let count = |value: usize| i128::try_from(value).ok();
        Ratio::new(count(self.cases_with_any_repeat)?, count(self.cases)?).ok()
    }

    /// Returns how many hand-overs there were.
    #[must_use]
    pub fn handover_total(&self) -> usize {
        self.handovers.iter().map(|handover| handover.count).sum()
    }

    /// Returns how many events fell on this weekday.
    #[must_use]
    pub fn on_weekday(&self, weekday: Weekday) -> usize {
        self.events_per_local_weekday[weekday.num_days_from_monday() as usize]
    }
}

impl EventLog {
    /// Returns what the log says as a whole.
    #[must_use]
    pub fn statistics(&self) -> LogStatistics {
        let mut found = LogStatistics {
            events: self.len(),
            cases: self.cases.len(),
            ..LogStatistics::default()
        };
        self.count_days(&mut found);
        self.count_activities(&mut found);
        self.count_pairs(&mut found);
        self.count_resources(&mut found);
        found
    }

    fn count_days(&self, found: &mut LogStatistics) {
        let instants = || self.events().iter().map(|event| event.at);
        let utc = DateTime::<Utc>::from_timestamp_micros;
        found.span = instants()
            .min()
            .and_then(utc)
            .zip(instants().max().and_then(utc));
        for event in self.events() {
            let local = date(event.day);
            *found.events_per_local_day.entry(local).or_default() += 1;
            *found
                .events_per_local_month
                .entry((local.year(), local.month()))
                .or_default() += 1;
            found.events_per_local_weekday[local.weekday().num_days_from_monday() as usize] += 1;
            if let Some(instant) = utc(event.at) {
                let month = (instant.year(), instant.month());
                *found.events_per_utc_month.entry(month).or_default() += 1;
            }
        }
    }

    fn count_activities(&self, found: &mut LogStatistics) {
        let mut activities = vec![ActivityStatistics::default(); self.activities.len()];
        let mut in_case = vec![0_usize; self.activities.len()];
        let mut variants: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let mut throughput = Vec::with_capacity(self.cases.len());
        for (case, name) in self.cases.iter().enumerate() {
            let events = self.events_of(case);
            let (Some(first), Some(last)) = (events.first(), events.last()) else {
                continue;
            };
            activities[index(first.activity)].start += 1;
            activities[index(last.activity)].end += 1;
            throughput.push(last.at.saturating_sub(first.at));
            found
                .throughput_per_case
                .insert(name.to_owned(), last.at.saturating_sub(first.at));
            let trace: Vec<u32> = events.iter().map(|event| event.activity).collect();
            for pair in trace.windows(2) {
                activities[index(pair[0])].direct_repeats += usize::from(pair[0] == pair[1]);
            }
            for activity in &trace {
                in_case[index(*activity)] += 1;
            }
            let mut repeats = false;
            for activity in &trace {
                let times = std::mem::take(&mut in_case[index(*activity)]);
                if times == 0 {
                    continue;
                }
                let statistics = &mut activities[index(*activity)];
                statistics.events += times;
                statistics.cases += 1;
                statistics.repeated_events += times - 1;
                statistics.cases_with_repeat += usize::from(times > 1);
                repeats |= times > 1;
            }
            found.cases_with_any_repeat += usize::from(repeats);
            *variants.entry(trace).or_default() += 1;
        }
        found.throughput = Sample::new(throughput);
        let names = self.activities.iter().map(str::to_owned);
        found.activities = names.zip(activities).collect();
        // Numbers stand in the order of the names, so that the map is in the order of the activities.
        let mut variants: Vec<(Vec<u32>, usize)> = variants.into_iter().collect();
        variants.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let name = |activity: u32| self.activities.get(activity).to_owned();
        found.variants = variants
            .into_iter()
            .map(|(trace, count)| Variant {
                activities: trace.into_iter().map(name).collect(),
                count,
            })
            .collect();
    }

    fn count_pairs(&self, found: &mut LogStatistics) {
        let mut follows: BTreeMap<(u32, u32), Vec<i64>> = BTreeMap::new();
        let mut handovers: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        for case in 0..self.cases.len() {
            for pair in self.events_of(case).windows(2) {
                let waiting = pair[1].at.saturating_sub(pair[0].at);
                follows
                    .entry((pair[0].activity, pair[1].activity))
                    .or_default()
                    .push(waiting);
                if let (Some(from), Some(to)) = (pair[0].resource, pair[1].resource)
                    && from != to
                {
                    *handovers.entry((from, to)).or_default() += 1;
                }
            }
        }
        found.directly_follows = follows
            .into_iter()
            .map(|((from, to), waiting)| Succession {
                from: self.activities.get(from).to_owned(),
                to: self.activities.get(to).to_owned(),
                waiting: Sample::new(waiting),
            })
            .collect();
        let mut handovers: Vec<((u32, u32), usize)> = handovers.into_iter().collect();
        handovers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found.handovers = handovers
            .into_iter()
            .map(|((from, to), count)| Handoff {
                from: self.resources.get(from).to_owned(),
                to: self.resources.get(to).to_owned(),
                count,
            })
            .collect();
    }

    fn count_resources(&self, found: &mut LogStatistics) {
        let mut resources = vec![ResourceStatistics::default(); self.resources.len()];
        let mut last_case = vec![usize::MAX; self.resources.len()];
        for case in 0..self.cases.len() {
            for event in self.events_of(case) {
                let Some(resource) = event.resource.map(index) else {
                    found.events_without_resource += 1;
                    continue;
                };
                resources[resource].events += 1;
                resources[resource].cases += usize::from(last_case[resource] != case);
                last_case[resource] = case;
            }
        }
        found.resources = self
            .resources
            .iter()
            .map(str::to_owned)
            .zip(resources)
            .collect();
    }
}
