//! Rules that are shipped together, and the numbers that a host sets in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::operand::Constant;
use super::{RuleDef, RuleError};
use crate::document::Version;
use crate::key::Key;
use crate::text::Texts;

/// Rules that are shipped together, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// The version of the written form.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// The number of the release, from 1. It is raised by one whenever anything in the rules changes, and the numbers that a
    /// host set say for which release they were made; see [`Overrides`].
    #[serde(default)]
    pub release: u32,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The rules.
    pub rules: Vec<RuleDef>,
}

impl RulePack {
    /// Returns a pack of these rules.
    ///
    /// # Errors
    /// [`RuleError::Key`] if `key` cannot be a key.
    pub fn new(key: &str, rules: Vec<RuleDef>) -> Result<Self, RuleError> {
        let key = Key::new(key)?;
        Ok(Self {
            version: Version::default(),
            key,
            release: 1,
            title: Texts::default(),
            rules,
        })
    }

    /// Returns the pack with other numbers in its rules: for each rule, its parameters by name. The rest stays as it is
    /// shipped, so that a newer release brings what is new in it.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] and [`RuleError::UnknownParameter`] with the nearest known name; [`RuleError::Units`]
    /// when the new number has another unit than the shipped one.
    pub fn set(
        mut self,
        values: &BTreeMap<Key, BTreeMap<Key, Constant>>,
    ) -> Result<Self, RuleError> {
        for (rule, parameters) in values {
            for (name, value) in parameters {
                let shipped = self.number(rule, name)?;
                let number = in_unit_of(shipped, value)
                    .map_err(|problem| problem.within(rule, &format!("parameters.{name}")))?;
                *shipped = number;
            }
        }
        Ok(self)
    }

    /// Returns the number that a rule's parameter has.
    fn number(&mut self, rule: &Key, parameter: &Key) -> Result<&mut Constant, RuleError> {
        let Some(found) = self.rules.iter().position(|known| known.key == *rule) else {
            let known = self.rules.iter().map(|known| known.key.as_str());
            return Err(RuleError::unknown_rule(rule, known));
        };
        let known = &mut self.rules[found].parameters;
        if !known.contains_key(parameter) {
            let error = RuleError::unknown_parameter(parameter, known.keys());
            return Err(error.within(rule, "parameters"));
        }
        known
            .get_mut(parameter)
            .ok_or(RuleError::Empty { what: "parameters" })
    }

    /// Returns other numbers for this pack's rules as a document to keep: with the release that they are made for, and beside
    /// each the number that it stands for.
    ///
    /// # Errors
    /// As [`RulePack::set`].
    pub fn overrides(
        &self,
        values: &BTreeMap<Key, BTreeMap<Key, Constant>>,
    ) -> Result<Overrides, RuleError> {
        let (mut shipped, mut set) = (self.clone(), self.clone().set(values)?);
        let mut numbers: BTreeMap<Key, BTreeMap<Key, Override>> = BTreeMap::new();
        for (rule, parameters) in values {
            for name in parameters.keys() {
                let number = Override {
                    set: set.number(rule, name)?.clone(),
                    shipped: shipped.number(rule, name)?.clone(),
                };
                numbers
                    .entry(rule.clone())
                    .or_default()
                    .insert(name.clone(), number);
            }
        }
        Ok(Overrides {
            version: Version::default(),
            pack: self.key.clone(),
            release: self.release,
            numbers,
        })
    }

    /// Returns the pack with the numbers that a host has kept, and what the host should look at because they were made for
    /// another release: the numbers are set all the same, so that an upgrade keeps what was decided.
    ///
    /// # Errors
    /// [`RuleError::OtherPack`]; [`RuleError::Units`] where a number has another unit now. Where they were made for this very
    /// release also [`RuleError::UnknownRule`] and [`RuleError::UnknownParameter`], with the nearest known name.
    pub fn apply(
        mut self,
        overrides: &Overrides,
    ) -> Result<(Self, Vec<OverrideFinding>), RuleError> {
        if overrides.pack != self.key {
            return Err(RuleError::OtherPack {
                pack: self.key,
                made_for: overrides.pack.clone(),
            });
        }
        let same = overrides.release == self.release;
        let mut findings = Vec::new();
        if !same {
            findings.push(OverrideFinding::OtherRelease {
                pack: self.key.clone(),
                made_for: overrides.release,
                release: self.release,
            });
        }
        for (rule, parameters) in &overrides.numbers {
            for (name, number) in parameters {
                let (rule, parameter) = (rule.clone(), name.clone());
                let shipped = match self.number(&rule, &parameter) {
                    Ok(shipped) => shipped,
                    Err(problem) if same => return Err(problem),
                    Err(_) => {
                        findings.push(OverrideFinding::Gone { rule, parameter });
                        continue;
                    }
                };
                let set = in_unit_of(shipped, &number.set)
                    .map_err(|problem| problem.within(&rule, &format!("parameters.{parameter}")))?;
                let now = std::mem::replace(shipped, set);
                if now != number.shipped {
                    let made_for = number.shipped.clone();
                    findings.push(OverrideFinding::OtherNumber {
                        rule,
                        parameter,
                        made_for,
                        shipped: now,
                    });
                }
            }
        }
        Ok((self, findings))
    }
}

