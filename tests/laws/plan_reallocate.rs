//! Laws of what planners do to targets that stand: the order of locks never matters, what can hold together is found, every parent is kept.

mod bounded;
mod mixed;
mod moved;

use std::collections::{BTreeMap, BTreeSet};

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    Cascade, CascadeDef, Change, Edit, EditError, LockDef, NodeId, Place, Plan, PlanError,
    Reallocation, Sources, SplitPart, StepDef, Take,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Numbers that are the same on every machine (xorshift, Marsaglia 2003).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn amount(&mut self, limit: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(limit).unwrap())).unwrap()
    }

    fn shuffle<T>(&mut self, of: &mut [T]) {
        for last in (1..of.len()).rev() {
            of.swap(last, self.below(last + 1));
        }
    }
}

const PEOPLE: [&str; 3] = ["area", "team", "rep"];

/// What each leaf is called at each step.
type Names = BTreeMap<String, String>;

/// Who stands above a cell after so many steps, and the members at the other steps.
type Parent<'a> = (Vec<&'a str>, (&'a str, &'a str));

struct Company {
    plan: Plan,
    measures: Measures,
    space: Space,
    def: CascadeDef,
    leaves: Vec<Names>,
    last: String,
}

/// Areas of teams of people, two sorts of sales and two quarters, over the steps in some order.
fn company(draw: &mut Draw) -> Company {
    company_of(draw, |draw| 1 + draw.amount(1_000_000))
}

/// The same with amounts of leaves that are drawn otherwise.
fn company_of(draw: &mut Draw, amount: impl Fn(&mut Draw) -> i64) -> Company {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let mut people = DimensionDef::new("person", &PEOPLE).unwrap();
    for area in 1..=2 + draw.below(2) {
        let area = format!("a{area}");
        people = people.member("area", &area).unwrap();
        for team in 1..=1 + draw.below(3) {
            let team = format!("{area}t{team}");
            people = people.child("team", &team, &area).unwrap();
            for rep in 1..=1 + draw.below(3) {
                people = people
                    .child("rep", &format!("{team}r{rep}"), &team)
                    .unwrap();
            }
        }
    }
    let sorts = DimensionDef::flat("sort", "sort", ["exp", "mig"]).unwrap();
    let (space, calendar) = (
        Space::new(vec![people, sorts]).unwrap(),
        Calendar::gregorian(),
    );
    let half = DayRange::new("2026-01-01".parse().unwrap(), "2026-07-01".parse().unwrap());
    let orders: [&[&str]; 4] = [
        &["area", "team", "rep", "sort", "quarter"],
        &["quarter", "sort", "area", "team", "rep"],
        &["area", "quarter", "team", "sort", "rep"],
        &["sort", "area", "team", "rep", "quarter"],
    ];
    let steps = orders[draw.below(4)];
    let def = CascadeDef::new(key("plan"), key("sales"), half.unwrap());
    let def = steps.iter().fold(def, |def, step| {
        def.step(match *step {
            "quarter" => StepDef::grain(Grain::Quarter),
            "sort" => StepDef::member("sort", "sort").unwrap(),
            level => StepDef::member("person", level).unwrap(),
        })
    });
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let cascade = Cascade::compile(def.clone(), &sources).unwrap();
    let frame = cascade.frame();
    let last = (*steps.last().unwrap()).to_owned();
    let nodes: Vec<NodeId> = frame.nodes(&last).unwrap().collect();
    let names = |leaf: &NodeId| {
        let place = frame.place(*leaf);
        let own = place.iter();
        own.map(|(step, name)| (step.to_string(), name.to_string()))
            .collect::<Names>()
    };
    let leaves: Vec<Names> = nodes.iter().map(names).collect();
    let amounts: Vec<i64> = nodes.iter().map(|_| amount(draw)).collect();
    let mut values: Vec<Vec<i64>> = steps
        .iter()
        .map(|step| vec![0; frame.nodes(step).unwrap().len()])
        .collect();
    for (leaf, amount) in nodes.iter().zip(&amounts) {
        let mut node = *leaf;
        for level in values.iter_mut().rev() {
            level[node.index()] += amount;
            node = frame.parent(node).unwrap();
        }
    }
    values.insert(0, vec![amounts.iter().sum()]);
    Company {
        plan: Plan::from_units(&cascade, values).unwrap(),
        leaves,
        last,
        measures,
        space,
        def,
    }
}

impl Company {
    fn amounts(&self) -> Vec<i64> {
        self.plan.units("sales", &self.last).unwrap().to_vec()
    }

