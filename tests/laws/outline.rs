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
    let parts = (0..3_u8, 0..3_u8, 0..4_u8, 0..48_u8);
    let row = parts.prop_map(|(region, team, person, odd)| {
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
            7 => row[..2].fill(String::new()),
            8 => row[1] = format!("\u{a0}{} ", row[1]),
            9 => row[2] = format!("  {}", row[2]),
            10 => row[0].make_ascii_uppercase(),
            11 => row[2].make_ascii_uppercase(),
            // It reads like the way down to a team.
            12 => row[2] = format!("r0 /  {}", row[1]),
            13 => row[0] = " ".into(),
            _ => {}
        }
        row
    });
    prop::collection::vec(row, 1..14)
}

fn clean(row: &[String; 3]) -> [String; 3] {
    row.clone().map(|cell| {
        let words: Vec<&str> = cell.split_whitespace().collect();
        words.join(" ")
    })
}

/// The names that rows say, each gap as the row above that names somebody fills it; nothing where one is left.
fn filled(rows: &[[String; 3]]) -> Option<Vec<[String; 3]>> {
    let mut filled: Vec<[String; 3]> = Vec::new();
    for row in rows {
        let mut row = row.clone();
        let last = row.iter().rposition(|name| !name.is_empty());
        for level in 0..last.unwrap_or(0) {
            if row[level].is_empty() {
                let mut named = filled.iter().rev();
                let above = named.find(|row| row.iter().any(|name| !name.is_empty()))?;
                if above[level].is_empty() || above[..level] != row[..level] {
                    return None;
                }
                row[level].clone_from(&above[level]);
            }
        }
        filled.push(row);
    }
    Some(filled)
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

/// All ways down with the keys of their ends, in the order in which rows name them: a name where it is there once, else the whole way.
fn keys(rows: &[[String; 3]], by_path: bool) -> Vec<(Vec<(usize, &str)>, String)> {
    let mut order: Vec<Vec<(usize, &str)>> = Vec::new();
    for way in rows.iter().flat_map(ways) {
        if !order.contains(&way) {
            order.push(way);
        }
    }
    let key = |way: &Vec<(usize, &str)>| {
        let name = way[way.len() - 1].1;
        let same = order.iter().filter(|own| own[own.len() - 1].1 == name);
        if !by_path || same.count() == 1 {
            return name.to_owned();
        }
        let names: Vec<&str> = way.iter().map(|(_, name)| *name).collect();
        names.join(" / ")
    };
    order.iter().map(|way| (way.clone(), key(way))).collect()
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
    fn rows_are_refused_or_each_leads_to_what_it_says(written in rows(), gaps in 0..3_u8, by_path in any::<bool>()) {
        let gaps = [Gaps::Refused, Gaps::LeftOut, Gaps::AsAbove][usize::from(gaps)];
        let same_name = if by_path { SameName::ByPath } else { SameName::Refused };
        let cleaned: Vec<[String; 3]> = written.iter().map(clean).collect();
        let rows = match gaps {
            Gaps::Refused => (!cleaned.iter().any(has_gap)).then_some(cleaned),
            Gaps::LeftOut => Some(cleaned),
            Gaps::AsAbove => filled(&cleaned),
        };
        let read = def(gaps, same_name).read(&written);
        let Some(rows) = rows else {
            prop_assert!(read.is_err());
            return Ok(());
        };
        let keys = keys(&rows, by_path);
        let different: BTreeSet<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
        let fits = (by_path || !is_doubled(&rows)) && different.len() == keys.len() && !is_bare(&rows);
        prop_assert_eq!(read.is_ok(), fits, "{:?}", read);
        let Ok(outline) = read else { return Ok(()) };
        for (row, cells) in rows.iter().enumerate() {
            let wanted: Vec<(usize, String)> = ways(cells).pop().unwrap_or_default().into_iter().map(|(level, name)| (level, name.to_owned())).collect();
            prop_assert_eq!(chain(&outline, row), wanted);
        }
        // As many members as there are ways down, in the order in which rows name them.
        let members: Vec<&str> = outline.dimension.members.iter().map(|member| member.key.as_str()).collect();
        let wanted: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
        prop_assert_eq!(members, wanted);
        prop_assert!(Space::new(vec![outline.dimension.clone()]).is_ok());
        // What is not written as the key that is meant is told, cell by cell.
        let mut altered = Vec::new();
        for (row, cells) in rows.iter().enumerate() {
            for way in ways(cells) {
                let level = way[way.len() - 1].0;
                let key = &keys.iter().find(|(own, _)| *own == way).unwrap().1;
                if written[row][level] != *key {
                    let cell = if written[row][level].trim().is_empty() { "" } else { &written[row][level] };
                    altered.push((row + 1, LEVELS[level], cell, key.as_str()));
                }
            }
        }
        let told: Vec<_> = outline.altered.iter().map(|own| (own.row, own.level.as_str(), own.written.as_str(), own.member.as_str())).collect();
        prop_assert_eq!(told, altered);
        let mut alike: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
        for (way, key) in &keys {
            let name = way[way.len() - 1].1;
            alike.entry(name.to_lowercase()).or_default().push((name, key));
        }
        let alike = alike.into_values().filter(|all| all.iter().any(|(name, _)| *name != all[0].0));
        let alike: Vec<Vec<&str>> = alike.map(|all| all.into_iter().map(|(_, key)| key).collect()).collect();
        let told: Vec<Vec<&str>> = outline.alike.iter().map(|all| all.iter().map(Key::as_str).collect()).collect();
        prop_assert_eq!(told, alike);
        // Whatever the order of rows, they are the same members below the same.
        let mut turned = rows.clone();
        turned.reverse();
        let turned = def(Gaps::LeftOut, same_name).read(&turned).unwrap();
        let sorted = |outline: &Outline| {
            let (mut members, mut links) = (outline.dimension.members.clone(), outline.dimension.hierarchies[0].links.clone());
            members.sort_by(|one, other| one.key.cmp(&other.key));
            links.sort_by(|one, other| one.member.cmp(&other.member));
            (members, links)
        };
        prop_assert_eq!(sorted(&outline), sorted(&turned));
    }
}
