//! What a monitor says of one rule and one subject, asked by names.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{AlertError, Incident, Monitor};
use crate::key::{Key, unknown};
use crate::rule::RuleError;
use crate::space::Subjects;

impl Monitor {
    /// Returns the alert of a rule for a row that was there at the end of a day, all by name:
    /// `monitor.get("idle", ["ann"], "2026-03-31".parse()?)`. `None` where there was none: it had not fired yet, or was over.
    ///
    /// The row is named by one member for each axis; the whole by none. Rules and rows of earlier periods are known as long as
    /// there is an alert of theirs.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] and [`RuleError::Row`]: what does not exist is told with the nearest name, or the list where
    /// none is near.
    ///
    /// ```
    /// use quotaflow::alert::Monitor;
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::{RuleDef, RuleSet};
    /// use quotaflow::space::{Axis, Subjects};
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-04-01".parse()?)?;
    /// let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?])?;
    /// let mut panel = Panel::new(people, months);
    /// panel.add(Column::amounts("visits".parse()?, "count:visit".parse()?, Quantum::ONE, vec![9, 3, 9]))?;
    /// let rules = RuleSet::compile([RuleDef::new("idle", "visits < 5".parse()?)?], &panel)?;
    /// let march = panel.periods().id("2026-03")?;
    /// let monitor = Monitor::replay(&rules, &panel, march, |_| "2026-04-01T08:00:00".parse().unwrap_or_default())?;
    /// assert!(monitor.get("idle", ["ann"], "2026-02-28".parse()?)?.is_some());
    /// assert!(monitor.get("idle", ["ann"], "2026-03-31".parse()?)?.is_none());
    /// let error = monitor.get("idle", ["anne"], "2026-02-28".parse()?).unwrap_err();
    /// assert_eq!(error.to_string(), "`anne` is not among the subjects; did you mean `ann`?");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn get<N: AsRef<str>>(
        &self,
        rule: &str,
        row: impl IntoIterator<Item = N>,
        day: NaiveDate,
    ) -> Result<Option<&Incident>, AlertError> {
        let row: Vec<N> = row.into_iter().collect();
        let now = self.tracks.iter().map(|track| &track.rule);
        let then = self.records.iter().map(|record| record.id.rule());
        let rules: BTreeSet<&str> = now.chain(then).map(Key::as_str).collect();
        if !rules.contains(rule) {
            let (name, nearest, known) = unknown(rule, rules);
            let error = RuleError::UnknownRule {
                name,
                nearest,
                known,
            };
            return Err(error.into());
        }
        let is_own = |members: &[Key]| {
            let names = row.iter().map(AsRef::as_ref);
            members.iter().map(Key::as_str).eq(names)
        };
        let mut told = self.records.iter().filter(|one| is_own(one.id.subject()));
        if told.clone().next().is_none() {
            // Nothing was ever told of the row: it is known as one of the subjects, or not at all.
            let subjects = self.subjects.clone();
            let subjects = subjects.unwrap_or_else(Subjects::whole);
            subjects.row(&row).map_err(RuleError::from)?;
        }
        Ok(told.find(|one| *one.id.rule() == *rule && one.was_open(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain, PeriodSet};
    use crate::panel::{Column, Panel};
    use crate::quantity::Quantum;
    use crate::rule::{RuleDef, RuleSet};
    use crate::space::Axis;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn months() -> PeriodSet {
        let (from, to) = (day("2026-01-01"), day("2026-05-01"));
        Calendar::gregorian()
            .periods(Grain::Month, from, to)
            .unwrap()
    }

    fn panel(people: &[&str], visits: &[i64]) -> Panel {
        let keys = people.iter().map(|key| Key::new(key).unwrap()).collect();
        let people = Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap();
        let mut panel = Panel::new(people, months());
        let unit = "count:visit".parse().unwrap();
        let column = "visits".parse().unwrap();
        let visits = Column::amounts(column, unit, Quantum::ONE, visits.to_vec());
        panel.add(visits).unwrap();
        panel
    }

    fn rules(panel: &Panel) -> RuleSet {
        let idle = RuleDef::new("idle", "visits < 5".parse().unwrap()).unwrap();
        let busy = RuleDef::new("busy", "visits > 20".parse().unwrap()).unwrap();
        RuleSet::compile([idle, busy], panel).unwrap()
    }

    /// Bo idles in February and again in April; ann never does.
    fn monitor() -> Monitor {
        let panel = panel(&["ann", "bo"], &[9, 9, 9, 2, 9, 9, 9, 3]);
        let last = panel.periods().id("2026-04").unwrap();
        let at = |_| day("2026-05-01").and_hms_opt(8, 0, 0).unwrap();
        Monitor::replay(&rules(&panel), &panel, last, at).unwrap()
    }

    #[test]
    fn an_alert_is_found_by_its_rule_its_row_and_a_day_on_which_it_was_there() {
        let monitor = monitor();
        let since = |rule: &str, row: &str, on: &str| {
            let found = monitor.get(rule, [row], day(on)).unwrap();
            found.map(|one| one.since)
        };
        assert_eq!(since("idle", "bo", "2026-01-31"), None);
        assert_eq!(since("idle", "bo", "2026-02-27"), None);
        assert_eq!(since("idle", "bo", "2026-02-28"), Some(day("2026-02-28")));
        assert_eq!(since("idle", "bo", "2026-03-30"), Some(day("2026-02-28")));
        assert_eq!(since("idle", "bo", "2026-03-31"), None);
        assert_eq!(since("idle", "bo", "2026-04-30"), Some(day("2026-04-30")));
        assert_eq!(since("idle", "ann", "2026-02-28"), None);
        assert_eq!(since("busy", "bo", "2026-02-28"), None);
    }

    #[test]
    fn who_is_gone_is_still_known_by_what_was_told_of_them() {
        let mut monitor = monitor();
        let full = panel(&["ann"], &[9; 4]);
        let year = Calendar::gregorian()
            .periods(Grain::Month, day("2026-05-01"), day("2026-06-01"))
            .unwrap();
        let mut later = Panel::new(full.subjects().clone(), year);
        let unit = "count:visit".parse().unwrap();
        let column = "visits".parse().unwrap();
        let visits = Column::amounts(column, unit, Quantum::ONE, vec![9]);
        later.add(visits).unwrap();
        let rules = rules(&later);
        let may = later.periods().id("2026-05").unwrap();
        let at = day("2026-06-01").and_hms_opt(8, 0, 0).unwrap();
        let judge = rules.over(&later).unwrap();
        let events = monitor.advance(&judge, may, at).unwrap();
        assert_eq!(events.len(), 1);
        crate::document::reads_back(&events[0]);
        let found = |on: &str| monitor.get("idle", ["bo"], day(on)).unwrap().is_some();
        assert!(found("2026-04-30"));
        assert!(!found("2026-05-31"));
    }

    #[test]
    fn names_that_do_not_exist_are_told_with_the_nearest() {
        let monitor = monitor();
        let told = |rule: &str, row: &[&str]| {
            let found = monitor.get(rule, row, day("2026-02-28"));
            found.unwrap_err().to_string()
        };
        assert_eq!(
            told("idl", &["bo"]),
            "there is no rule `idl`; did you mean `idle`?"
        );
        assert_eq!(
            told("idle", &["anna"]),
            "`anna` is not among the subjects; did you mean `ann`?"
        );
        assert!(told("idle", &["ann", "x"]).contains('2'));
        let fresh = Monitor::new();
        assert!(fresh.get("idle", ["ann"], day("2026-02-28")).is_err());
    }
}
