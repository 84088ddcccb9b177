//! Ready rules: one pack for each of fourteen symptoms of a company that manages results only, and one for opportunities.
//!
//! A [`Pack`] is a versioned [`RulePack`] and, for each of its rules, a [`Note`]: whose panel it watches, which records it
//! needs, and why it is there. A rule waits while a figure that it reads is unknown; a rule whose figure a company does not
//! have at all is left out by [`RuleSet::fitting`](crate::rule::RuleSet::fitting), which says so.
//!
//! The rules are made for **months**, and judge a month that is over: spans such as `for 2 months` are refused by a panel of
//! other periods, so that two months are never taken for two days. Thresholds are parameters; a host sets them by
//! [`Pack::set`], and a later release brings what is new in everything else.
//!
//! Each pack has a **release**, from 1. It is raised by one whenever anything in its document changes: a rule that comes or goes,
//! its condition, what clears it, a parameter, persistence, scope, severity, life, owner or tags, and its title, message or
//! action in either language, since people compare what they read. What is not in the document, such as a note's reason,
//! raises nothing. All packs stay at release 1 until the first version of this library is published; from then on a release
//! that was published never changes. A host keeps its thresholds as [`Overrides`] ([`Pack::overrides`]), which name the release that they were made
//! for and the numbers that they stand for; [`Pack::apply`] sets them in a later release and says what has changed under them.
//!
//! [`figures`] has the definition of every figure that is folded from records, and the kinds of records that they read.
//! Figures that are not folds come from the rooms that make them: `plan.punctuality` and the like from
//! [`duty_columns`](crate::duty::duty_columns), `visit_plan.adherence` from
//! [`compliance_columns`](crate::duty::compliance_columns), targets from a plan, what is expected by now from a pace,
//! counts of people from [`counts_of_people`]. [`READ`] lists them all.
//!
//! The alerts of each rule have a life ([`RuleDef::life`]) that follows from what it watches. What stands until somebody ends
//! it is told again while nobody answers: critical ones each week, serious ones each month, warnings each quarter; within
//! forty-five days after its end it is the same alert, reopened. What happened in a month is told once, and not again within
//! forty-five days. Nobody answers within one, three or five working days: the role above is told. Opportunities are chased by
//! nobody and expire after a quarter. What comes and goes is damped, and [`covers`] says which alerts above stand for those
//! below.
//!
//! How often they hold, with the defaults as shipped, and how many alerts a [monitor](crate::alert) makes of it
//! (`examples/exceptions` prints it):
//!
//! | records | subjects | rules that can be asked | hold | alerts told |
//! |---|---|---|---|---|
//! | receivables: invoices of 100 customers | 5 countries, 100 customers | 1 and 1 | once in 17 months | 1 |
//! | crm-opportunities: deals won | 30 agents, 85 accounts | 3 and 2 | 34 times in 7 months | 32 |
//! | adventureworks: orders of stores | 17 salespeople, 635 stores | 3 and 2 | 492 times in 23 months | 181 |
//!
//! The stores of the last one order every three months and many stop for good: silence of three intervals holds 432 times, in
//! each month until the year is over, and is told for each of 128 stores once.
//!
//! ```
//! use quotaflow::catalog::packs::{self, Symptom};
//! let packs = packs::all()?;
//! assert_eq!(packs.len(), 15);
//! let dealers = packs::of(Symptom::DealerMotivation)?;
//! assert_eq!(dealers.rules().rules[0].when.to_string(), "days_since_order between $days and $lost and days_since_order / order_interval > $times");
//!
//! // Sixty days instead of forty-five, without copying the pack:
//! let stricter = dealers.set_number("no_recent_order", "days", "60 day")?;
//! assert_eq!(stricter.rules().rules[0].parameters["days"].value, 60.into());
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod dealers;
mod execution;
pub mod figures;
mod lives;
mod loyalty;
mod network;
mod opportunities;
mod planning;
mod prices;
mod problems;
mod productivity;
mod read;
mod receivables;
mod said;
mod shipped;
mod stuffing;
mod symptom;
mod targets;
mod team;
mod territories;
mod visibility;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::error::PackError;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Columns, Panel, Role};
use crate::rule::{
    Constant, Exemption, OverrideFinding, Overrides, RuleDef, RuleError, RulePack, RuleSet,
};
use crate::space::Tree;
use shipped::Shipped;

