//! A pay plan: elements that each turn a position into money, and what they cost.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::PayError;
use super::curve::{PayCurve, PayCurveDef};
use super::slip::{Cost, PaidElement, PaySlip, Payroll};
use crate::band::Interval;
use crate::calendar::{Period, PeriodId};
use crate::document::Version;
use crate::key::Key;
use crate::measure::Currency;
use crate::panel::{ColumnKey, Panel, PanelError, Reason};
use crate::quantity::{Quantum, Ratio, Rounding};
use crate::scorecard::curve::bounded;
use crate::scorecard::level::{Figure, Position};
use crate::scorecard::scorecard::unique;
use crate::scorecard::{Curve, CurveDef, InputDef, Lookback};
use crate::space::RowId;
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
    /// The currency in which it pays; needed where what it pays stands in a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
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
    /// The first day on which it is in force; since ever where left out. What is paid to date begins anew here, as accelerators do
    /// in a new year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The first day on which it is no longer in force; it has no end where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
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
    /// Whether the curve gives what is earned to date, of which earlier periods have paid their part: each period pays what is
    /// earned by now less what was paid before. So a refund takes back at the rate at which it was paid, and no period is paid
    /// for twice. The input must then count to date.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub less_paid_before: bool,
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
            less_paid_before: false,
        })
    }

    /// Returns the element with its curve multiplied by a base.
    #[must_use]
    pub fn times(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// Returns the element paid to date, less what was paid before: its input counts all periods in which the plan is in force up
    /// to the one that is paid.
    ///
    /// ```
    /// use quotaflow::band::BandDef;
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::pay::{PayCurveDef, PayElementDef, PayPlan, PayPlanDef};
    /// use quotaflow::quantity::{Quantum, Ratio};
    /// use quotaflow::scorecard::InputDef;
    /// use quotaflow::space::Subjects;
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
    /// let mut panel = Panel::new(Subjects::whole(), months);
    /// let sales = ColumnKey::actual("sales")?;
    /// // 150 are sold in January, of which 50 come back in February.
    /// panel.add(Column::amounts(sales.clone(), "money:EUR".parse()?, Quantum::ONE, vec![150, -50]))?;
    /// let tiers = vec![
    ///     BandDef::new("(.., 100)".parse()?, Ratio::percent(10)),
    ///     BandDef::new("[100, ..)".parse()?, Ratio::percent(20)),
    /// ];
    /// let element = PayElementDef::new("commission", InputDef::value(sales), PayCurveDef::Marginal(tiers))?.to_date();
    /// let plan = PayPlan::compile(PayPlanDef::new("2026", vec![element])?)?;
    /// let paid: Vec<_> = plan.history(&panel)?.iter().map(|payroll| payroll.units()).collect();
    /// // 10 % of 100 and 20 % of 50; then what was paid for the 50 goes back.
    /// assert_eq!(paid, [20_00, -10_00]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn to_date(mut self) -> Self {
        self.input.window = Lookback::ToDate;
        self.less_paid_before = true;
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
            currency: None,
            quantum: Quantum::CENT,
            rounding: Rounding::default(),
            floor: None,
            cap: None,
            from: None,
            until: None,
        })
    }

    /// Returns the plan paid in this currency.
    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// Returns the plan in force from this day on.
    #[must_use]
    pub fn from(mut self, day: NaiveDate) -> Self {
        self.from = Some(day);
        self
    }

    /// Returns the plan in force until the day before this one.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.until = Some(day);
        self
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
        if let (Some(from), Some(until)) = (def.from, def.until)
            && from >= until
        {
            return Err(PayError::NeverInForce { from, until });
        }
        let limits = |floor: Option<Ratio>, cap: Option<Ratio>| match (floor, cap) {
            (Some(floor), Some(cap)) if floor > cap => Err(PayError::FloorAboveCap { floor, cap }),
            _ => Ok(()),
        };
        let compile = |element: &PayElementDef| -> Result<Element, PayError> {
            element.input.check()?;
            if element.less_paid_before && element.input.window != Lookback::ToDate {
                return Err(PayError::NotToDate);
            }
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

    /// Proposes the pay of every subject of a panel in one period. What elements to date have paid before is taken to be what the
    /// panel says of the earlier periods today; [`PayPlan::pay_after`] goes by what was really paid.
    ///
    /// # Errors
    /// [`PayError::Panel`] when a column is missing or the period is outside the panel; [`PayError::NotInForce`] for a period in
    /// which the plan does not hold; an error when a unit is not that of the element.
    pub fn pay(&self, panel: &Panel, period: PeriodId) -> Result<Payroll, PayError> {
        self.pay_at(panel, period.index(), None, None)
    }

    /// Proposes the pay of every subject of a panel in one period, after these payrolls were paid: an element to date pays what is
    /// earned by now, by what the panel says today of all periods, less what they paid for it. So what becomes known late about a
    /// period that was paid is paid, or taken back, once and now. Payrolls of other plans, and those of before this one was in
    /// force, are passed over.
    ///
    /// # Errors
    /// As [`PayPlan::pay`]; [`PayError::PaidLater`] for a payroll of this period, of a later one or of one that the panel does not
    /// have; [`PayError::PayrollTwice`] for two payrolls of one period.
    pub fn pay_after(
        &self,
        panel: &Panel,
        period: PeriodId,
        paid: &[Payroll],
    ) -> Result<Payroll, PayError> {
        // What another plan paid, or this one before it began anew, is no part of what is earned to date by it.
        let (first, _) = self.span(panel, period.index())?;
        let mut own: BTreeMap<PeriodId, &Payroll> = BTreeMap::new();
        for payroll in paid {
            let before = panel.periods().find(payroll.period.as_str());
            let Some(before) = before.filter(|before| *before < period) else {
                return Err(PayError::PaidLater {
                    paid: payroll.period.clone(),
                });
            };
            if payroll.plan != self.def.key || before.index() < first {
                continue;
            }
            if own.insert(before, payroll).is_some() {
                return Err(PayError::PayrollTwice {
                    plan: payroll.plan.clone(),
                    paid: payroll.period.clone(),
                });
            }
        }
        let own: Vec<&Payroll> = own.into_values().collect();
        self.pay_at(panel, period.index(), None, Some(&own))
    }

    /// Proposes the pay of every period in which the plan is in force: the plan on the history of a panel.
    ///
    /// # Errors
    /// As [`PayPlan::pay`].
    pub fn history(&self, panel: &Panel) -> Result<Vec<Payroll>, PayError> {
        panel
            .periods()
            .iter()
            .filter(|period| self.holds(period.start))
            .map(|period| self.pay(panel, period.id))
            .collect()
    }

    /// Whether there is a day on which both are in force.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let ends_before = |until: Option<NaiveDate>, from: Option<NaiveDate>| {
            until.zip(from).is_some_and(|(until, from)| until <= from)
        };
        !ends_before(self.def.until, other.def.from) && !ends_before(other.def.until, self.def.from)
    }

    /// Says whether the plan is in force on a day.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.def.from.is_none_or(|from| from <= day)
            && self.def.until.is_none_or(|until| day < until)
    }

    /// The first period of a panel in which the plan is in force, and the one that is paid.
    fn span(&self, panel: &Panel, period: usize) -> Result<(usize, Period), PayError> {
        let mut periods = panel.periods().iter();
        let first = periods.position(|period| self.holds(period.start));
        let own = panel.periods().period(PeriodId::at(period));
        let own = own.ok_or(PanelError::Outside {
            subject: 0,
            period,
            subjects: panel.subjects().len(),
            periods: panel.periods().len(),
        })?;
        match first {
            Some(first) if self.holds(own.start) => Ok((first, own)),
            _ => Err(PayError::NotInForce {
                plan: self.def.key.clone(),
                period: own.label,
                from: self.def.from,
                until: self.def.until,
            }),
        }
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
            let payroll = self.pay_at(panel, period, Some(*level), None)?;
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
        paid: Option<&[&Payroll]>,
    ) -> Result<Payroll, PayError> {
        let (first, own) = self.span(panel, period)?;
        let mut bound = Vec::with_capacity(self.elements.len());
        for (element, def) in self.elements.iter().zip(&self.def.elements) {
            // What was paid before is what was earned by the last period in which that was known.
            let earlier = match paid {
                None if def.less_paid_before => (first..period).rev(),
                _ => (0..0).rev(),
            };
            let mut periods = std::iter::once(period).chain(earlier);
            let bind = || -> Result<Vec<BoundElement<'_>>, PayError> {
                periods
                    .by_ref()
                    .map(|period| BoundElement::new(def, panel, first, period))
                    .collect()
            };
            let mut bind = bind;
            let bound_element =
                bind().map_err(|error| error.within(format!("element `{}`", def.key)))?;
            bound.push((element, def, bound_element));
        }
        let slip = |row: RowId| {
            let members = panel.subjects().members(row);
            let elements = bound.iter().map(|(element, def, periods)| {
                let (own, earlier) = periods.split_first()?;
                let subject = row.index();
                let mut due = self.element(element, def, own, subject, level);
                if def.less_paid_before {
                    let before = match paid {
                        Some(paid) => paid_before(paid, members, &def.key),
                        None => earlier
                            .iter()
                            .find_map(|at| self.element(element, def, at, subject, None).units)
                            .or(Some(0)),
                    };
                    due.paid_before = before;
                    due.units = due
                        .units
                        .zip(before)
                        .and_then(|(earned, before)| earned.checked_sub(before));
                }
                Some(due)
            });
            self.slip(members, elements.flatten().collect())
        };
        Ok(Payroll {
            plan: self.def.key.clone(),
            period: own.label,
            slips: panel.subjects().ids().map(slip).collect(),
        })
    }

    fn slip(&self, members: &[Key], elements: Vec<PaidElement>) -> PaySlip {
        let mut sum = Some(0_i64);
        for element in &elements {
            sum = sum
                .zip(element.units)
                .and_then(|(sum, units)| sum.checked_add(units));
        }
        let floored = sum.map(|sum| self.floor.map_or(sum, |floor| sum.max(floor)));
        let units = floored.map(|sum| self.cap.map_or(sum, |cap| sum.min(cap)));
        PaySlip {
            subject: members.to_vec(),
            elements,
            units,
        }
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
            paid_before: None,
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

impl<'p> BoundElement<'p> {
    fn new(
        def: &PayElementDef,
        panel: &'p Panel,
        first: usize,
        period: usize,
    ) -> Result<Self, PayError> {
        let position = |input: &InputDef| Position::since(input, panel, first, period);
        let multipliers = def.multipliers.iter().map(|factor| position(&factor.input));
        Ok(Self {
            position: position(&def.input)?,
            multipliers: multipliers.collect::<Result<_, _>>()?,
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
    }
}

/// What these payrolls paid somebody for an element: none beyond the range.
fn paid_before(paid: &[&Payroll], members: &[Key], element: &Key) -> Option<i64> {
    let mut own = paid
        .iter()
        .flat_map(|payroll| &payroll.slips)
        .filter(|slip| slip.subject == members)
        .flat_map(|slip| &slip.elements)
        .filter(|paid| paid.key == *element)
        .filter_map(|paid| paid.units);
    own.try_fold(0_i64, i64::checked_add)
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
