//! A reallocation, told before it is made.

use std::fmt;

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{
    Change, Edit, LockConflict, LockDef, NodeId, Path, Place, Plan, PlanError, Reallocation,
};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::Quantity;

/// A reallocation as a proposal: what room its parents have cell by cell, what cannot be, and what every node would be.
///
/// ```
/// # use quotaflow::calendar::{Calendar, DayRange, Grain};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, LockDef, Place, Reallocation, RoomVerdict, Sources, StepDef};
/// # use quotaflow::quantity::{Number, Quantum};
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::key::Key;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy"])?])?;
/// # let half = DayRange::new("2026-01-01".parse()?, "2026-07-01".parse()?)?;
/// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, half)
/// #     .step(StepDef::grain(Grain::Quarter)).step(StepDef::member("person", "person")?);
/// # let calendar = Calendar::gregorian();
/// # let plan = Cascade::compile(def, &Sources::new(&measures, &space).calendar(&calendar))?.run(600.into())?;
/// // Two quarters of 300, in each of which ann, bo and cy have 100.
/// let lock = |name: &str, total: i64| Ok::<_, quotaflow::Error>(LockDef::new(Place::whole().at("person", name)?, Number::from(total)));
/// let asked = Reallocation::lock("sales", vec![lock("ann", 120)?])?;
/// let told = plan.reallocation(&asked)?;
/// assert_eq!(told.rooms[0].to_string(), "quarter 2026-Q1: 300, of which 60 locked, 0 held; 240 left to others, who have 200: fits");
/// assert_eq!(told.nodes[3].to_string(), "2026-Q1 / ann: 100 becomes 60 (source)");
/// // Too much is told with all that plays a part, and what room there is.
/// let asked = Reallocation::lock("sales", vec![lock("ann", 400)?, lock("bo", 300)?])?;
/// let told = plan.reallocation(&asked)?;
/// assert_eq!(
///     told.conflicts[0].to_string(),
///     "person ann = 400; person bo = 300 cannot hold together: needed 700, available 600, with what is kept at quarter 2026-Q1; quarter 2026-Q2",
/// );
/// assert_eq!(told.rooms[0].room, RoomVerdict::Over);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProposedReallocation {
    /// What was asked.
    pub asked: Reallocation,
    /// The version of the plan for which it was found.
    pub based_on: u64,
    /// Of locks the parents, cell by cell, and what room they have.
    pub rooms: Vec<ParentRoom>,
    /// All that cannot be; nothing moves where there is any.
    pub conflicts: Vec<LockConflict>,
    /// Locks that would be dropped because the narrower wins.
    pub dropped: Vec<LockDef>,
    /// The nodes that take part, level by level from the top, with what each would be.
    pub nodes: Vec<ReallocatedNode>,
}

/// What a parent has in one cell, and who takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ParentRoom {
    /// The parent and the cell.
    pub at: Place,
    /// What it has there, which is kept.
    pub capacity: Quantity,
    /// What the locks right below it take.
    pub locked: Quantity,
    /// What others below it hold and cannot give.
    pub held: Quantity,
    /// What others below it have now that may move.
    pub free: Quantity,
    /// What is left to them.
    pub slack: Quantity,
    /// Whether that can be.
    pub room: RoomVerdict,
}

/// Whether a parent has room for what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomVerdict {
    /// There is room.
    Fits,
    /// Just what there is, so that others have nothing.
    Full,
    /// Locks take more than there is, or leave something that nobody can take.
    Over,
}

/// A node that takes part in a reallocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReallocatedNode {
    /// The node; its path says as much in documents.
    #[serde(skip)]
    pub node: NodeId,
    /// Its path.
    pub place: Path,
    /// What it is in it.
    pub role: NodeRole,
    /// What it is.
    pub before: Quantity,
    /// What it would be.
    pub after: Quantity,
}

/// What a node is in a reallocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// It is named, or something below it is, and it falls.
    Source,
    /// It is named, or something below it is, and it rises.
    Destination,
    /// Nothing of it is named, and it moves because others do.
    Absorbing,
    /// It stays: it is frozen or held, it is kept above those that move, or what moves below it evens out.
    Bystander,
}

impl ProposedReallocation {
    /// Returns the change that makes it, as it stands.
    #[must_use]
    pub fn change(&self, by: Key, at: NaiveDateTime, reason: &str) -> Change {
        Change {
            version: Version::default(),
            by,
            at,
            reason: reason.to_owned(),
            based_on: self.based_on,
            edits: vec![Edit::Reallocate(self.asked.clone())],
        }
    }
}

impl Plan {
    /// Returns what a reallocation would do, and changes nothing: all that cannot be at once, what room parents have, and the role of every
    /// node that takes part.
    ///
    /// # Errors
    /// Whatever [`Plan::apply`] would refuse the change for, in the same words, but for locks that cannot hold together
    /// ([`EditError::Locks`](super::EditError::Locks)): these are told.
    pub fn reallocation(&self, asked: &Reallocation) -> Result<ProposedReallocation, PlanError> {
        self.reallocated(asked)
    }
}

impl fmt::Display for ParentRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let room = match self.room {
            RoomVerdict::Fits => "fits",
            RoomVerdict::Full => "full",
            RoomVerdict::Over => "cannot be",
        };
        write!(
            f,
            "{}: {}, of which {} locked, {} held; {} left to others, who have {}: {room}",
            self.at, self.capacity, self.locked, self.held, self.slack, self.free
        )
    }
}

impl fmt::Display for ReallocatedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            NodeRole::Source => "source",
            NodeRole::Destination => "destination",
            NodeRole::Absorbing => "absorbing",
            NodeRole::Bystander => "bystander",
        };
        if self.before == self.after {
            return write!(f, "{}: {} stays ({role})", self.place, self.before);
        }
        write!(
            f,
            "{}: {} becomes {} ({role})",
            self.place, self.before, self.after
        )
    }
}
