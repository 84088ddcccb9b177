//! Journeys shown by records: stage changes that a ledger holds, as opportunities.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use super::journey::{Opportunity, StageEntry};
use crate::key::Key;
use crate::ledger::{Extract, Ledger, ranked};

/// Which fields of a kind of record tell that an opportunity entered a stage.
///
/// ```
/// use quotaflow::calendar::DayRange;
/// use quotaflow::funnel::StageFields;
/// use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
/// use quotaflow::measure::Measures;
/// use quotaflow::space::{DimensionDef, Space};
/// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// let change = RecordKind::new("stage change")?.of("person")?.noting("deal", &[])?.noting("stage", &["lead", "offer"])?;
/// let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut ledger = Ledger::new("crm", Schema::new(space, Measures::new(vec![])?, vec![change], year)?)?;
/// let entered = |day: &str, stage: &str| -> Result<Record, quotaflow::Error> {
///     Ok(Record::new("stage change", day.parse()?).of("person", "ann").attribute("deal", "d1").attribute("stage", stage))
/// };
/// ledger.enter(&[entered("2026-03-02", "lead")?, entered("2026-03-09", "offer")?])?;
/// let fields: StageFields =
///     serde_json::from_str(r#"{"record": "stage change", "opportunity": "deal", "stage": "stage", "owner": "person"}"#).map_err(quotaflow::Error::unreadable)?;
/// let deals = fields.opportunities(&ledger)?;
/// assert_eq!((deals.len(), deals[0].entries.len()), (1, 2));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageFields {
    /// The kind of record.
    pub record: Key,
    /// The opportunity: a member or an attribute.
    pub opportunity: Key,
    /// The stage that it entered: a member or an attribute.
    pub stage: Key,
    /// Whose it is: a member or an attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// What it is worth: a measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Key>,
    /// When its owner expects it to close: a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Key>,
}

impl StageFields {
    /// Returns the opportunities that a ledger holds, by name. Owner, value and expected day are those that the latest
    /// record which says them says.
    ///
    /// Records of one day are taken by time, then by sequence, as for every record.
    ///
    /// # Errors
    /// [`FunnelError::Ledger`] for an unknown kind or field, [`FunnelError::Unsaid`] for a record without opportunity or
    /// stage.
    pub fn opportunities(&self, ledger: &Ledger) -> Result<Vec<Opportunity>, FunnelError> {
        let source = Extract::new(ledger, self.record.as_str())?;
        let (opportunity, stage) = (source.name(&self.opportunity)?, source.name(&self.stage)?);
        let owner = self.owner.as_ref().map(|field| source.name(field));
        let owner = owner.transpose()?;
        let value = self.value.as_ref().map(|field| source.amount(field));
        let value = value.transpose()?;
        let closes = self.closes.as_ref().map(|field| source.day_field(field));
        let closes = closes.transpose()?;
        let mut found: BTreeMap<&Key, Opportunity> = BTreeMap::new();
        for (sequence, row) in ranked(source.rows()) {
            let unsaid = |field: &Key| FunnelError::Unsaid {
                day: row.day(),
                field: field.clone(),
            };
            let key = row
                .name(opportunity)
                .ok_or_else(|| unsaid(&self.opportunity))?;
            let entry = StageEntry {
                day: row.day(),
                sequence,
                stage: row.name(stage).ok_or_else(|| unsaid(&self.stage))?.clone(),
            };
            let one = found.entry(key).or_insert_with(|| Opportunity {
                key: key.clone(),
                owner: None,
                value: 0,
                closes: None,
                entries: Vec::new(),
            });
            one.entries.push(entry);
            if let Some(owner) = owner.and_then(|field| row.name(field)) {
                one.owner = Some(owner.clone());
            }
            if let Some(value) = value.and_then(|(field, _)| row.units(field)) {
                one.value = value;
            }
            if let Some(day) = closes.and_then(|field| row.date(field)) {
                one.closes = Some(day);
            }
        }
        Ok(found.into_values().collect())
    }
}
