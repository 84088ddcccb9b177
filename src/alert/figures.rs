//! What alerts say about how exceptions are dealt with: figures for a panel, so that rules and cards can read them.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::incident::{Effectiveness, Incident, Status};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, PanelError, Reason, Role};
use crate::quantity::{Quantum, Ratio};
use crate::rule::Deviation;
use crate::space::{RowId, Tree};

/// Gives a panel columns about the alerts of its subjects; of all rules where `rules` is empty. A rule over them makes
/// an exception of the same cause that keeps coming back.
///
/// | column | unit | what it says of a subject in a period |
/// |---|---|---|
/// | `alerts_fired` | `count:alert` | alerts that fired first in it |
/// | `alerts_recurred` | `count:alert` | those of them that had an alert of the same rule before |
/// | `alerts_reopened` | `count:alert` | alerts that came back in it within their rule's reopening time, each time |
/// | `alerts_open` | `count:alert` | alerts that were open at its end |
/// | `oldest_open_alert_days` | `day` | days from the firing of the oldest alert that is open at its end to that end; nothing recorded where none is |
/// | `days_to_alert` | `day per count:alert` | mean days from the first sign to the firing, of those that fired first in it; no base where none did |
/// | `days_to_corrective_action` | `day per count:alert` | mean days from the firing to the day on which its corrective action was carried out, of those carried out in it |
/// | `days_to_resolve` | `day per count:alert` | mean days from the first firing to the end, of those that ended in it |
/// | `corrective_actions_failed` | `count:alert` | corrective actions whose effect was checked in it and that were not done or had none |
///
/// The same cause can come back in two ways, and they are counted apart. Within the reopening time
/// ([`Life::reopen_days`](crate::rule::Life::reopen_days)) the alert is the same one, reopened: it had not been solved, its time to the
/// end runs on from the first firing, and it is `alerts_reopened`. After that time, or where the rule has none, it is another alert
/// of the same rule and subject: what was done had an effect that did not last, its time starts anew, and it is `alerts_recurred`.
/// The two added up are how often anything came back. While an alert is over it is not open, whether or not it comes back later.
///
/// Favourable alerts are left out: an opportunity is not to be corrected. So are alerts that were withdrawn: they never were. Alerts given up count as open until then and never as resolved. Alerts of subjects that the panel does not have are left
/// out.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::alert::{Monitor, figures};
/// use quotaflow::rule::{RuleDef, RuleSet};
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-07-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![9, 3, 9, 4, 9, 2]))?;
/// let idle = RuleSet::compile([RuleDef::new("idle", "visits < 5".parse()?)?], &panel)?;
/// let monitor = Monitor::replay(&idle, &panel, panel.periods().id("2026-06")?, |_| Default::default())?;
/// panel.extend(figures(monitor.incidents(), &[]))?;
/// // Idle in February, again in April, and again in June.
/// let again = RuleDef::new("again", "alerts_recurred >= 1 in 2 of 3 months".parse()?)?;
/// let fired = RuleSet::compile([again], &panel)?.evaluate(&panel, panel.periods().id("2026-06")?)?;
/// assert_eq!(fired.len(), 1);
/// # Ok::<(), quotaflow::Error>(())
/// ```
pub fn figures(records: &[Incident], rules: &[Key]) -> impl Columns<Error = PanelError> {
    move |panel: &Panel| gathered(records, rules, panel, |_| None)
}

/// Gives the same with the alerts of those below: an alert of a subject that the panel does not have counts for the one
/// above it on the day on which it fired, as far up as need be.
///
/// The tree leads from a person to the team, or by one of a [`Bridge`](crate::space::Bridge) from a dealer to the salesperson.
pub fn figures_with_below(
    records: &[Incident],
    rules: &[Key],
    tree: Tree<'_>,
) -> impl Columns<Error = PanelError> {
    move |panel: &Panel| {
        gathered(records, rules, panel, |record| {
            lifted(record.id.subject(), panel, tree, record.fired)
        })
    }
}

fn gathered(
    records: &[Incident],
    rules: &[Key],
    panel: &Panel,
    above: impl Fn(&Incident) -> Option<RowId>,
) -> Result<Vec<Column>, PanelError> {
    let wanted: BTreeSet<&Key> = rules.iter().collect();
    let mut sums = Sums::new(panel.cells());
    for record in records {
        let is_other = !wanted.is_empty() && !wanted.contains(record.id.rule());
        if is_other || record.status.is_withdrawn() {
            continue;
        }
        match record.deviation {
            Deviation::Adverse => {}
            Deviation::Favourable => continue,
        }
        let own = panel.subjects().find(record.id.subject());
        if let Some(subject) = own.or_else(|| above(record)) {
            sums.add(record, subject, panel);
        }
    }
    sums.columns()
}

