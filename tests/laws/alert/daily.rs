//! A period is watched while it runs: however often somebody asks, and wherever the monitor was saved, alerts live as a plain
//! account of day after day says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::alert::{AlertError, AlertId, Incident, Monitor, Pause, Status, restatements};
use quotaflow::calendar::{Calendar, Grain, PeriodDef, PeriodSet};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{Keep, Life, Persistence, RuleDef, RuleSet};
use quotaflow::space::{Axis, Subjects};

use super::hours;

const SUBJECTS: usize = 2;
const DAYS: usize = 80;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(at: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 3).unwrap() + chrono::Days::new(at as u64)
}

/// By day and subject, what is there on that day.
type Values = Vec<[i64; SUBJECTS]>;

fn values() -> impl Strategy<Value = Values> {
    // Runs of days, so that something lasts.
    let run = (1_usize..12, prop::array::uniform2(0_i64..4));
    prop::collection::vec(run, 8..30).prop_map(|runs| {
        let days = runs
            .into_iter()
            .flat_map(|(days, values)| vec![values; days]);
        days.chain(std::iter::repeat([0, 3])).take(DAYS).collect()
    })
}

fn sets() -> impl Strategy<Value = PeriodSet> {
    let grain = prop::sample::select(vec![Grain::Month, Grain::Week, Grain::Quarter, Grain::Day]);
    let of_grain = grain.prop_map(|grain| {
        let (from, to) = ("2026-01-01".parse().unwrap(), "2026-05-01".parse().unwrap());
        Calendar::gregorian().periods(grain, from, to).unwrap()
    });
    let gaps = prop::collection::vec((0_u64..6, 1_u64..20), 10..12).prop_map(|parts| {
        let mut start = day(0) - chrono::Days::new(2);
        let each = parts.into_iter().enumerate().map(|(at, (gap, days))| {
            let from = start + chrono::Days::new(gap);
            start = from + chrono::Days::new(days);
            PeriodDef::new(key(&format!("p{at}")), from, start)
        });
        PeriodSet::new(key("own"), each.collect::<Vec<_>>()).unwrap()
    });
    prop_oneof![2 => of_grain, 1 => gaps]
}

fn names() -> Subjects {
    let names = ["s0", "s1"].map(key).to_vec();
    Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap()
}

/// The panel as of a day: of each period what is there on its last day, or on this one where it runs.
fn as_of(values: &Values, periods: &PeriodSet, today: NaiveDate) -> Panel {
    let mut panel = Panel::new(names(), periods.clone()).as_of_day(today);
    let mut units = Vec::new();
    for period in periods {
        let last = period.end.pred_opt().unwrap().min(today);
        let at = usize::try_from((last - day(0)).num_days()).ok();
        let own = at.and_then(|at| values.get(at)).copied();
        units.extend(own.unwrap_or_default());
    }
    let column = Column::amounts(
        "stock".parse().unwrap(),
        "count:piece".parse().unwrap(),
        Quantum::ONE,
        units,
    );
    panel.add(column).unwrap();
    panel
}

fn life() -> impl Strategy<Value = Life> {
    let keep = prop_oneof![
        Just(Keep::None),
        (1_u16..4).prop_map(|n| Keep::Periods(n.into())),
        (0_u32..20).prop_map(Keep::Days)
    ];
    let days = || prop_oneof![Just(0_u32), 1_u32..30];
    (keep, days(), days(), days()).prop_map(|(keep, cooldown_days, reopen_days, expire_days)| {
        Life {
            keep,
            cooldown_days,
            reopen_days,
            expire_days,
            ..Life::default()
        }
    })
}

fn lasting() -> impl Strategy<Value = Persistence> {
    prop_oneof![
        Just(Persistence::Immediate),
        (1_u16..4).prop_map(|n| Persistence::Periods(n.into())),
        (0_u32..20).prop_map(Persistence::Days),
    ]
}

/// What is there is too little below one number, and enough again from another one.
#[derive(Debug, Clone)]
struct Drawn {
    below: i64,
    enough: i64,
    lasting: Persistence,
    life: Life,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (1_i64..4, 0_i64..2, lasting(), life()).prop_map(|(below, more, lasting, life)| Drawn {
        below,
        enough: below + more,
        lasting,
        life,
    })
}