pub use lives::covers;
pub use read::{READ, Read, Room};
pub(super) use shipped::constant;
pub use symptom::{Note, Symptom, Watch};

impl Symptom {
    /// The release of its pack, and its rules.
    fn shipped(self) -> (u32, &'static [Shipped]) {
        match self {
            Self::ProblemResolution => (1, &problems::RULES),
            Self::PriceControl => (1, &prices::RULES),
            Self::DealerMotivation => (1, &dealers::RULES),
            Self::CrossTerritorySelling => (1, &territories::RULES),
            Self::Receivables => (1, &receivables::RULES),
            Self::PlanningAndAssessment => (1, &planning::RULES),
            Self::PlanExecution => (1, &execution::RULES),
            Self::ProcessVisibility => (1, &visibility::RULES),
            Self::SalesProductivity => (1, &productivity::RULES),
            Self::TeamStability => (1, &team::RULES),
            Self::NetworkHealth => (1, &network::RULES),
            Self::LoyaltyRisk => (1, &loyalty::RULES),
            Self::ChannelStuffing => (1, &stuffing::RULES),
            Self::TargetSoundness => (1, &targets::RULES),
            Self::MarketOpportunity => (1, &opportunities::RULES),
        }
    }
}

/// The ready rules for one symptom, with a note on each: whose panel it watches, which records it needs and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pack {
    symptom: Symptom,
    rules: RulePack,
    notes: BTreeMap<Key, Note>,
}

impl Pack {
    /// Returns what the pack looks for.
    #[must_use]
    pub fn symptom(&self) -> Symptom {
        self.symptom
    }

    /// Returns the rules as the document that a host keeps, with its release.
    #[must_use]
    pub fn rules(&self) -> &RulePack {
        &self.rules
    }

    /// Returns the rules that watch such a panel, in their order.
    pub fn watching(&self, watch: Watch) -> impl Iterator<Item = &RuleDef> {
        self.rules.rules.iter().filter(move |rule| {
            self.notes
                .get(&rule.key)
                .is_some_and(|note| note.watch == watch)
        })
    }

    /// Returns what goes with the rule of this key.
    #[must_use]
    pub fn note(&self, rule: &str) -> Option<&Note> {
        self.notes.get(rule)
    }

    /// Returns the pack with other numbers in its rules: for each rule, its parameters by name. See [`RulePack::set`].
    ///
    /// # Errors
    /// As [`RulePack::set`].
    pub fn set(self, values: &BTreeMap<Key, BTreeMap<Key, Constant>>) -> Result<Self, RuleError> {
        let rules = self.rules.set(values)?;
        Ok(Self { rules, ..self })
    }

    /// Returns other numbers for the pack's rules as a document to keep; see [`RulePack::overrides`].
    ///
    /// # Errors
    /// As [`RulePack::set`].
    pub fn overrides(
        &self,
        values: &BTreeMap<Key, BTreeMap<Key, Constant>>,
    ) -> Result<Overrides, RuleError> {
        self.rules.overrides(values)
    }

    /// Returns the pack with the numbers that a host has kept, and what has changed since they were made; see
    /// [`RulePack::apply`].
    ///
    /// # Errors
    /// As [`RulePack::apply`].
    pub fn apply(self, overrides: &Overrides) -> Result<(Self, Vec<OverrideFinding>), RuleError> {
        let (rules, findings) = self.rules.apply(overrides)?;
        Ok((Self { rules, ..self }, findings))
    }

