/// Returns the known name nearest to `wanted` (by edit distance), if one is near enough to be meant.
///
/// At most a third of the letters, and at least one, may differ. The earlier of two equally near names wins.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    // Only what is nearer than the nearest so far is of interest, which soon leaves next to nothing to compare: a batch may
    // ask for thousands of wrong names among thousands of right ones.
    let mut limit = (wanted.len() / 3).max(1);
    let mut best = None;
    let (mut letters, mut row) = (Vec::new(), Vec::new());
    for name in known {
        letters.clear();
        letters.extend(name.chars().flat_map(char::to_lowercase));
        if let Some(distance) = edit_distance(&wanted, &letters, limit, &mut row) {
            best = Some(name);
            match distance.checked_sub(1) {
                Some(nearer) => limit = nearer,
                None => break,
            }
        }
    }
    best
}

/// Returns the edit distance if it is at most `limit`. Only the cells of the table that are so near its diagonal are worked
/// out (Ukkonen, 1985).
fn edit_distance(a: &[char], b: &[char], limit: usize, row: &mut Vec<usize>) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let beyond = limit + 1;
    row.clear();
    row.extend((0..=b.len()).map(|distance| distance.min(beyond)));
    for (i, x) in a.iter().enumerate() {
        let first = i.saturating_sub(limit);
        let last = (i + limit + 1).min(b.len());
        let mut diagonal = row[first];
        row[first] = if first == 0 {
            (i + 1).min(beyond)
        } else {
            beyond
        };
        let mut least = row[first];
        for (j, y) in b[..last].iter().enumerate().skip(first) {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            // What stands above the band was never worked out in this row's range.
            let above = if j + 1 > i + limit { beyond } else { diagonal };
            row[j + 1] = substituted.min(above + 1).min(row[j] + 1).min(beyond);
            least = least.min(row[j + 1]);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nearest_finds_a_slip_and_nothing_far() {
        let names = ["visits", "visits_per_day", "sales"];
        assert_eq!(nearest("vists", names), Some("visits"));
        assert_eq!(nearest("Sales", names), Some("sales"));
        assert_eq!(nearest("turnover", names), None);
    }

    /// The whole table, cell by cell.
    fn slow_distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let substituted = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    substituted
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_nearest_name_is_that_of_the_whole_table(wanted in "[abc]{0,12}", names in proptest::collection::vec("[abc]{0,12}", 0..8)) {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let allowed = (wanted.len() / 3).max(1);
            let distances = names.iter().map(|name| (slow_distance(&letters(&wanted), &letters(name)), name.as_str()));
            // Of equally near ones the first.
            let expected = distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance);
            prop_assert_eq!(nearest(&wanted, names.iter().map(String::as_str)), expected.map(|(_, name)| name));
        }
    }
}
