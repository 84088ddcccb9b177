//! What a pay plan proposes, and why.

use crate::panel::{PanelError, Reason};
use serde::{Deserialize, Serialize};

use super::PayError;
use super::curve::Slice;
use crate::key::{Key, unknown};
use crate::quantity::Ratio;
use crate::scorecard::Readings;
use crate::space::SpaceError;

/// What a plan proposes to pay one subject for one period, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaySlip {
    /// Whom it is for: the members of the subject, one for each axis.
    pub subject: Vec<Key>,
    /// The elements, in the order of the plan.
    pub elements: Vec<PaidElement>,
    /// The total in quanta of the plan; none while it is open.
    pub units: Option<i64>,
}

/// What an element pays, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaidElement {
    /// The element.
    pub key: Key,
    /// The figures behind the position.
    pub readings: Readings,
    /// The position.
    #[serde(with = "crate::panel::written")]
    pub position: Result<Ratio, Reason>,
    /// Whether what the element requires is met.
    pub met: bool,
    /// The slices of the curve.
    pub slices: Vec<Slice>,
    /// The base; one where there is none.
    #[serde(with = "crate::panel::written")]
    pub base: Result<Ratio, Reason>,
    /// The factors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(with = "crate::panel::written")]
    pub multipliers: Vec<Result<Ratio, Reason>>,
    /// The share of the period; one where it is not prorated.
    #[serde(with = "crate::panel::written")]
    pub share: Result<Ratio, Reason>,
    /// The product, before floor, cap and rounding.
    #[serde(with = "crate::panel::written")]
    pub exact: Result<Ratio, Reason>,
    /// What was paid before of what is earned to date, in quanta; none where each period is paid by itself, or beyond the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_before: Option<i64>,
    /// What is paid, in quanta of the plan; none while it is open. Below zero where more was paid before than is earned by now.
    pub units: Option<i64>,
}

/// What a plan proposes to pay in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payroll {
    /// The plan.
    pub plan: Key,
    /// The label of the period.
    pub period: Key,
    /// One slip for each subject, in the order of the panel.
    pub slips: Vec<PaySlip>,
}

/// What a plan costs at one level of attainment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The attainment of everybody.
    pub level: Ratio,
    /// The total in quanta, of those whose pay is known.
    pub units: i128,
    /// How many stay open.
    pub open: usize,
}

impl Payroll {
    /// Returns the slip of the subject with these members, one for each axis.
    ///
    /// # Errors
    /// [`SpaceError::UnknownSubject`] with the nearest subject and the list.
    pub fn get<N: AsRef<str>>(
        &self,
        subject: impl IntoIterator<Item = N>,
    ) -> Result<&PaySlip, PayError> {
        let wanted: Vec<N> = subject.into_iter().collect();
        let is = |slip: &&PaySlip| {
            let names = slip.subject.iter().map(Key::as_str);
            names.eq(wanted.iter().map(AsRef::as_ref))
        };
        self.slips.iter().find(is).ok_or_else(|| {
            let joined = |names: Vec<&str>| names.join(" / ");
            let name = joined(wanted.iter().map(AsRef::as_ref).collect());
            let label = |slip: &PaySlip| joined(slip.subject.iter().map(Key::as_str).collect());
            let labels: Vec<String> = self.slips.iter().map(label).collect();
            let (name, nearest, known) = unknown(&name, labels.iter().map(String::as_str));
            PayError::from(PanelError::Row(SpaceError::UnknownSubject {
                name,
                nearest,
                known,
            }))
        })
    }

    /// Returns the total in quanta of those whose pay is known.
    #[must_use]
    pub fn units(&self) -> i128 {
        self.slips
            .iter()
            .filter_map(|slip| slip.units)
            .map(i128::from)
            .sum()
    }

    /// Returns how many stay open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.slips
            .iter()
            .filter(|slip| slip.units.is_none())
            .count()
    }
}
