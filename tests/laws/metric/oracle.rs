//! The slow and obvious way.

use crate::at::{PeriodAt, RowAt};
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::metric::Layout;
use quotaflow::panel::Reason;
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::RowId;

use super::records::{CUSTOMERS, floor};

/// The slow and obvious way: records as structs, sets of names, one question at a time.
pub(crate) struct Oracle<'a> {
    frame: &'a Layout,
    seen: Vec<Seen>,
}

#[derive(Debug, Clone)]
struct Seen {
    record: Record,
    /// The position among the subjects, if any.
    subject: Option<usize>,
    team: Option<String>,
    order: (NaiveDate, NaiveTime, u64),
}

/// To whom the member of a record belongs on a day.
fn ancestor(
    frame: &Layout,
    record: &Record,
    (dimension, level): (&str, &str),
    day: NaiveDate,
) -> Key {
    let known = frame.schema().space().dimension(dimension).unwrap();
    let member = record.members.get(dimension);
    let member = member.map_or("unassigned", String::as_str);
    let place = known.placement(known.member(member).unwrap(), day);
    let level = known.level(level).unwrap();
    known.key_of(known.ancestor(place, level)).clone()
}

/// The position among the subjects of the one to which a record belongs on a day.
fn subject_on(frame: &Layout, record: &Record, day: NaiveDate) -> Option<usize> {
    let axes = frame.subjects().axes().iter();
    let members = axes.map(|axis| {
        let level = (axis.dimension.as_str(), axis.level.as_str());
        ancestor(frame, record, level, day)
    });
    let members: Vec<Key> = members.collect();
    frame.subjects().find(&members).map(RowId::index)
}

impl<'a> Oracle<'a> {
    pub(crate) fn new(frame: &'a Layout, records: &[Record]) -> Self {
        let seen = records.iter().map(|record| {
            let subject = subject_on(frame, record, record.day);
            let team = ancestor(frame, record, ("person", "team"), record.day);
            let team = Some(team.as_str().to_owned());
            let order = (record.day, record.time.unwrap_or_default(), record.sequence);
            Seen {
                record: record.clone(),
                subject,
                team,
                order,
            }
        });
        Self {
            frame,
            seen: seen.collect(),
        }
    }

    /// The day on which the last of a subject's members was taken on: the first of any link, else of the ledger.
    fn taken_on(&self, subject: usize) -> Option<NaiveDate> {
        let (schema, subjects) = (self.frame.schema(), self.frame.subjects());
        let start = schema.span().start();
        let mut days = vec![start];
        for (axis, member) in subjects
            .axes()
            .iter()
            .zip(subjects.members(subjects.row_at(subject)))
        {
            if *member == *"unassigned" {
                return None;
            }
            let dimension = schema.space().dimension(axis.dimension.as_str()).unwrap();
            let mut firsts = Vec::new();
            for hierarchy in &dimension.definition().hierarchies {
                for link in hierarchy.links.iter().filter(|link| link.member == *member) {
                    firsts.push(link.from.unwrap_or(start));
                }
            }
            days.extend(firsts.into_iter().min());
        }
        days.into_iter().max()
    }

    fn period(&self, day: NaiveDate) -> Option<usize> {
        self.frame.periods().on(day).map(PeriodId::index)
    }