    /// Returns the pack with one more subject let off by its rules that watch such a panel: somebody who left, a dealer that
    /// was closed.
    #[must_use]
    pub fn letting_off(mut self, watch: Watch, exemption: &Exemption) -> Self {
        for rule in &mut self.rules.rules {
            let note = self.notes.get(&rule.key);
            if note.is_some_and(|note| note.watch == watch) {
                rule.scope.except.push(exemption.clone());
            }
        }
        self
    }

    /// Returns the pack with one other number, written as in a condition: `60 day`, `80%`, `3`.
    ///
    /// # Errors
    /// [`PackError::Text`] if it is not a number; else as [`RulePack::set`].
    pub fn set_number(self, rule: &str, parameter: &str, number: &str) -> Result<Self, PackError> {
        let (rule, parameter) = (Key::new(rule)?, Key::new(parameter)?);
        let value = constant(&rule, number)?;
        let values = BTreeMap::from([(rule, BTreeMap::from([(parameter, value)]))]);
        Ok(self.set(&values)?)
    }
}

/// Returns all packs, opportunities last.
///
/// # Errors
/// None with the rules as shipped, which the tests read.
pub fn all() -> Result<Vec<Pack>, PackError> {
    Symptom::ALL.into_iter().map(of).collect()
}

/// Returns the pack for a symptom.
///
/// # Errors
/// As [`all`].
pub fn of(symptom: Symptom) -> Result<Pack, PackError> {
    let key = symptom.key();
    let (release, shipped) = symptom.shipped();
    let (mut rules, mut notes) = (Vec::new(), BTreeMap::new());
    for each in shipped {
        let rule = each.rule(symptom)?;
        notes.insert(rule.key.clone(), each.note()?);
        rules.push(rule);
    }
    let mut pack = RulePack::new(key, rules)?;
    pack.release = release;
    pack.title = symptom.title();
    Ok(Pack {
        symptom,
        rules: pack,
        notes,
    })
}

/// Returns the rules of all packs that watch such a panel, in the order of the packs.
///
/// # Errors
/// As [`all`].
pub fn watching(watch: Watch) -> Result<Vec<RuleDef>, PackError> {
    let packs = all()?;
    Ok(packs
        .iter()
        .flat_map(|pack| pack.watching(watch))
        .cloned()
        .collect())
}

/// Returns the rules whose counts over people the pack of [`Symptom::TargetSoundness`] reads, by the name of the count.
///
/// # Errors
/// As [`all`].
pub fn counted() -> Result<[(Key, RuleDef); 2], PackError> {
    let rule = |key: &'static str, text: &str| -> Result<(Key, RuleDef), PackError> {
        let key = Key::new(key)?;
        let when = text.parse().map_err(|cause| PackError::Text {
            rule: key.clone(),
            text: text.to_owned(),
            cause,
        })?;
        let def = RuleDef::new(key.as_str(), when)?;
        Ok((key, def))
    };
    Ok([
        rule("people_below_target", "sales < target(sales)")?,
        rule("people_with_target", "target(sales) > 0")?,
    ])
}

/// Gives the counts of people below target and of people with a target to the panel of their teams.
///
/// Who is in which team is what the tree says of each period's last day. The panels are over the same periods, and the people's has `sales` and
/// `target:sales`.
///
/// # Errors
/// [`PackError::Rule`] when the people's panel lacks a column or has other periods.
pub fn counts_of_people(people: &Panel, tree: Tree<'_>) -> impl Columns<Error = PackError> {
    move |teams: &Panel| -> Result<Vec<Column>, PackError> {
        let counted = counted()?;
        let rules = RuleSet::compile(counted.iter().map(|(_, rule)| rule.clone()), people)?;
        let judge = rules.over(people)?;
        let mut columns = Vec::new();
        for (name, rule) in &counted {
            let key = ColumnKey {
                metric: name.clone(),
                role: Role::Actual,
            };
            let unit = Unit::Count(Key::from_static("person"));
            columns.extend(judge.tally(&rule.key, tree, key, unit).columns(teams)?);
        }
        Ok(columns)
    }
}
