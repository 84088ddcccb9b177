//! The scores of all subjects of a panel in one period.

use rust_decimal::Decimal;

use super::binding::Binding;
use super::explain::Breakdown;
use super::kernel::Kernels;
use super::rank::positions;
use super::{Light, Scorecard, ScorecardError};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Answer, Column, ColumnKey, Columns, Figure, Panel, PanelError, Reason};
use crate::quantity::{Quantum, Ratio};
use crate::space::RowId;

static POINT: Unit = Unit::Point;

/// The scores of all subjects of a panel in one period.
///
/// Totals, grades and positions are kept in columns; whatever leads to them is worked out again when it is asked for.
#[derive(Debug)]
pub struct Scores<'a> {
    card: &'a Scorecard,
    panel: &'a Panel,
    binding: Binding<'a>,
    period: usize,
    totals: Totals,
    ranks: Vec<u32>,
}

/// What a card gives all subjects in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Totals {
    /// In units of the last place of the card; 0 where there is no total.
    pub(crate) units: Vec<i64>,
    pub(crate) states: Vec<Option<Reason>>,
    /// The place of each grade from the lowest; empty where the card has none.
    pub(crate) grades: Vec<u16>,
}

impl Scorecard {
    /// Scores every subject of a panel in one period.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] when a column is missing or the period is outside the panel,
    /// [`ScorecardError::UnitMismatch`], and the other errors of [`Scorecard::check`].
    pub fn score<'a>(
        &'a self,
        panel: &'a Panel,
        period: PeriodId,
    ) -> Result<Scores<'a>, ScorecardError> {
        let period = period.index();
        let binding = self.bind(panel, period)?;
        let totals = self.totals(&binding, panel.subjects().len());
        let complete = totals
            .states
            .iter()
            .fold(0, |codes, state| codes | Reason::code(*state))
            == 0;
        let ranks = if complete {
            positions(&totals.units, |_| true, self.def.ties)
        } else {
            positions(
                &totals.units,
                |subject| totals.states[subject].is_none(),
                self.def.ties,
            )
        };
        Ok(Scores {
            card: self,
            panel,
            binding,
            period,
            totals,
            ranks,
        })
    }

    /// Gives the totals of every subject in every period to a panel, as a column of points that rules can judge.
    ///
    /// # Errors
    /// As [`Scorecard::score`]; [`ScorecardError::Quantity`] when totals have more places than a quantum can.
    pub fn columns(&self, key: ColumnKey) -> impl Columns<Error = ScorecardError> {
        move |panel: &Panel| -> Result<Vec<Column>, ScorecardError> {
            let mut units = Vec::with_capacity(panel.cells());
            let mut states = Vec::with_capacity(panel.cells());
            for period in panel.periods().ids() {
                let binding = self.bind(panel, period.index())?;
                let totals = self.totals(&binding, panel.subjects().len());
                units.extend(totals.units);
                states.extend(totals.states);
            }
            let quantum = Quantum::decimals(self.def.precision.places())?;
            Ok(vec![
                Column::amounts(key, Unit::Point, quantum, units).with_reasons(&states)?,
            ])
        }
    }

    /// Scores by columns what is plain, and subject by subject what is not.
    fn totals(&self, binding: &Binding<'_>, subjects: usize) -> Totals {
        let mut totals = Totals {
            units: vec![0; subjects],
            states: vec![None; subjects],
            grades: if self.grades.is_some() {
                vec![0; subjects]
            } else {
                Vec::new()
            },
        };
        match Kernels::new(self, binding, subjects) {
            Some(kernels) => {
                for subject in kernels.totals(&mut totals.units, &mut totals.grades) {
                    self.judge_into(&mut totals, binding, subject);
                }
            }
            None => {
                (0..subjects).for_each(|subject| self.judge_into(&mut totals, binding, subject));
            }
        }
        totals
    }

    fn judge_into(&self, totals: &mut Totals, binding: &Binding<'_>, subject: usize) {
        let explanation = self.judge(&binding.facts(self, subject), "", "");
        (totals.units[subject], totals.states[subject]) = (0, None);
        if let Some(grade) = totals.grades.get_mut(subject) {
            *grade = 0;
        }
        self.keep(totals, subject, &explanation);
    }

    fn keep(&self, totals: &mut Totals, subject: usize, explanation: &Breakdown) {
        let units = explanation.total.ok().and_then(|total| {
            self.def
                .precision
                .units_of(total.numerator(), total.denominator())
        });
        if let Some(units) = units {
            totals.units[subject] = units;
        } else {
            let reason = explanation.total.err();
            totals.states[subject] = reason.or(Some(Reason::OutOfRange));
        }
        if let (Some(grades), Some(grade)) = (&self.grades, &explanation.grade) {
            let place = grades
                .labels()
                .iter()
                .position(|label| label == grade)
                .unwrap_or(0);
            totals.grades[subject] = u16::try_from(place).unwrap_or(u16::MAX);
        }
    }
}