fn rule(name: &str, drawn: &Drawn) -> RuleDef {
    let mut rule = RuleDef::new(name, format!("stock < {}", drawn.below).parse().unwrap()).unwrap();
    rule.clear = Some(format!("stock >= {}", drawn.enough).parse().unwrap());
    rule.lasting(drawn.lasting).living(drawn.life.clone())
}

/// An alert as the plain account knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lived {
    id: AlertId,
    since: NaiveDate,
    fired: NaiveDate,
    status: Status,
    pauses: Vec<Pause>,
    recurrence: u32,
}

fn lived(record: &Incident) -> Lived {
    Lived {
        id: record.id.clone(),
        since: record.since,
        fired: record.fired,
        status: record.status.clone(),
        pauses: record.pauses.to_vec(),
        recurrence: record.recurrence,
    }
}

/// What was told of a subject so far, of days with a period: the day, the period, whether it was too little and whether enough.
type Days = Vec<(NaiveDate, usize, bool, bool)>;

/// How many periods in a row, up to the last one, were last told to be so, from this day on.
fn periods_in_a_row(
    days: &Days,
    from: NaiveDate,
    is_so: impl Fn(&(NaiveDate, usize, bool, bool)) -> bool,
) -> (u32, NaiveDate) {
    let mut last = BTreeMap::new();
    let mut first = BTreeMap::new();
    for told in days {
        last.insert(told.1, *told);
        first.entry(told.1).or_insert(told.0);
    }
    let (mut row, mut since) = (0, from);
    for (period, told) in last.iter().rev() {
        if told.0 < from || !is_so(told) {
            break;
        }
        row += 1;
        since = first[period];
    }
    (row, since)
}

/// The first of the days in a row, up to the last one, that were told to be so, from this day on.
fn days_in_a_row(
    days: &Days,
    from: NaiveDate,
    is_so: impl Fn(&(NaiveDate, usize, bool, bool)) -> bool,
) -> Option<NaiveDate> {
    let row = days
        .iter()
        .rev()
        .take_while(|told| told.0 >= from && is_so(told));
    row.last().map(|told| told.0)
}

/// Day after day, one subject after the other.
fn account(
    values: &Values,
    periods: &PeriodSet,
    (first, through): (usize, usize),
    name: &str,
    drawn: &Drawn,
) -> Vec<Lived> {
    let mut all = Vec::new();
    for subject in 0..SUBJECTS {
        one(
            values,
            periods,
            (first, through),
            (name, subject),
            drawn,
            &mut all,
        );
    }
    all.sort_by(|left: &Lived, right| left.id.cmp(&right.id));
    all
}

fn one(
    values: &Values,
    periods: &PeriodSet,
    (first, through): (usize, usize),
    (name, subject): (&str, usize),
    drawn: &Drawn,
    all: &mut Vec<Lived>,
) {
    let own = all.len();
    let life = &drawn.life;
    let (mut days, mut firing): (Days, Option<NaiveDate>) = (Vec::new(), None);
    #[expect(
        clippy::needless_range_loop,
        reason = "days are numbered in several lists"
    )]
    for at in first..=through {
        let today = day(at);
        if let Some(period) = periods.iter().find(|period| period.contains(today)) {
            let value = values[at][subject];
            let (low, enough) = (value < drawn.below, value >= drawn.enough);
            days.push((today, period.id.index(), low, enough));
            if let Some(since) = firing {
                let is_over = match life.keep {
                    Keep::None => enough,
                    Keep::Periods(span) if span.count <= 1 => enough,
                    Keep::Periods(span) => {
                        // The period in which it fired counts if it is enough in the end.
                        let fired_in = days.iter().find(|told| told.0 == since).unwrap().1;
                        let from = days.iter().find(|told| told.1 == fired_in).unwrap().0;
                        enough
                            && periods_in_a_row(&days, from, |told| told.3).0
                                >= u32::from(span.count)
                    }
                    Keep::Days(passed) => days_in_a_row(&days, since, |told| told.3)
                        .is_some_and(|row| (today - row).num_days() >= i64::from(passed)),
                };
                if is_over {
                    firing = None;
                    let alert = all.last_mut().unwrap();
                    if alert.status == Status::Firing {
                        alert.status = Status::Resolved { on: today };
                    }
                }
            } else {
                let row = days_in_a_row(&days, day(first), |told| told.2);
                let rises = match drawn.lasting {
                    Persistence::Immediate => row,
                    Persistence::Periods(span) if span.count <= 1 => row,
                    Persistence::Periods(span) => {
                        let (length, since) = periods_in_a_row(&days, day(first), |told| told.2);
                        (low && length >= u32::from(span.count)).then_some(since)
                    }
                    Persistence::Days(passed) => {
                        row.filter(|row| (today - *row).num_days() >= i64::from(passed))
                    }
                };
                if let Some(since) = rises
                    && rise(all, own, life, today, since, (name, subject))
                {
                    firing = Some(today);
                }
            }
        }
        if let Some(alert) = all[own..].last_mut()
            && life.expire_days > 0
            && alert.status == Status::Firing
            && (today - alert.fired).num_days() >= i64::from(life.expire_days)
        {
            alert.status = Status::Expired { on: today };
        }
    }
}

