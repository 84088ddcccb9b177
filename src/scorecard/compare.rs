//! A new scheme beside the old one on the past: who would have won and who lost.

use serde::{Deserialize, Serialize};

use super::trend::improvement;
use super::{Scorecard, ScorecardError};
use crate::key::Key;
use crate::panel::{Panel, Reason};
use crate::quantity::Ratio;

/// What two cards say of one subject in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// The subject's members.
    pub subject: Vec<Key>,
    /// The period's label.
    pub period: Key,
    /// The total by the old card.
    #[serde(with = "crate::panel::written")]
    pub old: Result<Ratio, Reason>,
    /// The total by the new card.
    #[serde(with = "crate::panel::written")]
    pub new: Result<Ratio, Reason>,
    /// New less old; the first reason where one is missing.
    #[serde(with = "crate::panel::written")]
    pub change: Result<Ratio, Reason>,
    /// The positions by both.
    pub ranks: (Option<u32>, Option<u32>),
    /// The grades by both.
    pub grades: (Option<Key>, Option<Key>),
}

/// What changes from one card to another on the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardsCompared {
    /// One line for each subject and period, period by period.
    pub lines: Vec<Compared>,
    /// How many lines gain points.
    pub winners: usize,
    /// How many lines lose points.
    pub losers: usize,
    /// How many change their grade.
    pub regraded: usize,
    /// How many have a total by one card only.
    pub one_sided: usize,
}

/// Scores every period of a panel by two cards.
///
/// # Errors
/// As [`Scorecard::score`] for either card.
pub fn compare_cards(
    old: &Scorecard,
    new: &Scorecard,
    panel: &Panel,
) -> Result<CardsCompared, ScorecardError> {
    let mut lines = Vec::with_capacity(panel.cells());
    for period in panel.periods() {
        let (before, after) = (old.score(panel, period.id)?, new.score(panel, period.id)?);
        for subject in panel.subjects().ids() {
            let (old, new) = (before.total(subject), after.total(subject));
            lines.push(Compared {
                subject: panel.subjects().members(subject).to_vec(),
                period: period.label.clone(),
                old,
                new,
                change: improvement(old, new),
                ranks: (before.rank(subject), after.rank(subject)),
                grades: (
                    before.grade(subject).cloned(),
                    after.grade(subject).cloned(),
                ),
            });
        }
    }
    let count = |holds: &dyn Fn(&Compared) -> bool| lines.iter().filter(|line| holds(line)).count();
    let changed = |line: &Compared| line.change.ok().unwrap_or(Ratio::ZERO);
    let (winners, losers) = (
        count(&|line| changed(line) > Ratio::ZERO),
        count(&|line| changed(line) < Ratio::ZERO),
    );
    let regraded = count(&|line| line.grades.0 != line.grades.1);
    let one_sided = count(&|line| line.old.is_ok() != line.new.is_ok());
    Ok(CardsCompared {
        lines,
        winners,
        losers,
        regraded,
        one_sided,
    })
}
