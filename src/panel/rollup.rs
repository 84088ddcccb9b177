//! To which row of a panel a person's day counts: the person, the team of that day, the duty, the plan, the company.

use chrono::NaiveDate;

use super::Panel;
use crate::key::Key;
use crate::space::{Dimension, LevelId, Placement, RowId};

/// What the subjects of a panel are, for columns that are counted person by person: of duties, plans and pipelines.
///
/// What is rolled up is counted anew: each record, item or opportunity counts once in the row to which its day belongs, and a
/// rate of a team is what its people did together over what they had together, never a mean of their rates.
///
/// ```
/// use quotaflow::panel::RollUp;
/// use quotaflow::space::{Dimension, DimensionDef};
/// let people = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?.child("person", "ann", "north")?;
/// let people = Dimension::new(people)?;
/// let team = RollUp::Level { people: &people, level: people.level("team")? };
/// assert_eq!(team.subject(&"ann".try_into()?, "2026-03-02".parse()?).map(|key| key.as_str()), Some("north"));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum RollUp<'a> {
    /// Single persons, or posts.
    Person,
    /// The members of one level of the people's dimension, each day's as of that day: teams, departments. Who has none
    /// there counts to the unassigned member.
    Level {
        /// The dimension whose members the persons are.
        people: &'a Dimension,
        /// The level.
        level: LevelId,
    },
    /// The same as it is on one day, whatever day something is of: like for like.
    LevelOn {
        /// The dimension whose members the persons are.
        people: &'a Dimension,
        /// The level.
        level: LevelId,
        /// The day whose structure holds for all days.
        on: NaiveDate,
    },
    /// One and the same subject for everybody: a duty, a plan, the company.
    Whole(&'a Key),
}

impl<'a> RollUp<'a> {
    /// Returns to whom a person's day counts; `None` for somebody whom the dimension does not know.
    #[must_use]
    pub fn subject<'k>(self, person: &'k Key, day: NaiveDate) -> Option<&'k Key>
    where
        'a: 'k,
    {
        match self {
            Self::Person => Some(person),
            Self::Level { people, level } => {
                let member = people.find(person.as_str())?;
                Some(people.key_of(people.ancestor(people.placement(member, day), level)))
            }
            Self::LevelOn { people, level, on } => {
                Self::Level { people, level }.subject(person, on)
            }
            Self::Whole(subject) => Some(subject),
        }
    }

    /// Returns to whom that counts which belongs to no person: nobody among single persons, the unassigned member of a
    /// level, the whole.
    #[must_use]
    pub fn nobody(self) -> Option<&'a Key> {
        match self {
            Self::Person => None,
            Self::Level { people, level } | Self::LevelOn { people, level, .. } => {
                Some(people.key_of(people.ancestor(Placement::UNASSIGNED, level)))
            }
            Self::Whole(subject) => Some(subject),
        }
    }

    /// Returns the cell of a panel to which a person's day counts.
    pub(crate) fn cell(self, panel: &Panel, person: &Key, day: NaiveDate) -> Option<usize> {
        let row = self.row(panel, Some(person), day)?;
        panel.cell(row, panel.periods().on(day)?).ok()
    }

    /// Returns the row of a panel to which the day of a person, or of nobody, counts.
    pub(crate) fn row(self, panel: &Panel, person: Option<&Key>, day: NaiveDate) -> Option<RowId> {
        let subject = match person {
            Some(person) => self.subject(person, day)?,
            None => self.nobody()?,
        };
        // A panel of the whole has one row, of no member.
        let is_whole = panel.subjects().axes().is_empty();
        let members = std::slice::from_ref(subject);
        panel.subjects().find(if is_whole { &[] } else { members })
    }
}
