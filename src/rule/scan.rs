//! One pass over the whole panel.

use super::columns::{BLOCK, Bits, Block, LANES, Mask};
use super::set::Rule;
use super::{Judge, RuleError, RuleSet, WhenUnknown};
use crate::calendar::PeriodId;
use crate::panel::Panel;
use crate::space::RowId;

/// What every rule says of every subject in one period, as bits.
///
/// Scope and persistence are counted in. A subject is in none of the lists of a rule when the rule does not fire. Rules are asked
/// for by their keys.
#[derive(Debug, Clone)]
pub struct Verdicts<'a> {
    rules: &'a RuleSet,
    period: usize,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    // One entry for each block of subjects.
    yes: Vec<Bits>,
    open: Vec<Bits>,
}

impl<'a> Verdicts<'a> {
    /// Returns the period of the panel.
    #[must_use]
    pub fn period(&self) -> PeriodId {
        PeriodId::at(self.period)
    }

    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &'a RuleSet {
        self.rules
    }

    /// Returns for how many subjects a rule fires.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] with the nearest known key and the list.
    pub fn count(&self, rule: &str) -> Result<usize, RuleError> {
        Ok(self.count_at(self.rules.place(rule)?))
    }

    /// Returns for how many subjects the rule at a position fires.
    pub(super) fn count_at(&self, rule: usize) -> usize {
        self.rows.get(rule).map_or(0, |row| ones(&row.yes))
    }

    /// Returns for how many subjects a rule cannot say.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] with the nearest known key and the list.
    pub fn count_undecided(&self, rule: &str) -> Result<usize, RuleError> {
        Ok(self.count_undecided_at(self.rules.place(rule)?))
    }

    /// Returns for how many subjects the rule at a position cannot say.
    pub(super) fn count_undecided_at(&self, rule: usize) -> usize {
        self.rows.get(rule).map_or(0, |row| ones(&row.open))
    }

    /// Returns the subjects for which a rule fires, in their order.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] with the nearest known key and the list.
    pub fn fired(&self, rule: &str) -> Result<impl Iterator<Item = RowId>, RuleError> {
        Ok(self.rows_fired(self.rules.place(rule)?).map(RowId::at))
    }

    /// Returns the positions of the subjects for which the rule at a position fires.
    pub(super) fn rows_fired(&self, rule: usize) -> impl Iterator<Item = usize> {
        subjects(
            self.rows
                .get(rule)
                .map(|row| row.yes.as_slice())
                .unwrap_or_default(),
        )
    }

    /// Returns the subjects for which a rule cannot say, in their order.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] with the nearest known key and the list.
    pub fn undecided(&self, rule: &str) -> Result<impl Iterator<Item = RowId>, RuleError> {
        Ok(self.rows_undecided(self.rules.place(rule)?).map(RowId::at))
    }

    /// Returns the positions of the subjects for which the rule at a position cannot say.
    pub(super) fn rows_undecided(&self, rule: usize) -> impl Iterator<Item = usize> {
        subjects(
            self.rows
                .get(rule)
                .map(|row| row.open.as_slice())
                .unwrap_or_default(),
        )
    }

    /// Says whether a rule fires for a subject; it does for none of other subjects.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`] with the nearest known key and the list.
    pub fn fires(&self, rule: &str, subject: RowId) -> Result<bool, RuleError> {
        Ok(self.fires_at(self.rules.place(rule)?, subject.index()))
    }

    /// Says whether the rule at a position fires for the subject at one.
    pub(super) fn fires_at(&self, rule: usize, subject: usize) -> bool {
        let word = |row: &Row| {
            row.yes
                .get(subject / BLOCK)
                .map(|bits| bits[subject % LANES])
        };
        let bit = (subject % BLOCK) / LANES;
        self.rows
            .get(rule)
            .and_then(word)
            .is_some_and(|word| word >> bit & 1 == 1)
    }
}

fn ones(blocks: &[Bits]) -> usize {
    blocks
        .iter()
        .flatten()
        .map(|word| word.count_ones() as usize)
        .sum()
}

