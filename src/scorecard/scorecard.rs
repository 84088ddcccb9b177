//! The scorecard: groups of weighted KPIs, items, gates, vetoes and grades.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::kpi::{Kpi, on_places};
use super::{
    ConditionDef, GateDef, Gated, KpiDef, Light, Observed, Precision, ScorecardError, TieRule,
    VetoDef,
};
use crate::band::{BandDef, Bands};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::Ratio;
use crate::text::Texts;

/// A scorecard as data.
///
/// The total of a subject is reckoned in this order: the points of each KPI, rounded as the KPI says and limited by its
/// gates; the weighted mean of each group, limited by its gates; the weighted mean of the groups; bonus and deduction
/// items, each within its limit; one rounding; floor and cap; gates and vetoes on the whole card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScorecardDef {
    /// The version of this form.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The groups (results, actions, qualities); their weights make 1.
    pub groups: Vec<GroupDef>,
    /// Bonus and deduction items (加减分): points added to the weighted total. They have no weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<KpiDef>,
    /// The most points that all bonuses together can add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_limit: Option<Ratio>,
    /// The most points that all deductions together can take; not below zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduction_limit: Option<Ratio>,
    /// Requirements that open parts of the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateDef>,
    /// Conditions that limit the total, whatever the rest says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vetoes: Vec<VetoDef>,
    /// How the total is rounded.
    #[serde(default)]
    pub precision: Precision,
    /// The fewest points in total, before gates and vetoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Ratio>,
    /// The most points in total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Ratio>,
    /// The points that are neither good nor bad, for KPIs that say so of a missing number.
    #[serde(default = "hundred")]
    pub neutral: Ratio,
    /// The grade of each range of totals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<BandDef<Key>>,
    /// The traffic light of each range of totals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lights: Vec<BandDef<Light>>,
    /// Which positions equal totals get.
    #[serde(default)]
    pub ties: TieRule,
}

/// A group of KPIs as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// Its share of the card.
    pub weight: Ratio,
    /// The KPIs; their weights make 1.
    pub kpis: Vec<KpiDef>,
}

fn hundred() -> Ratio {
    Ratio::from(100)
}

impl ScorecardDef {
    /// Returns a card without groups and with every default.
    ///
    /// # Errors
    /// [`ScorecardError::Key`] if `key` cannot be a key.
    pub fn new(key: &str) -> Result<Self, ScorecardError> {
        Ok(Self {
            version: Version::default(),
            key: Key::new(key)?,
            title: Texts::default(),
            groups: Vec::new(),
            items: Vec::new(),
            bonus_limit: None,
            deduction_limit: None,
            gates: Vec::new(),
            vetoes: Vec::new(),
            precision: Precision::default(),
            floor: None,
            cap: None,
            neutral: hundred(),
            grades: Vec::new(),
            lights: Vec::new(),
            ties: TieRule::default(),
        })
    }

    /// Adds a group of KPIs.
    ///
    /// # Errors
    /// [`ScorecardError::Key`] if `key` cannot be a key.
    pub fn group(
        mut self,
        key: &str,
        weight: Ratio,
        kpis: Vec<KpiDef>,
    ) -> Result<Self, ScorecardError> {
        self.groups.push(GroupDef {
            key: Key::new(key)?,
            title: Texts::default(),
            weight,
            kpis,
        });
        Ok(self)
    }

    /// Returns the card with grades that begin at these totals: `grades("D", [("60", "C"), ("80", "B")])`.
    ///
    /// # Errors
    /// [`ScorecardError::Key`], [`ScorecardError::Quantity`], and the errors of [`Bands::from_edges`].
    pub fn grades<'a>(
        mut self,
        lowest: &str,
        from: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ScorecardError> {
        let edges = from
            .into_iter()
            .map(|(at, grade)| Ok((at.parse()?, Key::new(grade)?)))
            .collect::<Result<_, ScorecardError>>()?;
        self.grades =
            Bands::from_edges(Key::new(lowest)?, edges, crate::band::Owner::Upper)?.into();
        Ok(self)
    }

    /// Returns all KPIs with their group, then the items, which have none.
    pub fn kpis(&self) -> impl Iterator<Item = (Option<&GroupDef>, &KpiDef)> {
        let grouped = self
            .groups
            .iter()
            .flat_map(|group| group.kpis.iter().map(move |kpi| (Some(group), kpi)));
        grouped.chain(self.items.iter().map(|item| (None, item)))
    }
}

