//! Rules that watch a view, as documents.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::rule::{RuleDef, RuleSet};

/// Rules that watch a view day by day, as data: what a [`Journal`](crate::journal::Journal) tells of each day.
///
/// Every rule of a model has a key of its own, whatever it watches: an alert is named by it. Silence that rules ask for
/// ([`Quiet`](crate::rule::Quiet)) is told by the periods of the view: watch one of days, or a metric of
/// [`Formula::Since`](crate::metric::Formula::Since), where a month is too coarse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchDef {
    /// The name.
    pub key: Key,
    /// The view whose rows and figures the rules read.
    pub view: Key,
    /// The rules.
    pub rules: Vec<RuleDef>,
    /// The first day that is told; the one on which the journal begins when left out, or where that is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// For how many days before the latest one, at least, what becomes known late is held against what was told; 62 when left
    /// out. What was told of days before is final, as it is of days that are closed hard.
    #[serde(default = "two_months", skip_serializing_if = "is_two_months")]
    pub open_days: u16,
}

fn two_months() -> u16 {
    62
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_two_months(days: &u16) -> bool {
    *days == two_months()
}

/// Rules over a view, checked against its columns.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) definition: WatchDef,
    /// The position of the view.
    pub(crate) view: usize,
    pub(crate) rules: RuleSet,
}

impl Watched {
    /// The first day that is told, in a journal that goes live on a day.
    pub(crate) fn first_day(&self, go_live: NaiveDate) -> NaiveDate {
        let from = self.definition.from;
        from.map_or(go_live, |from| from.max(go_live))
    }
}
