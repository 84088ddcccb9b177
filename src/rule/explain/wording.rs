//! What an explanation says in words.

use std::fmt::Write as _;

use super::super::message::{Message, Piece, Said};
use super::super::unit::unit_of;
use super::super::{Operand, WhyUnknown};
use super::{Evaluated, Explanation, Shown};
use crate::key::Key;
use crate::panel::{ColumnKey, Figure, Reason};
use crate::space::RowId;
use crate::text::{Digits, Lang, Locale, Texts};

impl Explanation<'_> {
    /// Returns the rule's message about this subject; its title or key where it has none.
    ///
    /// Figures are written in their units: money with its currency, shares as percentages, thousands apart; amounts whole
    /// or to their smallest unit, quotients to three digits. Counts, days and hours are numbers alone: what they count is
    /// said by the message.
    #[must_use]
    pub fn message(&self, locale: &Locale) -> String {
        let def = &self.texts.rule.def;
        match self.texts.rule.message.find(locale.lang()) {
            Some(message) => self.filled(message, locale),
            None if def.title.is_empty() => def.key.to_string(),
            None => def.title.get(locale.lang()).to_owned(),
        }
    }

    /// Returns the rule's message in each language in which it is written, as [`Explanation::message`] says it; in no stated
    /// language where the rule has no message.
    #[must_use]
    pub fn messages(&self) -> Texts {
        let rule = &self.texts.rule;
        let langs: Vec<Lang> = if rule.message.is_empty() {
            rule.def.title.langs().collect()
        } else {
            rule.message.langs().collect()
        };
        if langs.is_empty() {
            return Texts::from(rule.def.key.as_str());
        }
        let say = |lang: Lang| (lang, self.message(&Locale::new(lang)));
        langs.into_iter().map(say).collect()
    }

    /// Returns what to do next, if the rule says so.
    #[must_use]
    pub fn action(&self, locale: &Locale) -> Option<String> {
        let action = self.texts.rule.action.find(locale.lang());
        action.map(|action| self.filled(action, locale))
    }

    /// Returns what to do next in each language in which the rule says so.
    #[must_use]
    pub fn actions(&self) -> Texts {
        let actions = self.texts.rule.action.iter();
        let say = |(lang, action)| (lang, self.filled(action, &Locale::new(lang)));
        actions.map(say).collect()
    }

    /// Returns the value of a side of one of the comparisons, in its unit, as [`Explanation::message`] writes figures; or why
    /// there is none.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::{RuleDef, RuleSet};
    /// use quotaflow::space::Subjects;
    /// use quotaflow::text::Locale;
    /// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
    /// let mut panel = Panel::new(Subjects::whole(), month);
    /// let money = |key, cents| Ok::<_, quotaflow::measure::UnitError>(Column::amounts(key, "money:CNY".parse()?, Quantum::CENT, vec![cents]));
    /// panel.add(money(ColumnKey::actual("sales")?, 1_234_567_80)?)?;
    /// panel.add(money(ColumnKey::target("sales")?, 2_000_000_00)?)?;
    /// let rules = RuleSet::compile([RuleDef::new("behind", "attainment(sales) < 80% and sales < 1500000 money:CNY".parse()?)?], &panel)?;
    /// let judge = rules.over(&panel)?;
    /// let why = judge.get("behind", [""; 0], "2026-01")?;
    /// let mut told = Vec::new();
    /// why.evidence().comparisons(&mut |left, is, right, _| {
    ///     let shown = |side| why.shown(side, &Locale::EN);
    ///     told.push(format!("{} {} {}", shown(left), is.sign(), shown(right)));
    /// });
    /// assert_eq!(told, ["61.7% < 80%", "CNY 1,234,567.80 < CNY 1,500,000"]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn shown(&self, side: &Evaluated<'_>, locale: &Locale) -> String {
        let Shown { rule, panel, .. } = &self.texts;
        let value = match side.value() {
            Ok(value) => value,
            Err(reason) => return reason.name(locale).to_owned(),
        };
        let unit = unit_of(side.operand, &rule.def, &|key: &ColumnKey| {
            panel.find(key).map(|column| column.unit().clone())
        });
        // A cell that is shown as it stands has the places of its smallest unit; what was worked out is rounded.
        let precision = match (side.operand, side.inputs.as_slice()) {
            (Operand::Constant(_) | Operand::Parameter(_), _) => Digits::Exact,
            (
                Operand::Metric(_)
                | Operand::Target(_)
                | Operand::Expected(_)
                | Operand::Projected(_)
                | Operand::Below(_)
                | Operand::Quiet(_),
                [input],
            ) => precision(input.answer),
            _ => Digits::Rounded,
        };
        locale
            .figure(value, unit.as_ref(), precision)
            .unwrap_or_else(|| {
                WhyUnknown::Missing(Reason::OutOfRange)
                    .name(locale)
                    .to_owned()
            })
    }

    fn filled(&self, message: &Message, locale: &Locale) -> String {
        let mut text = String::new();
        message.write(&mut text, |piece, text| match piece {
            Piece::Parameter(value, unit) => text.push_str(
                &locale
                    .figure(*value, unit.as_ref(), Digits::Exact)
                    .unwrap_or_else(|| value.to_string()),
            ),
            Piece::Column(slot) => text.push_str(&self.figure(*slot, locale)),
            Piece::Word(word) => self.word(*word, locale, text),
        });
        text
    }

    fn word(&self, word: Said, locale: &Locale, text: &mut String) {
        fn label(key: Option<&Key>) -> &str {
            key.map_or("", Key::as_str)
        }
        let Shown {
            rule,
            panel,
            subject,
            period,
            since,
            ..
        } = &self.texts;
        match word {
            Said::Subject => text.push_str(&panel.subjects().label(RowId::at(*subject))),
            Said::Period => text.push_str(label(self.period)),
            Said::Since => text.push_str(label(self.since)),
            // Writing to a text cannot fail.
            Said::Periods => {
                let _ = write!(text, "{}", period - since + 1);
            }
            Said::Severity => text.push_str(self.severity.name(locale)),
            Said::Rule => text.push_str(if rule.def.title.is_empty() {
                rule.def.key.as_str()
            } else {
                rule.def.title.get(locale.lang())
            }),
            Said::Owner => text.push_str(label(rule.def.owner.as_ref())),
        }
    }

    /// Returns a cell as people read it.
    fn figure(&self, slot: usize, locale: &Locale) -> String {
        let Shown {
            panel,
            rules,
            subject,
            period,
            ..
        } = &self.texts;
        let cell = period * panel.subjects().len() + subject;
        let Some(column) = rules.slots.get(slot).and_then(|slot| panel.find(&slot.key)) else {
            return String::new();
        };
        let answer = column.answer(cell).found();
        match answer {
            Err(reason) => WhyUnknown::Missing(reason).name(locale).to_owned(),
            Ok(figure) => figure
                .ratio()
                .ok()
                .and_then(|value| locale.figure(value, Some(column.unit()), precision(answer)))
                .unwrap_or_else(|| {
                    WhyUnknown::Missing(Reason::OutOfRange)
                        .name(locale)
                        .to_owned()
                }),
        }
    }
}

fn precision(answer: Result<Figure, Reason>) -> Digits {
    match answer {
        Ok(figure) => figure.amount().map_or(Digits::Rounded, |amount| {
            Digits::Places(amount.quantum().places())
        }),
        Err(_) => Digits::Rounded,
    }
}
