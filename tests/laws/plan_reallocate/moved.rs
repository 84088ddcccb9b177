//! Transfers by every way to say how much, with either side left out, and places that are split anew.

use quotaflow::plan::Easing;

use super::mixed::sparse;
use super::*;

/// Who gives or gets at a step, in one sort or in all.
struct Side {
    names: Vec<String>,
    leaves: BTreeSet<usize>,
}

impl Company {
    fn side(&self, draw: &mut Draw, step: &str, sort: Option<&str>) -> Side {
        let mut names = BTreeSet::new();
        for _ in 0..=draw.below(2) {
            names.insert(self.leaves[draw.below(self.leaves.len())][step].clone());
        }
        let is_in = |leaf: &Names| {
            names.contains(&leaf[step]) && sort.is_none_or(|sort| leaf["sort"] == sort)
        };
        let leaves = self.leaves.iter().enumerate();
        let leaves = leaves.filter(|(_, leaf)| is_in(leaf)).map(|own| own.0);
        Side {
            leaves: leaves.collect(),
            names: names.into_iter().collect(),
        }
    }

    /// The siblings of a side: whoever stands below the same parents in the same columns.
    fn siblings(&self, side: &Side, depth: usize) -> BTreeSet<usize> {
        let cell = |leaf: usize| (self.above(leaf, depth - 1), self.column(leaf));
        let cells: BTreeSet<Parent<'_>> = side.leaves.iter().map(|leaf| cell(*leaf)).collect();
        let all = 0..self.leaves.len();
        all.filter(|leaf| cells.contains(&cell(*leaf)) && !side.leaves.contains(leaf))
            .collect()
    }

    /// The totals before and after of whoever stands after so many steps in each column.
    fn totals(&self, depth: usize, after: &[i64]) -> BTreeMap<Parent<'_>, (i64, i64)> {
        let mut totals: BTreeMap<Parent<'_>, (i64, i64)> = BTreeMap::new();
        for (leaf, before) in self.amounts().into_iter().enumerate() {
            let own = totals
                .entry((self.above(leaf, depth), self.column(leaf)))
                .or_default();
            own.0 += before;
            own.1 += after[leaf];
        }
        totals
    }
}

