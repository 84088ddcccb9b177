//! The lag from activity to result (迟滞性), person by person.

use serde::Serialize;

use super::AnalysisError;
use crate::duty::{LagScore, lags};
use crate::panel::{ColumnKey, Figures, Panel};
use crate::quantity::Ratio;

/// How a subject's results follow its activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectLag {
    /// The row of the panel.
    pub subject: usize,
    /// How they go together for each lag; empty where one of the two is not known in every period.
    pub scores: Vec<LagScore>,
    /// The lag at which they go together best: the largest positive signed square, the shorter lag of equal ones.
    pub best: Option<usize>,
}

/// Returns, for every subject, how a column of results follows a column of activity after 0 to `most` periods, by the exact
/// square of Pearson's correlation with its sign ([`duty::lags`](crate::duty::lags())).
///
/// # Errors
/// [`AnalysisError::Panel`] where a column is not in the panel, [`AnalysisError::Duty`] when numbers are too large for exact squares.
pub fn lags_by_subject(
    panel: &Panel,
    activity: &ColumnKey,
    result: &ColumnKey,
    most: usize,
) -> Result<Vec<SubjectLag>, AnalysisError> {
    (0..panel.subjects().len())
        .map(|subject| {
            let both = whole(panel, activity, subject)?.zip(whole(panel, result, subject)?);
            let scores = match both {
                Some((activity, result)) => lags(&activity, &result, most)?,
                None => Vec::new(),
            };
            let mut best: Option<(Ratio, usize)> = None;
            for score in &scores {
                let square = score.signed_square.filter(|square| *square > Ratio::ZERO);
                if let Some(square) = square
                    && best.is_none_or(|(known, _)| square > known)
                {
                    best = Some((square, score.lag));
                }
            }
            let best = best.map(|(_, lag)| lag);
            Ok(SubjectLag {
                subject,
                scores,
                best,
            })
        })
        .collect()
}

/// A subject's amounts over all periods, if all are known.
fn whole(
    panel: &Panel,
    key: &ColumnKey,
    subject: usize,
) -> Result<Option<Vec<i64>>, AnalysisError> {
    let column = panel.column(key)?;
    let Figures::Amounts { units, .. } = column.figures() else {
        return Ok(None);
    };
    let mut found = Vec::with_capacity(panel.periods().len());
    for period in 0..panel.periods().len() {
        let cell = panel.cell(subject, period)?;
        if !column.states()[cell].is_value() {
            return Ok(None);
        }
        found.push(units[cell]);
    }
    Ok(Some(found))
}
