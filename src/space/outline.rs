//! A dimension from rows of text: each names one member at every level.

mod error;
mod names;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use error::{OutlineCause, OutlineError, OutlineMistake};

use super::{DimensionDef, HierarchyDef, LinkDef, MemberDef, UNASSIGNED};
use crate::key::Key;
use crate::quantity::{Number, NumberForm};
use crate::text::Texts;
use names::{Names, Path, spaced};

/// How rows of text are read as a dimension: a column for each level, from the top down, and columns of numbers behind them.
///
/// A row names one member at every level, and each stands below the one before it. Members come in the order in which rows name them first.
/// Blanks around names, and several between their words, say nothing; whatever was read otherwise than it was written is told
/// ([`Outline::altered`]). What is doubtful is refused, or read by a policy that is named here; all that is wrong is told at once, by row.
///
/// ```
/// use quotaflow::space::OutlineDef;
/// let def: OutlineDef = serde_json::from_str(
///     r#"{"dimension": "person", "levels": ["region", "team", "person"],
///         "numbers": [{"key": "weight", "form": {"thousands": ","}}]}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let outline = def.read([
///     ["North", "Team 1", "Ann", "1,200"],
///     ["North", "Team 1 ", "Bo", "800"],
///     ["South", "", "", ""],
/// ])?;
/// assert_eq!(outline.dimension.members.len(), 5);
/// assert_eq!(outline.rows[1].as_ref().map(|member| member.as_str()), Some("Bo"));
/// assert_eq!(outline.numbers[0][0].map(|number| number.to_string()).as_deref(), Some("1200"));
/// assert_eq!(outline.altered[0].to_string(), "row 2, team: `Team 1 ` is read as `Team 1`");
/// let told = def.read([["North", "Team 1", "Ann", ""], ["South", "Team 1", "Ann", "12.5%"]]).unwrap_err().to_string();
/// assert_eq!(told, "row 2, team: `Team 1` stands below `South`, and below `North` in row 1: give one of them another name, or tell them apart by `same_name`\n\
///                   row 2, weight: `12.5%` is not a number as this one is written: `1,234.5`");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutlineDef {
    /// The name of the dimension.
    pub dimension: Key,
    /// The name of its hierarchy; that of the dimension when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<Key>,
    /// The levels from the top to the leaves, each a column.
    pub levels: Vec<Key>,
    /// The columns of numbers behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberColumn>,
    /// What holds of an empty cell above one that is not.
    #[serde(default, skip_serializing_if = "Gaps::is_default")]
    pub gaps: Gaps,
    /// What holds of one name below two parents, or at two levels.
    #[serde(default, skip_serializing_if = "SameName::is_default")]
    pub same_name: SameName,
}

/// A column of numbers: weights, potentials, heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberColumn {
    /// What it is called.
    pub key: Key,
    /// How its numbers are written; as in documents when left out.
    #[serde(default)]
    pub form: NumberForm,
}

/// What holds of an empty cell above one that is not. An empty cell below all names of a row is none: the row ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// It is refused. The default: a cell that was merged over several rows looks like this.
    #[default]
    Refused,
    /// The level is left out: the member below stands below the next one above, or below nobody.
    LeftOut,
    /// It says what the last row with names said at that level, as in a sheet that names a region once; below another name than there
    /// it is refused.
    AsAbove,
}

/// What holds of one name below two parents, or at two levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameName {
    /// It is refused. The default: one person in two teams, or a circle of names above one another.
    #[default]
    Refused,
    /// They are several, each with its path as key: `North / Team 1`. A name that is there once keeps itself, so that a key may change
    /// when rows are added; give members keys of their own where they have to stay.
    ByPath,
}

impl Gaps {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl SameName {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What rows of text say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// The dimension.
    pub dimension: DimensionDef,
    /// By row, the member furthest down that it names; nothing of a row without names. Several rows may name one member, whose numbers are
    /// then the host's to add up or to refuse.
    pub rows: Vec<Option<Key>>,
    /// By column of numbers and row, what is written there; nothing of a blank.
    pub numbers: Vec<Vec<Option<Number>>>,
    /// The names that were read otherwise than they are written.
    pub altered: Vec<Altered>,
    /// Members whose names differ by capitals alone, wherever they stand: perhaps one that is written in two ways.
    pub alike: Vec<Vec<Key>>,
}

/// A name that was read otherwise than it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Altered {
    /// The row; the first is 1.
    pub row: usize,
    /// The level.
    pub level: Key,
    /// What is written.
    pub written: String,
    /// The member.
    pub member: Key,
}

