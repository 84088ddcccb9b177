//! What is done to plans, as entries.

use chrono::NaiveDate;

use super::{Content, Entry};
use crate::journal::deed::{AgreementDef, CascadingDef, ChangingDef, PlanDeed};
use crate::journal::error::EntryError;
use crate::journal::id::EntryId;
use crate::key::Key;
use crate::plan::Edit;
use crate::quantity::Number;

impl Entry {
    /// Returns the entry by which a plan of the model is cascaded from a total for each of its measures.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId};
    /// let id = EntryId::new("planning", "2026")?;
    /// let cascaded = Entry::cascade(id, "2025-12-12".parse()?, "sales-2026", [("sales", 1_200_000)])?;
    /// let cascaded = cascaded.by("eva").because("agreed by the board");
    /// assert!(serde_json::to_string(&cascaded)?.contains(r#""what":{"cascade":{"plan":"sales-2026","totals":{"sales":"1200000"}}}"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn cascade<'t>(
        id: EntryId,
        day: NaiveDate,
        plan: &str,
        totals: impl IntoIterator<Item = (&'t str, impl Into<Number>)>,
    ) -> Result<Self, EntryError> {
        let deed = PlanDeed::Cascade(CascadingDef::of(plan, totals)?);
        Ok(Self::new(id, day, Content::Plan(deed)))
    }

    /// Returns the entry by which a plan is cascaded anew, with the totals that it has but for those that are given.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn realign<'t>(
        id: EntryId,
        day: NaiveDate,
        plan: &str,
        totals: impl IntoIterator<Item = (&'t str, impl Into<Number>)>,
    ) -> Result<Self, EntryError> {
        let deed = PlanDeed::Realign(CascadingDef::of(plan, totals)?);
        Ok(Self::new(id, day, Content::Plan(deed)))
    }

    /// Returns the entry of a change to a plan.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn change(
        id: EntryId,
        day: NaiveDate,
        plan: &str,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Result<Self, EntryError> {
        let deed = PlanDeed::Change(ChangingDef {
            plan: Key::new(plan)?,
            based_on: None,
            edits: edits.into_iter().collect(),
        });
        Ok(Self::new(id, day, Content::Plan(deed)))
    }

    /// Returns the entry by which a version of a plan is agreed.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn agree(
        id: EntryId,
        day: NaiveDate,
        plan: &str,
        version: u64,
    ) -> Result<Self, EntryError> {
        let plan = Key::new(plan)?;
        let deed = PlanDeed::Agree(AgreementDef { plan, version });
        Ok(Self::new(id, day, Content::Plan(deed)))
    }
}