    fn inside(&self, scope: &Names) -> BTreeSet<usize> {
        let leaves = self.leaves.iter().enumerate();
        let own = leaves.filter(|(_, leaf)| scope.iter().all(|(step, name)| leaf[step] == *name));
        own.map(|(number, _)| number).collect()
    }

    /// The column of a leaf: all but who it is of.
    fn column(&self, leaf: usize) -> (&str, &str) {
        (&self.leaves[leaf]["sort"], &self.leaves[leaf]["quarter"])
    }

    /// Who stands above a leaf after so many steps.
    fn above(&self, leaf: usize, depth: usize) -> Vec<&str> {
        let steps = PEOPLE[..depth].iter();
        steps.map(|step| &*self.leaves[leaf][*step]).collect()
    }

    /// Up to twenty scopes of which any two are apart or one lies in the other.
    fn scopes(&self, draw: &mut Draw) -> Vec<(Names, usize)> {
        let mut scopes: Vec<(Names, usize, BTreeSet<usize>)> = Vec::new();
        let wanted = 1 + draw.below(20);
        for _ in 0..4 * wanted {
            let leaf = draw.below(self.leaves.len());
            let depth = 1 + draw.below(3);
            let mut scope: Names = Names::new();
            let step = PEOPLE[depth - 1];
            scope.insert(step.to_owned(), self.leaves[leaf][step].clone());
            for other in ["sort", "quarter"] {
                if draw.below(3) == 0 {
                    scope.insert(other.to_owned(), self.leaves[leaf][other].clone());
                }
            }
            let own = self.inside(&scope);
            let nests = |other: &BTreeSet<usize>| {
                own.is_disjoint(other) || own.is_subset(other) || other.is_subset(&own)
            };
            if scopes.len() < wanted
                && scopes
                    .iter()
                    .all(|(known, _, other)| *known != scope && nests(other))
            {
                scopes.push((scope, depth, own));
            }
        }
        scopes
            .into_iter()
            .map(|(scope, depth, _)| (scope, depth))
            .collect()
    }

    /// Of each leaf the parent whose column is kept, if it may move: the highest of those right below whom a scope lies.
    fn kept(&self, scopes: &[(Names, usize)]) -> Vec<Option<Parent<'_>>> {
        let mut direct: BTreeSet<Parent<'_>> = BTreeSet::new();
        for (scope, depth) in scopes {
            for leaf in self.inside(scope) {
                direct.insert((self.above(leaf, depth - 1), self.column(leaf)));
            }
        }
        (0..self.leaves.len())
            .map(|leaf| {
                let mut above = (0..3).map(|depth| (self.above(leaf, depth), self.column(leaf)));
                above.find(|parent| direct.contains(parent))
            })
            .collect()
    }

    fn change(&self, edits: Vec<Edit>) -> Change {
        Change {
            version: Version::default(),
            by: key("ann"),
            at: "2025-12-05T09:30:00".parse().unwrap(),
            reason: "what we agreed on".to_owned(),
            based_on: self.plan.version(),
            edits,
        }
    }

    /// All amounts after a change, or what is told instead.
    fn after(&self, edits: Vec<Edit>) -> Result<Vec<Vec<i64>>, PlanError> {
        let mut plan = self.plan.clone();
        plan.apply(self.change(edits))?;
        assert!(plan.verify().is_empty());
        let steps: Vec<String> = plan.frame().steps().map(ToString::to_string).collect();
        let units = steps
            .iter()
            .map(|step| plan.units("sales", step).unwrap().to_vec());
        let units = units.collect();
        let undone = plan.as_of(0).unwrap();
        assert_eq!(
            undone.units("sales", &self.last),
            self.plan.units("sales", &self.last)
        );
        Ok(units)
    }
}

fn place(names: &Names) -> Place {
    let own = names.iter();
    own.map(|(step, name)| (key(step), key(name))).collect()
}

fn edit(locks: &[LockDef]) -> Edit {
    let asked = Reallocation::lock("sales", locks.to_vec()).unwrap();
    Edit::Reallocate(asked.across("rep").unwrap())
}

