//! Cascades as documents: which steps, by which basis, under which conditions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{BoundDef, OpeningDef, OverAssignmentDef, Place, Proration, TotalDef};
use crate::allocation::{Method, WeightPolicy};
use crate::band::Interval;
use crate::calendar::{DayRange, Grain};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Number, Ratio};
use crate::space::{Axis, Unassigned};

/// How a total becomes the targets of every member and period: compile it with
/// [`Cascade::compile`](super::Cascade::compile).
///
/// ```
/// use quotaflow::plan::CascadeDef;
/// let def: CascadeDef = serde_json::from_str(
///     r#"{
///         "key": "sales-2026",
///         "measure": "sales",
///         "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
///         "steps": [
///             {"by": {"member": {"dimension": "person", "level": "region"}}, "basis": {"history": {"table": "sales-2025"}}},
///             {"by": {"member": {"dimension": "person", "level": "person"}}},
///             {"by": {"grain": "month"}, "basis": "working_days"}
///         ]
///     }"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(def.steps.len(), 3);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CascadeDef {
    /// The version of this form of document; 1 when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name of the recipe.
    pub key: Key,
    /// The measure that is split.
    pub measure: Key,
    /// The days that the plan covers. Periods that reach beyond them count with their days inside.
    pub horizon: DayRange,
    /// The last day whose structure the plan knows: what begins or ends after it is not looked at, so that whoever is there on
    /// it stays where they are. When left out, all links are known.
    ///
    /// Up to then members belong to their parents day by day. Who joins is planned from the day of the first link, who leaves
    /// until the last one ends, and who changes parents has a node below each of them, for the days spent there; weights
    /// count by the share of the days. With the first day of the horizon nobody moves in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<NaiveDate>,
    /// Whether members without a parent at some step are planned, under the unassigned member there. When left out, those are who
    /// belong somewhere in the hierarchy, such as right below the pool without a team between; who belongs nowhere in it is not.
    #[serde(default = "where_used")]
    pub unassigned: Unassigned,
    /// By which days the weight of whoever is not planned throughout counts, and a cell is shared that is asked for in part.
    /// When left out: working days where the last step by periods splits by them, else all days alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<CountedDays>,
    /// From which day moves, launches and ends count that fall into the middle of something; on their day when left out.
    #[serde(default, skip_serializing_if = "Proration::is_default")]
    pub proration: Proration,
    /// Members that are planned from a day or until a day, such as a product that is launched in March.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activity: Vec<ActivityDef>,
    /// The steps of the cascade from the top.
    pub steps: Vec<StepDef>,
    /// Branches that go through fewer steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depth: Vec<DepthDef>,
    /// Who hands down more than is assigned to him, one for each dimension: the plan then has two [layers](crate::plan::Layer).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_assignment: Vec<OverAssignmentDef>,
    /// Minima and maxima of parts of the plan; where it has two layers, of both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<BoundDef>,
    /// What a stock is before the first period: at the places that are named, by members alone. What stands above is the
    /// sum; what an upper amount leaves goes to those who are not named, by the bases; all others start from nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub openings: Vec<OpeningDef>,
    /// Totals of parts of the plan that are prescribed beside the total of the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<TotalDef>,
}

fn where_used() -> Unassigned {
    Unassigned::WhereUsed
}