#[test]
fn what_is_taken_is_what_was_said_and_all_of_it_comes_in_where_it_goes() {
    let mut draw = Draw(19);
    let (mut made, mut refused) = (0, 0);
    for round in 0..600 {
        let company = sparse(&mut draw);
        let before = company.amounts();
        let depth = 1 + draw.below(3);
        let step = PEOPLE[depth - 1];
        let sort = [None, Some("exp")][draw.below(2)];
        let (one, other) = (
            company.side(&mut draw, step, sort),
            company.side(&mut draw, step, sort),
        );
        // Both are named, or who gives alone, or who gets alone.
        let way = draw.below(3);
        let (from, to) = match way {
            0 => (one.leaves.clone(), other.leaves.clone()),
            1 => (one.leaves.clone(), company.siblings(&one, depth)),
            _ => (company.siblings(&other, depth), other.leaves.clone()),
        };
        let sum =
            |of: &[i64], leaves: &BTreeSet<usize>| leaves.iter().map(|leaf| of[*leaf]).sum::<i64>();
        let (gives, gets) = (sum(&before, &from), sum(&before, &to));
        let goes = draw.amount(gives + 1);
        let money = |cents| Number::from(Quantum::CENT.amount(cents));
        let (take, goes) = match draw.below(4) {
            0 => (Take::Amount(money(goes)), goes),
            1 => (Take::Leave(money(gives - goes)), goes),
            2 => (Take::Reach(money(gets + goes)), goes),
            _ => (Take::Share(Ratio::percent(50)), (gives + 1) / 2),
        };
        let named = |side: &Side| {
            let places = side.names.iter().map(|name| {
                let own = Names::from([(step.to_owned(), name.clone())]);
                let sort = sort.map(|sort| ("sort".to_owned(), sort.to_owned()));
                place(&own.into_iter().chain(sort).collect())
            });
            places.collect::<Vec<Place>>()
        };
        let givers = if way == 2 { Vec::new() } else { named(&one) };
        let parts = if way == 1 { Vec::new() } else { named(&other) };
        let parts: Vec<SplitPart> = parts
            .into_iter()
            .zip([2, 1])
            .map(|(at, share)| SplitPart {
                at,
                share: Ratio::from(share),
            })
            .collect();
        let is_twice = way == 0 && one.names.iter().any(|name| other.names.contains(name));
        let families: BTreeSet<Vec<&str>> = to
            .iter()
            .map(|leaf| company.above(*leaf, depth - 1))
            .collect();
        let is_share = matches!(take, Take::Share(_));
        let is_of_several = way == 2 && !is_share && parts.len() > 1 && families.len() > 1;
        let asked = Reallocation::transfer("sales", givers, take, parts.clone()).unwrap();
        let told = company.after(vec![Edit::Reallocate(asked.across("rep").unwrap())]);
        let units = match told {
            Ok(units) => units,
            Err(PlanError::DuplicatePlace { .. }) if is_twice => {
                refused += 1;
                continue;
            }
            Err(PlanError::Edit(EditError::SeveralParents { .. })) if is_of_several => {
                refused += 1;
                continue;
            }
            // Where siblings of one of two are not there, theirs cannot go anywhere.
            Err(PlanError::Edit(EditError::NothingFree { .. })) if way == 1 => {
                let alone = one.leaves.iter().any(|leaf| {
                    let cell = |leaf: usize| (company.above(leaf, depth - 1), company.column(leaf));
                    before[*leaf] > 0 && !to.iter().any(|other| cell(*other) == cell(*leaf))
                });
                assert!(alone, "round {round}");
                refused += 1;
                continue;
            }
            Err(error) => panic!("round {round}: {error}"),
        };
        assert!(!is_twice && !is_of_several, "round {round}");
        made += 1;
        let after = units.last().unwrap();
        assert!(after.iter().all(|amount| *amount >= 0));
        assert_eq!(sum(after, &from), gives - goes, "round {round}");
        assert_eq!(sum(after, &to), gets + goes, "round {round}");
        for leaf in 0..before.len() {
            let takes_part = from.contains(&leaf) || to.contains(&leaf);
            assert!(takes_part || before[leaf] == after[leaf], "round {round}");
        }
        // Siblings keep their parent, and all of them whoever is above all.
        let kept = if way == 0 { 0 } else { depth - 1 };
        let totals = company.totals(kept, after);
        assert!(totals.values().all(|own| own.0 == own.1), "round {round}");
        // In each cell of the stated parts.
        if way == 0 && parts.len() == 2 {
            let mut gains: BTreeMap<_, [i64; 2]> = BTreeMap::new();
            for leaf in &to {
                let own = gains.entry(company.column(*leaf)).or_default();
                let part = usize::from(company.leaves[*leaf][step] == other.names[1]);
                own[part] += after[*leaf] - before[*leaf];
            }
            for [two, one] in gains.into_values() {
                assert!((two - 2 * one).abs() < 3, "round {round}: {two} {one}");
            }
        }
    }
    assert!(made > 350 && refused > 50, "{made} {refused}");
}

#[test]
fn what_is_split_anew_keeps_every_parent_and_is_alike_where_it_is_to_be() {
    let mut draw = Draw(23);
    for round in 0..300 {
        let company = sparse(&mut draw);
        let before = company.amounts();
        let depth = 1 + draw.below(3);
        let leaf = draw.below(company.leaves.len());
        let mut at = Names::new();
        if depth > 1 && draw.below(2) == 0 {
            let above = PEOPLE[depth - 2];
            at.insert(above.to_owned(), company.leaves[leaf][above].clone());
        }
        if draw.below(2) == 0 {
            at.insert("sort".to_owned(), "mig".to_owned());
        }
        let step = PEOPLE[depth - 1];
        let asked = Reallocation::resplit("sales", place(&at), step, Easing::Equal).unwrap();
        let units = company.after(vec![Edit::Reallocate(asked)]).unwrap();
        let after = units.last().unwrap();
        let inside = company.inside(&at);
        let above = company.totals(depth - 1, after);
        assert!(above.values().all(|own| own.0 == own.1), "round {round}");
        let own = company.totals(depth, after);
        let mut alike: BTreeMap<Parent<'_>, BTreeSet<i64>> = BTreeMap::new();
        for leaf in 0..before.len() {
            if !inside.contains(&leaf) {
                assert_eq!(before[leaf], after[leaf], "round {round}");
                continue;
            }
            let (who, column) = (company.above(leaf, depth), company.column(leaf));
            let (had, has) = own[&(who.clone(), column)];
            // Below each, who has nothing gets nothing, unless nobody has anything.
            assert!(
                before[leaf] > 0 || had == 0 || after[leaf] == 0,
                "round {round}"
            );
            let parent = (who[..depth - 1].to_vec(), column);
            alike.entry(parent).or_default().insert(has);
        }
        for amounts in alike.values() {
            let ends = amounts.first().zip(amounts.last());
            assert!(
                ends.is_some_and(|(least, most)| most - least <= 1),
                "round {round}"
            );
        }
    }
}
