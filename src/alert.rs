//! The life of alerts: a state machine that is fed day by day and keeps what people decided.
//!
//! [`Monitor::watch`] reads a panel as of each day and says what happened: what fired, came back, became graver, ended;
//! [`Monitor::advance`] does so by one panel and its periods. [`Monitor::tick`] lets time pass: it wakes, repeats, escalates in
//! working time, gives up, and checks what corrective actions came to. All take
//! the time as an argument; a monitor is plain data that can be saved after any step, and goes on after it was read back
//! as if it had never stopped. When records come late or are corrected, [`Monitor::correct`] and [`Monitor::rewatch`] go through
//! history again and say what is different, as far back as it is not closed ([`Monitor::close`]).
//!
//! A pending condition is inactive again when it is false or unknown; a firing one ends only on what clears it, period after
//! period without a gap, so that what is unknown raises nothing and clears nothing.
//!
//! Rules multiply: with 500 people and the four run rules of a control chart, five false alarms a period are to be
//! expected; persistence, hysteresis and flapping limits are there to be used.
//!
//! Start with [`Monitor`] (fed day by day), [`Event`] (what it says) and [`Incident`] (an alert with its history).
//!
//! ```
//! use quotaflow::alert::{Monitor, What};
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::rule::{RuleDef, RuleSet};
//! use quotaflow::space::Subjects;
//! let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-05-01".parse()?)?;
//! let mut panel = Panel::new(Subjects::whole(), months);
//! panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![9, 3, 2, 9]))?;
//! let idle = RuleSet::compile([RuleDef::new("idle", "visits < 5".parse()?)?], &panel)?;
//! let (judge, mut monitor) = (idle.over(&panel)?, Monitor::new());
//! let mut told = Vec::new();
//! for month in panel.periods() {
//!     let events = monitor.advance(&judge, month.id, month.end.and_time(chrono::NaiveTime::MIN))?;
//!     told.extend(events.into_iter().map(|event| (month.label.to_string(), event.what)));
//! }
//! assert_eq!(told, [("2026-02".to_owned(), What::Fired), ("2026-04".to_owned(), What::Resolved)]);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod cell;
mod digest;
mod document;
mod error;
mod figures;
mod flap;
mod forget;
mod history;
mod incident;
mod look_up;
mod monitor;
mod saved;
mod telling;
mod time;
mod track;
mod turn;

pub use digest::{Cover, Digest, Group, covered, digest, digest_by_tree, uncovered};
pub use error::AlertError;
pub use figures::{figures, figures_with_below};
pub use history::{Restatement, restatements};
pub use incident::{
    Acknowledgement, AlertId, CorrectiveAction, Effectiveness, Event, Incident, Pause, Pending,
    Status, What,
};
pub use monitor::Monitor;