/// A checked scorecard, ready to score any panel that has its columns.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::{Quantum, Ratio};
/// use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, Benchmark, Scorecard, ScorecardDef};
/// use quotaflow::space::{Axis, Subjects};
/// let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
/// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let mut panel = Panel::new(people, month);
/// let sales = ColumnKey::actual("sales")?;
/// panel.add(Column::amounts(sales.clone(), "money:EUR".parse()?, Quantum::CENT, vec![90_00, 120_00]))?;
/// panel.add(Column::amounts(ColumnKey::target("sales")?, "money:EUR".parse()?, Quantum::CENT, vec![100_00, 100_00]))?;
///
/// let curve = CurveDef::through([("0.6", "0"), ("1", "100"), ("1.2", "120")])?;
/// let kpi = KpiDef::new("sales", InputDef::rate(sales, Benchmark::Plan), curve)?.weigh(Ratio::ONE);
/// let def = ScorecardDef::new("salesperson")?
///     .group("results", Ratio::ONE, vec![kpi])?
///     .grades("C", [("80", "B"), ("100", "A")])?;
/// let card = Scorecard::compile(def)?;
/// let scores = card.score(&panel, panel.periods().id("2026-01")?)?;
/// assert_eq!(scores.get(["ann"])?.ratio(), Ok(Ratio::from(75)));
/// let (ann, bo) = (scores.row(["ann"])?, scores.row(["bo"])?);
/// assert_eq!((scores.grade(bo).map(ToString::to_string), scores.rank(bo)), (Some("A".to_owned()), Some(1)));
/// let why = scores.explain(ann)?;
/// assert_eq!(why.groups[0].kpis[0].inputs[0].attained.ok(), Some(Ratio::percent(90)));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScorecardDef", into = "ScorecardDef")]
pub struct Scorecard {
    pub(crate) def: ScorecardDef,
    /// The KPIs group by group, then the items.
    pub(crate) kpis: Vec<Kpi>,
    /// The places of each group's KPIs.
    pub(crate) groups: Vec<std::ops::Range<usize>>,
    pub(crate) grades: Option<Bands<Key>>,
    pub(crate) lights: Option<Bands<Light>>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) vetoes: Vec<Veto>,
    pub(crate) weights: WholeWeights,
}

/// A gate with its names resolved to places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) operand: Place,
    pub(crate) on: GatePlace,
}

/// A veto with its names resolved to places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Veto {
    pub(crate) operand: Place,
    /// The place of the best grade that is left.
    pub(crate) best_grade: Option<usize>,
}

/// Where a condition finds its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Figure,
    Attainment(usize),
    Points(usize),
}

/// What a gate shuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GatePlace {
    Card,
    Group(usize),
    Kpi(usize),
}

/// The share of each KPI in the whole card, as whole numbers over one denominator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WholeWeights {
    pub(crate) parts: Vec<i128>,
    pub(crate) whole: i128,
}

impl Scorecard {
    /// The most groups, and the most items, gates and vetoes.
    pub const MAX_PARTS: usize = 200;
    /// The most KPIs of a card.
    pub const MAX_KPIS: usize = 1_000;

