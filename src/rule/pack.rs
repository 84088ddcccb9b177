//! Rules that are shipped together, and the numbers that a host sets in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::operand::Constant;
use super::{Message, RuleDef, RuleError};
use crate::document::Version;
use crate::key::{Key, nearest};

/// Rules that are shipped together, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// The version of the written form.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// The number of the release: larger whenever a rule in it changes what it says.
    #[serde(default)]
    pub release: u32,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Message::is_empty")]
    pub title: Message,
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
            title: Message::default(),
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
            let Some(found) = self.rules.iter().position(|known| known.key == *rule) else {
                let known = self.rules.iter().map(|known| known.key.as_str());
                return Err(RuleError::UnknownRule {
                    rule: rule.clone(),
                    nearest: nearest(rule.as_str(), known).map(str::to_owned),
                });
            };
            let known = &mut self.rules[found].parameters;
            for (name, value) in parameters {
                let Some(shipped) = known.get_mut(name) else {
                    let names = known.keys().map(Key::as_str);
                    return Err(RuleError::UnknownParameter {
                        parameter: name.clone(),
                        nearest: nearest(name.as_str(), names).map(str::to_owned),
                    }
                    .within(rule, "parameters"));
                };
                let unit = value.unit.clone().or_else(|| shipped.unit.clone());
                if let (Some(left), Some(right)) = (&shipped.unit, &value.unit)
                    && left != right
                {
                    return Err(RuleError::Units {
                        left: left.clone(),
                        right: right.clone(),
                    }
                    .within(rule, &format!("parameters.{name}")));
                }
                *shipped = Constant {
                    value: value.value,
                    unit,
                };
            }
        }
        Ok(self)
    }
}
