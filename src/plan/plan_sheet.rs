//! A plan as a flat table that people edit elsewhere, and the edited table read back as a change.

mod error;
mod read;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::frame::Selection;
use super::{Change, Difference, Edit, NodeId, Place, Plan, PlanError};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{NumberForm, Quantity};

pub use error::{SheetCause, SheetError, SheetMistake};

/// The heading of the column that says what may not be edited.
const FIXED: &str = "fixed";

/// What of a plan stands in a sheet, and what has to hold when it comes back.
///
/// ```
/// use quotaflow::plan::SheetDef;
/// let def: SheetDef = serde_json::from_str(
///     r#"{"measures": ["sales"], "at": {"region": "north"}, "keeps": [{"region": "north"}], "numbers": {"decimal": ",", "thousands": "."}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(def.keeps, [def.at]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetDef {
    /// The version of this form of document; 1 when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The measures, each a column; all that are planned when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Key>,
    /// The part of the plan, such as what one manager owns; all of it when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// The places whose totals the edited sheet may not move. Of other places they follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<Place>,
    /// How numbers are written in the sheet; digits with a point when left out.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub numbers: NumberForm,
}

fn is_plain(form: &NumberForm) -> bool {
    *form == NumberForm::default()
}

/// A part of a plan as a flat table, a row for each leaf.
///
/// ```
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, SheetDef, Sources, StepDef};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::{calendar::DayRange, key::Key};
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy"])?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, year).step(StepDef::member("person", "person")?);
/// # let mut plan = Cascade::compile(def, &Sources::new(&measures, &space))?.run(60.into())?;
/// let sheet = plan.as_sheet(&SheetDef::default())?;
/// let mut lines: Vec<Vec<String>> = sheet.lines().collect();
/// assert_eq!(lines[..2], [["person", "sales", "fixed"], ["ann", "20", ""]]);
/// // Somebody edits it elsewhere.
/// lines[1][1] = "25".to_owned();
/// lines[2][1] = "2O".to_owned();
/// let told = plan.read_sheet(&sheet.def, sheet.based_on, &lines).unwrap_err().to_string();
/// assert_eq!(told, "row 3, sales: `2O` is not a number as this one is written: `1234.5`");
/// lines[2][1] = "15".to_owned();
/// let read = plan.read_sheet(&sheet.def, sheet.based_on, &lines)?;
/// let moved: Vec<String> = read.differences.iter().map(|own| format!("{}: {} becomes {}", own.path, own.before, own.after)).collect();
/// assert_eq!(moved, ["ann: 20 becomes 25", "bo: 20 becomes 15"]);
/// plan.apply(read.change(Key::new("eva")?, "2026-01-05T09:30:00".parse()?, "agreed with both"))?;
/// assert_eq!(plan.units("sales", "person")?, [25, 15, 20]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanSheet {
    /// What was asked, with every measure named.
    pub def: SheetDef,
    /// The version of the plan that stands in it.
    pub based_on: u64,
    /// The steps of the plan: the first columns.
    pub steps: Vec<Key>,
    /// The leaves of the part, in the order of the structure.
    pub rows: Vec<SheetRow>,
}

/// One leaf in a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SheetRow {
    /// The leaf; its place says as much in documents.
    #[serde(skip)]
    pub node: NodeId,
    /// Its members and periods by step; a step that its branch leaves out is not there.
    pub place: Place,
    /// Its amount of each measure.
    pub amounts: Vec<Quantity>,
    /// The measures of which it is held.
    pub held: Vec<Key>,
    /// Whether its period is closed, so that none of its amounts may be edited.
    pub closed: bool,
}

