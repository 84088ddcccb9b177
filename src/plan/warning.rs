//! What holds in a plan and is odd all the same, and what policies decided in it.

use rust_decimal::Decimal;
use serde::Serialize;

use super::cascade::Kind;
use super::verify::plain;
use super::{Applied, AppliedPolicy, NodeId, Path, Plan, Sheet};
use crate::key::Key;
use crate::margins::Closeness;

/// Something that keeps every law of a plan and that hardly anybody means.
///
/// ```
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, Place, Plan, Sources, StepDef};
/// # use quotaflow::quantity::{Number, Quantum};
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("region", "region", ["north", "south", "west"])?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// // The north is to sell 50 of a total of -100, so that the others are to sell -75 each.
/// let north = Place::whole().at("region", "north")?;
/// let def = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year)
///     .step(StepDef::member("region", "region")?)
///     .total(north, Number::from(50));
/// let cascade = Cascade::compile(def, &Sources::new(&measures, &space))?;
/// let plan = Plan::from_units(&cascade, vec![vec![-100], vec![50, -75, -75]])?;
/// let told: Vec<String> = plan.warnings().iter().map(|warning| warning.to_string()).collect();
/// assert_eq!(told, [
///     "`sales`: the target of all is -100, below zero, and so are 2 of the targets below it",
///     "`sales`: 50 of all is fixed, so that what is left of -100 is -150 for the others",
/// ]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A target is below zero; the node above it, if there is one, is not.
    BelowZero {
        /// The measure.
        measure: Key,
        /// The node.
        place: Path,
        /// Its amount.
        #[serde(serialize_with = "plain")]
        amount: Decimal,
        /// How many leaves below it are below zero; the node itself where it is a leaf.
        leaves: usize,
    },
    /// What is held, closed or prescribed below a node is more than its amount, so that the others get less than nothing.
    NothingLeft {
        /// The measure.
        measure: Key,
        /// The node.
        place: Path,
        /// Its amount.
        #[serde(serialize_with = "plain")]
        amount: Decimal,
        /// What may not move below it.
        #[serde(serialize_with = "plain")]
        fixed: Decimal,
        /// What the others get.
        #[serde(serialize_with = "plain")]
        rest: Decimal,
    },
    /// A table of shares was fitted to totals across nodes that left no room to be near to what the bases say: the totals hold
    /// exactly, and the proportions of the bases do not.
    FarFromBases {
        /// The measure.
        measure: Key,
        /// The node above the rows.
        place: Path,
        /// The step of the columns.
        step: Key,
    },
    /// Who is not eligible for something has some of it, which a change gave by name.
    NotEligible {
        /// The measure.
        measure: Key,
        /// The node.
        place: Path,
        /// The step whose gate it does not pass.
        step: Key,
        /// Its amount.
        #[serde(serialize_with = "plain")]
        amount: Decimal,
    },
}

/// How precise a table of targets is that was fitted to totals prescribed across nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableFit {
    /// The measure.
    pub measure: Key,
    /// The node above the rows.
    pub place: Path,
    /// The step of the columns.
    pub step: Key,
    /// How near its cells are to what the bases say.
    pub closeness: Closeness,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BelowZero {
                measure,
                place,
                amount,
                leaves,
            } => {
                write!(
                    f,
                    "`{measure}`: the target of {place} is {amount}, below zero"
                )?;
                match leaves {
                    0 => Ok(()),
                    1 => f.write_str(", and so is one of the targets below it"),
                    _ => write!(f, ", and so are {leaves} of the targets below it"),
                }
            }
            Self::FarFromBases {
                measure,
                place,
                step,
            } => write!(
                f,
                "`{measure}`: the totals prescribed at step `{step}` below {place} leave no room for the proportions of the bases"
            ),
            Self::NotEligible {
                measure,
                place,
                step,
                amount,
            } => write!(
                f,
                "`{measure}`: {place} has {amount} and does not pass the gates of step `{step}`"
            ),
            Self::NothingLeft {
                measure,
                place,
                amount,
                fixed,
                rest,
            } => write!(
                f,
                "`{measure}`: {fixed} of {place} is fixed, so that what is left of {amount} is {rest} for the others"
            ),
        }
    }
}