impl std::fmt::Display for Altered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            row,
            level,
            written,
            member,
        } = self;
        write!(f, "row {row}, {level}: `{written}` is read as `{member}`")
    }
}

impl OutlineDef {
    /// Reads rows of text: a cell for each level and then for each number; cells that are missing at the end are blank.
    ///
    /// # Errors
    /// [`OutlineError`] with everything that is wrong, by row.
    pub fn read<R, C>(&self, rows: impl IntoIterator<Item = R>) -> Result<Outline, OutlineError>
    where
        R: AsRef<[C]>,
        C: AsRef<str>,
    {
        let mut wrong = Vec::new();
        let mut reading = Reading::new(self, &mut wrong);
        for (row, cells) in rows.into_iter().enumerate() {
            reading.add(row, cells.as_ref(), &mut wrong);
        }
        let outline = reading.outline(&mut wrong);
        if wrong.is_empty() {
            return Ok(outline);
        }
        wrong.sort_by_key(|mistake| (mistake.row, mistake.place));
        Err(OutlineError { mistakes: wrong })
    }
}

/// The rows that were read so far.
struct Reading<'d> {
    def: &'d OutlineDef,
    /// By row, the names on the way down to the last one.
    paths: Vec<Path>,
    /// The cells whose names are not as they are written, in order: row, level, text.
    spaced: Vec<(usize, usize, String)>,
    numbers: Vec<Vec<Option<Number>>>,
    /// By column of numbers, whether its form can be read by; of one that cannot that is told, and no cell.
    readable: Vec<bool>,
    /// What the last row with names said by level.
    before: Path,
}

impl<'d> Reading<'d> {
    fn new(def: &'d OutlineDef, wrong: &mut Vec<OutlineMistake>) -> Self {
        let mut seen = BTreeSet::new();
        let numbers = def.numbers.iter().map(|column| &column.key);
        for (place, key) in def.levels.iter().chain(numbers).enumerate() {
            if !seen.insert(key) {
                wrong.push(OutlineMistake::new(
                    None,
                    (place, key),
                    OutlineCause::TwoColumns,
                ));
            }
        }
        if def.levels.is_empty() {
            let key = (0, &def.dimension);
            wrong.push(OutlineMistake::new(None, key, OutlineCause::NoLevels));
        }
        let mut readable = Vec::with_capacity(def.numbers.len());
        for (place, column) in (def.levels.len()..).zip(&def.numbers) {
            let read = column.form.read("");
            readable.push(read.is_ok());
            let key = (place, &column.key);
            wrong.extend(
                read.err()
                    .map(|cause| OutlineMistake::new(None, key, cause.into())),
            );
        }
        Self {
            def,
            readable,
            paths: Vec::new(),
            spaced: Vec::new(),
            numbers: vec![Vec::new(); def.numbers.len()],
            before: Path::default(),
        }
    }

