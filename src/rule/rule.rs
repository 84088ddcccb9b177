//! Rules as data: a condition with whom it concerns, how grave it is, how long it must last, and what is to be done.

use std::collections::BTreeMap;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::condition::Condition;
use super::life::Life;
use super::operand::{Constant, Operand};
use super::severity::Severity;
use super::span::Span;
use super::{RuleError, Scope};
use crate::band::Bands;
use crate::key::Key;
use crate::quantity::Ratio;
use crate::scorecard::ZeroTarget;
use crate::text::{Lang, Texts};

/// One rule, as data. A [`RuleSet`](super::RuleSet) checks it against a panel before it is used.
///
/// ```
/// use quotaflow::rule::{Operand, Persistence, RuleDef, Severity};
/// let behind = Operand::attainment("sales")?.below(Operand::percent(80));
/// let rule = RuleDef::new("behind", behind)?.lasting(Persistence::Periods(2.into())).severity(Severity::Serious);
/// let text = serde_json::to_string(&rule).map_err(quotaflow::Error::other)?;
/// assert_eq!(serde_json::from_str::<RuleDef>(&text).map_err(quotaflow::Error::unreadable)?, rule);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What it watches for. A document may give it as data or as text.
    #[serde(deserialize_with = "super::text::data_or_text")]
    pub when: Condition,
    /// What ends it; the end of [`RuleDef::when`] where there is none. A clear condition that is easier to leave than
    /// the other one is to enter keeps an alert from coming and going (hysteresis).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "super::text::maybe_data_or_text"
    )]
    pub clear: Option<Condition>,
    /// The numbers that the condition names.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub parameters: BTreeMap<Key, Constant>,
    /// Whom and when it concerns.
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
    /// How grave it is.
    #[serde(default)]
    pub severity: Grade,
    /// How long it must last before it fires.
    #[serde(default)]
    pub persistence: Persistence,
    /// How its alerts end, come back, are repeated and climb.
    #[serde(default, skip_serializing_if = "Life::is_plain")]
    pub life: Life,
    /// What it does when its condition is unknown.
    #[serde(default)]
    pub unknown: WhenUnknown,
    /// What the attainment of a target of zero says where less is better, or where the target itself is best: met is 100 %, and
    /// missed is more than any number (less, where nothing was wanted and less than nothing came). The pace of such a target is
    /// 100 %, so that `attainment(complaints) > 110% of pace` holds of whoever missed it. Without base where that is wanted.
    #[serde(default, skip_serializing_if = "is_met_or_missed")]
    pub zero_target: ZeroTarget,
    /// Whether it reports something bad or something good.
    #[serde(default)]
    pub deviation: Deviation,
    /// What it says. Names in braces are replaced: `{subject}`, `{period}`, `{since}`, `{periods}`, `{severity}`,
    /// `{rule}`, `{owner}`, a parameter's name, or a column such as `{sales}` or `{target:sales}`. Figures are written in
    /// their units; see [`Explanation::message`](super::Explanation::message).
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub message: Texts,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub action: Texts,
    /// The role that has to act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// Who is named as having contributed; see [`Judge::contributors`](super::Judge::contributors).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributors: Option<Contributors>,
    /// Words to group and find rules by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Key>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_met_or_missed(policy: &ZeroTarget) -> bool {
    *policy == ZeroTarget::MetOrMissed
}

impl RuleDef {
    /// Returns a rule that concerns everybody, fires at once, is a warning, and does not fire on what is unknown.
    ///
    /// # Errors
    /// [`RuleError::Key`] if `key` cannot be a key.
    pub fn new(key: &str, when: Condition) -> Result<Self, RuleError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            when,
            clear: None,
            parameters: BTreeMap::new(),
            scope: Scope::default(),
            severity: Grade::default(),
            persistence: Persistence::default(),
            life: Life::default(),
            unknown: WhenUnknown::default(),
            zero_target: ZeroTarget::default(),
            deviation: Deviation::default(),
            message: Texts::default(),
            action: Texts::default(),
            owner: None,
            contributors: None,
            tags: Vec::new(),
        })
    }

    /// Returns the rule with this severity.
    #[must_use]
    pub fn severity(mut self, severity: impl Into<Grade>) -> Self {
        self.severity = severity.into();
        self
    }

    /// Returns the rule with this persistence.
    #[must_use]
    pub fn lasting(mut self, persistence: Persistence) -> Self {
        self.persistence = persistence;
        self
    }

    /// Returns the rule whose alerts live so.
    #[must_use]
    pub fn living(mut self, life: Life) -> Self {
        self.life = life;
        self
    }

    /// Returns the rule with this meaning of what is unknown.
    #[must_use]
    pub fn when_unknown(mut self, unknown: WhenUnknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// Returns the rule with this scope.
    #[must_use]
    pub fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Returns the rule with this title in a language.
    #[must_use]
    pub fn titled(mut self, lang: Lang, text: &str) -> Self {
        self.title = self.title.and(lang, text);
        self
    }

    /// Returns the rule with this message in a language.
    ///
    /// ```
    /// use quotaflow::rule::RuleDef;
    /// use quotaflow::text::Lang;
    /// let rule = RuleDef::new("few", "visits < 40".parse()?)?
    ///     .saying(Lang::EN, "{subject} made {visits} visits")
    ///     .saying(Lang::new("fr")?, "{subject} a fait {visits} visites");
    /// assert_eq!(rule.message.get(Lang::new("fr-CA")?), "{subject} a fait {visits} visites");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn saying(mut self, lang: Lang, text: &str) -> Self {
        self.message = self.message.and(lang, text);
        self
    }

    /// Returns the rule with this suggestion of what to do next, in a language.
    #[must_use]
    pub fn advising(mut self, lang: Lang, text: &str) -> Self {
        self.action = self.action.and(lang, text);
        self
    }

    /// Returns the rule with a parameter, new or set anew.
    ///
    /// # Errors
    /// [`RuleError::Key`] if `name` cannot be a key.
    pub fn with(mut self, name: &str, value: Constant) -> Result<Self, RuleError> {
        self.parameters.insert(Key::new(name)?, value);
        Ok(self)
    }
}

