//! Amounts that go from some places to others in the same cells.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::Shifted;
use super::domain::{Axis, Coords, Domain, Found, share};
use crate::plan::edit::whole_parts;
use crate::plan::{
    BasisError, EditError, NodeId, Place, Plan, PlanError, Reallocation, SplitPart, Take,
};
use crate::quantity::{Quantum, Ratio, Rounding};

/// What is asked of a transfer: from where, how much, and to where.
type Asked<'a> = (&'a [Place], Take, &'a [SplitPart]);

/// Who gives, and who gets in which parts.
struct Sides {
    /// Branches and columns, as places in the table of the two.
    from: Vec<usize>,
    /// Of each part its share of a cell and where it stands; of siblings that are not named one part without a share.
    to: Vec<(Option<i64>, BTreeSet<usize>)>,
    /// Who is named on either side.
    named: BTreeSet<usize>,
    /// Whether each parent shares by itself what is given below it.
    among_siblings: bool,
    /// What those who give have in all columns, and not only in those in which they give.
    stands: i64,
}

impl Sides {
    /// Returns all who give or get.
    fn taking_part(&self) -> BTreeSet<usize> {
        let getting = self.to.iter().flat_map(|part| &part.1);
        self.from.iter().chain(getting).copied().collect()
    }
}

impl Plan {
    /// Works out a transfer.
    pub(super) fn transferred(
        &self,
        (sheet, edit): (usize, usize),
        asked: &Reallocation,
        (from, take, to): Asked<'_>,
    ) -> Result<Shifted, PlanError> {
        let coords = |place: &Place| self.frame.coords_of(place);
        let giving: Vec<Coords> = from.iter().map(coords).collect::<Result<_, _>>()?;
        let getting: Vec<Coords> = to
            .iter()
            .map(|part| coords(&part.at))
            .collect::<Result<_, _>>()?;
        let all: Vec<Coords> = giving.iter().chain(&getting).cloned().collect();
        let axis = self.axis(asked, &all, true)?;
        let named: Vec<Place> = asked.places();
        if named.is_empty() {
            return Err(PlanError::Edit(EditError::AcrossWhat { places: named }));
        }
        let found = self.transfer_cells(&axis, &named, &giving, &getting)?;
        let frozen = self.frozen(&asked.frozen)?;
        let domain = Domain::new(self, sheet, axis, &found, &frozen)?;
        let sides = self.sides(&domain, (from, &giving), (to, &getting))?;
        Self::check_one_family(&domain, &sides, (from, take, to))?;
        let takes_part = sides.taking_part();
        let domain = self.keeping_held(sheet, domain, |domain, cell| {
            let width = domain.width();
            (1..=domain.axis.0.len()).find_map(|depth| {
                let id = domain.above(cell.branch, depth) * width + cell.column;
                let is_named = sides.named.contains(&id);
                takes_part
                    .contains(&id)
                    .then_some(depth + usize::from(is_named))
            })
        })?;
        let amount = self.taken(sheet, &domain, &sides, (from, take, to))?;
        self.carried((sheet, edit), &domain, &sides, amount)
    }

    /// Returns the cells of all who give or may get.
    fn transfer_cells(
        &self,
        axis: &Axis,
        named: &[Place],
        giving: &[Coords],
        getting: &[Coords],
    ) -> Result<Found, PlanError> {
        let mut found = Found::default();
        let is_open = giving.is_empty() || getting.is_empty();
        for (place, coords) in named.iter().zip(giving.iter().chain(getting)) {
            let mut at = coords.clone();
            if is_open {
                // All siblings take part: whoever stands below the same parent.
                let depth = self.depth(axis, named, std::slice::from_ref(coords))?;
                let own = self.leaves_at(coords);
                let parents: BTreeSet<Vec<u32>> = own
                    .iter()
                    .map(|(_, own)| axis.0[..depth - 1].iter().map(|step| own[*step]).collect())
                    .collect();
                at.retain(|(step, _)| !axis.0.contains(step));
                for parent in parents {
                    let above = axis.0.iter().copied().zip(parent);
                    found.add(self.leaves_at(&at.iter().copied().chain(above).collect()));
                }
            }
            let own = self.leaves_at(coords);
            if own.iter().next().is_none() {
                return Err(PlanError::Edit(EditError::NoCells {
                    place: place.clone(),
                }));
            }
            found.add(own);
        }
        found.once();
        Ok(found)
    }

