//! The company watched month by month: what is told once, what is told again, and what becomes of it.

use quotaflow::Error;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};
use quotaflow::alert::{AlertId, Event, Incident, Monitor, What, covered, figures_with_below};
use quotaflow::calendar::{PeriodId, Shift, WorkingHours, WorkingHoursDef};
use quotaflow::catalog::packs;
use quotaflow::key::Key;
use quotaflow::panel::Panel;
use quotaflow::rule::RuleSet;
use quotaflow::space::Tree;

/// What happened in one month over all panels.
#[derive(Default, Clone)]
struct Month {
    label: String,
    held: usize,
    events: BTreeMap<What, usize>,
    covered: usize,
    open: usize,
}

/// All alerts of all panels, dealers first.
#[derive(Default)]
pub struct Watched {
    pub records: Vec<Incident>,
    months: Vec<Month>,
    told: Vec<(usize, AlertId)>,
}

impl Watched {
    /// Goes through the months of a panel up to this one.
    pub fn watch(&mut self, rules: &RuleSet, panel: &Panel, last: PeriodId) -> Result<(), Error> {
        let (judge, hours) = (rules.over(panel)?, office()?);
        let mut monitor = Monitor::new();
        let months = panel.periods().iter().take_while(|month| month.id <= last);
        self.months.resize(months.clone().count(), Month::default());
        for ((place, month), period) in self.months.iter_mut().enumerate().zip(months) {
            let end = period.end;
            month.label = period.label.to_string();
            month.held += judge.evaluate(period.id)?.len();
            // Judged on the first day of the next month, and looked at again a week later.
            let at = end.and_time(NaiveTime::MIN);
            let mut events: Vec<Event> = monitor.advance(&judge, period.id, at)?;
            events.extend(monitor.tick(rules, at + chrono::Days::new(7), &hours));
            for event in events {
                *month.events.entry(event.what).or_default() += 1;
                if event.what == What::Fired {
                    self.told.push((place, event.id));
                }
            }
            month.open += monitor.open().count();
        }
        self.records.extend_from_slice(monitor.incidents());
        Ok(())
    }

    /// Adds what became of the alerts so far to the panel of those above.
    pub fn add_figures(&self, panel: &mut Panel, tree: Tree<'_>) -> Result<(), Error> {
        Ok(panel.extend(figures_with_below(&self.records, &[], tree))?)
    }

    /// Prints the last months: what held, what was told of it, and what an alert above stood for.
    pub fn print(&mut self, tree: Tree<'_>, today: NaiveDate) -> Result<(), Error> {
        let covers = packs::covers()?;
        let covered = covered(&self.records, &self.records, &covers, tree, today);
        let stood_for: BTreeSet<&AlertId> = self
            .records
            .iter()
            .zip(covered)
            .filter_map(|(record, covered)| covered.then_some(&record.id))
            .collect();
        for (period, id) in &self.told {
            if stood_for.contains(id) {
                self.months[*period].covered += 1;
            }
        }
        println!("\nMonth by month: held, and what a monitor tells of it\n");
        println!(
            "  {:<8} {:>5} {:>5} {:>6} {:>9} {:>7} {:>6} {:>5} {:>5}",
            "month", "held", "new", "again", "escalated", "repeat", "ended", "under", "open"
        );
        for month in self.months.iter().rev().take(6).rev() {
            let count = |what| month.events.get(&what).copied().unwrap_or_default();
            println!(
                "  {:<8} {:>5} {:>5} {:>6} {:>9} {:>7} {:>6} {:>5} {:>5}",
                month.label,
                month.held,
                count(What::Fired),
                count(What::Reopened),
                count(What::Escalated),
                count(What::Repeated),
                count(What::Resolved),
                month.covered,
                month.open,
            );
        }
        println!(
            "  (`under`: of the new ones, those for which an alert of the person or team above stands)"
        );
        Ok(())
    }
}

fn office() -> Result<WorkingHours, Error> {
    let shift = Shift::new("09:00".parse()?, "17:00".parse()?)?;
    let (on, off) = (vec![shift], Vec::new());
    let week = [
        on.clone(),
        on.clone(),
        on.clone(),
        on.clone(),
        on,
        off.clone(),
        off,
    ];
    Ok(WorkingHours::new(WorkingHoursDef::new(
        Key::new("office")?,
        week,
    ))?)
}
