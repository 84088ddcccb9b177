//! What ready metrics, figures, cards and their groups are called, in English and Chinese.

mod a_to_l;
mod m_to_z;

use crate::text::{Lang, Texts};

/// Key, English and Chinese, by key.
const TITLES: [&[(&str, &str, &str)]; 2] = [&a_to_l::TITLES, &m_to_z::TITLES];

/// Returns what a ready metric, a figure of the packs, a column that they read, a ready card or a group of one is called; `None`
/// for another key.
///
/// ```
/// use quotaflow::catalog;
/// use quotaflow::text::Lang;
/// let title = catalog::title("strike_rate").ok_or("no title")?;
/// assert_eq!((title.get(Lang::EN), title.get(Lang::ZH)), ("Strike rate", "拜访成交率"));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn title(key: &str) -> Option<Texts> {
    let (_, english, chinese) = TITLES.iter().find_map(|part| {
        let at = part.binary_search_by(|(known, ..)| (*known).cmp(key));
        part.get(at.ok()?)
    })?;
    Some(Texts::new(Lang::EN, *english).and(Lang::ZH, *chinese))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{cards, metrics, packs};

    #[test]
    fn everything_that_is_ready_has_a_title_in_both_languages() {
        let mut keys: Vec<String> = Vec::new();
        keys.extend(
            metrics::all()
                .unwrap()
                .iter()
                .map(|entry| entry.definition.key.to_string()),
        );
        keys.extend(
            packs::figures::all()
                .unwrap()
                .iter()
                .map(|figure| figure.key.to_string()),
        );
        keys.extend(packs::READ.iter().map(|read| read.column.to_owned()));
        keys.extend(cards::METRICS.iter().map(|(key, _)| (*key).to_owned()));
        for card in cards::all().unwrap() {
            keys.push(card.key.to_string());
            keys.extend(card.groups.iter().map(|group| group.key.to_string()));
            keys.extend(card.items.iter().map(|item| item.key.to_string()));
        }
        let untitled: Vec<&String> = keys.iter().filter(|key| title(key).is_none()).collect();
        assert_eq!(untitled, Vec::<&String>::new());
        assert!(TITLES.concat().is_sorted_by(|a, b| a.0 < b.0));
    }
}
