//! One fold on several threads: rows are cut into shares, each share is folded by itself, and what comes out is merged.
//!
//! Every share has a partial result of its own, which is copied from an empty one and merged at the end; for ten million
//! records that costs little beside the pass over the rows. Cutting by subject instead would avoid the copies, but each
//! thread would then have to read every row.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::error::MetricError;
use super::partial::{Partial, Rows, Undone, joined};
use super::pass::Bound;
use super::program::Program;
use crate::key::Key;
use crate::ledger::Ledger;

/// (kind of record, first row, row after the last).
type Share = (usize, u32, u32);

/// Cuts rows into as many shares of equal size as there are threads.
fn shared(rows: &Rows, threads: usize) -> Vec<Vec<Share>> {
    let total: u64 = rows
        .values()
        .flatten()
        .map(|(from, to)| u64::from(to - from))
        .sum();
    let size = u32::try_from(total.div_ceil(threads.max(1) as u64))
        .unwrap_or(u32::MAX)
        .max(1);
    let mut shares: Vec<Vec<Share>> = vec![Vec::new()];
    let mut room = size;
    for ((_, kind), ranges) in rows {
        for (from, to) in ranges {
            let mut next = *from;
            while next < *to {
                if room == 0 {
                    shares.push(Vec::new());
                    room = size;
                }
                let end = next.saturating_add(room).min(*to);
                if let Some(share) = shares.last_mut() {
                    share.push((*kind, next, end));
                }
                room -= end - next;
                next = end;
            }
        }
    }
    shares
}

/// A fold of all records of a ledger, cut into shares.
struct Cut<'a> {
    program: &'a Program,
    ledger: &'a Ledger,
    bound: Vec<Bound>,
    shares: Vec<Vec<Share>>,
    /// The result over no record, with the texts of the ledger numbered.
    neutral: Partial,
    rows: Rows,
    undone: BTreeMap<(Key, usize), Undone>,
}

impl<'a> Cut<'a> {
    fn new(program: &'a Program, ledger: &'a Ledger, shares: usize) -> Result<Self, MetricError> {
        let mut neutral = program.empty();
        let missing = program.missing(&neutral, ledger)?;
        let rows = joined(&neutral.rows, &missing, program.layout.schema())?;
        let bound = program.bind(&mut neutral, ledger.tables());
        Ok(Self {
            program,
            ledger,
            bound,
            shares: shared(&missing, shares),
            undone: program.undone(ledger, &missing),
            neutral,
            rows,
        })
    }

    /// Folds one share.
    fn fold(&self, share: &[Share]) -> Partial {
        let mut own = self.neutral.clone();
        for (kind, from, to) in share {
            let range = (*from, *to);
            self.program.rows(
                &mut own,
                &self.bound[*kind],
                &self.ledger.tables()[*kind],
                *kind,
                range,
            );
        }
        own.settle();
        own
    }

    fn whole(self, mut partial: Partial) -> Partial {
        partial.digests = self.program.digests(self.ledger, &self.rows);
        partial.rows = self.rows;
        partial.undo(&self.undone);
        partial
    }
}

impl Program {
    /// Folds all records of a ledger on several threads of its own; the result is the same, to the byte of its document.
    ///
    /// Each thread holds a partial result until the end. A host that has a pool of `rayon` uses `fold_in_pool` instead.
    ///
    /// # Errors
    /// As [`Program::fold`].
    pub fn fold_on(&self, threads: NonZeroUsize, ledger: &Ledger) -> Result<Partial, MetricError> {
        let cut = Cut::new(self, ledger, threads.get())?;
        let Some((first, rest)) = cut.shares.split_first() else {
            let none = cut.neutral.clone();
            return Ok(cut.whole(none));
        };
        let (mut partial, others) = std::thread::scope(|scope| {
            let cut = &cut;
            let spawned: Vec<_> = rest
                .iter()
                .map(|share| {
                    std::thread::Builder::new().spawn_scoped(scope, move || cut.fold(share))
                })
                .collect();
            let own = cut.fold(first);
            // A thread that could not be had, or that did not come back, leaves its share to this one.
            let others: Vec<Partial> = spawned
                .into_iter()
                .zip(rest)
                .map(|(handle, share)| {
                    let done = handle.ok().and_then(|handle| handle.join().ok());
                    done.unwrap_or_else(|| cut.fold(share))
                })
                .collect();
            (own, others)
        });
        for other in &others {
            self.absorb(&mut partial, other)?;
        }
        Ok(cut.whole(partial))
    }

    /// Folds all records of a ledger on the threads of the `rayon` pool that this is called in; the result is the same, to
    /// the byte of its document. Install a pool of one's own to choose their number.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, DayRange, Grain};
    /// use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
    /// use quotaflow::measure::Measures;
    /// use quotaflow::metric::{Formula, Layout, MetricDef, Program};
    /// use quotaflow::space::{DimensionDef, Space, Subjects};
    ///
    /// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann"])?])?;
    /// let span = DayRange::new("2026-01-01".parse()?, "2026-04-01".parse()?)?;
    /// let visit = RecordKind::new("visit")?.of("person")?;
    /// let mut ledger = Ledger::new("crm", Schema::new(space, Measures::new(vec![])?, vec![visit], span)?)?;
    /// ledger.enter(&[Record::new("visit", "2026-01-05".parse()?).of("person", "ann")])?;
    /// let months = Calendar::gregorian().periods(Grain::Month, span.start(), span.end())?;
    /// let layout = Layout::new(ledger.schema().clone(), Subjects::whole(), months);
    /// let program = Program::compile(&[MetricDef::new("visits", Formula::count("visit")?)?], &layout)?;
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let partial = pool.install(|| program.fold_in_pool(&ledger))?;
    /// assert_eq!(program.panel(&partial)?, program.panel(&program.fold(&ledger)?)?);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Program::fold`].
    #[cfg(feature = "rayon")]
    pub fn fold_in_pool(&self, ledger: &Ledger) -> Result<Partial, MetricError> {
        let cut = Cut::new(self, ledger, rayon::current_num_threads())?;
        let partial = cut.halved(&cut.shares)?;
        Ok(cut.whole(partial))
    }
}

#[cfg(feature = "rayon")]
impl Cut<'_> {
    /// Folds shares half by half, so that merging is shared too.
    fn halved(&self, shares: &[Vec<Share>]) -> Result<Partial, MetricError> {
        match shares {
            [] => Ok(self.neutral.clone()),
            [share] => Ok(self.fold(share)),
            several => {
                let (left, right) = several.split_at(several.len() / 2);
                let (left, right) = rayon::join(|| self.halved(left), || self.halved(right));
                let mut left = left?;
                self.program.absorb(&mut left, &right?)?;
                Ok(left)
            }
        }
    }
}
