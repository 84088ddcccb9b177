//! Whom and when a rule concerns.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, SubjectTest};
use crate::key::Key;

/// Whom and when a rule concerns.
///
/// A period in which it does not concern a subject counts for nothing: it begins no alert, it is no part of a row that has to
/// last, and an alert that is there is clear in it.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::rule::{RuleDef, RuleSet};
/// use quotaflow::space::{Axis, Subjects};
/// let shops = Subjects::new(Axis::new("customer", "shop")?, vec!["large".try_into()?, "small".try_into()?])?;
/// let january = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let mut panel = Panel::new(shops, january);
/// for (name, values) in [("visits", vec![1, 1]), ("potential", vec![900, 20])] {
///     panel.add(Column::amounts(ColumnKey::actual(name)?, "count:thing".parse()?, Quantum::ONE, values))?;
/// }
/// let mut rule = RuleDef::new("neglected", "visits < 4".parse()?)?;
/// rule.scope.provided = Some("potential >= 500".parse()?);
/// let alerts = RuleSet::compile([rule], &panel)?.evaluate(&panel, panel.periods().id("2026-01")?)?;
/// assert_eq!(alerts.len(), 1);
/// assert_eq!(alerts[0].members()[0], "large");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The subjects; all where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<SubjectTest>,
    /// The level of the subjects, as an axis of the panel names it: a rule for people is refused by a panel of teams. Any
    /// where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Key>,
    /// What has to hold in a period for the rule to concern a subject in it: only key business, only customers of some
    /// size, only products in their first year. Where it is unknown, what the rule says is unknown too. A document may give
    /// it as data or as text.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "super::text::maybe_data_or_text"
    )]
    pub provided: Option<Condition>,
    /// The subjects that are let off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Exemption>,
    /// The first day on which the rule is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The first day on which it is no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

impl Scope {
    /// Says whether the scope leaves nothing out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Says whether the rule is in force in a period that starts on this day.
    #[must_use]
    pub fn in_force(&self, start: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= start) && self.until.is_none_or(|until| start < until)
    }

    /// Says whether both may concern the same subject on the same day: there is a day on which both are in force, for subjects
    /// of the same level, and the lists of their subjects name some member in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        if let (Some(level), Some(other)) = (&self.level, &other.level)
            && level != other
        {
            return false;
        }
        let before = |end: Option<NaiveDate>, start: Option<NaiveDate>| {
            end.zip(start).is_some_and(|(end, start)| end <= start)
        };
        if before(self.until, other.from) || before(other.until, self.from) {
            return false;
        }
        if let (Some(own), Some(others)) = (&self.only, &other.only)
            && !own.meets(others)
        {
            return false;
        }
        !self.is_let_off_by(other) && !other.is_let_off_by(self)
    }

    /// Says whether everybody whom this scope names is let off by the other for good.
    fn is_let_off_by(&self, other: &Self) -> bool {
        let let_off = |member: &Key| {
            let mut for_good = other.except.iter().filter(|it| it.until.is_none());
            for_good.any(|it| it.subject == *member)
        };
        self.only.as_ref().is_some_and(|only| {
            only.starts_with.is_empty()
                && !only.members.is_empty()
                && only.members.iter().all(let_off)
        })
    }

    /// Says whether it is certain that this scope concerns whomever the other does, by names and dates: whenever the other is in
    /// force, so is this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let level = self.level.is_none() || self.level == other.level;
        let begins = self
            .from
            .is_none_or(|from| other.from.is_some_and(|others| from <= others));
        let ends = self
            .until
            .is_none_or(|until| other.until.is_some_and(|others| others <= until));
        let named = match (&self.only, &other.only) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => own.covers(others),
        };
        let let_off = self.except.iter().all(|exemption| {
            other.except.iter().any(|others| {
                others.subject == exemption.subject
                    && others
                        .until
                        .is_none_or(|end| exemption.until.is_some_and(|own| own <= end))
            })
        });
        level && begins && ends && named && let_off
    }

    /// Says whether the rule concerns the subject with these members in a period that starts on this day, by its names and
    /// dates alone: what has to hold besides ([`Scope::provided`]) only a panel can tell.
    #[must_use]
    pub fn concerns(&self, subject: &[Key], start: NaiveDate) -> bool {
        self.in_force(start)
            && self.only.as_ref().is_none_or(|only| only.holds(subject))
            && self.exemption(subject, start).is_none()
    }

    /// Returns the exemption that lets off the subject with these members in a period that starts on this day: why, and until
    /// when.
    #[must_use]
    pub fn exemption(&self, subject: &[Key], start: NaiveDate) -> Option<&Exemption> {
        self.except.iter().find(|exemption| {
            subject.contains(&exemption.subject)
                && exemption.until.is_none_or(|until| start < until)
        })
    }
}

/// A subject that a rule lets off, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The member.
    pub subject: Key,
    /// Why.
    pub reason: String,
    /// The first day on which it counts again; never where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}
