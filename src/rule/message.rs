//! Message templates: a text with names in braces.

use std::collections::BTreeMap;

use super::{RuleDef, RuleError};
use crate::key::{Key, unknown};
use crate::measure::Unit;
use crate::panel::ColumnKey;
use crate::quantity::Ratio;

/// A text whose names have been resolved.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    pub(super) pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Word(Word),
    Parameter(Ratio, Option<Unit>),
    Column(usize),
}

/// What a message may always say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Subject,
    Period,
    Since,
    Periods,
    Severity,
    Rule,
    Owner,
}

const WORDS: [(&str, Word); 7] = [
    ("subject", Word::Subject),
    ("period", Word::Period),
    ("since", Word::Since),
    ("periods", Word::Periods),
    ("severity", Word::Severity),
    ("rule", Word::Rule),
    ("owner", Word::Owner),
];

impl Template {
    /// Returns the text with its names resolved; `slot` finds the panel's columns, and the parameters have these units.
    pub(super) fn new(
        text: &str,
        def: &RuleDef,
        units: &BTreeMap<Key, Unit>,
        mut slot: impl FnMut(&ColumnKey) -> Option<usize>,
    ) -> Result<Self, RuleError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']) {
            let brace = at + found;
            plain.push_str(&text[at..brace]);
            let rest = &text[brace..];
            if let Some(doubled) = ["{{", "}}"].into_iter().find(|pair| rest.starts_with(pair)) {
                plain.push_str(&doubled[..1]);
                at = brace + 2;
                continue;
            }
            let end = rest
                .find('}')
                .filter(|end| *end > 0)
                .ok_or_else(|| RuleError::Brace {
                    at: text[..brace].chars().count(),
                })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece(&rest[1..end], def, units, &mut slot)?);
            at = brace + end + 1;
        }
        plain.push_str(&text[at..]);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

fn piece(
    name: &str,
    def: &RuleDef,
    units: &BTreeMap<Key, Unit>,
    slot: &mut impl FnMut(&ColumnKey) -> Option<usize>,
) -> Result<Piece, RuleError> {
    if let Some((_, word)) = WORDS.iter().find(|(known, _)| *known == name) {
        return Ok(Piece::Word(*word));
    }
    if let Some(constant) = def.parameters.get(name) {
        return Ok(Piece::Parameter(constant.value, units.get(name).cloned()));
    }
    if let Some(slot) = name.parse().ok().and_then(|key| slot(&key)) {
        return Ok(Piece::Column(slot));
    }
    let words = WORDS.iter().map(|(known, _)| *known);
    let known = words.chain(def.parameters.keys().map(Key::as_str));
    let (_, nearest, known) = unknown(name, known);
    Err(RuleError::UnknownPlaceholder {
        name: name.chars().take(80).collect(),
        nearest,
        known,
    })
}
