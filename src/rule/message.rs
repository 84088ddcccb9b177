//! Message templates: a text with names in braces.

use std::collections::BTreeMap;

use super::{RuleDef, RuleError};
use crate::key::{Key, unknown};
use crate::measure::Unit;
use crate::panel::ColumnKey;
use crate::quantity::Ratio;
use crate::text::{ByLang, Lang, Template, Texts};

/// A message whose names have been resolved.
pub(super) type Message = Template<Piece>;

/// What stands in a place of a message.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Word(Said),
    Parameter(Ratio, Option<Unit>),
    Column(usize),
}

/// What a message may always say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Subject,
    Period,
    Since,
    Periods,
    Severity,
    Rule,
    Owner,
}

const WORDS: [(&str, Said); 7] = [
    ("subject", Said::Subject),
    ("period", Said::Period),
    ("since", Said::Since),
    ("periods", Said::Periods),
    ("severity", Said::Severity),
    ("rule", Said::Rule),
    ("owner", Said::Owner),
];

/// Returns the texts with their names resolved; `slot` finds the panel's columns, and the parameters have these units. An empty
/// text is none.
pub(super) fn messages(
    texts: &Texts,
    def: &RuleDef,
    units: &BTreeMap<Key, Unit>,
    mut slot: impl FnMut(&ColumnKey) -> Option<usize>,
) -> Result<ByLang<Message>, (Lang, RuleError)> {
    let mut read = ByLang::default();
    for (lang, text) in texts.iter() {
        let message = Template::parse(text, |name| piece(name, def, units, &mut slot))
            .map_err(|error: RuleError| (lang, error))?;
        if !message.is_empty() {
            read.insert(lang, message);
        }
    }
    Ok(read)
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