/// Returns a number in the unit of the shipped one, if it has no other.
fn in_unit_of(shipped: &Constant, value: &Constant) -> Result<Constant, RuleError> {
    if let (Some(left), Some(right)) = (&shipped.unit, &value.unit)
        && left != right
    {
        return Err(RuleError::Units {
            left: left.clone(),
            right: right.clone(),
        });
    }
    Ok(Constant {
        value: value.value,
        unit: value.unit.clone().or_else(|| shipped.unit.clone()),
    })
}

/// The numbers that a host has set in the rules of a pack: a document that is kept and given to each release that comes, so
/// that a host's thresholds live on without a copy of the rules.
///
/// ```
/// use std::collections::BTreeMap;
/// use quotaflow::key::Key;
/// use quotaflow::rule::{Constant, OverrideFinding, Overrides, RuleDef, RulePack};
/// let limit = |value: i64| Constant { value: value.into(), unit: None };
/// let idle = |value| RuleDef::new("idle", "visits < $limit".parse().unwrap())?.with("limit", limit(value));
/// let first = RulePack::new("effort", vec![idle(6)?])?;
/// let kept = first.overrides(&BTreeMap::from([(
///     Key::new("idle")?,
///     BTreeMap::from([(Key::new("limit")?, limit(4))]),
/// )]))?;
/// let text = serde_json::to_string(&kept).map_err(quotaflow::Error::other)?;
/// assert_eq!(
///     text,
///     r#"{"version":1,"pack":"effort","release":1,"numbers":{"idle":{"limit":{"set":{"value":"4"},"shipped":{"value":"6"}}}}}"#
/// );
///
/// // The next release asks for more. The host's four stand, and the host hears that they stood for six.
/// let mut next = RulePack::new("effort", vec![idle(8)?])?;
/// next.release = 2;
/// let (rules, findings) = next.apply(&serde_json::from_str::<Overrides>(&text).map_err(quotaflow::Error::unreadable)?)?;
/// assert_eq!(rules.rules[0].parameters["limit"], limit(4));
/// assert!(matches!(findings[0], OverrideFinding::OtherRelease { made_for: 1, release: 2, .. }));
/// assert!(matches!(&findings[1], OverrideFinding::OtherNumber { shipped, .. } if *shipped == limit(8)));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// The version of the written form.
    #[serde(default)]
    pub version: Version<1>,
    /// The pack.
    pub pack: Key,
    /// The release that they are made for.
    pub release: u32,
    /// For each rule, its parameters by name.
    #[serde(deserialize_with = "crate::document::nested_keys_once")]
    pub numbers: BTreeMap<Key, BTreeMap<Key, Override>>,
}

/// A number that a host has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The number.
    pub set: Constant,
    /// The shipped number that it stands for.
    pub shipped: Constant,
}

/// What a host should look at when numbers that were made for one release are given to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OverrideFinding {
    /// They were made for another release.
    OtherRelease {
        /// The pack.
        pack: Key,
        /// The release that they were made for.
        made_for: u32,
        /// The release that they are given to.
        release: u32,
    },
    /// The shipped number is no longer the one that was replaced.
    OtherNumber {
        /// The rule.
        rule: Key,
        /// The parameter.
        parameter: Key,
        /// The shipped number by then.
        made_for: Constant,
        /// The shipped number now.
        shipped: Constant,
    },
    /// The rule or its parameter is no longer there.
    Gone {
        /// The rule.
        rule: Key,
        /// The parameter.
        parameter: Key,
    },
}
