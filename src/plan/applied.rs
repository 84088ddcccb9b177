//! What policies of a recipe decided: who, where, which policy, how much.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{GatedShare, MissingMember, Path};
use crate::band::Interval;
use crate::key::Key;
use crate::quantity::{Quantity, Ratio};

/// A policy of a recipe that decided what a node gets, when its plan was cascaded.
///
/// ```
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{BasisDef, Cascade, CascadeDef, MissingMember, Sources, StepDef, Table, TableUse};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{Axis, DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// # let table = Table::of_members(Axis::new("person", "person")?, &[("ann", 100.into())])?;
/// # let sources = Sources::new(&measures, &space).table("sold".try_into()?, table);
/// let by_sales = BasisDef::History(TableUse::total("sold")?.missing(MissingMember::Weight(50.into())));
/// let step = StepDef::member("person", "person")?.basis(by_sales);
/// let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year).step(step);
/// let plan = Cascade::compile(recipe, &sources)?.run(300.into())?;
/// let told = plan.applied();
/// assert_eq!((told[0].place.to_string(), told[0].amount.to_string()), ("bo".into(), "100".into()));
/// assert_eq!(told[0].to_string(), "`sales`: `sold` has no figure for bo, which weighs 50 as stated: 100 of 300");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppliedPolicy {
    /// The measure.
    pub measure: Key,
    /// The step of the recipe.
    pub step: Key,
    /// Who or what it is about.
    pub place: Path,
    /// The policy.
    pub policy: Applied,
    /// How much it is about: what the place got; of one that is not eligible, what it would have got of [`of`](Self::of) by the basis:
    /// nothing below a node that is itself not eligible, and has nothing to hand down.
    pub amount: Quantity,
    /// What was handed down to it and to those beside it together.
    pub of: Quantity,
}

/// What a policy decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Applied {
    /// A table has no figure for a member.
    Missing {
        /// The table.
        table: Key,
        /// What the member weighs.
        weight: MissingMember,
    },
    /// A gate of the step is not passed.
    Gated {
        /// The table of the figures that it judges.
        table: Key,
        /// The figure; none beyond the range of exact numbers.
        figure: Option<Ratio>,
        /// Whether the table has none, so that what its use says of whoever has none counts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        assumed: bool,
        /// Where it would have to lie.
        within: Interval,
        /// What became of the share.
        share: GatedShare,
    },
    /// A gate of the step is passed with what the use of its table says of whoever has no figure.
    Admitted {
        /// The table of the figures that it judges.
        table: Key,
        /// The figure that counts; none beyond the range of exact numbers.
        figure: Option<Ratio>,
        /// Where it has to lie.
        within: Interval,
    },
    /// Nobody below is eligible at a step, so that the share went elsewhere.
    NobodyEligible {
        /// The step below.
        step: Key,
    },
    /// A node has no members at the step, and its amount stays with it. [`Edit::Split`](super::Edit::Split) routes it to named
    /// members.
    NoBranch,
}

/// A policy that decided about a node of a step, before there are amounts.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) index: usize,
    pub(super) policy: Applied,
    /// The weight that the node would have, and that of all beside it together, where it did not get what it is about.
    pub(super) share: Option<(u128, u128)>,
}

/// A policy that decided about a node, with its amounts in quanta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppliedAt {
    pub(super) step: usize,
    pub(super) level: usize,
    pub(super) index: usize,
    pub(super) policy: Applied,
    pub(super) amount: i64,
    pub(super) of: i64,
}

impl fmt::Display for AppliedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            measure,
            place,
            policy,
            ..
        } = self;
        write!(f, "`{measure}`: ")?;
        match policy {
            Applied::Missing { table, weight } => {
                write!(f, "`{table}` has no figure for {place}, which ")?;
                match weight {
                    MissingMember::Refuse | MissingMember::Zero => f.write_str("weighs nothing")?,
                    MissingMember::EqualShare => f.write_str("gets an equal share")?,
                    MissingMember::Weight(weight) => write!(f, "weighs {weight} as stated")?,
                }
            }
            Applied::Gated {
                table,
                figure,
                assumed,
                within,
                ..
            } => {
                write!(f, "{place} is not eligible, ")?;
                if *assumed {
                    write!(f, "without a figure in `{table}` and one")?;
                } else {
                    write!(f, "its `{table}`")?;
                }
                if let Some(figure) = figure {
                    write!(f, " of {figure}")?;
                }
                write!(f, " not being in {within}")?;
            }
            Applied::Admitted {
                table,
                figure,
                within,
            } => {
                write!(
                    f,
                    "{place} is eligible, without a figure in `{table}` and one"
                )?;
                if let Some(figure) = figure {
                    write!(f, " of {figure}")?;
                }
                write!(f, " being in {within}")?;
            }
            Applied::NoBranch => {
                write!(f, "{place} has nobody at step `{}`", self.step)?;
            }
            Applied::NobodyEligible { step } => {
                write!(f, "nobody of {place} is eligible at step `{step}`")?;
            }
        }
        let went = match policy {
            Applied::Missing { .. } | Applied::Admitted { .. } => "",
            Applied::NoBranch => " stay with it",
            Applied::NobodyEligible { .. } => " go elsewhere",
            Applied::Gated { share, .. } => match share {
                GatedShare::Kept => " stay unallocated above",
                GatedShare::ToEligible | GatedShare::Elsewhere | GatedShare::Refused => {
                    " go to those who are"
                }
            },
        };
        write!(f, ": {} of {}{went}", self.amount, self.of)
    }
}