impl<'a> Scores<'a> {
    /// Returns the card.
    #[must_use]
    pub fn card(&self) -> &'a Scorecard {
        self.card
    }

    /// Returns the panel.
    #[must_use]
    pub fn panel(&self) -> &'a Panel {
        self.panel
    }

    /// Returns the period.
    #[must_use]
    pub fn period(&self) -> PeriodId {
        PeriodId::at(self.period)
    }

    /// Returns how many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.totals.units.len()
    }

    /// Says whether there is no subject.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.totals.units.is_empty()
    }

    /// Returns the total of the subject with these members, in points, or why there is none.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] for members that no subject has, with the nearest known ones and the list.
    pub fn get<N: AsRef<str>>(
        &self,
        subject: impl IntoIterator<Item = N>,
    ) -> Result<Answer<'static>, ScorecardError> {
        let row = self.row(subject)?;
        let subject = row.index();
        let found = match self.totals.states[subject] {
            Some(reason) => Err(reason),
            None => Ok(Figure::units(
                self.totals.units[subject],
                Quantum::decimals(self.card.def.precision.places())?,
            )),
        };
        Ok(Answer::new(found, &POINT))
    }

    /// Returns the row of the subject with these members, one for each axis: what the other questions are asked with.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] for members that no subject has, with the nearest known ones and the list.
    pub fn row<N: AsRef<str>>(
        &self,
        subject: impl IntoIterator<Item = N>,
    ) -> Result<RowId, ScorecardError> {
        Ok(self
            .panel
            .subjects()
            .row(subject)
            .map_err(PanelError::from)?)
    }

    /// Returns a subject's total, or why there is none; not applicable beyond the last subject.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn total(&self, subject: RowId) -> Result<Ratio, Reason> {
        let subject = subject.index();
        match self.totals.states.get(subject) {
            Some(None) => self
                .card
                .def
                .precision
                .value(self.totals.units[subject])
                .ok_or(Reason::OutOfRange),
            Some(Some(reason)) => Err(*reason),
            None => Err(Reason::NotApplicable),
        }
    }

    /// Returns all totals in units of the last place of the card ([`Scorecard::precision`]); 0 where there is none.
    #[must_use]
    pub fn units(&self) -> &[i64] {
        &self.totals.units
    }

    /// Returns all totals as decimals; `None` where there is none.
    #[must_use]
    pub fn decimals(&self) -> Vec<Option<Decimal>> {
        let scale = u32::from(self.card.def.precision.places());
        self.totals
            .units
            .iter()
            .zip(&self.totals.states)
            .map(|(units, state)| state.is_none().then(|| Decimal::new(*units, scale)))
            .collect()
    }

    /// Returns whether each subject has a total, and if not, why.
    #[must_use]
    pub fn reasons(&self) -> &[Option<Reason>] {
        &self.totals.states
    }

    /// Returns a subject's grade, if the card has grades and the subject a total.
    #[must_use]
    pub fn grade(&self, subject: RowId) -> Option<&'a Key> {
        let subject = subject.index();
        if !self.totals.states.get(subject)?.is_none() {
            return None;
        }
        let place = usize::from(*self.totals.grades.get(subject)?);
        self.card
            .grades
            .as_ref()
            .and_then(|grades| grades.labels().get(place))
    }

    /// Returns the place of each subject's grade, from the lowest, 0; empty where the card has no grades.
    #[must_use]
    pub fn grade_places(&self) -> &[u16] {
        &self.totals.grades
    }

    /// Returns a subject's traffic light, if the card has lights and the subject a total.
    #[must_use]
    pub fn light(&self, subject: RowId) -> Option<Light> {
        let total = self.total(subject).ok()?;
        self.card.lights.as_ref().map(|lights| *lights.of(total))
    }

    /// Returns a subject's position, the best being 1, if it has a total.
    #[must_use]
    pub fn rank(&self, subject: RowId) -> Option<u32> {
        let subject = subject.index();
        self.ranks.get(subject).copied().filter(|rank| *rank > 0)
    }

    /// Returns all positions; 0 where there is no total.
    #[must_use]
    pub fn ranks(&self) -> &[u32] {
        &self.ranks
    }

    /// Returns the subjects that have a total from the best to the worst, equals in declared order.
    #[must_use]
    pub fn best_first(&self) -> Vec<RowId> {
        let mut order: Vec<usize> = (0..self.len())
            .filter(|subject| self.totals.states[*subject].is_none())
            .collect();
        order.sort_by_key(|subject| (std::cmp::Reverse(self.totals.units[*subject]), *subject));
        order.into_iter().map(RowId::at).collect()
    }

    /// Returns why a subject's score is what it is.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] beyond the last subject.
    pub fn explain(&self, subject: RowId) -> Result<Breakdown, ScorecardError> {
        self.panel.cell(subject, self.period())?;
        let period = self
            .panel
            .periods()
            .label(self.period())
            .map(ToString::to_string)
            .unwrap_or_default();
        let facts = self.binding.facts(self.card, subject.index());
        Ok(self
            .card
            .judge(&facts, &self.panel.subjects().label(subject), &period))
    }
}
