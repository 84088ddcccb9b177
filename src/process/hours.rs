//! In which hours the steps of a workflow are worked on.

use std::collections::BTreeMap;

use super::clock::Clock;
use super::definition::TaskDef;
use super::instance::{StepEvent, StepEventKind};
use crate::calendar::WorkingHours;
use crate::key::Key;

/// The working hours in which deadlines and delays of steps run: those of whoever holds the step, where they have their own, else
/// those of the post that owns it, else those of the department that leads it, else the usual ones. Who is given a step or begins
/// it holds it from then on, and its deadline runs in their hours. Time of the whole instance runs in the usual ones.
///
/// ```
/// use quotaflow::calendar::{WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef};
/// use quotaflow::process::Hours;
/// let days = WorkingDays::new(WorkingDaysDef::monday_to_friday("week".try_into()?))?;
/// let hours = |key: &str, shift: &str| -> Result<WorkingHours, quotaflow::Error> {
///     Ok(WorkingHours::new(WorkingHoursDef::on_working_days(key.try_into()?, &[shift.parse()?], &days))?)
/// };
/// let (office, night) = (hours("office", "09:00-17:00")?, hours("dispatch", "12:00-20:00")?);
/// let hours = Hours::from(&office).of_department("logistics".try_into()?, &night);
/// # let _ = hours;
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Hours<'a> {
    usual: &'a WorkingHours,
    posts: BTreeMap<Key, &'a WorkingHours>,
    departments: BTreeMap<Key, &'a WorkingHours>,
}

impl<'a> Hours<'a> {
    /// Returns them with the hours of a post, or of a person: those of who holds a step.
    #[must_use]
    pub fn of_post(mut self, post: Key, hours: &'a WorkingHours) -> Self {
        self.posts.insert(post, hours);
        self
    }

    /// Returns them with the hours of a department.
    #[must_use]
    pub fn of_department(mut self, department: Key, hours: &'a WorkingHours) -> Self {
        self.departments.insert(department, hours);
        self
    }

    pub(super) fn usual(&self) -> &'a WorkingHours {
        self.usual
    }

    /// The clock of a step, by who was given it or began it, in the order of time.
    pub(super) fn clock<'e>(
        &self,
        task: &TaskDef,
        events: impl Iterator<Item = &'e StepEvent>,
    ) -> Clock<'a> {
        let own = self.of(task);
        let mut clock = Clock::new(own);
        for event in events {
            let given = matches!(event.kind, StepEventKind::Assigned | StepEventKind::Started);
            if let (true, Some(person)) = (given, &event.by) {
                let theirs = self.posts.get(person).copied();
                clock.handed_over(event.at, theirs.unwrap_or(own));
            }
        }
        clock
    }

    fn of(&self, task: &TaskDef) -> &'a WorkingHours {
        let post = task.owner.as_ref().and_then(|owner| self.posts.get(owner));
        let department = || {
            task.lead
                .as_ref()
                .and_then(|lead| self.departments.get(lead))
        };
        post.or_else(department).copied().unwrap_or(self.usual)
    }
}

impl<'a> From<&'a WorkingHours> for Hours<'a> {
    fn from(usual: &'a WorkingHours) -> Self {
        Self {
            usual,
            posts: BTreeMap::new(),
            departments: BTreeMap::new(),
        }
    }
}
