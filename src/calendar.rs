//! Time: days, the periods they form, and which of them are worked.
//!
//! A period is a half-open interval of days `[start, end)` in a named, ordered [`PeriodSet`]. Targets and figures name
//! a period by its set and its id; two sets meet in their common [`refinement`], never by the names of their
//! periods. A [`Calendar`] makes the usual sets (days, weeks, months, quarters, halves, years; fiscal and retail years
//! too); a company whose quota periods follow no calendar writes its set down.
//!
//! Days run from 0001-01-01 to 9999-12-31. What would leave that range is an error, and nothing here reads a clock.
//!
//! Start with [`Calendar`], [`PeriodSet`] and [`WorkingDays`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain, WorkingDays, WorkingDaysDef};
//! let (from, to) = ("2026-01-01".parse()?, "2027-01-01".parse()?);
//! let quarters = Calendar::gregorian().periods(Grain::Quarter, from, to)?;
//! assert_eq!(quarters.on("2026-05-14".parse()?), quarters.find("2026-Q2"));
//! let office = WorkingDaysDef::monday_to_friday("office".try_into()?).holiday("2026-05-01".parse()?, "Labour Day");
//! let office = WorkingDays::new(office)?;
//! assert_eq!(office.count("2026-04-27".parse()?, "2026-05-04".parse()?)?, 4);
//! assert_eq!(office.add_working_days("2026-04-30".parse()?, 1)?, "2026-05-04".parse()?);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod cadence;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod calendar;
mod comparison;
mod dates;
mod day;
mod definition;
mod error;
mod grain;
mod label;
mod period;
mod period_def;
mod refinement;
mod time_of_day;
mod week_cycle;
mod window;
mod working_days;
mod working_hours;

pub use cadence::{Cadence, DayInPeriod, Occurrence, Rhythm, Roll};
pub use calendar::Calendar;
pub use comparison::{LeapDay, LongYear, YearComparison};
pub use day::DayRange;
pub use definition::{CalendarDef, RetailPattern, WeekDef, YearDef, YearEnd, YearNumber};
pub use error::CalendarError;
pub(crate) use error::around_text;
pub use grain::Grain;
pub use period::{Iter, Period, PeriodId, PeriodSet};
pub use period_def::PeriodDef;
pub use refinement::{Refinement, parent_map, refinement};
pub use time_of_day::{DayBoundary, Shift, TimeOfDay, local_date, local_time};
pub use window::{TrailingEnd, Window};
pub use working_days::{DayException, WorkingDays, WorkingDaysDef};
pub use working_hours::{HoursException, WorkingHours, WorkingHoursDef};
