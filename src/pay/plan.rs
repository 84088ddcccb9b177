//! A pay plan: elements that each turn a position into money, and what they cost.

use serde::{Deserialize, Serialize};

use super::PayError;
use super::curve::{PayCurve, PayCurveDef};
use super::slip::{Cost, PaidElement, PaySlip, Payroll};
use crate::band::Interval;
use crate::calendar::PeriodId;
use crate::document::Version;
use crate::key::Key;
use crate::panel::{ColumnKey, Panel, PanelError, Reason};
use crate::quantity::{Quantum, Ratio, Rounding};
use crate::scorecard::card::unique;
use crate::scorecard::curve::bounded;
use crate::scorecard::level::{Figure, Position};
use crate::scorecard::{Curve, CurveDef, InputDef};
use crate::text::Texts;

/// A pay plan as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayPlanDef {
    /// The version of this form.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What is paid for.
    pub elements: Vec<PayElementDef>,
    /// The smallest amount that is paid; a cent where left out.
    #[serde(default = "cent")]
    pub quantum: Quantum,
    /// How each element is rounded to it.
    #[serde(default)]
    pub rounding: Rounding,
    /// The least in total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Ratio>,
    /// The most in total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Ratio>,
}

fn cent() -> Quantum {
    Quantum::CENT
}

/// One element of a pay plan as data: curve x base x multipliers x share of the period, within floor and cap, rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayElementDef {
    /// The stable name, unique in the plan.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The position: an amount, an attainment, or a score that was put on the panel.
    pub input: InputDef,
    /// Where the position has to lie for anything to be paid: the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Interval>,
    /// From the position to pay, or to a factor of the base.
    pub curve: PayCurveDef,
    /// What the curve is multiplied by.
    #[serde(default)]
    pub base: Base,
    /// Further factors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multipliers: Vec<MultiplierDef>,
    /// The column of the share of the period for which it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prorated_by: Option<ColumnKey>,
    /// The least that it pays, once what it requires is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Ratio>,
    /// The most that it pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Ratio>,
    /// What it means that a number is missing.
    #[serde(default)]
    pub unknown: PayUnknown,
}

/// What a pay curve is multiplied by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Base {
    /// Nothing: the curve gives money. The default.
    #[default]
    One,
    /// A fixed amount: the target pay of everybody.
    Constant(Ratio),
    /// A figure of the subject: its own target pay, its collections.
    Column(ColumnKey),
}

/// A factor that follows from another figure: quality, collection, a team's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiplierDef {
    /// What it looks at.
    pub input: InputDef,
    /// From the input to the factor.
    pub curve: CurveDef,
}

/// What it means for pay that a number is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayUnknown {
    /// The pay of the subject stays open until it is known. The default: neither paid nor lost by accident.
    #[default]
    Open,
    /// The element pays nothing.
    Nothing,
}

impl PayElementDef {
    /// Returns an element without threshold, factors and limits.
    ///
    /// # Errors
    /// [`PayError::Key`] if `key` cannot be a key.
    pub fn new(key: &str, input: InputDef, curve: PayCurveDef) -> Result<Self, PayError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            input,
            requires: None,
            curve,
            base: Base::One,
            multipliers: Vec::new(),
            prorated_by: None,
            floor: None,
            cap: None,
            unknown: PayUnknown::Open,
        })
    }

    /// Returns the element with its curve multiplied by a base.
    #[must_use]
    pub fn times(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// Returns the element with a threshold.
    #[must_use]
    pub fn requires(mut self, within: Interval) -> Self {
        self.requires = Some(within);
        self
    }

    /// Returns the element with a cap.
    #[must_use]
    pub fn cap(mut self, amount: Ratio) -> Self {
        self.cap = Some(amount);
        self
    }

    /// Returns the element with one more factor.
    #[must_use]
    pub fn multiplied(mut self, input: InputDef, curve: CurveDef) -> Self {
        self.multipliers.push(MultiplierDef { input, curve });
        self
    }
}

impl PayPlanDef {
    /// Returns a plan of these elements, in cents.
    ///
    /// # Errors
    /// [`PayError::Key`] if `key` cannot be a key.
    pub fn new(key: &str, elements: Vec<PayElementDef>) -> Result<Self, PayError> {
        Ok(Self {
            version: Version::default(),
            key: Key::new(key)?,
            title: Texts::default(),
            elements,
            quantum: Quantum::CENT,
            rounding: Rounding::default(),
            floor: None,
            cap: None,
        })
    }
}

/// A checked pay plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PayPlanDef", into = "PayPlanDef")]
pub struct PayPlan {
    def: PayPlanDef,
    elements: Vec<Element>,
    floor: Option<i64>,
    cap: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Element {
    curve: PayCurve,
    multipliers: Vec<Curve>,
}

impl PayPlan {
    /// The most elements of a plan, and the most multipliers of an element.
    pub const MAX_ELEMENTS: usize = 200;