impl Plan {
    /// Returns what is odd in the amounts of every measure but ratings: targets below zero, amounts that are smaller than
    /// what is held, closed or prescribed below them, tables fitted to totals that left no room for the bases, and amounts of who is not
    /// eligible. Of nodes above each other the upper one is told. A plan that holds may
    /// have warnings: returned goods and losses are planned below zero on purpose.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let flows = |sheet: &&Sheet| !matches!(sheet.cascade().kind(), Kind::Rating);
        let sheets = self.sheets.iter().filter(flows);
        sheets
            .flat_map(|sheet| {
                let mut warnings = self.below_zero(sheet);
                // Of a stock, what may not move in one period says nothing of the others.
                if matches!(sheet.cascade().kind(), Kind::Flow) {
                    warnings.extend(self.nothing_left(sheet));
                }
                warnings.extend(self.not_eligible(sheet));
                let fits = sheet.amounts().fits();
                let far = fits.filter(|(_, _, closeness)| *closeness == Closeness::Anywhere);
                warnings.extend(far.map(|(step, node, _)| Warning::FarFromBases {
                    measure: sheet.measure().key.clone(),
                    place: self.frame.path(node),
                    step: self.frame.steps[step].name.clone(),
                }));
                warnings
            })
            .collect()
    }

    /// Returns how precise each table is that was fitted to totals prescribed across nodes: all totals hold exactly, and the cells
    /// are within their rounding of what the bases say, or anywhere that the totals leave. None for a plan without such totals.
    #[must_use]
    pub fn fits(&self) -> Vec<TableFit> {
        let of = |sheet: &Sheet| -> Vec<TableFit> {
            let fits = sheet.amounts().fits();
            let fits = fits.map(|(step, node, closeness)| TableFit {
                measure: sheet.measure().key.clone(),
                place: self.frame.path(node),
                step: self.frame.steps[step].name.clone(),
                closeness,
            });
            fits.collect()
        };
        self.sheets.iter().flat_map(of).collect()
    }

    /// Returns what policies of the recipes decided when the plan was cascaded, by measure, step and order of the structure:
    /// members without a figure, who is not eligible, and what has no branch. A saved plan tells it as it was saved; changes to the plan change nothing of it.
    #[must_use]
    pub fn applied(&self) -> Vec<AppliedPolicy> {
        let of = |sheet: &Sheet| {
            let quantum = sheet.measure().quantum;
            let own = sheet.amounts().applied().iter();
            let own = own.map(|own| AppliedPolicy {
                measure: sheet.measure().key.clone(),
                step: self.frame.steps[own.step].name.clone(),
                place: self.frame.path(NodeId::new(own.level, own.index)),
                policy: own.policy.clone(),
                amount: quantum.quantity(own.amount),
                of: quantum.quantity(own.of),
            });
            own.collect::<Vec<AppliedPolicy>>()
        };
        self.sheets.iter().flat_map(of).collect()
    }

    fn not_eligible(&self, sheet: &Sheet) -> impl Iterator<Item = Warning> {
        let quantum = sheet.measure().quantum;
        sheet.amounts().applied().iter().filter_map(move |own| {
            let node = NodeId::new(own.level, own.index);
            let amount = sheet.amounts().at(node);
            let is_told = matches!(own.policy, Applied::Gated { .. }) && amount != 0;
            is_told.then(|| Warning::NotEligible {
                measure: sheet.measure().key.clone(),
                place: self.frame.path(node),
                step: self.frame.steps[own.step].name.clone(),
                amount: quantum.amount(amount),
            })
        })
    }

    fn below_zero(&self, sheet: &Sheet) -> Vec<Warning> {
        let amounts = sheet.amounts().levels();
        // Level by level, how many leaves below each node are below zero.
        let mut leaves: Vec<Vec<usize>> = amounts.iter().map(|own| vec![0; own.len()]).collect();
        for (level, own) in amounts.iter().enumerate().rev() {
            for (index, amount) in own.iter().enumerate() {
                let children = self.frame.child_range(NodeId::new(level, index));
                leaves[level][index] = if children.is_empty() {
                    usize::from(*amount < 0)
                } else {
                    leaves[level + 1][children].iter().sum()
                };
            }
        }
        let quantum = sheet.measure().quantum;
        let mut warnings = Vec::new();
        for (level, own) in amounts.iter().enumerate() {
            for (index, amount) in own.iter().enumerate().filter(|(_, amount)| **amount < 0) {
                let node = NodeId::new(level, index);
                let above = self
                    .frame
                    .parent(node)
                    .map(|above| sheet.amounts().at(above));
                if above.is_none_or(|above| above >= 0) {
                    let leaf = self.frame.child_range(node).is_empty();
                    warnings.push(Warning::BelowZero {
                        measure: sheet.measure().key.clone(),
                        place: self.frame.path(node),
                        amount: quantum.amount(*amount),
                        leaves: if leaf { 0 } else { leaves[level][index] },
                    });
                }
            }
        }
        warnings
    }

    fn nothing_left(&self, sheet: &Sheet) -> Vec<Warning> {
        let amounts = sheet.amounts().levels();
        let prescribed = sheet.cascade().bounds();
        // Level by level: whether a node may not move as a whole, and what may not move at or below it.
        let mut fixed: Vec<Vec<(bool, i128)>> = Vec::new();
        for (level, own) in amounts.iter().enumerate().rev() {
            let told = prescribed.own(level);
            let below = fixed.last();
            let of = |(index, amount): (usize, &i64)| {
                let node = NodeId::new(level, index);
                let single = told
                    .and_then(|told| told.get(&index))
                    .is_some_and(|limits| limits.min.is_some() && limits.min == limits.max);
                let shut = sheet.is_held(node) || self.closed.get(level, index) || single;
                let children = self.frame.child_range(node);
                if shut {
                    return (true, i128::from(*amount));
                }
                let parts = below
                    .and_then(|below| below.get(children))
                    .unwrap_or_default();
                let whole = !parts.is_empty() && parts.iter().all(|(shut, _)| *shut);
                (whole, parts.iter().map(|(_, amount)| amount).sum())
            };
            let level: Vec<(bool, i128)> = own.iter().enumerate().map(of).collect();
            fixed.push(level);
        }
        fixed.reverse();
        let quantum = sheet.measure().quantum;
        let narrow =
            |units: i128| i64::try_from(units).map_or(Decimal::MAX, |units| quantum.amount(units));
        let odd = |node: NodeId| {
            let (shut, held) = fixed[node.level()][node.index()];
            let own = sheet.amounts().at(node);
            let handed = sheet.amounts().handed_down(node.level(), node.index(), own);
            (!shut && held > 0 && handed < held).then_some((own, held, handed - held))
        };
        let mut warnings = Vec::new();
        for (level, own) in amounts.iter().enumerate() {
            for index in 0..own.len() {
                let node = NodeId::new(level, index);
                let told = self
                    .frame
                    .parent(node)
                    .is_some_and(|above| odd(above).is_some());
                if let Some((own, held, rest)) = odd(node).filter(|_| !told) {
                    warnings.push(Warning::NothingLeft {
                        measure: sheet.measure().key.clone(),
                        place: self.frame.path(node),
                        amount: quantum.amount(own),
                        fixed: narrow(held),
                        rest: narrow(rest),
                    });
                }
            }
        }
        warnings
    }
}
