//! Why a planned item was matched with this record, with another, or with none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::matching::{
    Appointment, Departure, DoneItem, Fulfilment, MatchReport, MatchRule, PlannedItem,
};
use crate::key::Key;

/// What became of a record that might have served a planned item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Candidacy {
    /// It serves the item.
    Taken,
    /// It would count, but serves another item: all items together cost less so.
    Serves {
        /// The other item.
        other: Key,
    },
    /// It would count, but serves none: leaving both alone, or another record for the item, costs no more.
    LeftAlone,
    /// It does not count, for this departure.
    DoesNotCount(Departure),
}

/// A record that might have served a planned item, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The record.
    pub record: Key,
    /// How it departs from the item, where it would count.
    pub departures: Vec<Departure>,
    /// What these cost, where it would count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
    /// What became of it.
    pub became: Candidacy,
}

impl MatchRule {
    /// Returns every record of the item's person and sort of activity with the reason why it serves the item or does not:
    /// those that would count first, the cheapest first, then those that do not, each by day and id.
    ///
    /// `report` and `done` are the result of [`MatchRule::match_plan`] and what it was given. Records after the report's day are
    /// not in it. A broken appointment that was not moved is served by nothing and has no candidates.
    ///
    /// ```
    /// use quotaflow::duty::{Candidacy, Departure, DoneItem, MatchRule, PlannedItem};
    /// let plan: Vec<PlannedItem> = serde_json::from_str(
    ///     r#"[{"id": "p1", "person": "ann", "kind": "visit", "customer": "x", "day": "2026-03-02"},
    ///         {"id": "p2", "person": "ann", "kind": "visit", "customer": "x", "day": "2026-03-04"}]"#,
    /// ).map_err(quotaflow::Error::unreadable)?;
    /// let done: Vec<DoneItem> = serde_json::from_str(
    ///     r#"[{"id": "d1", "person": "ann", "kind": "visit", "customer": "x", "day": "2026-03-04"},
    ///         {"id": "d2", "person": "ann", "kind": "visit", "customer": "y", "day": "2026-03-02"}]"#,
    /// ).map_err(quotaflow::Error::unreadable)?;
    /// let rule = MatchRule::default();
    /// let report = rule.match_plan(&plan, &done, &[], "2026-03-31".parse()?)?;
    /// // The visit to x of the 4th would do for the 2nd, two days late, but serves the one of its own day.
    /// let why = rule.candidates(&plan[0], &report, &done);
    /// assert_eq!((&why[0].became, why[0].cost), (&Candidacy::Serves { other: "p2".try_into()? }, Some(20)));
    /// assert_eq!(why[1].became, Candidacy::DoesNotCount(Departure::OtherCustomer));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn candidates(
        &self,
        item: &PlannedItem,
        report: &MatchReport,
        done: &[DoneItem],
    ) -> Vec<Candidate> {
        let broken = report.broken.iter().find(|one| one.planned == item.id);
        let one = Appointment::new(item, broken);
        if !one.can_be_held() {
            return Vec::new();
        }
        let mut serves: BTreeMap<&Key, &Key> = BTreeMap::new();
        for (item, outcome) in &report.planned {
            if let Fulfilment::Done { by, .. } = outcome {
                serves.insert(by, &item.id);
            }
        }
        let mut records: Vec<&DoneItem> = done
            .iter()
            .filter(|record| record.day <= report.as_of)
            .collect();
        records.sort_by_key(|record| (record.day, &record.id));
        let mut found: Vec<Candidate> = records
            .into_iter()
            .filter_map(|record| {
                let (departures, cost, became) = match self.examine(&one, record)? {
                    Err(departure) => (Vec::new(), None, Candidacy::DoesNotCount(departure)),
                    Ok((departures, cost)) => {
                        let became = match serves.get(&record.id) {
                            Some(other) if **other == item.id => Candidacy::Taken,
                            Some(other) => Candidacy::Serves {
                                other: (*other).clone(),
                            },
                            None => Candidacy::LeftAlone,
                        };
                        (departures, Some(cost), became)
                    }
                };
                Some(Candidate {
                    record: record.id.clone(),
                    departures,
                    cost,
                    became,
                })
            })
            .collect();
        // A stable sort keeps day and id among equal costs.
        found.sort_by_key(|one| (one.cost.is_none(), one.cost));
        found
    }
}
