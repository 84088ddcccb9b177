//! Whole samples, for quantiles and gaps: what cannot be told from a count and a sum.

/// A value in a cell, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sample {
    pub(super) cell: u32,
    pub(super) value: i64,
    pub(super) count: u64,
}

/// All values by cell. New ones are gathered at the end and sorted in when [`Samples::settle`] is called.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Samples {
    pub(super) sorted: Vec<Sample>,
    fresh: Vec<(u32, i64)>,
}

impl Samples {
    pub(super) fn add(&mut self, cell: u32, value: i64) {
        self.fresh.push((cell, value));
    }

    pub(super) fn settle(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_unstable();
        let mut runs: Vec<Sample> = Vec::new();
        for (cell, value) in fresh {
            match runs.last_mut() {
                Some(last) if (last.cell, last.value) == (cell, value) => last.count += 1,
                _ => runs.push(Sample {
                    cell,
                    value,
                    count: 1,
                }),
            }
        }
        self.sorted = joined(std::mem::take(&mut self.sorted), runs);
    }

    /// Takes in values that are counted already, in any order.
    pub(super) fn gather(&mut self, mut more: Vec<Sample>) {
        more.sort_unstable();
        more.dedup_by(|next, kept| {
            let same = (next.cell, next.value) == (kept.cell, kept.value);
            if same {
                kept.count += next.count;
            }
            same
        });
        self.sorted = joined(std::mem::take(&mut self.sorted), more);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sorted = joined(std::mem::take(&mut self.sorted), other.sorted.clone());
    }

    /// The values of a cell in ascending order.
    pub(super) fn of(&self, cell: u32) -> &[Sample] {
        let start = self.sorted.partition_point(|sample| sample.cell < cell);
        let end = self.sorted.partition_point(|sample| sample.cell <= cell);
        &self.sorted[start..end]
    }
}

fn joined(left: Vec<Sample>, right: Vec<Sample>) -> Vec<Sample> {
    if left.is_empty() {
        return right;
    }
    if right.is_empty() {
        return left;
    }
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = match (a.cell, a.value).cmp(&(b.cell, b.value)) {
            std::cmp::Ordering::Less => left.next(),
            std::cmp::Ordering::Greater => right.next(),
            std::cmp::Ordering::Equal => {
                let more = b.count;
                right.next();
                left.next().map(|sample| Sample {
                    count: sample.count + more,
                    ..sample
                })
            }
        };
        all.extend(next);
    }
    all.extend(left);
    all.extend(right);
    all
}

/// One day on which an entity had records with a subject, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) entity: u32,
    pub(super) subject: u32,
    pub(super) day: i32,
    pub(super) count: u64,
}

/// The days of records by entity and subject.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Trail {
    pub(super) sorted: Vec<Step>,
    fresh: Vec<(u32, u32, i32)>,
}

impl Trail {
    pub(super) fn add(&mut self, entity: u32, subject: u32, day: i32) {
        self.fresh.push((entity, subject, day));
    }

    pub(super) fn settle(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let fresh = fresh.into_iter().map(|(entity, subject, day)| Step {
            entity,
            subject,
            day,
            count: 1,
        });
        self.sorted.extend(fresh);
        self.sorted.sort_unstable();
        let place = |step: &Step| (step.entity, step.subject, step.day);
        self.sorted.dedup_by(|next, kept| {
            let same = place(next) == place(kept);
            if same {
                kept.count += next.count;
            }
            same
        });
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        self.sorted.extend(other.sorted.iter().map(|step| Step {
            entity: entity_of(step.entity),
            ..*step
        }));
        self.settle();
    }
}

/// Steps of one entity and subject, in order.
pub(super) fn runs(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|left, right| (left.entity, left.subject) == (right.entity, right.subject))
}