    /// Checks and compiles the definition.
    ///
    /// # Errors
    /// Any [`PayError`] that concerns a definition, inside [`PayError::In`] where it has a place.
    pub fn compile(def: PayPlanDef) -> Result<Self, PayError> {
        let most = def
            .elements
            .iter()
            .map(|element| element.multipliers.len())
            .chain([def.elements.len()])
            .max();
        if let Some(count) = most.filter(|count| *count > Self::MAX_ELEMENTS) {
            return Err(PayError::TooMany {
                what: "elements",
                count,
                limit: Self::MAX_ELEMENTS,
            });
        }
        if def.elements.is_empty() {
            return Err(PayError::NoElement);
        }
        unique("element", def.elements.iter().map(|element| &element.key))?;
        let limits = |floor: Option<Ratio>, cap: Option<Ratio>| match (floor, cap) {
            (Some(floor), Some(cap)) if floor > cap => Err(PayError::FloorAboveCap { floor, cap }),
            _ => Ok(()),
        };
        let compile = |element: &PayElementDef| -> Result<Element, PayError> {
            element.input.check()?;
            limits(element.floor, element.cap)?;
            for value in [element.floor, element.cap].into_iter().flatten() {
                bounded(value)?;
            }
            if let Base::Constant(amount) = element.base {
                bounded(amount)?;
            }
            let factor = |multiplier: &MultiplierDef| {
                multiplier.input.check()?;
                Curve::new(multiplier.curve.clone())
            };
            let multipliers = element
                .multipliers
                .iter()
                .map(factor)
                .collect::<Result<_, _>>()?;
            Ok(Element {
                curve: PayCurve::new(element.curve.clone())?,
                multipliers,
            })
        };
        let elements = def
            .elements
            .iter()
            .map(|element| {
                compile(element).map_err(|error| error.within(format!("element `{}`", element.key)))
            })
            .collect::<Result<_, _>>()?;
        limits(def.floor, def.cap)?;
        let units = |limit: Option<Ratio>| {
            limit
                .map(|limit| def.quantum.round(limit, def.rounding))
                .transpose()
        };
        let (floor, cap) = (units(def.floor)?, units(def.cap)?);
        Ok(Self {
            def,
            elements,
            floor,
            cap,
        })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &PayPlanDef {
        &self.def
    }

    /// Proposes the pay of every subject of a panel in one period.
    ///
    /// # Errors
    /// [`PayError::Panel`] when a column is missing or the period is outside the panel; an error when its unit is not that of
    /// the element.
    pub fn pay(&self, panel: &Panel, period: PeriodId) -> Result<Payroll, PayError> {
        self.pay_at(panel, period.index(), None)
    }

    /// Proposes the pay of every period: the plan on the history of a panel.
    ///
    /// # Errors
    /// As [`PayPlan::pay`].
    pub fn history(&self, panel: &Panel) -> Result<Vec<Payroll>, PayError> {
        panel
            .periods()
            .ids()
            .map(|period| self.pay(panel, period))
            .collect()
    }

    /// Returns what the plan would cost if everybody attained exactly so much of their targets: the budget of the scheme.
    ///
    /// A figure that has a target in the plan - as a position, a base or a multiplier - is taken to be the target times
    /// the level (for less is better: the target less what the level is above 1). Figures without a target stay as they are.
    ///
    /// # Errors
    /// As [`PayPlan::pay`].
    pub fn cost(
        &self,
        panel: &Panel,
        period: PeriodId,
        levels: &[Ratio],
    ) -> Result<Vec<Cost>, PayError> {
        let period = period.index();
        let cost = |level: &Ratio| {
            let payroll = self.pay_at(panel, period, Some(*level))?;
            Ok(Cost {
                level: *level,
                units: payroll.units(),
                open: payroll.open(),
            })
        };
        levels.iter().map(cost).collect()
    }

    pub(super) fn pay_at(
        &self,
        panel: &Panel,
        period: usize,
        level: Option<Ratio>,
    ) -> Result<Payroll, PayError> {
        let (subjects, periods) = (panel.subjects().len(), panel.periods().len());
        if period >= periods {
            return Err(PanelError::Outside {
                subject: 0,
                period,
                subjects,
                periods,
            }
            .into());
        }
        let mut bound = Vec::with_capacity(self.elements.len());
        for (element, def) in self.elements.iter().zip(&self.def.elements) {
            let bind = || -> Result<BoundElement<'_>, PayError> {
                let multiplier =
                    |factor: &MultiplierDef| Position::new(&factor.input, panel, period);
                Ok(BoundElement {
                    position: Position::new(&def.input, panel, period)?,
                    multipliers: def
                        .multipliers
                        .iter()
                        .map(multiplier)
                        .collect::<Result<_, _>>()?,
                    base: match &def.base {
                        Base::Column(key) => Some(Figure::new(key, panel, period)?),
                        Base::One | Base::Constant(_) => None,
                    },
                    share: def
                        .prorated_by
                        .as_ref()
                        .map(|key| Figure::new(key, panel, period))
                        .transpose()?,
                })
            };
            let bound_element =
                bind().map_err(|error| error.within(format!("element `{}`", def.key)))?;
            bound.push((element, def, bound_element));
        }
        let slip = |subject: usize| {
            let paid = bound
                .iter()
                .map(|(element, def, bound)| self.element(element, def, bound, subject, level));
            self.slip(paid.collect())
        };
        Ok(Payroll {
            slips: (0..subjects).map(slip).collect(),
        })
    }