impl PlanSheet {
    /// Returns the sheet as rows of text: a row of headings, which are the steps, the measures and `fixed`; and a row for each leaf, whose
    /// last cell says what of it may not be edited.
    pub fn lines(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        let headings = self.steps.iter().chain(&self.def.measures);
        let headings = headings.map(ToString::to_string).chain([FIXED.to_owned()]);
        let rows = self.rows.iter().map(|row| {
            let name = |step| {
                let mut named = row.place.iter();
                named.find(|(own, _)| *own == step)
            };
            let mut cells: Vec<String> = Vec::with_capacity(self.steps.len() + row.amounts.len());
            for step in &self.steps {
                cells.push(name(step).map_or_else(String::new, |(_, name)| name.to_string()));
            }
            let amounts = row.amounts.iter();
            cells.extend(amounts.map(|amount| self.def.numbers.write(amount.amount())));
            cells.push(row.fixed());
            cells
        });
        std::iter::once(headings.collect()).chain(rows)
    }
}

impl SheetRow {
    fn fixed(&self) -> String {
        if self.closed {
            return "closed".to_owned();
        }
        if self.held.is_empty() {
            return String::new();
        }
        let held: Vec<&str> = self.held.iter().map(Key::as_str).collect();
        format!("held: {}", held.join(", "))
    }
}

/// An edited sheet, read back: what it changes, and what is missing in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SheetChange {
    /// The version of the plan to which the edits belong.
    pub based_on: u64,
    /// An edit for each amount that was altered in the sheet.
    pub edits: Vec<Edit>,
    /// The amounts that move, those above and what is linked to them included.
    pub differences: Vec<Difference>,
    /// The leaves of the part that have no row in it; they stay as they are.
    pub missing: Vec<Place>,
}

impl SheetChange {
    /// Returns the change that makes the plan what the sheet says.
    #[must_use]
    pub fn change(&self, by: Key, at: NaiveDateTime, reason: &str) -> Change {
        Change {
            version: Version::default(),
            by,
            at,
            reason: reason.to_owned(),
            based_on: self.based_on,
            edits: self.edits.clone(),
        }
    }
}

impl Plan {
    /// Returns a part of the plan as a flat table that people may edit elsewhere: each leaf with its amounts and what of it may not be
    /// edited. [`Plan::read_sheet`] takes it back. Where the plan has two [layers](super::Layer), the amounts are of the base.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`] and the errors of unknown names and places.
    pub fn as_sheet(&self, def: &SheetDef) -> Result<PlanSheet, PlanError> {
        let (selection, sheets) = self.sheet_part(def)?;
        let mut leaves = self.leaves_of(&selection);
        leaves.sort_by_cached_key(|leaf| self.in_order(*leaf));
        let rows = leaves.into_iter().map(|leaf| {
            let amount = |sheet: &usize| {
                let own = &self.sheets[*sheet];
                own.measure().quantum.quantity(own.amounts().at(leaf))
            };
            let held = sheets.iter().map(|sheet| &self.sheets[*sheet]);
            let held = held.filter(|own| own.is_held(leaf));
            SheetRow {
                node: leaf,
                place: self.frame.place(leaf),
                amounts: sheets.iter().map(amount).collect(),
                held: held.map(|own| own.measure().key.clone()).collect(),
                closed: self.is_closed(leaf),
            }
        });
        let measures = sheets.iter().map(|sheet| self.sheets[*sheet].measure());
        Ok(PlanSheet {
            def: SheetDef {
                measures: measures.map(|measure| measure.key.clone()).collect(),
                ..def.clone()
            },
            based_on: self.version(),
            steps: self.frame.steps().cloned().collect(),
            rows: rows.collect(),
        })
    }

    /// The part that a sheet shows, and its measures.
    fn sheet_part(&self, def: &SheetDef) -> Result<(Selection, Vec<usize>), PlanError> {
        let selection = self.frame.select(&def.at)?;
        let sheets = if def.measures.is_empty() {
            (0..self.sheets.len()).collect()
        } else {
            let measures = def.measures.iter();
            let sheets = measures.map(|measure| self.sheet_index(measure.as_str()));
            sheets.collect::<Result<_, _>>()?
        };
        Ok((selection, sheets))
    }

    /// Where a node stands in the order of the structure, whatever its level.
    fn in_order(&self, node: NodeId) -> Vec<usize> {
        let mut way = Vec::with_capacity(node.level());
        let mut at = Some(node);
        while let Some(node) = at {
            way.push(node.index());
            at = self.frame.parent(node);
        }
        way.reverse();
        way
    }
}