    /// Checks and compiles the definition. Whatever is accepted here gives every panel that has its columns a total or a
    /// reason why there is none.
    ///
    /// # Errors
    /// Any [`ScorecardError`] that concerns a definition, inside [`ScorecardError::In`] where it has a place.
    pub fn compile(def: ScorecardDef) -> Result<Self, ScorecardError> {
        check_sizes(&def)?;
        check_names(&def)?;
        check_weights(&def)?;
        if let (Some(floor), Some(cap)) = (def.floor, def.cap)
            && floor > cap
        {
            return Err(ScorecardError::FloorAboveCap { floor, cap });
        }
        let limits = [("floor", def.floor), ("cap", def.cap)];
        for (name, points) in limits {
            if let Some(points) = points {
                on_places(points, def.precision).map_err(|error| error.within(name))?;
            }
        }
        for (name, limit) in [
            ("bonus limit", def.bonus_limit),
            ("deduction limit", def.deduction_limit),
        ] {
            if let Some(limit) = limit {
                super::curve::bounded(limit)?;
                if limit.is_negative() {
                    return Err(ScorecardError::Conflict {
                        what: format!("the {name} {limit} is below zero"),
                    });
                }
            }
        }
        let mut kpis = Vec::new();
        let mut groups = Vec::with_capacity(def.groups.len());
        for (group, kpi) in def.kpis() {
            let place = match group {
                Some(group) => format!("group `{}`, KPI `{}`", group.key, kpi.key),
                None => format!("item `{}`", kpi.key),
            };
            kpis.push(Kpi::compile(kpi.clone(), def.neutral).map_err(|error| error.within(place))?);
        }
        let mut start = 0;
        for group in &def.groups {
            groups.push(start..start + group.kpis.len());
            start += group.kpis.len();
        }
        let named = |error: ScorecardError, name: &str| error.within(name);
        let grades = bands(&def.grades).map_err(|error| named(error, "grades"))?;
        let lights = bands(&def.lights).map_err(|error| named(error, "lights"))?;
        let gates = def
            .gates
            .iter()
            .map(|gate| resolve_gate(&def, gate))
            .collect::<Result<_, _>>()?;
        let vetoes = def
            .vetoes
            .iter()
            .map(|veto| resolve_veto(&def, grades.as_ref(), veto))
            .collect::<Result<_, _>>()?;
        let weights = whole_weights(&def)?;
        Ok(Self {
            def,
            kpis,
            groups,
            grades,
            lights,
            gates,
            vetoes,
            weights,
        })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &ScorecardDef {
        &self.def
    }

    /// Returns the grades from the lowest to the highest; none where the card has none.
    #[must_use]
    pub fn grades(&self) -> Option<&Bands<Key>> {
        self.grades.as_ref()
    }

    /// Returns the share of each grouped KPI in the whole card, in the order of the card; they make 1.
    #[must_use]
    pub fn shares(&self) -> Vec<(&Key, Ratio)> {
        self.weights
            .parts
            .iter()
            .zip(&self.kpis)
            .map(|(part, kpi)| {
                (
                    &kpi.def.key,
                    Ratio::new(*part, self.weights.whole).unwrap_or(Ratio::ZERO),
                )
            })
            .collect()
    }

    /// Returns the number of grouped KPIs; items come after them.
    pub(crate) fn grouped(&self) -> usize {
        self.weights.parts.len()
    }
}

fn bands<T: Clone>(rows: &[BandDef<T>]) -> Result<Option<Bands<T>>, ScorecardError> {
    if rows.is_empty() {
        Ok(None)
    } else {
        Ok(Some(Bands::new(rows.to_vec())?))
    }
}

fn check_sizes(def: &ScorecardDef) -> Result<(), ScorecardError> {
    let parts = [
        ("groups", def.groups.len()),
        ("items", def.items.len()),
        ("gates", def.gates.len()),
        ("vetoes", def.vetoes.len()),
    ];
    for (what, count) in parts {
        if count > Scorecard::MAX_PARTS {
            return Err(ScorecardError::TooMany {
                what,
                count,
                limit: Scorecard::MAX_PARTS,
            });
        }
    }
    let count = def.kpis().count();
    if count > Scorecard::MAX_KPIS {
        return Err(ScorecardError::TooMany {
            what: "KPIs",
            count,
            limit: Scorecard::MAX_KPIS,
        });
    }
    if def.groups.is_empty() {
        return Err(ScorecardError::Empty { what: "group" });
    }
    Ok(())
}

fn check_names(def: &ScorecardDef) -> Result<(), ScorecardError> {
    unique("group", def.groups.iter().map(|group| &group.key))?;
    unique("KPI", def.kpis().map(|(_, kpi)| &kpi.key))?;
    unique("gate", def.gates.iter().map(|gate| &gate.key))?;
    unique("veto", def.vetoes.iter().map(|veto| &veto.key))?;
    unique("grade", def.grades.iter().map(|band| &band.gives))
}

pub(crate) fn unique<'a>(
    what: &'static str,
    keys: impl Iterator<Item = &'a Key>,
) -> Result<(), ScorecardError> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(ScorecardError::Duplicate {
                what,
                key: key.clone(),
            });
        }
    }
    Ok(())
}

fn check_weights(def: &ScorecardDef) -> Result<(), ScorecardError> {
    sum_to_one("the groups", def.groups.iter().map(|group| group.weight))?;
    for group in &def.groups {
        if group.kpis.is_empty() {
            return Err(
                ScorecardError::Empty { what: "KPI" }.within(format!("group `{}`", group.key))
            );
        }
        sum_to_one(
            &format!("group `{}`", group.key),
            group.kpis.iter().map(|kpi| kpi.weight),
        )?;
    }
    match def.items.iter().find(|item| !item.weight.is_zero()) {
        Some(item) => {
            let what = format!("item `{}` adds points and can have no weight", item.key);
            Err(ScorecardError::Conflict { what })
        }
        None => Ok(()),
    }
}

