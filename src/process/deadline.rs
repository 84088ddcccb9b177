//! Deadlines kept and missed.

use chrono::{DateTime, FixedOffset};

use super::error::ProcessError;
use crate::quantity::{Ratio, Sample};

/// How many of some cases were closed in time, and how late the others were.
///
/// A case is closed in time when it ended at or before its deadline. Open cases are kept apart: they are neither.
///
/// ```
/// use quotaflow::process::Deadlines;
/// let mut kept = Deadlines::default();
/// kept.closed("2026-03-02T10:00:00+01:00".parse()?, "2026-03-02T09:00:00Z".parse()?)?;
/// kept.closed("2026-03-02T10:00:01+01:00".parse()?, "2026-03-02T09:00:00Z".parse()?)?;
/// kept.open();
/// assert_eq!((kept.cases(), kept.in_time(), kept.late()), (3, 1, 1));
/// assert_eq!(kept.lateness().max(), Some(1_000_000));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deadlines {
    open: usize,
    in_time: usize,
    late: Vec<i64>,
}

impl Deadlines {
    /// Counts a case that has not ended.
    pub fn open(&mut self) {
        self.open += 1;
    }

    /// Counts a case that ended.
    ///
    /// # Errors
    /// [`ProcessError::TooFine`] for an instant finer than a microsecond.
    pub fn closed(
        &mut self,
        end: DateTime<FixedOffset>,
        deadline: DateTime<FixedOffset>,
    ) -> Result<(), ProcessError> {
        for at in [end, deadline] {
            if !at.timestamp_subsec_nanos().is_multiple_of(1000) {
                return Err(ProcessError::TooFine { at });
            }
        }
        match end
            .timestamp_micros()
            .saturating_sub(deadline.timestamp_micros())
        {
            late if late > 0 => self.late.push(late),
            _ => self.in_time += 1,
        }
        Ok(())
    }

    /// Returns how many cases were counted.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.open + self.closed_cases()
    }

    /// Returns how many have not ended.
    #[must_use]
    pub fn open_cases(&self) -> usize {
        self.open
    }

    /// Returns how many have ended.
    #[must_use]
    pub fn closed_cases(&self) -> usize {
        self.in_time + self.late.len()
    }

    /// Returns how many ended at or before their deadline.
    #[must_use]
    pub fn in_time(&self) -> usize {
        self.in_time
    }

    /// Returns how many ended after their deadline.
    #[must_use]
    pub fn late(&self) -> usize {
        self.late.len()
    }

    /// Returns the share of the ended cases that ended in time, unless none ended.
    #[must_use]
    pub fn in_time_rate(&self) -> Option<Ratio> {
        let count = |value: usize| i128::try_from(value).ok();
        Ratio::new(count(self.in_time)?, count(self.closed_cases())?).ok()
    }

    /// Returns by how much the late ones were late, in microseconds.
    #[must_use]
    pub fn lateness(&self) -> Sample {
        Sample::new(self.late.clone())
    }
}
