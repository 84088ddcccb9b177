//! A plan as it is kept: the structure that it was made for, the amounts that were cascaded, and what they have become.

use serde::{Deserialize, Serialize};

use super::applied::AppliedAt;
use super::gate::Part;
use super::origin::Origin;
use super::{Plan, Sheet};
use crate::allocation::LevelWeights;
use crate::margins::Closeness;

/// What a plan was made from and what it came to, as a part of a [`PlanRecord`](crate::plan::PlanRecord): the dimensions, periods and measures of its
/// structure, and for each recipe its weights and amounts.
///
/// It is what makes a saved plan independent of what dimensions, histories and calendars have become since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    pub(super) origin: Origin,
    pub(super) sheets: Vec<SavedSheet>,
}

/// The weights and amounts of one recipe, level by level in the order of the structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedSheet {
    /// Step by step, the weight of each node.
    weights: Vec<Numbers<u128>>,
    /// The weights of those whose shares stay with the node above: step, place of that node, and what they weigh of what all do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<(usize, usize, Numbers<u128>)>,
    /// Level by level, the amounts that were cascaded, in quanta.
    pub(super) cascaded: Vec<Numbers<i64>>,
    /// What stayed with nodes: level, place in it, quanta.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) apart: Vec<(usize, usize, i64)>,
    /// How near fitted tables are to their bases: step of the columns, level and place of the node above the rows, and how many
    /// quanta above its fitted value a cell may be; nothing where it may be anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) fits: Vec<(usize, usize, usize, Option<u32>)>,
    /// What policies decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) applied: Vec<AppliedAt>,
    /// Level by level, what is assigned now, where that is something else than the base.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) assigned: Vec<Numbers<i64>>,
    /// Level by level, the amounts after all changes, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) changed: Vec<Numbers<i64>>,
}

/// Whole numbers in one text, with blanks between them: short, and exact whatever reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[serde(bound = "T: Clone + ToString + std::str::FromStr")]
pub(super) struct Numbers<T>(pub(super) Vec<T>);

impl<T: ToString> From<Numbers<T>> for String {
    fn from(numbers: Numbers<T>) -> Self {
        let texts: Vec<String> = numbers.0.iter().map(ToString::to_string).collect();
        texts.join(" ")
    }
}

impl<T: std::str::FromStr> TryFrom<String> for Numbers<T> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = |own: &str| {
            own.parse()
                .map_err(|_| format!("`{own}` is not a whole number in range: write whole numbers with blanks between them"))
        };
        text.split_whitespace()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl SavedPlan {
    pub(super) fn of(plan: &Plan, start: &Plan) -> Option<Self> {
        let origin = start.sheets.first()?.cascade().origin().clone();
        let sheets = plan.sheets.iter().zip(&start.sheets);
        let sheets = sheets.map(|(now, start)| SavedSheet::of(now, start, plan.version() > 0));
        Some(Self {
            origin,
            sheets: sheets.collect(),
        })
    }
}

impl SavedSheet {
    fn of(now: &Sheet, start: &Sheet, changed: bool) -> Self {
        let numbers = |levels: &[Vec<i64>]| {
            let levels = levels.iter();
            levels.map(|level| Numbers(level.clone())).collect()
        };
        let levels = |sheet: &Sheet| numbers(sheet.amounts().levels());
        let cascade = start.cascade();
        let steps = 0..cascade.frame().levels() - 1;
        let weights = steps.map(|step| {
            let nodes = 0..cascade.frame().count(step + 1);
            Numbers(cascade.node_weights(step, nodes))
        });
        let kept = cascade.kept_weights();
        let kept = kept.map(|(step, index, (weight, of))| (step, index, Numbers(vec![weight, of])));
        let apart = (0..cascade.frame().levels()).flat_map(|level| {
            let kept = start.amounts().apart(level).iter();
            kept.map(move |(index, units)| (level, *index, *units))
        });
        let fits = start.amounts().fits().map(|(step, node, closeness)| {
            let above = match closeness {
                Closeness::Within { above } => Some(above),
                Closeness::Anywhere => None,
            };
            (step, node.level(), node.index(), above)
        });
        Self {
            weights: weights.collect(),
            kept: kept.collect(),
            cascaded: levels(start),
            apart: apart.collect(),
            fits: fits.collect(),
            applied: start.amounts().applied().to_vec(),
            assigned: if now.amounts().has_assigned() {
                numbers(now.amounts().assigned_levels())
            } else {
                Vec::new()
            },
            changed: if changed { levels(now) } else { Vec::new() },
        }
    }

    /// Returns the weights that stay with nodes, by step and node; none where one of them is not two numbers.
    pub(super) fn kept(&self) -> Option<Vec<(usize, usize, Part)>> {
        let kept = self.kept.iter();
        let own = kept.map(|(step, index, own)| match own.0[..] {
            [weight, of] => Some((*step, *index, (weight, of))),
            _ => None,
        });
        own.collect()
    }

    pub(super) fn weights(&self) -> Vec<LevelWeights> {
        let level = |numbers: &Numbers<u128>| {
            let narrow = numbers.0.iter().map(|own| u32::try_from(*own));
            match narrow.collect() {
                Ok(narrow) => LevelWeights::from_integers(narrow),
                Err(_) => LevelWeights::from_wide(numbers.0.clone()),
            }
        };
        self.weights.iter().map(level).collect()
    }
}