    fn add<C: AsRef<str>>(&mut self, row: usize, cells: &[C], wrong: &mut Vec<OutlineMistake>) {
        let def = self.def;
        let levels = def.levels.len();
        let columns = levels + def.numbers.len();
        let filled = |cell: &C| !cell.as_ref().trim().is_empty();
        let more = cells.get(columns..).unwrap_or_default();
        if let Some(last) = more.iter().rposition(filled) {
            let found = columns + last + 1;
            let last = def.numbers.last().map(|column| &column.key);
            let last = last.or(def.levels.last()).unwrap_or(&def.dimension);
            let cause = OutlineCause::TooManyCells { found, columns };
            wrong.push(OutlineMistake::new(Some(row), (columns, last), cause));
        }
        let mut path = Path::default();
        let names = cells.iter().take(levels).map(AsRef::as_ref);
        let mut names: Vec<String> = names.map(spaced).collect();
        let last = names.iter().rposition(|name| !name.is_empty());
        names.truncate(last.map_or(0, |last| last + 1));
        for (level, name) in names.into_iter().enumerate() {
            let key = (level, &def.levels[level]);
            if name.is_empty() {
                match def.gaps {
                    Gaps::Refused => {
                        wrong.push(OutlineMistake::new(Some(row), key, OutlineCause::Gap));
                    }
                    Gaps::LeftOut => {}
                    Gaps::AsAbove => match self.before.at(level) {
                        // Below another member than in the row before, it is another gap.
                        Some(name) if self.before.same_above(&path, level) => {
                            path.push(level, name.to_owned());
                            self.spaced.push((row, level, String::new()));
                        }
                        _ => wrong.push(OutlineMistake::new(Some(row), key, OutlineCause::Gap)),
                    },
                }
                continue;
            }
            if name == UNASSIGNED {
                wrong.push(OutlineMistake::new(Some(row), key, OutlineCause::Reserved));
            } else if let Err(cause) = Key::new(&name) {
                wrong.push(OutlineMistake::new(Some(row), key, cause.into()));
            }
            let written = cells[level].as_ref();
            if written != name {
                self.spaced.push((row, level, written.to_owned()));
            }
            path.push(level, name);
        }
        if !path.is_empty() {
            self.before = path.clone();
        }
        self.paths.push(path);
        for (at, column) in def.numbers.iter().enumerate() {
            if !self.readable[at] {
                continue;
            }
            let cell = cells.get(levels + at).map_or("", AsRef::as_ref);
            let read = column.form.read(cell).unwrap_or_else(|cause| {
                let key = (levels + at, &column.key);
                wrong.push(OutlineMistake::new(Some(row), key, cause.into()));
                None
            });
            self.numbers[at].push(read);
        }
    }

    fn outline(self, wrong: &mut Vec<OutlineMistake>) -> Outline {
        let def = self.def;
        let names = Names::new(&self.paths);
        match def.same_name {
            SameName::Refused => names.refuse_doubled(&def.levels, wrong),
            SameName::ByPath => names.refuse_alike(&def.levels, wrong),
        }
        for (level, key) in def.levels.iter().enumerate() {
            if names.is_bare(level) {
                let empty = OutlineCause::EmptyColumn;
                wrong.push(OutlineMistake::new(None, (level, key), empty));
            }
        }
        let (mut members, mut links) = (Vec::new(), Vec::new());
        for (path, key) in names.each() {
            let Some((level, name)) = path.last() else {
                continue;
            };
            let title = if name == key.as_str() {
                Texts::default()
            } else {
                Texts::from(name.as_str())
            };
            members.push(MemberDef {
                key: key.clone(),
                title,
                level: def.levels[level].clone(),
                also: Vec::new(),
            });
            if let Some(parent) = path.above().and_then(|above| names.key(&above)) {
                links.push(LinkDef {
                    member: key.clone(),
                    parent: parent.clone(),
                    from: None,
                    to: None,
                });
            }
        }
        let rows: Vec<Option<Key>> = self
            .paths
            .iter()
            .map(|path| names.key(path).cloned())
            .collect();
        let altered = self.altered(&names);
        let alike = names.alike();
        Outline {
            dimension: DimensionDef {
                key: def.dimension.clone(),
                hierarchies: vec![HierarchyDef {
                    key: def.hierarchy.as_ref().unwrap_or(&def.dimension).clone(),
                    levels: def.levels.clone(),
                    links,
                }],
                members,
            },
            rows,
            numbers: self.numbers,
            altered,
            alike,
        }
    }

    /// The names that were read otherwise than they are written: with fewer blanks, or with their path.
    fn altered(&self, names: &Names<'_>) -> Vec<Altered> {
        let mut spaced = self.spaced.iter().peekable();
        let mut altered = Vec::new();
        for (row, path) in self.paths.iter().enumerate() {
            for (at, (level, name)) in path.iter().enumerate() {
                let written = spaced.next_if(|(own, of, _)| (*own, *of) == (row, level));
                let Some(member) = names.key(&path.upto(at)) else {
                    continue;
                };
                let written = written.map_or(name, |(_, _, written)| written);
                if written != member.as_str() {
                    altered.push(Altered {
                        row: row + 1,
                        level: self.def.levels[level].clone(),
                        written: written.to_owned(),
                        member: member.clone(),
                    });
                }
            }
        }
        altered
    }
}