    /// Returns who gives and who gets.
    fn sides(
        &self,
        domain: &Domain,
        (from, giving): (&[Place], &[Coords]),
        (to, getting): (&[SplitPart], &[Coords]),
    ) -> Result<Sides, PlanError> {
        let axis = &domain.axis;
        let (mut sides, mut places) = (
            Sides {
                from: Vec::new(),
                to: Vec::new(),
                named: BTreeSet::new(),
                among_siblings: from.is_empty() || to.is_empty(),
                stands: 0,
            },
            Vec::new(),
        );
        if !from.is_empty() {
            sides.from = domain.scope(self.depth(axis, from, giving)?, giving);
        }
        if !to.is_empty() {
            places.extend(to.iter().map(|part| part.at.clone()));
            let depth = self.depth(axis, &places, getting)?;
            let shares: Vec<Ratio> = to.iter().map(|part| part.share).collect();
            let none = shares.iter().all(|share| *share == Ratio::default());
            if none || shares.iter().any(|share| share.is_negative()) {
                return Err(PlanError::Edit(EditError::NoParts {
                    place: from.first().cloned().unwrap_or_default(),
                }));
            }
            let too_fine = || {
                PlanError::Basis(BasisError::WeightTooFine {
                    place: self.frame.path(NodeId::WHOLE),
                })
            };
            let whole = whole_parts(&shares).ok_or_else(too_fine)?;
            for (share, coords) in whole.into_iter().zip(getting) {
                let share = i64::try_from(share).map_err(|_| too_fine())?;
                let scope = domain.scope(depth, std::slice::from_ref(coords));
                sides.to.push((Some(share), scope.into_iter().collect()));
            }
        }
        // Whoever is not named gives or gets as a sibling, in the columns of who is.
        if from.is_empty() {
            let own: BTreeSet<usize> = sides.to.iter().flat_map(|part| &part.1).copied().collect();
            let all = domain.siblings(&own);
            sides.from = all.into_iter().filter(|id| !own.contains(id)).collect();
        } else if to.is_empty() {
            let own: BTreeSet<usize> = sides.from.iter().copied().collect();
            let all = domain.siblings(&own);
            let others = all.into_iter().filter(|id| !own.contains(id)).collect();
            sides.to.push((None, others));
        } else {
            Self::check_no_part_of_other(domain, (from, giving), (to, getting))?;
        }
        let width = domain.width();
        let value = |id: &usize| domain.at(id / width, id % width).value();
        sides.stands = sides.from.iter().map(value).sum();
        if !from.is_empty() && !to.is_empty() {
            // What goes stays in its column, so that columns give that both sides have.
            let wanted = |id: &usize| getting.iter().any(|at| domain.is_in(id % width, at));
            sides.from.retain(wanted);
        }
        if !from.is_empty() {
            sides.named.extend(&sides.from);
        }
        if !to.is_empty() {
            let ids = sides.to.iter().flat_map(|part| &part.1);
            sides.named.extend(ids);
        }
        let mut seen: BTreeSet<usize> = sides.from.iter().copied().collect();
        for ((_, scope), place) in sides.to.iter().zip(&places) {
            if scope.iter().any(|id| !seen.insert(*id)) {
                return Err(PlanError::DuplicatePlace {
                    place: place.clone(),
                });
            }
        }
        Ok(sides)
    }

