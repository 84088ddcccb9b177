//! Rows of text are the dimension that a slow reader makes of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quotaflow::key::Key;
use quotaflow::space::{Gaps, Outline, OutlineDef, SameName, Space};

const LEVELS: [&str; 3] = ["region", "team", "person"];

fn def(gaps: Gaps, same_name: SameName) -> OutlineDef {
    let levels = LEVELS.map(|level| Key::new(level).unwrap()).to_vec();
    OutlineDef {
        dimension: Key::new("person").unwrap(),
        hierarchy: None,
        levels,
        numbers: Vec::new(),
        gaps,
        same_name,
    }
}

/// Rows of few names, so that many are doubled: mostly the same name is of one level and below one parent.
fn rows() -> impl Strategy<Value = Vec<[String; 3]>> {
    let row = (0..3_u8, 0..3_u8, 0..4_u8, 0..12_u8).prop_map(|(region, team, person, odd)| {
        let mut row = [
            format!("r{region}"),
            format!("t{region}{team}"),
            format!("p{region}{team}{person}"),
        ];
        match odd {
            0 => row[1].clear(),
            1 => row[0].clear(),
            2 => row[2].clear(),
            3 => "p000".clone_into(&mut row[2]),
            4 => "t00".clone_into(&mut row[1]),
            5 => "r1".clone_into(&mut row[1]),
            6 => row = Default::default(),
            _ => {}
        }
        row
    });
    prop::collection::vec(row, 1..14)
}

/// The names of a row with their levels, and of each the way down to it.
fn ways(row: &[String; 3]) -> Vec<Vec<(usize, &str)>> {
    let names = row.iter().enumerate().filter(|(_, name)| !name.is_empty());
    let names: Vec<(usize, &str)> = names.map(|(level, name)| (level, name.as_str())).collect();
    (1..=names.len())
        .map(|count| names[..count].to_vec())
        .collect()
}

fn has_gap(row: &[String; 3]) -> bool {
    row.iter()
        .skip_while(|name| !name.is_empty())
        .any(|name| !name.is_empty())
}

/// Whether a name stands at two levels or below two names.
fn is_doubled(rows: &[[String; 3]]) -> bool {
    let mut places: BTreeMap<&str, BTreeSet<(usize, Option<&str>)>> = BTreeMap::new();
    for way in rows.iter().flat_map(ways) {
        let (level, name) = way[way.len() - 1];
        let above = way.len().checked_sub(2).map(|above| way[above].1);
        places.entry(name).or_default().insert((level, above));
    }
    places.values().any(|all| all.len() > 1)
}

fn is_bare(rows: &[[String; 3]]) -> bool {
    (0..3).any(|level| rows.iter().all(|row| row[level].is_empty()))
}

/// The way down to the member of a row by the links of the dimension, as titles and levels.
fn chain(outline: &Outline, row: usize) -> Vec<(usize, String)> {
    let (mut next, mut chain) = (outline.rows[row].as_ref(), Vec::new());
    while let Some(key) = next {
        let member = outline
            .dimension
            .members
            .iter()
            .find(|member| member.key == *key)
            .unwrap();
        let title = member.title.get(quotaflow::text::Lang::UND);
        let name = if title.is_empty() {
            key.as_str()
        } else {
            title
        };
        let level = LEVELS
            .iter()
            .position(|level| *level == member.level.as_str())
            .unwrap();
        chain.push((level, name.to_owned()));
        let mut above = outline.dimension.hierarchies[0]
            .links
            .iter()
            .filter(|link| link.member == *key);
        next = above.next().map(|link| &link.parent);
        assert!(above.next().is_none(), "one parent");
    }
    chain.reverse();
    chain
}

proptest! {
    #[test]
    fn rows_are_refused_or_each_leads_to_what_it_says(rows in rows(), left_out in any::<bool>(), by_path in any::<bool>()) {
        let gaps = if left_out { Gaps::LeftOut } else { Gaps::Refused };
        let same_name = if by_path { SameName::ByPath } else { SameName::Refused };
        let fits = (left_out || !rows.iter().any(has_gap)) && (by_path || !is_doubled(&rows)) && !is_bare(&rows);
        let read = def(gaps, same_name).read(&rows);
        prop_assert_eq!(read.is_ok(), fits, "{:?}", read);
        let Ok(outline) = read else { return Ok(()) };
        for (row, cells) in rows.iter().enumerate() {
            let wanted: Vec<(usize, String)> = ways(cells).pop().unwrap_or_default().into_iter().map(|(level, name)| (level, name.to_owned())).collect();
            prop_assert_eq!(chain(&outline, row), wanted);
        }
        // As many members as there are ways down, in the order in which rows name them.
        let mut order: Vec<Vec<(usize, &str)>> = Vec::new();
        for way in rows.iter().flat_map(ways) {
            if !order.contains(&way) {
                order.push(way);
            }
        }
        prop_assert_eq!(outline.dimension.members.len(), order.len());
        let keys: BTreeSet<_> = outline.dimension.members.iter().map(|member| &member.key).collect();
        prop_assert_eq!(keys.len(), order.len());
        prop_assert!(Space::new(vec![outline.dimension.clone()]).is_ok());
        // Whatever the order of rows, they are the same members below the same.
        let mut turned = rows.clone();
        turned.reverse();
        let turned = def(gaps, same_name).read(&turned).unwrap();
        let sorted = |outline: &Outline| {
            let (mut members, mut links) = (outline.dimension.members.clone(), outline.dimension.hierarchies[0].links.clone());
            members.sort_by(|one, other| one.key.cmp(&other.key));
            links.sort_by(|one, other| one.member.cmp(&other.member));
            (members, links)
        };
        prop_assert_eq!(sorted(&outline), sorted(&turned));
    }
}
