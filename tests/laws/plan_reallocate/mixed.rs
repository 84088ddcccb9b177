//! Locks beside holds and cells without an amount, locks that cross, and locks of which the narrower wins.

use quotaflow::plan::{HoldEdit, HoldWhat};

use super::*;

/// Somebody who is held: as a whole, or leaf by leaf.
pub(super) struct Hold {
    names: Names,
    what: HoldWhat,
}

impl Hold {
    fn edit(&self) -> Edit {
        Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![place(&self.names)],
            what: self.what,
        })
    }
}

impl Company {
    /// Up to three nodes that are held.
    fn holds(&self, draw: &mut Draw) -> Vec<Hold> {
        let steps: Vec<String> = self.plan.frame().steps().map(ToString::to_string).collect();
        let count = draw.below(4);
        let hold = |draw: &mut Draw| {
            let leaf = draw.below(self.leaves.len());
            let length = 1 + draw.below(steps.len());
            let names = steps[..length].iter();
            Hold {
                names: names
                    .map(|step| (step.clone(), self.leaves[leaf][step].clone()))
                    .collect(),
                what: if draw.below(2) == 0 {
                    HoldWhat::Total
                } else {
                    HoldWhat::Leaves
                },
            }
        };
        (0..count).map(|_| hold(draw)).collect()
    }

    /// Amounts that keep whatever is kept: some go from one leaf to another of the same parent's column that is held by the same
    /// nodes, and none to a leaf without an amount.
    pub(super) fn another(
        &self,
        draw: &mut Draw,
        scopes: &[(Names, usize)],
        holds: &[Hold],
    ) -> Vec<i64> {
        let kept = self.kept(scopes);
        let is_in = |leaf: usize, hold: &Hold| {
            let own = hold.names.iter();
            own.clone()
                .all(|(step, name)| self.leaves[leaf][step] == *name)
        };
        let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut amounts = self.amounts();
        for (leaf, parent) in kept.into_iter().enumerate() {
            let held: Vec<bool> = holds.iter().map(|hold| is_in(leaf, hold)).collect();
            let mut stuck = holds.iter().zip(&held);
            let is_stuck = stuck.any(|(hold, held)| *held && hold.what == HoldWhat::Leaves);
            if let Some(parent) = parent
                && !is_stuck
                && amounts[leaf] > 0
            {
                groups.entry((parent, held)).or_default().push(leaf);
            }
        }
        for leaves in groups.values() {
            for _ in 0..leaves.len() {
                let (from, to) = (draw.below(leaves.len()), draw.below(leaves.len()));
                let amount = draw.amount(amounts[leaves[from]] + 1);
                amounts[leaves[from]] -= amount;
                amounts[leaves[to]] += amount;
            }
        }
        amounts
    }

    pub(super) fn locks(&self, scopes: &[(Names, usize)], amounts: &[i64]) -> Vec<LockDef> {
        let lock = |(scope, _): &(Names, usize)| {
            let total: i64 = self.inside(scope).iter().map(|leaf| amounts[*leaf]).sum();
            LockDef::new(place(scope), Number::from(Quantum::CENT.amount(total)))
        };
        scopes.iter().map(lock).collect()
    }

    /// Holds locks and whatever is kept to amounts that were made.
    pub(super) fn check(
        &self,
        scopes: &[(Names, usize)],
        holds: &[Hold],
        locks: &[LockDef],
        after: &[i64],
    ) {
        let before = self.amounts();
        let sums = |leaves: &mut dyn Iterator<Item = usize>| {
            leaves.fold((0, 0), |sums, leaf| {
                (sums.0 + before[leaf], sums.1 + after[leaf])
            })
        };
        let mut parents: BTreeMap<Parent<'_>, Vec<usize>> = BTreeMap::new();
        for (leaf, parent) in self.kept(scopes).into_iter().enumerate() {
            match parent {
                Some(parent) => parents.entry(parent).or_default().push(leaf),
                None => assert_eq!(before[leaf], after[leaf], "a bystander moved"),
            }
        }
        for leaves in parents.values() {
            let (before, after) = sums(&mut leaves.iter().copied());
            assert_eq!(before, after, "a parent is not kept");
        }
        for hold in holds {
            let inside = self.inside(&hold.names);
            let (was, is) = sums(&mut inside.iter().copied());
            assert_eq!(was, is, "what is held moved");
            if hold.what == HoldWhat::Leaves {
                assert!(inside.iter().all(|leaf| before[*leaf] == after[*leaf]));
            }
        }
        for lock in locks {
            let names = lock.at[0].iter();
            let scope = names.map(|(step, name)| (step.to_string(), name.to_string()));
            let inside = self.inside(&scope.collect());
            let total = sums(&mut inside.into_iter()).1;
            assert_eq!(Number::from(Quantum::CENT.amount(total)), lock.total);
        }
        assert!(after.iter().all(|amount| *amount >= 0));
    }
}

/// Every third leaf has nothing.
pub(super) fn sparse(draw: &mut Draw) -> Company {
    company_of(draw, |draw| {
        if draw.below(3) == 0 {
            0
        } else {
            1 + draw.amount(10_000)
        }
    })
}

