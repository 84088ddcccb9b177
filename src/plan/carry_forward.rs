//! What was missed, or exceeded, carried into what is left of a plan.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{CapLimit, Easing, Place, Proration};
use crate::calendar::DayRange;
use crate::key::{Key, KeyError};
use crate::quantity::{Number, Ratio};

/// Carries what was missed into the targets that are left: the edit of a [`Change`](super::Change) by which a plan is corrected in its
/// year.
///
/// The gap of a place is what the plan has there on the days that are past, less what was reached on them. It is added to the cells of the
/// same place from [`from`](Self::from) on: first to their periods, [by](Self::by) the targets that stand, equally, by a season or by
/// what is left of each; then within each period in the proportions of its cells, so that the mix of products stays. Every split is by
/// largest remainder, so that what is carried, what others take and what is left are the gap to the last quantum.
///
/// What is held or closed does not move, nothing goes below zero that is not, and the bounds and lots of the recipe are kept. No day before
/// `from` gets another target, unless the past is closed at what was reached ([`PastTargets::AsReached`]). What was carried once is not
/// carried again: naming those days another time is refused ([`EditError::CarriedAlready`](super::EditError::CarriedAlready)), unless the
/// past is closed at what was reached, which leaves no gap there.
///
/// An edit keeps what was reached as it was told, and is solved when it is applied, so that holds and closed periods of that moment
/// count. [`Plan::carry_forward`](super::Plan::carry_forward) tells beforehand what it would do.
///
/// ```
/// # use quotaflow::calendar::{Calendar, DayRange, Grain};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{CapLimit, CarryForward, Cascade, CascadeDef, Easing, Place, Sources, StepDef};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::key::Key;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// # let quarter = DayRange::new("2026-01-01".parse()?, "2026-04-01".parse()?)?;
/// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, quarter)
/// #     .step(StepDef::member("person", "person")?).step(StepDef::grain(Grain::Month));
/// # let calendar = Calendar::gregorian();
/// # let mut plan = Cascade::compile(def, &Sources::new(&measures, &space).calendar(&calendar))?.run("199999.98".parse()?)?;
/// // Ann and bo have 33,333.33 in each month. In January ann is short by 14,790.84.
/// let ann = Place::whole().at("person", "ann")?;
/// let asked = CarryForward::new("sales", "2026-02-01".parse()?)?.reaching(ann, "18542.49".parse()?).by(Easing::Equal);
/// let told = plan.carry_forward(&asked)?;
/// assert_eq!(told.gaps[0].to_string(), "person ann: 33333.33 targeted, 18542.49 reached, 14790.84 short: 14790.84 carried");
/// plan.apply(told.change(Key::new("eva")?, "2026-02-02T09:00:00".parse()?, "a slow start"))?;
/// assert_eq!(plan.get("sales", ["ann"], "2026-03")?.to_string(), "40728.75 EUR");
/// assert_eq!(plan.get("sales", ["bo"], "2026-03")?.to_string(), "33333.33 EUR");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryForward {
    /// The measure; a flow.
    pub measure: Key,
    /// The first day that is not past.
    pub from: NaiveDate,
    /// What was reached, where, on which days. What is not said is not known, and leaves no gap.
    pub reached: Vec<ReachedAmount>,
    /// Which gaps are carried.
    #[serde(default)]
    pub gaps: GapSides,
    /// What becomes of the targets of the past.
    #[serde(default)]
    pub past: PastTargets,
    /// From when on targets take what is carried: from the next of the plan's finest periods when left out, so that one that runs
    /// keeps its target; [`Proration::OnTheDay`] lets it take part with its days that are left.
    #[serde(default = "next_period", skip_serializing_if = "is_next_period")]
    pub starts: Proration,
    /// How much each period takes: in proportion to the targets that stand when left out. What counts of a period that runs is what
    /// of it is left.
    #[serde(default)]
    pub by: Easing,
    /// At most so much is added to a place in one period, or taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_period: Option<CapLimit>,
    /// At most so much is added to a place altogether, or taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_place: Option<CapLimit>,
    /// Who takes what a place cannot: a reserve, or others who agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Taker>,
    /// What becomes of what nobody takes.
    #[serde(default)]
    pub rest: CarryRest,
}

