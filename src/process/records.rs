//! Instances shown by records: workflow events that a ledger holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::ProcessError;
use super::instance::{Instance, StepEvent, StepEventKind};
use crate::key::{Key, unknown};
use crate::ledger::{Extract, Ledger, ranked};

/// Which fields of a kind of record tell what happened to a step of an instance.
///
/// ```
/// use quotaflow::calendar::DayRange;
/// use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
/// use quotaflow::measure::Measures;
/// use quotaflow::process::EventFields;
/// use quotaflow::space::{DimensionDef, Space};
/// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// let event = RecordKind::new("order step")?.of("person")?.noting("order", &[])?.noting("step", &[])?.timed();
/// let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut ledger = Ledger::new("erp", Schema::new(space, Measures::new(vec![])?, vec![event], year)?)?;
/// let offer = Record::new("order step", "2026-03-02".parse()?).at("09:30:00".parse()?).of("person", "ann");
/// ledger.enter(&[offer.attribute("order", "o1").attribute("step", "offer")])?;
/// let fields: EventFields =
///     serde_json::from_str(r#"{"record": "order step", "instance": "order", "step": "step", "by": "person"}"#).map_err(quotaflow::Error::unreadable)?;
/// let instances = fields.instances(&ledger)?;
/// assert_eq!(instances[0].events[0].at.to_string(), "2026-03-02 09:30:00");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFields {
    /// The kind of record; of kinds that are placed by their day, all events are at midnight.
    pub record: Key,
    /// The instance: a member or an attribute.
    pub instance: Key,
    /// The step: a member or an attribute. Records that open or close an instance need none.
    pub step: Key,
    /// What happened: a member or an attribute that holds `opened`, `assigned`, `started`, `completed`, `intervened` or `closed`. Left out,
    /// every record tells that a step was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Key>,
    /// Who did it, or to whom it was given: a member or an attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Key>,
}

enum Told {
    Opened,
    Step(StepEventKind),
    Closed,
}

impl EventFields {
    /// Returns the instances that a ledger holds, by name. One that no record opens was opened with its first event.
    ///
    /// # Errors
    /// [`ProcessError::Ledger`] for an unknown kind or field, [`ProcessError::Unsaid`] for a record without instance, step
    /// or event, [`ProcessError::UnknownEvent`] for another event, [`ProcessError::Twice`] for an instance opened or closed
    /// again.
    pub fn instances(&self, ledger: &Ledger) -> Result<Vec<Instance>, ProcessError> {
        let source = Extract::new(ledger, self.record.as_str())?;
        let (instance, step) = (source.name(&self.instance)?, source.name(&self.step)?);
        let event = self.event.as_ref().map(|field| source.name(field));
        let event = event.transpose()?;
        let by = self.by.as_ref().map(|field| source.name(field));
        let by = by.transpose()?;
        let mut found: BTreeMap<&Key, (Instance, bool)> = BTreeMap::new();
        for (sequence, row) in ranked(source.rows()) {
            let at = row.instant();
            let unsaid = |field: &Key| ProcessError::Unsaid {
                at,
                field: field.clone(),
            };
            let key = row.name(instance).ok_or_else(|| unsaid(&self.instance))?;
            let told = match (event, &self.event) {
                (Some(field), Some(name)) => {
                    let text = row.name(field).ok_or_else(|| unsaid(name))?;
                    told(text).ok_or_else(|| {
                        let events = EVENTS.map(|(word, _)| word);
                        let (name, nearest, known) = unknown(text.as_str(), events);
                        ProcessError::UnknownEvent {
                            name,
                            nearest,
                            known,
                            at,
                        }
                    })?
                }
                _ => Told::Step(StepEventKind::Completed),
            };
            let (instance, opened) = found.entry(key).or_insert_with(|| {
                let instance = Instance {
                    key: key.clone(),
                    opened: at,
                    closed: None,
                    events: Vec::new(),
                };
                (instance, false)
            });
            match told {
                Told::Opened if *opened => {
                    return Err(ProcessError::Twice {
                        instance: key.clone(),
                        what: "opened",
                    });
                }
                Told::Opened => {
                    instance.opened = at;
                    *opened = true;
                }
                Told::Closed if instance.closed.is_some() => {
                    return Err(ProcessError::Twice {
                        instance: key.clone(),
                        what: "closed",
                    });
                }
                Told::Closed => instance.closed = Some(at),
                Told::Step(kind) => instance.events.push(StepEvent {
                    at,
                    sequence,
                    step: row.name(step).ok_or_else(|| unsaid(&self.step))?.clone(),
                    kind,
                    by: by.and_then(|field| row.name(field).cloned()),
                }),
            }
        }
        Ok(found.into_values().map(|(instance, _)| instance).collect())
    }
}

/// The events, as records write them.
const EVENTS: [(&str, Told); 6] = [
    ("opened", Told::Opened),
    ("assigned", Told::Step(StepEventKind::Assigned)),
    ("started", Told::Step(StepEventKind::Started)),
    ("completed", Told::Step(StepEventKind::Completed)),
    ("intervened", Told::Step(StepEventKind::Intervened)),
    ("closed", Told::Closed),
];

fn told(text: &Key) -> Option<Told> {
    let found = EVENTS.into_iter().find(|(word, _)| *text == *word);
    found.map(|(_, told)| told)
}