/// The nearest subject of the panel above one that it does not have: one of its members is that of the tree.
fn lifted(subject: &[Key], panel: &Panel, tree: Tree<'_>, day: NaiveDate) -> Option<RowId> {
    let mut wanted = subject.to_vec();
    for (at, member) in subject.iter().enumerate() {
        for above in tree.chain_of(member.as_str(), day) {
            wanted.get_mut(at)?.clone_from(above);
            if let Some(place) = panel.subjects().find(&wanted) {
                return Some(place);
            }
        }
        wanted.get_mut(at)?.clone_from(member);
    }
    None
}

/// Sums over the alerts of each cell.
struct Sums {
    fired: Vec<i64>,
    recurred: Vec<i64>,
    reopened: Vec<i64>,
    open: Vec<i64>,
    oldest: Vec<i64>,
    failed: Vec<i64>,
    /// Days, and of how many alerts.
    to_alert: (Vec<i64>, Vec<i64>),
    to_action: (Vec<i64>, Vec<i64>),
    to_end: (Vec<i64>, Vec<i64>),
}

impl Sums {
    fn new(cells: usize) -> Self {
        let zeros = || vec![0_i64; cells];
        Self {
            fired: zeros(),
            recurred: zeros(),
            reopened: zeros(),
            open: zeros(),
            oldest: zeros(),
            failed: zeros(),
            to_alert: (zeros(), zeros()),
            to_action: (zeros(), zeros()),
            to_end: (zeros(), zeros()),
        }
    }

    fn add(&mut self, record: &Incident, subject: RowId, panel: &Panel) {
        let periods = panel.periods();
        let cell = |day: NaiveDate| panel.cell(subject, periods.on(day)?).ok();
        let passed = |from: NaiveDate, to: NaiveDate| (to - from).num_days();
        if let Some(at) = cell(record.fired) {
            self.fired[at] += 1;
            self.recurred[at] += i64::from(record.recurrence > 0);
            self.to_alert.0[at] += passed(record.since, record.fired);
            self.to_alert.1[at] += 1;
        }
        for pause in &record.pauses {
            if let Some(at) = cell(pause.to) {
                self.reopened[at] += 1;
            }
        }
        if let Status::Resolved { on } = record.status
            && let Some(at) = cell(on)
        {
            self.to_end.0[at] += passed(record.fired, on);
            self.to_end.1[at] += 1;
        }
        if let Some(action) = &record.corrective_action {
            let failed = matches!(
                action.outcome,
                Some(Effectiveness::NotDone | Effectiveness::WithoutEffect)
            );
            if let (true, Some(at)) = (failed, cell(action.check)) {
                self.failed[at] += 1;
            }
            if let Some(done) = action.done
                && let Some(at) = cell(done)
            {
                self.to_action.0[at] += passed(record.fired, done);
                self.to_action.1[at] += 1;
            }
        }
        for period in 0..periods.len() {
            let Some(range) = periods.range(PeriodId::at(period)) else {
                continue;
            };
            let last = range.end().pred_opt().unwrap_or(range.start());
            if record.was_open(last)
                && let Ok(at) = panel.cell(subject, PeriodId::at(period))
            {
                self.open[at] += 1;
                self.oldest[at] = self.oldest[at].max(passed(record.fired, range.end()));
            }
        }
    }

    fn columns(self) -> Result<Vec<Column>, PanelError> {
        let alerts = Unit::Count(Key::from_static("alert"));
        let key = |name| ColumnKey {
            metric: Key::from_static(name),
            role: Role::Actual,
        };
        let some = |open: &i64| match open {
            0 => Some(Reason::NothingRecorded),
            _ => None,
        };
        let states: Vec<Option<Reason>> = self.open.iter().map(some).collect();
        let mut columns: Vec<Column> = [
            ("alerts_fired", self.fired),
            ("alerts_recurred", self.recurred),
            ("alerts_reopened", self.reopened),
            ("alerts_open", self.open),
            ("corrective_actions_failed", self.failed),
        ]
        .into_iter()
        .map(|(name, units)| Column::amounts(key(name), alerts.clone(), Quantum::ONE, units))
        .collect();
        let oldest = Column::amounts(
            key("oldest_open_alert_days"),
            Unit::Day,
            Quantum::ONE,
            self.oldest,
        );
        columns.push(oldest.with_reasons(&states)?);
        for (name, (days, of)) in [
            ("days_to_alert", self.to_alert),
            ("days_to_corrective_action", self.to_action),
            ("days_to_resolve", self.to_end),
        ] {
            let unit = Unit::Day.per(alerts.clone());
            columns.push(Column::quotients(key(name), unit, Ratio::ONE, days, of)?);
        }
        let better = |column: Column| column.better(Direction::Smaller);
        Ok(columns.into_iter().map(better).collect())
    }
}