    fn select(&self, keep: impl Fn(&Seen) -> bool) -> Vec<&Seen> {
        self.seen.iter().filter(|seen| keep(seen)).collect()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each metric")]
    pub(crate) fn answer(&self, key: &str, subject: usize, period: usize) -> Result<Ratio, Reason> {
        let here = self
            .frame
            .periods()
            .period(self.frame.periods().period_at(period))
            .unwrap();
        let own = |seen: &&&Seen| seen.subject == Some(subject);
        let within = |seen: &&&Seen| here.contains(seen.record.day);
        let order = |seen: &Seen| seen.record.kind == "order";
        let won = |seen: &Seen| order(seen) && outcome(seen) == Some("won");
        let all = self.select(|_| true);
        let in_cell: Vec<&Seen> = all.iter().filter(own).filter(within).copied().collect();
        let since = |from: NaiveDate| -> Vec<&Seen> {
            let inside = |seen: &&&Seen| from <= seen.record.day && seen.record.day < here.end;
            all.iter().filter(own).filter(inside).copied().collect()
        };
        let months_back = |count: usize| {
            self.frame
                .periods()
                .period(
                    self.frame
                        .periods()
                        .period_at(period.saturating_sub(count - 1)),
                )
                .unwrap()
                .start
        };
        let counted = |found: usize| Ok(Ratio::from(i64::try_from(found).unwrap()));
        let count = |keep: &dyn Fn(&Seen) -> bool| {
            counted(in_cell.iter().filter(|seen| keep(seen)).count())
        };
        let total = |found: &[&Seen], keep: &dyn Fn(&Seen) -> bool| {
            cents(
                found
                    .iter()
                    .filter(|seen| keep(seen))
                    .filter_map(|seen| units(seen))
                    .sum(),
            )
        };
        let names = |found: &[&Seen]| {
            let named = found
                .iter()
                .filter_map(|seen| seen.record.members.get("customer"));
            named.cloned().collect::<BTreeSet<String>>()
        };
        match key {
            "visits" => count(&|seen| !order(seen)),
            "orders" | "again" => count(&order),
            "won" => count(&won),
            "several" => count(&|seen| {
                matches!(outcome(seen), Some("lost" | "postponed"))
                    || !seen.record.members.contains_key("customer")
                    || units(seen).is_some_and(|units| units >= 200)
            }),
            "blue" => count(&|seen| seen.team.as_deref() == Some("blue")),
            "below" => count(&|seen| {
                let floor = floor(seen.record.day);
                units(seen)
                    .zip(floor)
                    .is_some_and(|(units, floor)| units < floor)
            }),
            "same_team" => count(&|seen| {
                let team = |field: &str| {
                    let people = self.frame.schema().space().dimension("person").unwrap();
                    let member = people.member(seen.record.members.get(field)?).ok()?;
                    let place = people.placement(member, seen.record.day);
                    let team = people.ancestor(place, people.level("team").unwrap());
                    let key = people.key_of(team).as_str().to_owned();
                    (key != "unassigned").then_some(key)
                };
                team("person").is_some_and(|own| team("helper").as_ref() == Some(&own))
            }),
            "days_seen" | "days_seen_3" => {
                let found = if key == "days_seen" {
                    in_cell.clone()
                } else {
                    let mut found = since(months_back(3));
                    found.retain(|seen| order(seen));
                    found
                };
                let days: BTreeSet<NaiveDate> = found.iter().map(|seen| seen.record.day).collect();
                counted(days.len())
            }
            "open_age" => {
                let last = here.end.pred_opt().unwrap();
                let ages: Vec<i64> = all
                    .iter()
                    .filter(|seen| order(seen) && seen.record.day <= last)
                    .filter(|seen| subject_on(self.frame, &seen.record, last) == Some(subject))
                    .filter(|seen| seen.record.dates.get("due").is_none_or(|due| *due > last))
                    .map(|seen| (last - seen.record.day).num_days())
                    .collect();
                mean(&ages)
            }
            "silent" | "silent_due" | "since_won" => {
                let last = here.end.pred_opt().unwrap();
                let latest = all.iter().filter(own).filter_map(|seen| {
                    let day = if key == "silent_due" {
                        seen.record.dates.get("due").copied()
                    } else {
                        won(seen).then_some(seen.record.day)
                    };
                    day.filter(|day| *day < here.end)
                });
                let from = match latest.max() {
                    Some(latest) => latest,
                    None if key == "since_won" => return Err(Reason::NothingRecorded),
                    None => self.taken_on(subject).ok_or(Reason::NothingRecorded)?,
                };
                if from > last {
                    return Err(Reason::NotApplicable);
                }
                Ok(Ratio::from((last - from).num_days()))
            }
            "due" => counted(
                all.iter()
                    .filter(own)
                    .filter(|seen| order(seen))
                    .filter(|seen| {
                        seen.record
                            .dates
                            .get("due")
                            .is_some_and(|due| here.contains(*due))
                    })
                    .count(),
            ),
            "sales" => Ok(total(&in_cell, &order)),
            "sales_known" => {
                if in_cell.iter().all(|seen| units(seen).is_none()) {
                    return Err(Reason::NothingRecorded);
                }
                Ok(total(&in_cell, &|_| true))
            }
            "trailing" => Ok(total(&since(months_back(3)), &order)),
            "days_45" => Ok(total(&since(here.end - Days::new(45)), &order)),
            "as_of" => counted(since(NaiveDate::MIN).len()),
            "qtd" => {
                let last = here.end.pred_opt().unwrap();
                let quarter = Calendar::gregorian()
                    .containing(Grain::Quarter, last)
                    .unwrap();
                counted(since(quarter.start).len())
            }
            "mean" => {
                let found: Vec<i64> = in_cell
                    .iter()
                    .filter(|seen| won(seen))
                    .filter_map(|seen| units(seen))
                    .collect();
                mean(&found).and_then(|mean| {
                    mean.checked_div(Ratio::from(100))
                        .map_err(|_| Reason::OutOfRange)
                })
            }
            "low" => in_cell
                .iter()
                .filter_map(|seen| units(seen))
                .min()
                .map(cents)
                .ok_or(Reason::NothingRecorded),
            "high" => since(months_back(2))
                .iter()
                .filter_map(|seen| units(seen))
                .max()
                .map(cents)
                .ok_or(Reason::NothingRecorded),
            "p90" | "p25" => {
                let mut found: Vec<i64> = in_cell.iter().filter_map(|seen| units(seen)).collect();
                found.sort_unstable();
                if found.is_empty() {
                    return Err(Reason::NothingRecorded);
                }
                if key == "p25" {
                    let rank = found.len().div_ceil(4).max(1);
                    return Ok(cents(found[rank - 1]));
                }
                let place = (found.len() - 1) * 9;
                let (whole, part) = (place / 10, i64::try_from(place % 10).unwrap());
                let next = found.get(whole + 1).copied().unwrap_or(0);
                let tenths = found[whole] * (10 - part) + if part == 0 { 0 } else { next * part };
                Ok(Ratio::new(i128::from(tenths), 1000).unwrap())
            }
            "term" => {
                let found: Vec<i64> = in_cell
                    .iter()
                    .filter(|seen| order(seen))
                    .filter_map(|seen| {
                        Some((*seen.record.dates.get("due")? - seen.record.day).num_days())
                    })
                    .collect();
                mean(&found)
            }
            "distinct" => counted(names(&in_cell).len()),
            "distinct_3" => counted(names(&since(months_back(3))).len()),
            "outcomes" => counted(
                in_cell
                    .iter()
                    .filter_map(|seen| outcome(seen))
                    .collect::<BTreeSet<_>>()
                    .len(),
            ),
            "new" | "new_won" => {
                let mut found = 0;
                for name in CUSTOMERS {
                    let own = self.select(|seen| {
                        seen.record
                            .members
                            .get("customer")
                            .is_some_and(|own| own == name)
                            && (key == "new" || won(seen))
                    });
                    let outside = (usize::MAX, usize::MAX);
                    let cell = |seen: &Seen| match self.period(seen.record.day) {
                        Some(period) => (seen.subject.unwrap_or(usize::MAX), period),
                        None => outside,
                    };
                    let first = own.iter().min_by_key(|seen| (seen.order, cell(seen)));
                    found +=
                        usize::from(first.is_some_and(|first| cell(first) == (subject, period)));
                }
                counted(found)
            }
            "gap" => {
                let mut gaps = Vec::new();
                for name in CUSTOMERS {
                    let mut days: Vec<NaiveDate> = all
                        .iter()
                        .filter(own)
                        .filter(|seen| {
                            seen.record
                                .members
                                .get("customer")
                                .is_some_and(|own| own == name)
                        })
                        .map(|seen| seen.record.day)
                        .collect();
                    days.sort_unstable();
                    let pairs = days.windows(2).filter(|pair| here.contains(pair[1]));
                    gaps.extend(pairs.map(|pair| (pair[1] - pair[0]).num_days()));
                }
                mean(&gaps)
            }
            "gap_days" => {
                let days: BTreeSet<NaiveDate> =
                    all.iter().filter(own).map(|seen| seen.record.day).collect();
                let days: Vec<NaiveDate> = days.into_iter().collect();
                let pairs = days.windows(2).filter(|pair| here.contains(pair[1]));
                let longest = pairs.map(|pair| (pair[1] - pair[0]).num_days()).max();
                longest.map(Ratio::from).ok_or(Reason::NothingRecorded)
            }
            "open" | "ageing" => {
                let last = here.end.pred_opt().unwrap();
                let open: Vec<&Seen> = all
                    .iter()
                    .filter(|seen| seen.record.day <= last)
                    .filter(|seen| subject_on(self.frame, &seen.record, last) == Some(subject))
                    .filter(|seen| seen.record.dates.get("due").is_none_or(|due| *due > last))
                    .copied()
                    .collect();
                if key == "open" {
                    return counted(open.iter().filter(|seen| order(seen)).count());
                }
                let aged = |seen: &Seen| (10..=30).contains(&(last - seen.record.day).num_days());
                Ok(total(&open, &aged))
            }
            "stock" => {
                let mut sum = Err(Reason::NothingRecorded);
                for name in CUSTOMERS {
                    let last = all
                        .iter()
                        .filter(|seen| {
                            seen.record
                                .members
                                .get("customer")
                                .is_some_and(|own| own == name)
                        })
                        .filter(|seen| seen.record.day < here.end && units(seen).is_some())
                        .max_by_key(|seen| {
                            (seen.order, seen.subject.unwrap_or(usize::MAX), units(seen))
                        });
                    let day = here.end.pred_opt().unwrap();
                    let owner = |last: &Seen| subject_on(self.frame, &last.record, day);
                    if let Some(last) = last.filter(|last| owner(last) == Some(subject)) {
                        sum = Ok(sum.unwrap_or(0) + units(last).unwrap());
                    }
                }
                sum.map(cents)
            }
            "top_2" | "hhi" => {
                let mut held: BTreeMap<&str, i64> = BTreeMap::new();
                for seen in &in_cell {
                    let value = if key == "hhi" { Some(1) } else { units(seen) };
                    if let (Some(name), Some(value)) = (seen.record.members.get("customer"), value)
                    {
                        *held.entry(name).or_default() += value;
                    }
                }
                let mut held: Vec<i64> = held.into_values().collect();
                held.sort_unstable();
                let total: i64 = held.iter().sum();
                if total <= 0 {
                    return Err(Reason::NoBase);
                }
                let (top, bottom) = if key == "hhi" {
                    (held.iter().map(|held| held * held).sum(), total * total)
                } else {
                    (held.iter().rev().take(2).sum::<i64>(), total)
                };
                Ok(Ratio::new(i128::from(top), i128::from(bottom)).unwrap())
            }
            "average_stock" => {
                let before = period.checked_sub(1).ok_or(Reason::NotApplicable);
                // What has no closing figure says so first.
                let closing = self.answer("stock", subject, period)?;
                let opening = self.answer("stock", subject, before?)?;
                let sum = opening.checked_add(closing).unwrap();
                Ok(sum.checked_mul(Ratio::percent(50)).unwrap())
            }
            "growth" | "earlier" => {
                let (of, back) = if key == "growth" {
                    ("orders", 1)
                } else {
                    ("mean", 2)
                };
                let then = period.checked_sub(back).ok_or(Reason::NotApplicable)?;
                let then = self.answer(of, subject, then)?;
                if key == "earlier" {
                    return Ok(then);
                }
                let more = self.answer(of, subject, period)?.checked_sub(then).unwrap();
                more.checked_div(then).map_err(|_| Reason::NoBase)
            }
            "share" => {
                let whole = all
                    .iter()
                    .filter(within)
                    .filter(|seen| seen.subject.is_some() && order(seen));
                let whole = Ratio::from(i64::try_from(whole.count()).unwrap());
                count(&order)?
                    .checked_div(whole)
                    .map_err(|_| Reason::NoBase)
            }
            "last_year" | "year_growth" => {
                let then = period.checked_sub(12).ok_or(Reason::NotApplicable)?;
                let then = self.answer("orders", subject, then)?;
                if key == "last_year" {
                    return Ok(then);
                }
                let more = self.answer("orders", subject, period)?;
                let more = more.checked_sub(then).unwrap();
                more.checked_div(then).map_err(|_| Reason::NoBase)
            }
            "days" => Ok(Ratio::from(i64::from(here.days()))),
            "rate" => {
                let visits = count(&|seen| !order(seen))?;
                let hundred = count(&order)?.checked_mul(Ratio::from(100)).unwrap();
                hundred.checked_div(visits).map_err(|_| Reason::NoBase)
            }
            "until" | "until_begun" | "waiting" | "waiting_age" => self.pairs(key, subject, period),
            "more" => Ok(count(&order)?
                .checked_sub(count(&|seen| !order(seen))?)
                .unwrap()),
            "spread" => {
                let high = self.answer("p90", subject, period)?;
                Ok(high
                    .checked_sub(self.answer("low", subject, period)?)
                    .unwrap())
            }
            "daily" => {
                let twice = i64::from(here.days()) * 2;
                Ok(total(&in_cell, &order)
                    .checked_div(Ratio::from(twice))
                    .unwrap())
            }
            _ => self.presence(key, subject, period),
        }
    }

    /// Orders, each with the next visit to the same customer.
    fn pairs(&self, key: &str, subject: usize, period: usize) -> Result<Ratio, Reason> {
        let here = self
            .frame
            .periods()
            .period(self.frame.periods().period_at(period))
            .unwrap();
        let last = here.end.pred_opt().unwrap();
        let mut days = Vec::new();
        for start in self.select(|seen| seen.record.kind == "order") {
            let Some(customer) = start.record.members.get("customer") else {
                continue;
            };
            let visits = self.select(|seen| {
                seen.record.kind == "visit"
                    && seen.record.members.get("customer") == Some(customer)
                    && seen.record.day >= start.record.day
            });
            let next = visits
                .into_iter()
                .min_by_key(|seen| (seen.record.day, seen.subject.unwrap_or(usize::MAX)));
            let waited = next.map(|next| (next.record.day - start.record.day).num_days());
            let mine = |seen: &Seen| seen.subject == Some(subject);
            match key {
                "until" => {
                    let here = next.filter(|next| mine(next) && here.contains(next.record.day));
                    days.extend(here.and(waited));
                }
                "until_begun" if mine(start) && here.contains(start.record.day) => {
                    days.extend(waited);
                }
                "waiting" | "waiting_age"
                    if mine(start)
                        && start.record.day <= last
                        && next.is_none_or(|next| next.record.day > last) =>
                {
                    days.push((last - start.record.day).num_days());
                }
                _ => {}
            }
        }
        match key {
            "waiting" => Ok(Ratio::from(i64::try_from(days.len()).unwrap())),
            "until_begun" => {
                days.sort_unstable();
                let rank = days.len().div_ceil(2);
                let middle = rank.checked_sub(1).map(|at| Ratio::from(days[at]));
                middle.ok_or(Reason::NothingRecorded)
            }
            _ => mean(&days),
        }
    }

    /// Questions about the months in which a customer was seen.
    fn presence(&self, key: &str, subject: usize, period: usize) -> Result<Ratio, Reason> {
        let periods = self.frame.periods().len();
        if matches!(key, "lost_event" | "lost_state") && period + 1 >= periods {
            return Err(Reason::NotYetDue);
        }
        let overall = !matches!(key, "lost_own" | "back_own" | "dormant" | "taken_over");
        // Months, or days, are counted from the panel's first one, and go on before it.
        let begins = self.frame.periods().iter().next().unwrap();
        let number = |day: NaiveDate| match begins.days() {
            1 => i64::from(day.num_days_from_ce()),
            _ => i64::from(day.year()) * 12 + i64::from(day.month()),
        };
        let first = number(begins.start);
        let month = |seen: &Seen| number(seen.record.day) - first;
        let period = i64::try_from(period).unwrap();
        let mut found = 0;
        for name in CUSTOMERS {
            let named = self.select(|seen| {
                seen.record
                    .members
                    .get("customer")
                    .is_some_and(|own| own == name)
                    && month(seen) < i64::try_from(periods).unwrap()
            });
            let own: Vec<&Seen> = named
                .iter()
                .filter(|seen| overall || seen.subject == Some(subject))
                .copied()
                .collect();
            let months: BTreeSet<i64> = own.iter().map(|seen| month(seen)).collect();
            let any = |from: i64, to: i64| months.range(from..to.max(from)).next().is_some();
            let back = |count: i64| period - count;
            let ever = i64::MIN;
            let is_new = || {
                let cell = |seen: &Seen| (seen.subject.unwrap_or(usize::MAX), month(seen));
                let first = named.iter().min_by_key(|seen| (seen.order, cell(seen)));
                first.is_some_and(|first| cell(first) == (subject, period))
            };
            let yes = match key {
                "lost_event" => any(back(1), period) && !any(period, period + 2),
                "lost_state" => any(back(4), period) && !any(period, period + 2),
                "lost_own" => any(back(3), period) && !any(period, period + 1),
                "back" | "back_own" => {
                    any(period, period + 1) && !any(back(2), period) && any(ever, back(2))
                }
                "retained" => any(back(1), period) && any(period, period + 1),
                "previous" => any(back(1), period),
                "dormant" => !any(back(1), period + 1) && any(ever, back(1)),
                "taken_over" => any(period, period + 1) && !any(ever, period) && !is_new(),
                other => panic!("{other} has no oracle"),
            };
            if !yes {
                continue;
            }
            let place = |seen: &&&Seen| (seen.order, seen.subject.unwrap_or(usize::MAX));
            let credited = if key == "back" {
                own.iter()
                    .filter(|seen| month(seen) == period)
                    .min_by_key(place)
            } else {
                own.iter()
                    .filter(|seen| month(seen) < period)
                    .max_by_key(place)
            };
            let mine = !overall || credited.is_some_and(|seen| seen.subject == Some(subject));
            found += i64::from(mine);
        }
        Ok(Ratio::from(found))
    }
}

fn outcome(seen: &Seen) -> Option<&str> {
    seen.record.attributes.get("outcome").map(String::as_str)
}

fn units(seen: &Seen) -> Option<i64> {
    let amount = seen.record.amounts.get("sales")?;
    Some(Quantum::CENT.units(amount.decimal()).unwrap())
}

fn cents(units: i64) -> Ratio {
    Ratio::new(i128::from(units), 100).unwrap()
}

fn mean(found: &[i64]) -> Result<Ratio, Reason> {
    let count = i128::try_from(found.len()).unwrap();
    Ratio::new(found.iter().copied().map(i128::from).sum(), count).map_err(|_| Reason::NoBase)
}
