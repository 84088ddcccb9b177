//! What an explanation says in words.

use std::fmt::Write as _;

use super::super::message::{Piece, Template, Word};
use super::super::shown::{Precision, shown};
use super::super::unit::unit_of;
use super::super::{Language, Operand, WhyUnknown};
use super::{Evaluated, Explanation, Texts};
use crate::key::Key;
use crate::panel::{ColumnKey, Found, Reason};

impl Explanation<'_> {
    /// Returns the rule's message about this subject; its title or key where it has none.
    ///
    /// Figures are written in their units: money with its currency, shares as percentages, thousands apart; amounts whole
    /// or to their smallest unit, quotients to three digits. Counts, days and hours are numbers alone: what they count is
    /// said by the message.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let def = &self.texts.rule.def;
        match template(&self.texts.rule.message, language) {
            Some(template) => self.filled(template, language),
            None if def.title.is_empty() => def.key.to_string(),
            None => def.title.text(language).to_owned(),
        }
    }

    /// Returns what to do next, if the rule says so.
    #[must_use]
    pub fn action(&self, language: Language) -> Option<String> {
        template(&self.texts.rule.action, language).map(|template| self.filled(template, language))
    }

    /// Returns the value of a side of one of the comparisons, in its unit, as [`Explanation::message`] writes figures; or why
    /// there is none.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::{Language, RuleDef, RuleSet};
    /// use quotaflow::space::Subjects;
    /// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
    /// let mut panel = Panel::new(Subjects::whole(), month);
    /// let money = |key, cents| Ok::<_, quotaflow::measure::UnitError>(Column::amounts(key, "money:CNY".parse()?, Quantum::CENT, vec![cents]));
    /// panel.add(money(ColumnKey::actual("sales")?, 1_234_567_80)?)?;
    /// panel.add(money(ColumnKey::target("sales")?, 2_000_000_00)?)?;
    /// let rules = RuleSet::compile([RuleDef::new("behind", "attainment(sales) < 80% and sales < 1500000 money:CNY".parse()?)?], &panel)?;
    /// let why = rules.evaluate(&panel, 0)?[0].explain(&rules, &panel)?;
    /// let mut told = Vec::new();
    /// why.evidence().comparisons(&mut |left, is, right, _| {
    ///     let shown = |side| why.shown(side, Language::English);
    ///     told.push(format!("{} {} {}", shown(left), is.sign(), shown(right)));
    /// });
    /// assert_eq!(told, ["61.7% < 80%", "CNY 1,234,567.80 < CNY 1,500,000"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn shown(&self, side: &Evaluated<'_>, language: Language) -> String {
        let Texts { rule, panel, .. } = &self.texts;
        let value = match side.value {
            Ok(value) => value,
            Err(reason) => return reason.name(language).to_owned(),
        };
        let unit = unit_of(side.operand, &rule.def, &|key: &ColumnKey| {
            panel.find(key).map(|column| column.unit().clone())
        });
        // A cell that is shown as it stands has the places of its smallest unit; what was worked out is rounded.
        let precision = match (side.operand, side.inputs.as_slice()) {
            (Operand::Constant(_) | Operand::Parameter(_), _) => Precision::Exact,
            (
                Operand::Metric(_)
                | Operand::Target(_)
                | Operand::Expected(_)
                | Operand::Projected(_)
                | Operand::Below(_)
                | Operand::Quiet(_),
                [input],
            ) => precision(input.answer),
            _ => Precision::Rounded,
        };
        shown(value, unit.as_ref(), precision, language).unwrap_or_else(|| {
            WhyUnknown::Missing(Reason::OutOfRange)
                .name(language)
                .to_owned()
        })
    }

    fn filled(&self, template: &Template, language: Language) -> String {
        let mut text = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Parameter(value, unit) => text.push_str(
                    &shown(*value, unit.as_ref(), Precision::Exact, language)
                        .unwrap_or_else(|| value.to_string()),
                ),
                Piece::Column(slot) => text.push_str(&self.figure(*slot, language)),
                Piece::Word(word) => self.word(*word, language, &mut text),
            }
        }
        text
    }

    fn word(&self, word: Word, language: Language, text: &mut String) {
        fn label(key: Option<&Key>) -> &str {
            key.map_or("", Key::as_str)
        }
        let Texts {
            rule,
            panel,
            subject,
            period,
            since,
            ..
        } = &self.texts;
        match word {
            Word::Subject => text.push_str(&panel.subjects().label(*subject)),
            Word::Period => text.push_str(label(self.period)),
            Word::Since => text.push_str(label(self.since)),
            // Writing to a text cannot fail.
            Word::Periods => {
                let _ = write!(text, "{}", period - since + 1);
            }
            Word::Severity => text.push_str(self.severity.name(language)),
            Word::Rule => text.push_str(if rule.def.title.is_empty() {
                rule.def.key.as_str()
            } else {
                rule.def.title.text(language)
            }),
            Word::Owner => text.push_str(label(rule.def.owner.as_ref())),
        }
    }

    /// Returns a cell as people read it.
    fn figure(&self, slot: usize, language: Language) -> String {
        let Texts {
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
            Found::None(state) => WhyUnknown::Missing(state).name(language).to_owned(),
            Found::Figure(figure) => figure
                .ratio()
                .ok()
                .and_then(|value| shown(value, Some(column.unit()), precision(answer), language))
                .unwrap_or_else(|| {
                    WhyUnknown::Missing(Reason::OutOfRange)
                        .name(language)
                        .to_owned()
                }),
        }
    }
}

fn precision(answer: Found) -> Precision {
    match answer {
        Found::Figure(figure) => figure.amount().map_or(Precision::Rounded, |amount| {
            Precision::Places(amount.quantum().places())
        }),
        Found::None(_) => Precision::Rounded,
    }
}

fn template(both: &[Template; 2], language: Language) -> Option<&Template> {
    let (own, other) = match language {
        Language::English => (&both[0], &both[1]),
        Language::Chinese => (&both[1], &both[0]),
    };
    [own, other]
        .into_iter()
        .find(|template| !template.is_empty())
}