/// Opens an alert, or the one before again; nothing while the rule rests.
fn rise(
    all: &mut Vec<Lived>,
    own: usize,
    life: &Life,
    today: NaiveDate,
    mut since: NaiveDate,
    (name, subject): (&str, usize),
) -> bool {
    let mut recurrence = 0;
    if let Some(before) = all[own..].last_mut() {
        recurrence = before.recurrence + 1;
        let (end, resolved) = match before.status {
            Status::Resolved { on } => (on, true),
            Status::Expired { on } => (on, false),
            _ => unreachable!("one that is open still fires"),
        };
        let passed = (today - end).num_days();
        if resolved && passed < i64::from(life.reopen_days) {
            before.status = Status::Firing;
            before.pauses.push(Pause {
                from: end,
                to: today,
            });
            return true;
        }
        if passed < i64::from(life.cooldown_days) {
            return false;
        }
        since = since.max(end.succ_opt().unwrap());
    }
    all.push(Lived {
        id: AlertId::new(key(name), vec![key(&format!("s{subject}"))], today),
        since,
        fired: today,
        status: Status::Firing,
        pauses: Vec::new(),
        recurrence,
    });
    true
}

fn told(monitor: &Monitor, name: &str) -> Vec<Lived> {
    let own = monitor
        .incidents()
        .iter()
        .filter(|record| record.id.rule() == &key(name));
    let mut all: Vec<Lived> = own
        .filter(|record| !record.status.is_withdrawn())
        .map(lived)
        .collect();
    all.sort_by(|left, right| left.id.cmp(&right.id));
    all
}

fn back(monitor: &Monitor) -> Monitor {
    let read: Monitor = serde_json::from_str(&serde_json::to_string(monitor).unwrap()).unwrap();
    assert_eq!(&read, monitor);
    read
}