fn subjects(blocks: &[Bits]) -> impl Iterator<Item = usize> {
    blocks.iter().enumerate().flat_map(|(block, bits)| {
        let any = bits.iter().fold(0, |any, word| any | word);
        let rows = (0..64).filter(move |row| any >> row & 1 == 1);
        rows.flat_map(move |row| {
            let lanes = (0..LANES).filter(move |lane| bits[*lane] >> row & 1 == 1);
            lanes.map(move |lane| block * BLOCK + row * LANES + lane)
        })
    })
}

impl RuleSet {
    /// Returns what every rule says of every subject in one period.
    ///
    /// # Errors
    /// As [`RuleSet::over`]; [`RuleError::NoSuchPeriod`].
    pub fn scan<'a>(
        &'a self,
        panel: &'a Panel,
        period: PeriodId,
    ) -> Result<Verdicts<'a>, RuleError> {
        self.over(panel)?.scan(period)
    }
}

impl<'a> Judge<'a> {
    /// Returns what every rule says of every subject in one period, in one pass over the columns.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`].
    pub fn scan(&self, period: PeriodId) -> Result<Verdicts<'a>, RuleError> {
        self.scanned(period.index())
    }

    pub(super) fn scanned(&self, period: usize) -> Result<Verdicts<'a>, RuleError> {
        let lasting: Vec<(usize, bool)> = self
            .rules
            .rules
            .iter()
            .map(|rule| self.must_last_from(rule.def.persistence, period))
            .collect();
        self.scan_with(period, |index, block, rule| {
            self.lasting(block, rule, lasting[index], period)
        })
    }

    /// Asks every rule about every block.
    pub(super) fn scan_with(
        &self,
        period: usize,
        mut ask: impl FnMut(usize, &mut Block<'_, '_>, &Rule) -> Mask,
    ) -> Result<Verdicts<'a>, RuleError> {
        let (subjects, periods) = (self.view.subjects(), self.view.panel.periods().len());
        if period >= periods {
            return Err(RuleError::NoSuchPeriod { period, periods });
        }
        let blocks = subjects.div_ceil(BLOCK);
        let row = || Row {
            yes: Vec::with_capacity(blocks),
            open: Vec::with_capacity(blocks),
        };
        let mut rows: Vec<Row> = self.rules.rules.iter().map(|_| row()).collect();
        if blocks > 0 {
            let mut block = Block::new(&self.view, 0);
            for start in (0..subjects).step_by(BLOCK) {
                block.move_to(start);
                let present = Mask {
                    yes: block.present(),
                    open: [0; LANES],
                };
                for (index, (rule, row)) in self.rules.rules.iter().zip(&mut rows).enumerate() {
                    let mask = present.and(&ask(index, &mut block, rule));
                    row.yes.push(mask.yes);
                    row.open.push(mask.open);
                }
            }
        }
        Ok(Verdicts {
            rules: self.rules,
            period,
            rows,
        })
    }

    fn lasting(
        &self,
        block: &mut Block<'_, '_>,
        rule: &Rule,
        (first, complete): (usize, bool),
        period: usize,
    ) -> Mask {
        let mut mask = Mask {
            yes: block.present(),
            open: [0; LANES],
        };
        if !complete {
            mask = mask.and(&Mask::UNKNOWN);
        }
        // What looks back itself is asked once for each period, however long it must last.
        let is_deep = first < period && rule.when.is_deep();
        let mut together = Vec::new();
        for at in (first..=period).rev() {
            if mask.is_false() {
                break;
            }
            if is_deep && at + 1 == period {
                together = block.masks(&rule.when, first..period);
            }
            let mut now = match together.pop() {
                Some(now) => now,
                None => block.mask(&rule.when, at),
            };
            if rule.def.unknown == WhenUnknown::Fire {
                now = Mask {
                    yes: std::array::from_fn(|lane| now.yes[lane] | now.open[lane]),
                    open: [0; LANES],
                };
            }
            if !rule.def.scope.is_everything() {
                // Periods in which the rule does not concern the subject count for nothing.
                let concerned = block.bits(|subject| self.concerns(rule, subject, at));
                now = now.and(&Mask {
                    yes: concerned,
                    open: [0; LANES],
                });
                if let Some(provided) = &rule.provided {
                    now = now.and(&block.mask(provided, at));
                }
            }
            mask = mask.and(&now);
        }
        mask
    }
}