fn sum_to_one(of: &str, weights: impl Iterator<Item = Ratio>) -> Result<(), ScorecardError> {
    let mut sum = Ratio::ZERO;
    for weight in weights {
        super::curve::bounded(weight)?;
        if weight.is_negative() {
            return Err(ScorecardError::NegativeWeight { weight }.within(of));
        }
        sum = sum
            .checked_add(weight)
            .map_err(|_| ScorecardError::TooFine)?;
    }
    if sum == Ratio::ONE {
        Ok(())
    } else {
        Err(ScorecardError::Weights {
            of: of.to_owned(),
            sum,
        })
    }
}

fn whole_weights(def: &ScorecardDef) -> Result<WholeWeights, ScorecardError> {
    // Beyond this the sums of a card would not be exact.
    const FINEST: i128 = 1_000_000_000_000;
    let mut shares = Vec::new();
    let mut whole = 1_i128;
    for group in &def.groups {
        for kpi in &group.kpis {
            let share = group
                .weight
                .checked_mul(kpi.weight)
                .map_err(|_| ScorecardError::TooFine)?;
            let common =
                Ratio::new(whole, share.denominator()).map_err(|_| ScorecardError::TooFine)?;
            whole = whole
                .checked_mul(common.denominator())
                .filter(|whole| *whole <= FINEST)
                .ok_or(ScorecardError::TooFine)?;
            shares.push(share);
        }
    }
    let parts = shares
        .iter()
        .map(|share| share.numerator() * (whole / share.denominator()))
        .collect();
    Ok(WholeWeights { parts, whole })
}

fn resolve_gate(def: &ScorecardDef, gate: &GateDef) -> Result<Gate, ScorecardError> {
    let resolve = || {
        let on = match &gate.on {
            Gated::Card => {
                on_places(gate.at_most, def.precision)?;
                GatePlace::Card
            }
            Gated::Group(key) => {
                super::curve::bounded(gate.at_most)?;
                let known = || def.groups.iter().map(|group| &group.key);
                GatePlace::Group(
                    known()
                        .position(|known| known == key)
                        .ok_or_else(|| unknown("group", key, known()))?,
                )
            }
            Gated::Kpi(key) => {
                let place = kpi_place(def, key)?;
                let kpi = def
                    .kpis()
                    .nth(place)
                    .map(|(_, kpi)| kpi.precision)
                    .unwrap_or_default();
                on_places(gate.at_most, kpi)?;
                GatePlace::Kpi(place)
            }
        };
        Ok(Gate {
            operand: operand_place(def, &gate.requires)?,
            on,
        })
    };
    resolve().map_err(|error: ScorecardError| error.within(format!("gate `{}`", gate.key)))
}

fn resolve_veto(
    def: &ScorecardDef,
    grades: Option<&Bands<Key>>,
    veto: &VetoDef,
) -> Result<Veto, ScorecardError> {
    let resolve = || {
        on_places(veto.at_most, def.precision)?;
        let best_grade = match &veto.best_grade {
            None => None,
            Some(key) => {
                let known = || grades.into_iter().flat_map(Bands::labels);
                Some(
                    known()
                        .position(|known| known == key)
                        .ok_or_else(|| unknown("grade", key, known()))?,
                )
            }
        };
        Ok(Veto {
            operand: operand_place(def, &veto.when)?,
            best_grade,
        })
    };
    resolve().map_err(|error: ScorecardError| error.within(format!("veto `{}`", veto.key)))
}

fn operand_place(def: &ScorecardDef, condition: &ConditionDef) -> Result<Place, ScorecardError> {
    Ok(match &condition.of {
        Observed::Figure(_) => Place::Figure,
        Observed::Attainment(key) => Place::Attainment(kpi_place(def, key)?),
        Observed::Points(key) => Place::Points(kpi_place(def, key)?),
    })
}

fn kpi_place(def: &ScorecardDef, key: &Key) -> Result<usize, ScorecardError> {
    let known = || def.kpis().map(|(_, kpi)| &kpi.key);
    known()
        .position(|known| known == key)
        .ok_or_else(|| unknown("KPI", key, known()))
}

pub(crate) fn unknown<'a>(
    what: &'static str,
    key: &Key,
    known: impl Iterator<Item = &'a Key>,
) -> ScorecardError {
    let (name, nearest, known) = crate::key::unknown(key.as_str(), known.map(Key::as_str));
    ScorecardError::UnknownName {
        what,
        name,
        nearest,
        known,
    }
}

impl TryFrom<ScorecardDef> for Scorecard {
    type Error = ScorecardError;

    fn try_from(def: ScorecardDef) -> Result<Self, ScorecardError> {
        Self::compile(def)
    }
}

impl From<Scorecard> for ScorecardDef {
    fn from(card: Scorecard) -> Self {
        card.def
    }
}
