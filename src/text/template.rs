//! Sentences with places for values.

use super::TemplateError;

/// A sentence with places for values, each in braces: `{subject} made {visits} visits`. A brace that is meant is written twice.
///
/// What the places are is for whoever reads the sentence to say; see [`Wording`](super::Wording) for sentences whose places are
/// fixed.
///
/// ```
/// use quotaflow::text::{Template, TemplateError};
/// let template = Template::parse("{who} {{met}} {who}", |name| Ok::<_, TemplateError>(name.len()))?;
/// let mut text = String::new();
/// template.write(&mut text, |letters, text| text.push_str(&letters.to_string()));
/// assert_eq!(text, "3 {met} 3");
/// # Ok::<(), TemplateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<P> {
    pieces: Vec<Piece<P>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<P> {
    Text(String),
    Place(P),
}

impl<P> Default for Template<P> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<P> Template<P> {
    /// Reads a sentence; `place` says what a name in braces stands for.
    ///
    /// # Errors
    /// [`TemplateError::Brace`], or whatever `place` says of a name.
    pub fn parse<E: From<TemplateError>>(
        text: &str,
        mut place: impl FnMut(&str) -> Result<P, E>,
    ) -> Result<Self, E> {
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
            let alone = || TemplateError::Brace {
                at: text[..brace].chars().count(),
            };
            let end = rest.find('}').filter(|end| *end > 0).ok_or_else(alone)?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Place(place(&rest[1..end])?));
            at = brace + end + 1;
        }
        plain.push_str(&text[at..]);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Says whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Writes the sentence; `put` writes the value of a place, which is not looked into again.
    pub fn write(&self, into: &mut String, mut put: impl FnMut(&P, &mut String)) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => into.push_str(text),
                Piece::Place(place) => put(place, into),
            }
        }
    }

    /// Returns the places, in order.
    pub fn places(&self) -> impl Iterator<Item = &P> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Place(place) => Some(place),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lonely_brace_is_refused_with_its_place_in_characters() {
        for (text, at) in [("好{a", 1), ("a}b", 1), ("{}", 0), ("a{{b}", 4)] {
            let read = Template::parse(text, |name| Ok::<_, TemplateError>(name.to_owned()));
            match text {
                "{}" => assert!(read.is_ok()),
                _ => assert_eq!(read, Err(TemplateError::Brace { at })),
            }
        }
    }
}