fn next_period() -> Proration {
    Proration::NextPeriod
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_next_period(starts: &Proration) -> bool {
    *starts == Proration::NextPeriod
}

/// What was reached of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachedAmount {
    /// Where; the whole plan when left out. Its members say who carries the gap; a period that it names says of which one it is.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// On which days; all that are past when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<DayRange>,
    /// How much.
    pub amount: Number,
}

/// Which gaps are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapSides {
    /// Those that are not good, by the direction of the measure: sales that are missing, expense beyond its budget. The default.
    #[default]
    Missed,
    /// Those too that are good: who is ahead has less to do from now on.
    Both,
}

/// What becomes of the targets of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastTargets {
    /// They stay, and so does how far they were reached; the totals above rise by what is carried. The default.
    #[default]
    AsTargeted,
    /// They become what was reached, in the proportions that they have: the plan is closed at actuals, and the totals above stay where
    /// all of a gap is carried. Refused where the past is closed.
    AsReached,
}

/// Who takes what others cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taker {
    /// Where.
    pub at: Place,
    /// Its weight beside the others; one when left out.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub share: Ratio,
    /// At most so much, as was agreed; without a limit when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Number>,
}

fn one() -> Ratio {
    Ratio::ONE
}

fn is_one(share: &Ratio) -> bool {
    *share == Ratio::ONE
}

/// What becomes of what nobody takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryRest {
    /// The edit is refused with how much it is and what is in the way. The default.
    #[default]
    Refused,
    /// It is written off: nobody has it as a target, and it is told.
    WrittenOff,
}

impl Taker {
    /// Returns a place that takes whatever is left.
    #[must_use]
    pub fn new(at: Place) -> Self {
        Self {
            at,
            share: Ratio::ONE,
            at_most: None,
        }
    }

    /// Returns the same for so much at most.
    #[must_use]
    pub fn at_most(mut self, amount: Number) -> Self {
        self.at_most = Some(amount);
        self
    }
}

impl CarryForward {
    /// Returns the edit that carries into what is left from a day on, of which nothing is known to be reached yet.
    ///
    /// # Errors
    /// [`KeyError`] if the measure's name cannot be a key.
    pub fn new(measure: &str, from: NaiveDate) -> Result<Self, KeyError> {
        Ok(Self {
            measure: Key::new(measure)?,
            from,
            reached: Vec::new(),
            gaps: GapSides::Missed,
            past: PastTargets::AsTargeted,
            starts: Proration::NextPeriod,
            by: Easing::Draft,
            per_period: None,
            per_place: None,
            others: Vec::new(),
            rest: CarryRest::Refused,
        })
    }

    /// Returns the edit with what a place reached on all days that are past.
    #[must_use]
    pub fn reaching(mut self, at: Place, amount: Number) -> Self {
        let days = None;
        self.reached.push(ReachedAmount { at, days, amount });
        self
    }

    /// Returns the edit that carries gaps of both sides.
    #[must_use]
    pub fn both(mut self) -> Self {
        self.gaps = GapSides::Both;
        self
    }

    /// Returns the edit that closes the past at what was reached.
    #[must_use]
    pub fn as_reached(mut self) -> Self {
        self.past = PastTargets::AsReached;
        self
    }

    /// Returns the edit with another start of what takes part.
    #[must_use]
    pub fn starting(mut self, starts: Proration) -> Self {
        self.starts = starts;
        self
    }

    /// Returns the edit with these parts of periods.
    #[must_use]
    pub fn by(mut self, by: Easing) -> Self {
        self.by = by;
        self
    }

    /// Returns the edit with a limit for one period of a place.
    #[must_use]
    pub fn per_period(mut self, limit: CapLimit) -> Self {
        self.per_period = Some(limit);
        self
    }

    /// Returns the edit with a limit for a place altogether.
    #[must_use]
    pub fn per_place(mut self, limit: CapLimit) -> Self {
        self.per_place = Some(limit);
        self
    }

    /// Returns the edit with one more who takes what is left.
    #[must_use]
    pub fn other(mut self, taker: Taker) -> Self {
        self.others.push(taker);
        self
    }

    /// Returns the edit that writes off what nobody takes.
    #[must_use]
    pub fn writing_off(mut self) -> Self {
        self.rest = CarryRest::WrittenOff;
        self
    }

    /// Returns the places that it names.
    pub(super) fn places(&self) -> Vec<Place> {
        let reached = self.reached.iter().map(|own| &own.at);
        let all = reached.chain(self.others.iter().map(|taker| &taker.at));
        let mut places: Vec<Place> = all.cloned().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
