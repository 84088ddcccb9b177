//! What one cell says: a figure, or why there is none.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::measure::Unit;
use crate::quantity::{Quantity, QuantityError, Quantum, Ratio, Rounding};
use crate::text::{Digits, Locale, Word};

/// Why there is no number: the one reason of every room, so that `Result<T, Reason>` is a value or why there is none.
///
/// Columns hold an `Option<Reason>` beside each figure, of one byte: nothing where there is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Reason {
    /// The denominator is empty: a rate of nothing.
    NoBase = 1,
    /// Nothing was recorded, where the definition does not say that this means zero.
    NothingRecorded = 2,
    /// The figure makes no sense here: a target of a person who had not yet joined.
    NotApplicable = 3,
    /// It will be known later: the period has not begun or the deadline has not passed.
    NotYetDue = 4,
    /// The number is too large to be held exactly.
    OutOfRange = 5,
}

/// A whole number, or why there is none.
pub(crate) type Told = Result<i64, Reason>;
/// A numerator and a denominator, or why there is no quotient.
pub(crate) type Parts = Result<(i64, i64), Reason>;

impl Reason {
    /// All that can stand beside a figure, in the order of their codes: nothing where there is a number, then the reasons.
    pub const CELLS: [Option<Self>; 6] = [
        None,
        Some(Self::NoBase),
        Some(Self::NothingRecorded),
        Some(Self::NotApplicable),
        Some(Self::NotYetDue),
        Some(Self::OutOfRange),
    ];

    /// Returns the code of what stands beside a figure: 0 where there is a number.
    // Kernels ask it of every cell: inlined it is nothing at all, and their loops run over many cells at once.
    #[must_use]
    #[inline]
    pub fn code(of: Option<Self>) -> u8 {
        of.map_or(0, |reason| reason as u8)
    }

    /// Returns the reason for which a quotient has no value.
    pub(crate) fn of_error(error: &QuantityError) -> Self {
        match error {
            QuantityError::ZeroDenominator => Self::NoBase,
            _ => Self::OutOfRange,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoBase => "no base",
            Self::NothingRecorded => "nothing recorded",
            Self::NotApplicable => "not applicable",
            Self::NotYetDue => "not yet due",
            Self::OutOfRange => "out of range",
        })
    }
}

/// A number of a panel: a whole amount, or a quotient that has not been divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// A whole count of a quantum.
    Amount(Quantity),
    /// A quotient that has not been divided.
    Quotient {
        /// The part above the line, in its own quanta.
        numerator: i64,
        /// The part below the line, in its own quanta; positive.
        denominator: i64,
        /// What one quantum over one quantum is worth: 0.01 for cents per visit, 100 for orders per 100 visits.
        scale: Ratio,
    },
}

impl Figure {
    /// Returns the amount of `units` quanta.
    #[must_use]
    pub fn units(units: i64, quantum: Quantum) -> Self {
        Self::Amount(quantum.quantity(units))
    }

    /// Returns the amount, if it is one.
    #[must_use]
    pub fn amount(self) -> Option<Quantity> {
        match self {
            Self::Amount(quantity) => Some(quantity),
            Self::Quotient { .. } => None,
        }
    }

    /// Returns the exact value.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`] when scale and parts together leave 128 bits.
    pub fn ratio(self) -> Result<Ratio, QuantityError> {
        match self {
            Self::Amount(quantity) => quantity
                .quantum()
                .ratio()
                .checked_mul(Ratio::from(quantity.units())),
            Self::Quotient {
                numerator,
                denominator,
                scale,
            } => Ratio::new(i128::from(numerator), i128::from(denominator))?.checked_mul(scale),
        }
    }

    /// Returns the exact value.
    ///
    /// # Errors
    /// [`Reason::OutOfRange`] where 128 bits do not hold it.
    pub fn value(self) -> Result<Ratio, Reason> {
        self.ratio().map_err(|error| Reason::of_error(&error))
    }

    /// Returns the value rounded once to `places` decimals.
    ///
    /// # Errors
    /// As [`Figure::ratio`]; [`QuantityError::TooManyDigits`].
    pub fn decimal(self, places: u8, rounding: Rounding) -> Result<Decimal, QuantityError> {
        self.ratio()?.to_decimal(places, rounding)
    }
}

/// What a cell says: a figure or the reason why there is none, together with its unit.
///
/// Its text is for people: `1250.00 EUR`, `45 visits` (a count as its unit is named), `6 points`, `58.3%`, `no base`; `45 visits so far`
/// in a period that still runs. [`Answer::told`] writes it in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer<'a> {
    found: Result<Figure, Reason>,
    unit: &'a Unit,
    runs: bool,
}

impl<'a> Answer<'a> {
    /// Returns the answer of this unit.
    #[must_use]
    pub fn new(found: Result<Figure, Reason>, unit: &'a Unit) -> Self {
        Self {
            found,
            unit,
            runs: false,
        }
    }