#[test]
fn locks_beside_holds_and_cells_without_an_amount_hold_wherever_they_can() {
    let mut draw = Draw(11);
    let (mut held, mut undecided) = (0, 0);
    for round in 0..400 {
        let company = sparse(&mut draw);
        let scopes = company.scopes(&mut draw);
        let holds = company.holds(&mut draw);
        let other = company.another(&mut draw, &scopes, &holds);
        let locks = company.locks(&scopes, &other);
        let edits = |locks: &[LockDef]| {
            let holds = holds.iter().map(Hold::edit);
            holds.chain([edit(locks)]).collect::<Vec<_>>()
        };
        let told = company.after(edits(&locks));
        match &told {
            Ok(units) => {
                company.check(&scopes, &holds, &locks, units.last().unwrap());
                held += usize::from(!holds.is_empty());
            }
            // A lock and a total that is held may cross.
            Err(error) => {
                assert!(
                    holds.iter().any(|hold| hold.what == HoldWhat::Total)
                        && matches!(error, PlanError::Edit(EditError::Undecided { .. })),
                    "round {round}: {error}"
                );
                undecided += 1;
            }
        }
        let mut shuffled = locks.clone();
        draw.shuffle(&mut shuffled);
        assert_eq!(company.after(edits(&shuffled)), told, "round {round}");
    }
    assert!(held > 240 && undecided < 55, "{held} {undecided}");
}

#[test]
fn locks_that_cross_hold_or_are_told_as_undecided_and_are_never_said_to_be_impossible() {
    let mut draw = Draw(13);
    let mut decided = 0;
    for round in 0..400 {
        let company = sparse(&mut draw);
        // A scope of sorts and one of quarters of the same people cross.
        let mut scopes: BTreeSet<(Names, usize)> = BTreeSet::new();
        for _ in 0..=draw.below(4) {
            let leaf = draw.below(company.leaves.len());
            let depth = 1 + draw.below(3);
            let step = PEOPLE[depth - 1];
            let who = company.leaves[leaf][step].clone();
            for other in ["sort", "quarter"] {
                let mut scope = Names::from([(step.to_owned(), who.clone())]);
                scope.insert(other.to_owned(), company.leaves[leaf][other].clone());
                scopes.insert((scope, depth));
            }
        }
        let scopes: Vec<(Names, usize)> = scopes.into_iter().collect();
        let other = company.another(&mut draw, &scopes, &[]);
        let mut locks = company.locks(&scopes, &other);
        let one = company.after(vec![edit(&locks)]);
        match &one {
            Ok(units) => {
                company.check(&scopes, &[], &locks, units.last().unwrap());
                decided += 1;
            }
            Err(error) => assert!(
                matches!(error, PlanError::Edit(EditError::Undecided { .. })),
                "round {round}: {error}"
            ),
        }
        draw.shuffle(&mut locks);
        assert_eq!(company.after(vec![edit(&locks)]), one, "round {round}");
    }
    assert!(decided > 290, "{decided}");
}

#[test]
fn where_the_narrower_wins_the_others_hold_as_if_the_dropped_had_not_been_asked_for() {
    let mut draw = Draw(17);
    let mut dropped = 0;
    for round in 0..200 {
        let company = company(&mut draw);
        let scopes = company.scopes(&mut draw);
        let other = company.another(&mut draw, &scopes, &[]);
        let mut locks = company.locks(&scopes, &other);
        for lock in &mut locks {
            if draw.below(3) == 0 {
                lock.total = Number::from(Quantum::CENT.amount(draw.amount(2_000_000)));
            }
        }
        let won = |locks: &[LockDef]| {
            let asked = Reallocation::lock("sales", locks.to_vec()).unwrap();
            let asked = asked.across("rep").unwrap().narrower_wins();
            let mut plan = company.plan.clone();
            plan.apply(company.change(vec![Edit::Reallocate(asked)]))
                .unwrap_or_else(|error| panic!("round {round}: {error}"));
            (
                plan.units("sales", &company.last).unwrap().to_vec(),
                plan.dropped_locks(1).unwrap().to_vec(),
            )
        };
        let (after, left_out) = won(&locks);
        let is_kept = |lock: &LockDef| !left_out.contains(lock);
        let kept: Vec<LockDef> = locks.iter().filter(|lock| is_kept(lock)).cloned().collect();
        if kept.is_empty() {
            assert_eq!(after, company.amounts(), "round {round}");
        } else {
            let units = company.after(vec![edit(&kept)]).unwrap();
            assert_eq!(units.last(), Some(&after), "round {round}");
        }
        if !left_out.is_empty() {
            let error = company.after(vec![edit(&locks)]).unwrap_err();
            assert!(
                matches!(error, PlanError::Edit(EditError::Locks(_))),
                "{error}"
            );
            dropped += 1;
        }
        draw.shuffle(&mut locks);
        assert_eq!(won(&locks), (after, left_out), "round {round}");
    }
    assert!(dropped > 65, "{dropped}");
}