impl CascadeDef {
    /// Returns a recipe without steps.
    #[must_use]
    pub fn new(key: Key, measure: Key, horizon: DayRange) -> Self {
        Self {
            version: Version::default(),
            key,
            measure,
            horizon,
            membership: None,
            unassigned: Unassigned::WhereUsed,
            days: None,
            proration: Proration::OnTheDay,
            activity: Vec::new(),
            steps: Vec::new(),
            depth: Vec::new(),
            over_assignment: Vec::new(),
            bounds: Vec::new(),
            openings: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// Adds a step below the others.
    #[must_use]
    pub fn step(mut self, step: StepDef) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds the days on which a member is planned.
    #[must_use]
    pub fn active(mut self, activity: ActivityDef) -> Self {
        self.activity.push(activity);
        self
    }

    /// Adds who hands down more than is assigned to him.
    #[must_use]
    pub fn over_assign(mut self, over: OverAssignmentDef) -> Self {
        self.over_assignment.push(over);
        self
    }

    /// Adds a minimum, a maximum or both.
    #[must_use]
    pub fn bound(mut self, bound: BoundDef) -> Self {
        self.bounds.push(bound);
        self
    }

    /// Adds what a stock is somewhere before the first period.
    #[must_use]
    pub fn opening(mut self, at: Place, amount: Number) -> Self {
        self.openings.push(OpeningDef { at, amount });
        self
    }

    /// Adds a prescribed total.
    #[must_use]
    pub fn total(mut self, at: Place, total: Number) -> Self {
        self.totals.push(TotalDef::exactly(at, total));
        self
    }

    /// Adds a total that is at least and at most so much: what a product totals over all territories, say.
    #[must_use]
    pub fn bounded_total(mut self, at: Place, min: Option<Number>, max: Option<Number>) -> Self {
        let total = None;
        self.totals.push(TotalDef {
            at,
            total,
            min,
            max,
        });
        self
    }

    /// Adds a branch that goes through fewer steps.
    #[must_use]
    pub fn branch(mut self, depth: DepthDef) -> Self {
        self.depth.push(depth);
        self
    }
}

/// By which days cells are shared in part, and weights count of whoever is not planned throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedDays {
    /// All days alike.
    Calendar,
    /// The plan's working days, each as much as it is worked; all days alike where none of them is worked.
    Working,
}

/// The days on which a member is planned: from a launch, until an end. They prorate what it gets.
///
/// ```
/// # use quotaflow::calendar::{Calendar, DayRange, Grain};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{ActivityDef, Cascade, CascadeDef, Place, Sources, StepDef};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("product", "product", ["juice", "tea"])?])?;
/// # let calendar = Calendar::gregorian();
/// # let quarter = DayRange::new("2026-01-01".parse()?, "2026-04-01".parse()?)?;
/// // Tea is launched on 1 March: it has 31 of the quarter's 90 days, and no target in January and February.
/// let launch = ActivityDef::from(Place::whole().at("product", "tea")?, "2026-03-01".parse()?);
/// let recipe = CascadeDef::new("q1".try_into()?, "sales".try_into()?, quarter)
///     .step(StepDef::member("product", "product")?)
///     .step(StepDef::grain(Grain::Month))
///     .active(launch);
/// let plan = Cascade::compile(recipe, &Sources::new(&measures, &space).calendar(&calendar))?.run(121.into())?;
/// assert_eq!(plan.units("sales", "product")?, [90, 31]);
/// assert!(plan.frame().find(&["tea", "2026-02"]).is_err());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityDef {
    /// Who: members of one dimension at steps of the plan, or of several where their combinations are listed.
    pub at: Place,
    /// The first day; since ever when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The first day on which it is no longer planned; never when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

impl ActivityDef {
    /// Returns that a member is planned from a day on.
    #[must_use]
    pub fn from(at: Place, day: NaiveDate) -> Self {
        Self {
            at,
            from: Some(day),
            until: None,
        }
    }

    /// Returns that a member is planned until the day before this one.
    #[must_use]
    pub fn until(at: Place, day: NaiveDate) -> Self {
        Self {
            at,
            from: None,
            until: Some(day),
        }
    }
}

/// One step of a cascade: every node above it is split among its members or periods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDef {
    /// The name by which places refer to the step; when left out the key of the level, the name of the grain or the key
    /// of the period set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Key>,
    /// What the nodes are split by.
    pub by: SplitDef,
    /// Where the weights come from; equal when left out.
    #[serde(default)]
    pub basis: BasisDef,
    /// How exact shares become whole; largest remainder when left out.
    #[serde(default)]
    pub method: Method,
    /// What negative weights and weights that are all zero mean; both are refused when left out.
    #[serde(default)]
    pub weights: WeightPolicy,
    /// The amount of which every share is a whole multiple, itself a multiple of the measure's quantum; the quantum when
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<Number>,
    /// Lots of parts of the step, such as the case of each product; the step's own lot is that of all others. Where the
    /// children of a node have different lots each of them divides the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<LotDef>,
    /// Who is eligible at this step: whoever passes all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<EligibilityGate>,
    /// What it means that a node has no members at this step.
    #[serde(default)]
    pub empty: EmptyLevel,
}