/// Who is named as having contributed to an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributors {
    /// The level of those who are named: products, customers, people of a team. A panel of others is refused.
    pub level: Key,
    /// How many are named; the others are one figure.
    pub most: u16,
}

/// How grave an alert of a rule is: always the same, or by the size of what went wrong.
///
/// Documents write the word alone (`"serious"`), or the size and its bands (`{"of": {"attainment": "sales"}, "bands": .., "unknown": "info"}`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Grade {
    /// Always so.
    Fixed(Severity),
    /// By the size of an operand.
    By(Grading),
}

// By hand, so that an error says what is wrong with the form that was meant and not that it is neither.
impl<'de> Deserialize<'de> for Grade {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GradeVisitor)
    }
}

struct GradeVisitor;

impl<'de> Visitor<'de> for GradeVisitor {
    type Value = Grade;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a severity such as \"warning\", or what it goes by such as {\"of\": {\"attainment\": \"sales\"}, \"bands\": ..}")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Grade, E> {
        Severity::deserialize(word.into_deserializer()).map(Grade::Fixed)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Grade, A::Error> {
        Grading::deserialize(MapAccessDeserializer::new(map)).map(Grade::By)
    }
}

impl Default for Grade {
    fn default() -> Self {
        Self::Fixed(Severity::default())
    }
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        Self::Fixed(severity)
    }
}

/// Severity by the size of an operand.
///
/// The bands hold every size, and none twice ([`Bands`]): a size without a severity and a size with two cannot be written.
///
/// ```
/// use quotaflow::band::{Bands, Owner};
/// use quotaflow::rule::{Grading, Operand, Severity};
/// let edges = vec![("0.5".parse()?, Severity::Serious), ("0.8".parse()?, Severity::Warning)];
/// let grading = Grading {
///     of: Operand::attainment("sales")?,
///     bands: Bands::from_edges(Severity::Critical, edges, Owner::Upper)?,
///     unknown: Severity::Info,
/// };
/// assert_eq!(grading.severity(Some("0.79".parse()?)), Severity::Serious);
/// assert_eq!(grading.severity(None), Severity::Info);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// What is sized.
    pub of: Operand,
    /// The severity of each size.
    pub bands: Bands<Severity>,
    /// The severity where the size is not known.
    #[serde(default)]
    pub unknown: Severity,
}

impl Grading {
    /// Returns the severity of this size, or of one that is not known.
    #[must_use]
    pub fn severity(&self, size: Option<Ratio>) -> Severity {
        size.map_or(self.unknown, |size| *self.bands.of(size))
    }
}

/// How long a condition must last before its rule fires. The two forms differ by one: three periods in a row are two
/// periods from the first to the last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Persistence {
    /// It fires in the first period in which it is true. The default.
    #[default]
    Immediate,
    /// It fires in the n-th period in a row in which it is true.
    Periods(Span),
    /// It fires when so many days have passed from the first day of the first period of the row to the first day of
    /// this one. Gaps between periods count.
    Days(u32),
}

impl Persistence {
    /// Says whether what has lasted so long has lasted as long as the other asks for, whatever the periods.
    #[must_use]
    pub fn asks_for(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Immediate) => true,
            (Self::Periods(own), Self::Periods(others)) => own.count >= others.count,
            (Self::Days(own), Self::Days(others)) => own >= others,
            (Self::Immediate | Self::Days(_), Self::Periods(span)) => span.count <= 1,
            (Self::Immediate | Self::Periods(_), Self::Days(days)) => days == 0,
        }
    }
}

/// What a rule does when its condition is unknown. Missing data is never read as false.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum WhenUnknown {
    /// It raises nothing and clears nothing. The default.
    #[default]
    Wait,
    /// It reports that it cannot say, with the reason.
    Report,
    /// It fires.
    Fire,
}

/// Whether an exception is bad or good.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// Something is wrong. The default.
    #[default]
    Adverse,
    /// Something is better than expected: an opportunity.
    Favourable,
}