#[test]
fn locks_give_the_same_in_every_order_and_what_can_hold_together_is_found() {
    let mut draw = Draw(20_261_130);
    let (mut solvable, mut refused) = (0, 0);
    for round in 0..1_000 {
        let company = company(&mut draw);
        let scopes = company.scopes(&mut draw);
        // Another plan of the same parents, from which the totals are read off.
        let before = company.amounts();
        let kept = company.kept(&scopes);
        let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (leaf, parent) in kept.iter().enumerate() {
            if let Some(parent) = parent {
                groups.entry(parent.clone()).or_default().push(leaf);
            }
        }
        let mut other = before.clone();
        for leaves in groups.values() {
            let mut left: i64 = leaves.iter().map(|leaf| before[*leaf]).sum();
            for (place, leaf) in leaves.iter().enumerate() {
                other[*leaf] = if place + 1 == leaves.len() {
                    left
                } else {
                    draw.amount(left + 1)
                };
                left -= other[*leaf];
            }
        }
        let is_solvable = round % 5 != 0;
        let mut locks: Vec<LockDef> = Vec::new();
        for (scope, _) in &scopes {
            let mut total: i64 = company.inside(scope).iter().map(|leaf| other[*leaf]).sum();
            if !is_solvable && draw.below(2) == 0 {
                total += draw.amount(2_000_000) - 500_000;
            }
            let total = Quantum::CENT.amount(total);
            locks.push(LockDef::new(place(scope), Number::from(total)));
        }
        let one = company.after(vec![edit(&locks)]);
        match &one {
            Ok(units) => {
                let after = units.last().unwrap();
                for leaves in groups.values() {
                    let sum = |of: &[i64]| leaves.iter().map(|leaf| of[*leaf]).sum::<i64>();
                    assert_eq!(sum(&before), sum(after), "a parent is not kept");
                }
                for (leaf, parent) in kept.iter().enumerate() {
                    assert!(
                        parent.is_some() || before[leaf] == after[leaf],
                        "a bystander moved"
                    );
                }
                for lock in &locks {
                    let names = lock.at[0].iter();
                    let names = names.map(|(step, name)| (step.to_string(), name.to_string()));
                    let scope: Names = names.collect();
                    let total: i64 = company.inside(&scope).iter().map(|leaf| after[*leaf]).sum();
                    assert_eq!(Number::from(Quantum::CENT.amount(total)), lock.total);
                }
                assert!(after.iter().all(|amount| *amount >= 0));
            }
            Err(error) => {
                assert!(!is_solvable, "round {round}: {error}");
                assert!(
                    matches!(error, PlanError::Edit(EditError::Locks(_))),
                    "round {round}: {error}"
                );
                refused += 1;
            }
        }
        solvable += i32::from(is_solvable);
        for _ in 0..2 {
            draw.shuffle(&mut locks);
            assert_eq!(company.after(vec![edit(&locks)]), one, "round {round}");
            let apart = locks.iter().map(|lock| edit(std::slice::from_ref(lock)));
            assert_eq!(company.after(apart.collect()), one, "round {round}");
        }
    }
    assert!(solvable >= 700 && refused > 20, "{solvable} {refused}");
}

#[test]
fn what_goes_out_of_a_cell_comes_in_where_it_goes() {
    let mut draw = Draw(7);
    let mut twice = 0;
    for _ in 0..300 {
        let company = company(&mut draw);
        let before = company.amounts();
        let someone = |draw: &mut Draw, step: &str| {
            let leaf = draw.below(company.leaves.len());
            company.leaves[leaf][step].clone()
        };
        let step = PEOPLE[1 + draw.below(2)];
        let (one, other) = (someone(&mut draw, step), someone(&mut draw, step));
        let at = |name: &str| Place::whole().at(step, name).unwrap();
        let own = |name: &str| company.inside(&Names::from([(step.to_owned(), name.to_owned())]));
        let sum = |of: &[i64], name: &str| own(name).iter().map(|leaf| of[*leaf]).sum::<i64>();
        let amount = draw.amount(sum(&before, &one) + 1);
        let to = vec![SplitPart {
            at: at(&other),
            share: Ratio::ONE,
        }];
        let take = Take::Amount(Number::from(Quantum::CENT.amount(amount)));
        let asked = Reallocation::transfer("sales", vec![at(&one)], take, to).unwrap();
        let told = company.after(vec![Edit::Reallocate(asked)]);
        if one == other {
            let error = told.unwrap_err();
            assert!(matches!(error, PlanError::DuplicatePlace { .. }), "{error}");
            twice += 1;
            continue;
        }
        let units = told.unwrap();
        let after = units.last().unwrap();
        assert_eq!(sum(after, &one), sum(&before, &one) - amount);
        assert_eq!(sum(after, &other), sum(&before, &other) + amount);
        let mut columns: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
        for leaf in 0..before.len() {
            let column = columns.entry(company.column(leaf)).or_default();
            column.0 += before[leaf];
            column.1 += after[leaf];
            let takes_part = own(&one).contains(&leaf) || own(&other).contains(&leaf);
            assert!(takes_part || before[leaf] == after[leaf]);
        }
        assert!(columns.values().all(|(before, after)| before == after));
    }
    assert!(twice < 100, "{twice}");
}