impl StepDef {
    /// Returns a step by the members of a level, in equal shares.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if a name cannot be a key.
    pub fn member(dimension: &str, level: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::new(SplitDef::Member(Axis::new(dimension, level)?)))
    }

    /// Returns a step by the periods of a grain of the calendar, in equal shares.
    #[must_use]
    pub fn grain(grain: Grain) -> Self {
        Self::new(SplitDef::Grain(grain))
    }

    /// Returns a step in equal shares.
    #[must_use]
    pub fn new(by: SplitDef) -> Self {
        Self {
            name: None,
            by,
            basis: BasisDef::Equal,
            method: Method::default(),
            weights: WeightPolicy::default(),
            lot: None,
            lots: Vec::new(),
            gates: Vec::new(),
            empty: EmptyLevel::default(),
        }
    }

    /// Returns the step with this basis.
    #[must_use]
    pub fn basis(mut self, basis: BasisDef) -> Self {
        self.basis = basis;
        self
    }

    /// Returns the step with this method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Returns the step with this reading of unusual weights.
    #[must_use]
    pub fn weights(mut self, policy: WeightPolicy) -> Self {
        self.weights = policy;
        self
    }

    /// Returns the step with this condition of eligibility beside the others.
    #[must_use]
    pub fn gate(mut self, gate: EligibilityGate) -> Self {
        self.gates.push(gate);
        self
    }

    /// Returns the step with shares in whole lots.
    #[must_use]
    pub fn lot(mut self, lot: Number) -> Self {
        self.lot = Some(lot);
        self
    }

    /// Returns the step with shares in whole lots of their own at a place.
    #[must_use]
    pub fn lot_at(mut self, at: Place, lot: Number) -> Self {
        self.lots.push(LotDef { at, lot });
        self
    }

    /// Returns the step with this meaning of an empty level.
    #[must_use]
    pub fn empty(mut self, empty: EmptyLevel) -> Self {
        self.empty = empty;
        self
    }
}

/// A condition of eligibility: only members whose figure lies in a range get something at a step, everywhere or at a place.
///
/// The figure of a node is the sum of the cells of a table that belong to it, of all days alike, as in a
/// [basis](crate::plan::BasisDef). Several gates of a step must all be passed. Whom a gate concerns a plan tells by
/// [`Plan::applied`](super::Plan::applied).
///
/// ```
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::plan::{BasisDef, Cascade, CascadeDef, EligibilityGate, Place, Sources, StepDef, Table, TableUse};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::{Axis, DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let space = Space::new(vec![
///     DimensionDef::flat("type", "type", ["migration", "expansion"])?,
///     DimensionDef::flat("rep", "rep", ["r1", "r2"])?,
/// ])?;
/// let table = |r1: i64, r2: i64| Table::of_members(Axis::new("rep", "rep")?, &[("r1", r1.into()), ("r2", r2.into())]);
/// let sources = Sources::new(&measures, &space)
///     .table("kw".try_into()?, table(100, 300)?)
///     .table("seats".try_into()?, table(10, 0)?);
/// // Only who has seats sells migrations.
/// let seats = EligibilityGate::above_zero(TableUse::total("seats")?).at(Place::whole().at("type", "migration")?);
/// let reps = StepDef::member("rep", "rep")?.basis(BasisDef::Potential(TableUse::total("kw")?)).gate(seats);
/// let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year)
///     .step(StepDef::member("type", "type")?)
///     .step(reps);
/// let plan = Cascade::compile(recipe, &sources)?.run(2_000_000.into())?;
/// assert_eq!(plan.units("sales", "rep")?, [1_000_000, 0, 250_000, 750_000]);
/// let told: Vec<String> = plan.applied().iter().map(|own| own.to_string()).collect();
/// assert_eq!(told, [
///     "`sales`: migration / r2 is not eligible, its `seats` of 0 not being in (0, ..): 750000 of 1000000 go to those who are"
/// ]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityGate {
    /// The figures. Who has none is refused unless they say otherwise: it has a figure of zero, or a stated one; an equal share is
    /// none.
    pub figures: TableUse,
    /// The range in which the figure of whoever is eligible lies; above zero when left out.
    #[serde(default = "above_zero")]
    pub within: Interval,
    /// Where the gate stands, by steps no lower; everywhere when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// What becomes of the share of the others.
    #[serde(default)]
    pub share: GatedShare,
}

/// What becomes of the share of whoever is not eligible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GatedShare {
    /// It goes to those of the same node who are eligible; a node of which nobody is, is an error. The default.
    #[default]
    ToEligible,
    /// The same, but a node of which nobody is eligible gets nothing: its share goes to the nodes beside it, and where none of these has
    /// anybody, to those beside the node above.
    Elsewhere,
    /// It stays unallocated at the node above: what it is by the basis with everybody, all of them together, rounded once to the
    /// nearest lot. [`Plan::kept_apart`](super::Plan::kept_apart) has it.
    Kept,
    /// It is an error, which names everybody who is not eligible.
    Refused,
}

fn above_zero() -> Interval {
    Interval::above(Ratio::ZERO)
}

impl EligibilityGate {
    /// Returns the gate that those pass whose figure is above zero, everywhere.
    #[must_use]
    pub fn above_zero(figures: TableUse) -> Self {
        Self {
            figures,
            within: above_zero(),
            at: Place::whole(),
            share: GatedShare::ToEligible,
        }
    }

    /// Returns the gate with this range.
    #[must_use]
    pub fn within(mut self, range: Interval) -> Self {
        self.within = range;
        self
    }

    /// Returns the gate at this place alone.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.at = place;
        self
    }

    /// Returns the gate with this answer to the share of the others.
    #[must_use]
    pub fn share(mut self, share: GatedShare) -> Self {
        self.share = share;
        self
    }
}

