use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::key::{Key, unknown};

use super::{Axis, Dimension, DimensionDef, MemberId, SpaceError, Subjects};

/// The number of a dimension in its [`Space`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionId(u16);

impl DimensionId {
    /// Returns the position in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A checked list of dimensions.
///
/// ```
/// use quotaflow::space::{DimensionDef, Space};
/// let person = DimensionDef::flat("person", "person", ["ann", "bo"])?;
/// let space = Space::new(vec![person])?;
/// let dimension = space.dimension("person")?;
/// assert_eq!(dimension.members("person")?.count(), 2);
/// assert!(space.dimension("persons").unwrap_err().to_string().contains("did you mean `person`?"));
/// # Ok::<(), quotaflow::space::SpaceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<DimensionDef>", into = "Vec<DimensionDef>")]
pub struct Space {
    dimensions: Vec<Dimension>,
    by_key: BTreeMap<Key, DimensionId>,
}

impl Space {
    /// The most dimensions in a space.
    pub const MAX_DIMENSIONS: usize = 64;

    /// Checks and compiles the definitions, in their order.
    ///
    /// # Errors
    /// Any [`SpaceError`]; each names the dimension and the place in it.
    pub fn new(definitions: Vec<DimensionDef>) -> Result<Self, SpaceError> {
        if definitions.len() > Self::MAX_DIMENSIONS {
            return Err(SpaceError::TooMany {
                what: "dimensions",
                count: definitions.len(),
                limit: Self::MAX_DIMENSIONS,
            });
        }
        let mut by_key = BTreeMap::new();
        let mut dimensions = Vec::with_capacity(definitions.len());
        for (index, definition) in (0_u16..).zip(definitions) {
            if by_key
                .insert(definition.key.clone(), DimensionId(index))
                .is_some()
            {
                return Err(SpaceError::DuplicateDimension {
                    dimension: definition.key,
                });
            }
            dimensions.push(Dimension::new(definition)?);
        }
        Ok(Self { dimensions, by_key })
    }

    /// Returns the dimension with this key.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`] with the nearest known key.
    pub fn dimension(&self, key: &str) -> Result<&Dimension, SpaceError> {
        Ok(self.own(self.id(key)?))
    }

    /// Returns the number of the dimension with this key.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`] with the nearest known key.
    pub fn id(&self, key: &str) -> Result<DimensionId, SpaceError> {
        self.by_key.get(key).copied().ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.by_key.keys().map(Key::as_str));
            SpaceError::UnknownDimension {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the dimension of this number, or `None` beyond the last one.
    #[must_use]
    pub fn get(&self, id: DimensionId) -> Option<&Dimension> {
        self.dimensions.get(id.index())
    }

    /// The dimension of a number that this space gave.
    pub(crate) fn own(&self, id: DimensionId) -> &Dimension {
        &self.dimensions[id.index()]
    }

    /// Returns the dimensions in declared order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Dimension> {
        self.dimensions.iter()
    }

    /// Returns the subjects of one level of one dimension, in declared order.
    ///
    /// With `unassigned`, the member to which belongs what belongs to nobody comes last, so that the subjects together
    /// hold every record.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`], [`SpaceError::UnknownLevel`].
    pub fn subjects(&self, axis: &Axis, unassigned: Unassigned) -> Result<Subjects, SpaceError> {
        let dimension = self.dimension(axis.dimension.as_str())?;
        let mut keys: Vec<Key> = dimension
            .members(axis.level.as_str())?
            .map(|id| dimension.key_of(id).clone())
            .collect();
        if unassigned != Unassigned::Hidden {
            keys.push(dimension.key_of(MemberId::UNASSIGNED).clone());
        }
        Subjects::new(axis.clone(), keys)
    }
}

/// Whether the `unassigned` member gets a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unassigned {
    /// It gets the last one. The default of [`Space::subjects`]: the subjects then hold everything.
    #[default]
    Shown,
    /// It gets none; what belongs to nobody is left out.
    Hidden,
    /// It gets the last one wherever something lies there, and none elsewhere: a record without a member, a person without a
    /// team. The default of whoever knows the records; a space alone does not, and shows it.
    WhereUsed,
}

impl TryFrom<Vec<DimensionDef>> for Space {
    type Error = SpaceError;

    fn try_from(definitions: Vec<DimensionDef>) -> Result<Self, SpaceError> {
        Self::new(definitions)
    }
}

impl From<Space> for Vec<DimensionDef> {
    fn from(space: Space) -> Self {
        space
            .dimensions
            .into_iter()
            .map(|dimension| dimension.definition().clone())
            .collect()
    }
}