    /// Refuses a transfer between a place and a part of it.
    fn check_no_part_of_other(
        domain: &Domain,
        (from, giving): (&[Place], &[Coords]),
        (to, getting): (&[SplitPart], &[Coords]),
    ) -> Result<(), PlanError> {
        let axis = &domain.axis;
        let width = domain.width();
        for (one, giving) in from.iter().zip(giving) {
            for (other, getting) in to.iter().zip(getting) {
                let (depth, other_depth) = (axis.depth(giving), axis.depth(getting));
                let (part, whole, inner, outer, depth, at) = match depth.cmp(&other_depth) {
                    Ordering::Less => (&other.at, one, getting, giving, depth, other_depth),
                    Ordering::Greater => (one, &other.at, giving, getting, other_depth, depth),
                    // Of one step they have all in common or nothing, which is looked at below.
                    Ordering::Equal => continue,
                };
                let outer = domain.scope(depth, std::slice::from_ref(outer));
                let inner = domain.scope(at, std::slice::from_ref(inner));
                let above = |id: &usize| domain.above(id / width, depth) * width + id % width;
                if inner
                    .iter()
                    .any(|id| outer.binary_search(&above(id)).is_ok())
                {
                    return Err(PlanError::Edit(EditError::PartOf {
                        place: part.clone(),
                        whole: whole.clone(),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Refuses an amount of siblings of several families: in which parts it goes to their own is not theirs to say.
    fn check_one_family(
        domain: &Domain,
        sides: &Sides,
        (from, take, to): Asked<'_>,
    ) -> Result<(), PlanError> {
        if !from.is_empty() || matches!(take, Take::Share(_)) {
            return Ok(());
        }
        let ids = sides.to.iter().flat_map(|part| &part.1);
        let parents: BTreeSet<usize> = ids
            .map(|id| domain.tree[id / domain.width()].parent)
            .collect();
        if to.len() > 1 && parents.len() > 1 {
            return Err(PlanError::Edit(EditError::SeveralParents {
                places: to.iter().map(|part| part.at.clone()).collect(),
            }));
        }
        Ok(())
    }

    /// Returns how much is taken, in the units of the domain.
    fn taken(
        &self,
        sheet: usize,
        domain: &Domain,
        sides: &Sides,
        (from, take, to): Asked<'_>,
    ) -> Result<i64, PlanError> {
        let width = domain.width();
        let standing = |id: &usize| domain.at(id / width, id % width);
        let free: i64 = sides.from.iter().map(|id| standing(id).free).sum();
        let units = |amount: crate::quantity::Number| {
            let quanta = self.quanta(sheet, amount)?;
            domain.units(quanta).ok_or_else(|| {
                PlanError::Constraint(crate::plan::ConstraintError::NotWholeLots {
                    place: self.frame.path(NodeId::WHOLE),
                    amount: amount.decimal(),
                    lot: self.decimal(sheet, domain.lot()),
                })
            })
        };
        let amount = match take {
            Take::Share(share) => {
                if share.is_negative() || share > Ratio::ONE {
                    return Err(PlanError::Edit(EditError::ShareOutside { share }));
                }
                let exact = Ratio::from(free).checked_mul(share)?;
                Quantum::ONE.round(exact, Rounding::HalfAwayFromZero)?
            }
            Take::Amount(amount) => units(amount)?,
            Take::Leave(left) => sides.stands.saturating_sub(units(left)?),
            Take::Reach(goal) => {
                let ids = sides.to.iter().flat_map(|part| &part.1);
                let all: i64 = ids.map(|id| standing(id).value()).sum();
                units(goal)?.saturating_sub(all)
            }
        };
        if amount < 0 || amount > free {
            let mut places = from.to_vec();
            if places.is_empty() {
                places.extend(to.iter().map(|part| part.at.clone()));
            }
            return Err(PlanError::Edit(EditError::TakesMore {
                places,
                amount: self.decimal(sheet, domain.quanta(amount.into())),
                available: self.decimal(sheet, domain.quanta(free.into())),
            }));
        }
        Ok(amount)
    }

    /// Takes an amount and gives it.
    fn carried(
        &self,
        (sheet, edit): (usize, usize),
        domain: &Domain,
        sides: &Sides,
        amount: i64,
    ) -> Result<Shifted, PlanError> {
        let width = domain.width();
        let free = |id: &usize| domain.at(id / width, id % width).free;
        let mut to = domain.values();
        let weights: Vec<i64> = sides.from.iter().map(free).collect();
        let taken = share(amount, &weights).unwrap_or_default();
        let mut given: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        for (id, taken) in sides.from.iter().zip(taken) {
            to[*id] -= taken;
            let parent = domain.tree[id / width].parent;
            let among = if sides.among_siblings { parent } else { 0 };
            *given.entry((among, id % width)).or_default() += taken;
        }
        for ((parent, column), amount) in given.into_iter().filter(|own| own.1 != 0) {
            let mut parts: Vec<(i64, Vec<usize>)> = Vec::new();
            for (share, scope) in &sides.to {
                let own = scope.iter().copied().filter(|id| id % width == column);
                let is_below =
                    |id: &usize| !sides.among_siblings || domain.tree[id / width].parent == parent;
                let own: Vec<usize> = own.filter(is_below).collect();
                let is_there = own.iter().any(|id| domain.at(id / width, column).cells > 0);
                if is_there || (!own.is_empty() && !sides.among_siblings) {
                    parts.push((share.unwrap_or(1), own));
                } else if share.is_some_and(|share| share > 0) && !sides.among_siblings {
                    return Err(PlanError::Edit(EditError::NoCells {
                        place: domain.place(&self.frame, 0, column),
                    }));
                }
            }
            let nobody = || {
                PlanError::Edit(EditError::NothingFree {
                    place: domain.path(&self.frame, parent, column),
                    amount: self.decimal(sheet, domain.quanta(amount.into())),
                })
            };
            let shares: Vec<i64> = parts.iter().map(|part| part.0).collect();
            let amounts = share(amount, &shares).ok_or_else(nobody)?;
            for ((_, ids), amount) in parts.into_iter().zip(amounts) {
                let own = domain.share_free(amount, &ids).ok_or_else(nobody)?;
                for (id, own) in ids.into_iter().zip(own) {
                    to[id] += own;
                }
            }
        }
        self.poured(sheet, domain, &sides.taking_part(), &mut to)?;
        self.told(sheet, domain, &to, |cell| {
            let depths = 1..=domain.axis.0.len();
            let mut above = depths.map(|depth| domain.above(cell.branch, depth));
            let is_named =
                above.any(|branch| sides.named.contains(&(branch * width + cell.column)));
            (is_named, edit)
        })
    }

    /// Hands what branches are to have in columns down to their cells.
    pub(super) fn poured(
        &self,
        sheet: usize,
        domain: &Domain,
        ids: &BTreeSet<usize>,
        to: &mut [i64],
    ) -> Result<(), PlanError> {
        let width = domain.width();
        let mut next: Vec<usize> = ids.iter().copied().collect();
        while let Some(id) = next.pop() {
            let (branch, column) = (id / width, id % width);
            if !domain.pour(branch, column, to[id], to) {
                let own = domain.at(branch, column);
                return Err(PlanError::Edit(EditError::NothingFree {
                    place: domain.path(&self.frame, branch, column),
                    amount: self.decimal(sheet, domain.quanta((to[id] - own.fixed).into())),
                }));
            }
            let children = domain.tree[branch].children.iter();
            next.extend(children.map(|child| child * width + column));
        }
        Ok(())
    }
}