/// The lot of a part of a step: cases of 12 for one product, cases of 6 for another.
///
/// A share is a whole multiple of the lot. Where the children of one node have different lots, each has to divide the next,
/// and the method has to be largest remainder: those of the largest lot are served first, as
/// [`allocate_within`](crate::allocation::allocate_within) says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotDef {
    /// The nodes that have it, by places that name the step itself and any steps above it; the one that names most steps
    /// counts.
    pub at: Place,
    /// The lot, a multiple of the measure's quantum.
    pub lot: Number,
}

/// What a step splits by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitDef {
    /// The members of a level of a dimension, below the member that an earlier step fixed.
    Member(Axis),
    /// The periods of a grain of the calendar.
    Grain(Grain),
    /// The periods of a set that the host gives.
    Set(Key),
    /// The pieces into which several sets of periods cut each other, so that what is planned adds up to all of them:
    /// weeks and months at once.
    Atoms(Vec<SplitDef>),
}

/// What it means that a node has no members at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyLevel {
    /// It is an error. The default.
    #[default]
    Refuse,
    /// The target stays at the node: [`Plan::applied`](super::Plan::applied) tells it, and
    /// [`Edit::Split`](super::Edit::Split) routes it to named members when that is asked for.
    Stop,
}

/// Where the weights of a step come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BasisDef {
    /// All children of a node weigh the same. The default.
    #[default]
    Equal,
    /// Weights written down.
    Given(GivenDef),
    /// Weights that the host gives for every node of the step, in the order of the plan's structure.
    Column(Key),
    /// What was sold, collected or done before.
    History(TableUse),
    /// History times one plus the growth that is expected of each member.
    GrownHistory(GrownDef),
    /// What the market could take.
    Potential(TableUse),
    /// What the people can do.
    Capacity(TableUse),
    /// Another plan.
    Reference(TableUse),
    /// The number of days of each period.
    CalendarDays,
    /// The weighted number of working days of each period.
    WorkingDays,
    /// Shares of a year's or a quarter's periods.
    Seasonal(SeasonDef),
    /// The inverse of another basis: who has half as much weighs twice as much. It is no inverse or blend itself, and a blend may
    /// have it as a part.
    ///
    /// The weights of the children of a node are exactly in inverse proportion where whole numbers of 64 bits are; else each is
    /// rounded at the 64th binary place of the largest, and to at least one of these; at the 48th or the 32nd within a blend whose parts
    /// have no room for more digits. Who weighs zero has no inverse and is refused.
    Inverse(#[serde(deserialize_with = "crate::document::inside")] Box<BasisDef>),
    /// Several bases, each normalised within its node and multiplied by a coefficient.
    Blend(#[serde(deserialize_with = "crate::document::inside")] Vec<BlendPart>),
}

/// Weights written down, by places that name the step itself and any steps above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenDef {
    /// The weights; where several places hold a node, the one that names most steps counts.
    pub weights: Vec<GivenWeight>,
    /// The weight of nodes that no place holds; such a node is an error when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Ratio>,
}

/// The weight of one place, written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenWeight {
    /// The nodes that have it.
    pub at: Place,
    /// The weight.
    pub weight: Ratio,
}

/// The use of a table of figures as weights: the weight of a node is the sum of the cells that belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableUse {
    /// The table's key among the sources.
    pub table: Key,
    /// Which of its periods belong to which of the plan's.
    #[serde(default)]
    pub periods: TablePeriods,
    /// What a member weighs for whom it has no figure at all, such as a person without history.
    #[serde(default, skip_serializing_if = "MissingMember::is_refuse")]
    pub missing: MissingMember,
}