    fn slip(&self, elements: Vec<PaidElement>) -> PaySlip {
        let mut sum = Some(0_i64);
        for element in &elements {
            sum = sum
                .zip(element.units)
                .and_then(|(sum, units)| sum.checked_add(units));
        }
        let floored = sum.map(|sum| self.floor.map_or(sum, |floor| sum.max(floor)));
        let units = floored.map(|sum| self.cap.map_or(sum, |cap| sum.min(cap)));
        PaySlip { elements, units }
    }

    fn element(
        &self,
        element: &Element,
        def: &PayElementDef,
        bound: &BoundElement<'_>,
        subject: usize,
        level: Option<Ratio>,
    ) -> PaidElement {
        let one = Ok(Ratio::ONE);
        let (readings, position) = bound.position.read(&def.input, subject, level);
        let base = match (&def.base, &bound.base) {
            (Base::Constant(amount), _) => Ok(*amount),
            (Base::Column(_), Some(figure)) => figure.read(subject, level),
            (Base::One | Base::Column(_), _) => one,
        };
        let multipliers: Vec<Result<Ratio, Reason>> = bound
            .multipliers
            .iter()
            .zip(&def.multipliers)
            .zip(&element.multipliers)
            .map(|((position, multiplier), curve)| {
                match position.read(&multiplier.input, subject, level).1 {
                    Ok(value) => curve.at(value).ok_or(Reason::OutOfRange),
                    missing @ Err(_) => missing,
                }
            })
            .collect();
        let share = bound
            .share
            .as_ref()
            .map_or(one, |figure| figure.read(subject, None));
        let mut paid = PaidElement {
            key: def.key.clone(),
            readings,
            position,
            met: false,
            slices: Vec::new(),
            base,
            multipliers,
            share,
            exact: position,
            units: None,
        };
        let missing = |reason| {
            (
                Err(reason),
                if def.unknown == PayUnknown::Nothing {
                    Some(0)
                } else {
                    None
                },
            )
        };
        let at = match position {
            Ok(at) => at,
            Err(reason) => {
                (paid.exact, paid.units) = missing(reason);
                return paid;
            }
        };
        paid.met = def.requires.is_none_or(|within| within.contains(at));
        if !paid.met {
            (paid.exact, paid.units) = (Ok(Ratio::ZERO), Some(0));
            return paid;
        }
        let factors = [base, share]
            .into_iter()
            .chain(paid.multipliers.iter().copied());
        let mut product = match element.curve.at(at) {
            Ok((exact, slices)) => {
                paid.slices = slices;
                Ok(exact)
            }
            Err(_) => Err(Reason::OutOfRange),
        };
        for factor in factors {
            product = product.and_then(|product| match factor {
                Ok(factor) => product.checked_mul(factor).map_err(|_| Reason::OutOfRange),
                Err(state) => Err(state),
            });
        }
        match product {
            Ok(exact) => {
                paid.exact = Ok(exact);
                let limited = def.floor.map_or(exact, |floor| exact.max(floor));
                let limited = def.cap.map_or(limited, |cap| limited.min(cap));
                paid.units = self.def.quantum.round(limited, self.def.rounding).ok();
            }
            Err(state) => (paid.exact, paid.units) = missing(state),
        }
        paid
    }
}

/// An element bound to the columns of a panel.
struct BoundElement<'p> {
    position: Position<'p>,
    multipliers: Vec<Position<'p>>,
    base: Option<Figure<'p>>,
    share: Option<Figure<'p>>,
}

impl TryFrom<PayPlanDef> for PayPlan {
    type Error = PayError;

    fn try_from(def: PayPlanDef) -> Result<Self, PayError> {
        Self::compile(def)
    }
}

impl From<PayPlan> for PayPlanDef {
    fn from(plan: PayPlan) -> Self {
        plan.def
    }
}