proptest! {
    #![proptest_config(crate::cases(40))]

    #[test]
    fn watched_every_day_or_once_at_the_end_alerts_live_as_day_after_day_says(
        values in values(),
        periods in sets(),
        rules in (drawn(), drawn()),
        first in 0_usize..40,
        steps in prop::collection::vec((1_usize..9, any::<bool>()), 80),
    ) {
        let panel = as_of(&values, &periods, day(first));
        let set = RuleSet::compile([rule("a", &rules.0), rule("b", &rules.1)], &panel).unwrap();
        let panels = |today| Ok::<_, AlertError>(as_of(&values, &periods, today));
        let mut daily = Monitor::beginning(day(first));
        let mut all = Vec::new();
        for at in first..DAYS {
            let events = daily.watch(&set, day(at), &hours(), panels).unwrap();
            for event in &events {
                prop_assert_eq!(event.day, day(at));
            }
            all.extend(events);
        }
        let mut once = Monitor::beginning(day(first));
        prop_assert_eq!(&once.watch(&set, day(DAYS - 1), &hours(), panels).unwrap(), &all);
        prop_assert_eq!(&once, &daily);
        let (mut parted, mut at) = (Monitor::beginning(day(first)), first);
        let mut parts = Vec::new();
        for (step, is_saved) in steps {
            parts.extend(parted.watch(&set, day(at), &hours(), panels).unwrap());
            if is_saved {
                parted = back(&parted);
            }
            if at == DAYS - 1 {
                break;
            }
            at = (at + step).min(DAYS - 1);
        }
        prop_assert_eq!(&parts, &all);
        prop_assert_eq!(&parted, &daily);
        for (name, drawn) in [("a", &rules.0), ("b", &rules.1)] {
            prop_assert_eq!(told(&daily, name), account(&values, &periods, (first, DAYS - 1), name, drawn));
        }
    }

    #[test]
    fn late_records_leave_the_lives_of_the_final_values_and_every_alert_keeps_its_identity(
        values in values(),
        later in values(),
        periods in sets(),
        drawn in drawn(),
        late in prop::collection::vec((0_usize..DAYS, 1_usize..30, 1_usize..12, 0..SUBJECTS, any::<bool>()), 0..6),
        closes in prop::collection::vec((0_usize..DAYS, 30_usize..50), 0..4),
        saves in prop::collection::vec(any::<bool>(), DAYS),
    ) {
        // What is given up stays so when it is told again, and so does not follow from the final values.
        let mut drawn = drawn;
        drawn.life.expire_days = 0;
        let mut values = values;
        let set = RuleSet::compile([rule("a", &drawn)], &as_of(&values, &periods, day(0))).unwrap();
        let mut monitor = Monitor::beginning(day(0));
        let (mut known, mut forgotten) = (BTreeMap::<AlertId, usize>::new(), Vec::<Incident>::new());
        #[expect(clippy::needless_range_loop, reason = "days are numbered in several lists")]
        for at in 0..DAYS {
            monitor.watch(&set, day(at), &hours(), |today| Ok::<_, AlertError>(as_of(&values, &periods, today))).unwrap();
            let open = monitor.open().next().map(|record| record.id.clone());
            if let Some(open) = open {
                monitor.acknowledge(&open, key("eva"), day(at).and_hms_opt(20, 0, 0).unwrap()).unwrap();
            }
            for (_, ago, length, subject, back) in late.iter().filter(|late| late.0 == at) {
                let from = at.saturating_sub(*ago);
                for of in from..(from + length).min(at + 1) {
                    values[of][*subject] = if *back { 3 - values[of][*subject] } else { later[of][*subject] };
                }
            }
            if late.iter().any(|late| late.0 == at) {
                let before = monitor.incidents().to_vec();
                let noon = day(at).and_hms_opt(12, 0, 0).unwrap();
                let changed = monitor
                    .rewatch(&set, noon, |today| Ok::<_, AlertError>(as_of(&values, &periods, today)))
                    .unwrap();
                prop_assert_eq!(&changed, &restatements(&before, monitor.incidents()));
                for old in &before {
                    let now = monitor.incidents().iter().find(|record| record.id == old.id);
                    let now = now.expect("what was told stays");
                    prop_assert_eq!(&now.acknowledgements, &old.acknowledgements);
                    if now.status.is_withdrawn() {
                        prop_assert!(!monitor.open().any(|record| record.id == now.id));
                    }
                }
            }
            for (_, ago) in closes.iter().filter(|close| close.0 == at && at > close.1) {
                let gone = monitor
                    .close(&set, day(at - ago), |today| Ok::<_, AlertError>(as_of(&values, &periods, today)))
                    .unwrap();
                prop_assert!(gone.iter().all(|record| !record.status.is_open()));
                forgotten.extend(gone);
            }
            if saves[at] {
                monitor = back(&monitor);
            }
            for record in monitor.incidents() {
                let decided = known.entry(record.id.clone()).or_default();
                prop_assert!(record.acknowledgements.len() >= *decided);
                *decided = record.acknowledgements.len();
            }
        }
        let ids: std::collections::BTreeSet<&AlertId> = monitor.incidents().iter().map(|record| &record.id).collect();
        prop_assert_eq!(ids.len(), monitor.incidents().len());
        let expected = account(&values, &periods, (0, DAYS - 1), "a", &drawn);
        let all: Vec<Incident> = forgotten.iter().chain(monitor.incidents()).cloned().collect();
        let facts = |since: NaiveDate, fired: NaiveDate, id: &AlertId, status: &Status, pauses: &[Pause], recurrence: u32| {
            let end = match status {
                Status::Resolved { on } => Some(*on),
                _ => None,
            };
            (id.subject().to_vec(), fired, since, end, pauses.to_vec(), recurrence)
        };
        let mut told: Vec<_> = all
            .iter()
            .filter(|record| !record.status.is_withdrawn())
            .map(|record| facts(record.since, record.fired, &record.id, &record.status, &record.pauses, record.recurrence))
            .collect();
        let mut wanted: Vec<_> = expected
            .iter()
            .map(|lived| facts(lived.since, lived.fired, &lived.id, &lived.status, &lived.pauses, lived.recurrence))
            .collect();
        told.sort();
        wanted.sort();
        prop_assert_eq!(told, wanted);
    }
}
