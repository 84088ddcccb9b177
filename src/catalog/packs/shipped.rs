//! A rule as it is shipped: one entry of a pack's table.

use super::lives::Sort;
use super::said::{Said, both};
use super::symptom::{Note, Symptom, Watch};
use crate::calendar::Grain;
use crate::catalog::error::PackError;
use crate::key::Key;
use crate::rule::Operand;
use crate::rule::{Constant, Deviation, Persistence, RuleDef, Severity, Span};
use crate::text::Lang;

/// One entry of a pack's table.
#[derive(Debug)]
pub(super) struct Shipped {
    pub(super) key: &'static str,
    pub(super) title: Said,
    pub(super) watch: Watch,
    /// The kinds of records behind its figures.
    pub(super) records: &'static [&'static str],
    /// The condition as text.
    pub(super) when: &'static str,
    /// What ends it, where that is not the condition's own end.
    pub(super) clear: Option<&'static str>,
    /// Parameters, as numbers are written in a condition.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    /// The n-th month in a row in which it holds fires.
    pub(super) months: u16,
    pub(super) severity: Severity,
    pub(super) sort: Sort,
    pub(super) owner: &'static str,
    pub(super) reason: Said,
    pub(super) message: Said,
    pub(super) action: Said,
}

impl Shipped {
    pub(super) fn rule(&self, symptom: Symptom) -> Result<RuleDef, PackError> {
        let rule = Key::new(self.key)?;
        let condition = |text: &str| {
            text.parse().map_err(|cause| PackError::Text {
                rule: rule.clone(),
                text: text.to_owned(),
                cause,
            })
        };
        let mut def = RuleDef::new(self.key, condition(self.when)?)?
            .severity(self.severity)
            .living(self.sort.life(self.severity, self.owner)?)
            .saying(Lang::EN, self.message.0)
            .saying(Lang::ZH, self.message.1)
            .advising(Lang::EN, self.action.0)
            .advising(Lang::ZH, self.action.1);
        def.title = both(self.title);
        def.clear = self.clear.map(condition).transpose()?;
        for (name, number) in self.parameters {
            def = def.with(name, constant(&rule, number)?)?;
        }
        if self.months > 1 {
            def.persistence = Persistence::Periods(Span::of(self.months, Grain::Month));
        }
        def.deviation = match symptom {
            Symptom::MarketOpportunity => Deviation::Favourable,
            _ => Deviation::Adverse,
        };
        def.owner = Some(Key::new(self.owner)?);
        def.tags = vec![Key::new(symptom.key())?];
        Ok(def)
    }

    pub(super) fn note(&self) -> Result<Note, PackError> {
        Ok(Note {
            watch: self.watch,
            records: self
                .records
                .iter()
                .map(Key::new)
                .collect::<Result<_, _>>()?,
            reason: both(self.reason),
        })
    }
}

/// Reads a number as it is written in a condition.
pub(in crate::catalog) fn constant(rule: &Key, text: &str) -> Result<Constant, PackError> {
    match text.parse() {
        Ok(Operand::Constant(constant)) => Ok(constant),
        Ok(_) => Err(PackError::NotANumber {
            rule: rule.clone(),
            text: text.to_owned(),
        }),
        Err(cause) => Err(PackError::Text {
            rule: rule.clone(),
            text: text.to_owned(),
            cause,
        }),
    }
}