    /// Returns the answer as one of a period that still runs.
    #[must_use]
    pub fn so_far(mut self) -> Self {
        self.runs = true;
        self
    }

    /// Says whether the period still runs, so that the figure is what there is so far.
    #[must_use]
    pub fn runs(self) -> bool {
        self.runs
    }

    /// Returns the figure, without the unit.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn found(self) -> Result<Figure, Reason> {
        self.found
    }

    /// Returns the unit.
    #[must_use]
    pub fn unit(self) -> &'a Unit {
        self.unit
    }

    /// Returns the figure, if there is one.
    #[must_use]
    pub fn figure(self) -> Option<Figure> {
        self.found.ok()
    }

    /// Returns the exact value.
    ///
    /// # Errors
    /// The reason why there is none; [`Reason::OutOfRange`] where 128 bits do not hold it.
    pub fn ratio(self) -> Result<Ratio, Reason> {
        self.found.and_then(Figure::value)
    }

    /// Returns why there is no number; `None` where there is one.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        self.found.err()
    }
}

impl Answer<'_> {
    /// Returns the answer as people read it in a language: money and shares in their units, any other number alone, the reason where
    /// there is none; and whether the period still runs.
    ///
    /// ```
    /// use quotaflow::panel::{Answer, Figure, Reason};
    /// use quotaflow::text::{Digits, Lang, Locale, Word};
    /// let euros = "money:EUR".parse()?;
    /// let figure = Figure::Amount(quotaflow::quantity::Quantum::CENT.quantity(123_450));
    /// let sales = Answer::new(Ok(figure), &euros).so_far();
    /// assert_eq!(sales.told(&Locale::EN, Digits::Places(2)), "EUR 1,234.50 so far");
    /// let french = Locale::new(Lang::new("fr")?).with(Word::SoFar, "{figure} à ce jour")?;
    /// let french = french.with(Word::NoBase, "sans base de comparaison")?;
    /// assert_eq!(sales.told(&french, Digits::Places(2)), "EUR 1,234.50 à ce jour");
    /// assert_eq!(Answer::new(Err(Reason::NoBase), &euros).told(&french, Digits::Rounded), "sans base de comparaison");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn told(self, locale: &Locale, digits: Digits) -> String {
        let shown = self.ratio().and_then(|value| {
            let figure = locale.figure(value, Some(self.unit), digits);
            figure.ok_or(Reason::OutOfRange)
        });
        match shown {
            Ok(figure) if self.runs => locale.say(Word::SoFar, &[("figure", &figure)]),
            Ok(figure) => figure,
            Err(reason) => locale.word(reason.into()).to_owned(),
        }
    }
}

impl From<Reason> for Word {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoBase => Self::NoBase,
            Reason::NothingRecorded => Self::NothingRecorded,
            Reason::NotApplicable => Self::NotApplicable,
            Reason::NotYetDue => Self::NotYetDue,
            Reason::OutOfRange => Self::OutOfRange,
        }
    }
}

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = match self.found {
            Ok(figure) => figure,
            Err(reason) => return reason.fmt(f),
        };
        let so_far = if self.runs { " so far" } else { "" };
        if *self.unit == Unit::Share {
            let percent = figure
                .ratio()
                .and_then(|share| share.checked_mul(Ratio::from(100)))
                .and_then(|share| share.to_decimal(1, Rounding::default()));
            return match percent {
                Ok(percent) => write!(f, "{percent}%{so_far}"),
                Err(_) => Reason::OutOfRange.fmt(f),
            };
        }
        let number = match figure {
            Figure::Amount(quantity) => quantity.amount(),
            Figure::Quotient { .. } => match figure.decimal(2, Rounding::default()) {
                Ok(value) => value,
                Err(_) => return Reason::OutOfRange.fmt(f),
            },
        };
        let is_one = number.abs() == Decimal::ONE;
        write!(f, "{number} {}{so_far}", Spoken(self.unit, !is_one))
    }
}

/// A unit as people write it after a number, of one or of several: the currency's code, the name of what is counted.
struct Spoken<'a>(&'a Unit, bool);

impl fmt::Display for Spoken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unit, several) = *self;
        match unit {
            Unit::Money(currency) => write!(f, "{currency}"),
            Unit::Count(of) => write!(f, "{of}"),
            Unit::Per(top, bottom) => {
                write!(f, "{} per {}", Spoken(top, several), Spoken(bottom, false))
            }
            Unit::Minute | Unit::Hour | Unit::Day | Unit::Point if several => write!(f, "{unit}s"),
            Unit::Minute | Unit::Hour | Unit::Day | Unit::Point | Unit::Share => {
                write!(f, "{unit}")
            }
        }
    }
}