impl TableUse {
    /// Returns the use of a table summed over all its periods.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the name cannot be a key.
    pub fn total(table: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            table: Key::new(table)?,
            periods: TablePeriods::Total,
            missing: MissingMember::Refuse,
        })
    }

    /// Returns the use of a table whose periods stand in turn for those of the plan.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the name cannot be a key.
    pub fn in_turn(table: &str, periods: SplitDef) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            table: Key::new(table)?,
            periods: TablePeriods::InTurn(periods),
            missing: MissingMember::Refuse,
        })
    }

    /// Returns the use with this weight of members without a figure.
    #[must_use]
    pub fn missing(mut self, weight: MissingMember) -> Self {
        self.missing = weight;
        self
    }
}

/// What a member weighs for whom a table has no figure: no row, or in none of its rows and periods a figure. Who has a figure of
/// zero weighs zero; so does who has figures elsewhere, for another product or in another month, and none in the cells that are asked.
///
/// Whomever it concerns a plan tells by [`Plan::applied`](super::Plan::applied). What is nobody's (`unassigned`) weighs nothing
/// without a figure.
///
/// ```
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::plan::{BasisDef, Cascade, CascadeDef, MissingMember, Sources, StepDef, Table, TableUse};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::{Axis, DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy", "di"])?])?;
/// let sold = [("ann", 100.into()), ("bo", 300.into()), ("di", 50.into())];
/// let table = Table::of_members(Axis::new("person", "person")?, &sold)?;
/// let sources = Sources::new(&measures, &space).table("sold".try_into()?, table);
/// let cascade = |used: TableUse| {
///     let step = StepDef::member("person", "person")?.basis(BasisDef::History(used));
///     let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year).step(step);
///     Ok::<_, quotaflow::Error>(Cascade::compile(recipe, &sources)?.run(1_000_000.into())?)
/// };
///
/// // Cy is new. An equal share is a quarter of the whole; the others share the rest.
/// let plan = cascade(TableUse::total("sold")?.missing(MissingMember::EqualShare))?;
/// assert_eq!(plan.units("sales", "person")?, [166_667, 500_000, 250_000, 83_333]);
/// let told: Vec<String> = plan.applied().iter().map(|own| own.to_string()).collect();
/// assert_eq!(told, ["`sales`: `sold` has no figure for cy, which gets an equal share: 250000 of 1000000"]);
/// assert_eq!(
///     cascade(TableUse::total("sold")?).unwrap_err().to_string(),
///     "the table `sold` has no figure for cy at step `person`: say by `missing` whether they weigh `zero`, an `equal_share` or a `weight`",
/// );
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MissingMember {
    /// It is an error, which names everybody whom it concerns. The default.
    #[default]
    Refuse,
    /// It weighs nothing and gets nothing.
    Zero,
    /// It gets as much as everybody would in equal parts: of four a quarter, whatever the others have; the others share the rest.
    EqualShare,
    /// It weighs like somebody who has this figure in the table.
    Weight(Number),
}

impl MissingMember {
    fn is_refuse(&self) -> bool {
        *self == Self::Refuse
    }
}

/// Which periods of a table belong to which periods of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TablePeriods {
    /// The table counts as the sum over all its periods. The default.
    #[default]
    Total,
    /// Each belongs to the period of the plan that holds its days.
    SameDays,
    /// The first stands for the first period of these in the horizon, the second for the second, and so on: last year's
    /// months for this year's.
    InTurn(SplitDef),
}

/// History with the growth that is expected of each member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrownDef {
    /// The history.
    pub history: TableUse,
    /// The growth by places that name the step itself and any steps above it; the one that names most steps counts.
    pub growth: Vec<GrowthDef>,
    /// The growth of all others; none when left out.
    #[serde(default)]
    pub otherwise: Ratio,
}

/// The growth that is expected somewhere: `"0.1"` is ten percent more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthDef {
    /// Where.
    pub at: Place,
    /// By how much.
    pub by: Ratio,
}

/// The shares of periods in groups, each of which totals exactly one (100 %).
///
/// A group has the shares of the children of one node, in the order of time: one group of twelve months for a year, or
/// four groups of three for its quarters. The groups serve the nodes in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonDef {
    /// The groups.
    pub groups: Vec<Vec<Ratio>>,
}

/// A basis in a blend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlendPart {
    /// What its normalised weights are multiplied by; not negative.
    pub coefficient: Ratio,
    /// The basis; not itself a blend.
    pub basis: BasisDef,
}

/// A branch of the plan that goes through fewer steps than the recipe has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthDef {
    /// The branch.
    pub at: Place,
    /// The names of the steps that apply below it; the others are left out.
    pub steps: Vec<Key>,
}
