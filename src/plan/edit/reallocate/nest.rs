//! Scopes that lie inside each other.

/// Sets of which any two are apart, or one holds the other.
#[derive(Debug)]
pub(super) struct Nest {
    /// The smallest set that holds each element.
    owner: Vec<Option<usize>>,
    /// The smallest set that holds each set.
    pub(super) parent: Vec<Option<usize>>,
    /// The sets, each after those that hold it.
    pub(super) order: Vec<usize>,
}

impl Nest {
    /// Returns how sets of elements below `size` lie inside each other; two of them that cross where they do not. Of two that are the
    /// same the later one counts as inside.
    pub(super) fn new(sets: &[&[usize]], size: usize) -> Result<Self, (usize, usize)> {
        let mut own = Self {
            owner: vec![None; size],
            parent: vec![None; sets.len()],
            order: (0..sets.len()).collect(),
        };
        own.order
            .sort_by_key(|set| (usize::MAX - sets[*set].len(), *set));
        for set in own.order.clone() {
            let mut elements = sets[set].iter();
            let Some(first) = elements.next() else {
                continue;
            };
            let parent = own.owner[*first];
            if let Some(other) = elements.find(|element| own.owner[**element] != parent) {
                let crossing = own.owner[*other].or(parent);
                return Err((crossing.unwrap_or(set), set));
            }
            own.parent[set] = parent;
            for element in sets[set] {
                own.owner[*element] = Some(set);
            }
        }
        Ok(own)
    }

    /// Returns the smallest set that holds an element.
    pub(super) fn owner(&self, element: usize) -> Option<usize> {
        self.owner[element]
    }

    /// Returns the sets right inside another.
    pub(super) fn inside(&self, set: usize) -> impl Iterator<Item = usize> + '_ {
        let parents = self.parent.iter().enumerate();
        parents
            .filter(move |(_, parent)| **parent == Some(set))
            .map(|(inner, _)| inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_lie_inside_each_other_or_cross() {
        let nest = Nest::new(&[&[1], &[0, 1, 2], &[4]], 5).unwrap();
        assert_eq!(nest.parent, [Some(1), None, None]);
        assert_eq!(
            [0, 1, 3, 4].map(|at| nest.owner(at)),
            [Some(1), Some(0), None, Some(2)]
        );
        assert_eq!(nest.inside(1).collect::<Vec<_>>(), [0]);
        assert_eq!(Nest::new(&[&[0, 1], &[1, 2]], 3).unwrap_err(), (0, 1));
        // Of two that are the same the later one is inside.
        assert_eq!(
            Nest::new(&[&[0, 1], &[0, 1]], 2).unwrap().parent,
            [None, Some(0)]
        );
    }
}
