//! When a fit is near enough to stop.

/// When a fit is good enough, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StoppingRule {
    /// How close the margins have to come.
    pub tolerance: Tolerance,
    /// The most rounds, each of which scales all rows and all columns once.
    pub rounds: u32,
}

impl StoppingRule {
    /// Returns the rule that stops at this precision, within 10,000 rounds.
    #[must_use]
    pub fn at(tolerance: Tolerance) -> Self {
        Self {
            tolerance,
            rounds: 10_000,
        }
    }

    /// Returns the rule with another cap on the rounds.
    #[must_use]
    pub fn within(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }
}

impl Default for StoppingRule {
    /// All margins together off by at most a hundredth of a quantum.
    fn default() -> Self {
        Self::at(Tolerance::Quanta(0.01))
    }
}

impl From<Tolerance> for StoppingRule {
    fn from(tolerance: Tolerance) -> Self {
        Self::at(tolerance)
    }
}

/// How far the margins of a fitted table may be off.
///
/// Whatever is asked for, the fit does not look for more than real numbers of 53 bits can show: a part in 2^46 of the
/// total. Rounding makes up for that on tables so large that this is a noticeable part of a quantum.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Tolerance {
    /// The errors of all margins together, in quanta.
    Quanta(f64),
    /// The largest error of any margin, as a share of what of it is not fixed, whatever its sign; of a margin of zero as a share of
    /// all those of its side together, at least of one quantum.
    Relative(f64),
}

/// The errors of one side's margins, or of both.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Misfit {
    total: f64,
    relative: f64,
    /// The largest error of a margin of zero, which has no share of its own, and what all margins of the side come to.
    of_none: f64,
    size: f64,
}

impl Misfit {
    pub(super) fn add(&mut self, found: f64, wanted: f64) {
        let error = (found - wanted).abs();
        self.total += error;
        let size = wanted.abs();
        self.size += size;
        if size > 0.0 {
            self.relative = self.relative.max(error / size);
        } else {
            self.of_none = self.of_none.max(error);
        }
    }

    /// The errors of this side and of the other one.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            relative: self.share().max(other.share()),
            ..Self::default()
        }
    }

    pub(super) fn total(self) -> f64 {
        self.total
    }

    /// The largest error as a share.
    fn share(self) -> f64 {
        self.relative.max(self.of_none / self.size.max(1.0))
    }

    pub(super) fn meets(self, tolerance: Tolerance, total: f64) -> bool {
        let visible = total * SHOWN;
        match tolerance {
            Tolerance::Quanta(quanta) => self.total <= quanta.max(visible),
            Tolerance::Relative(share) => self.share() <= share.max(SHOWN),
        }
    }
}

/// What an iteration ends with.
#[derive(Debug)]
pub(super) struct Factors {
    pub(super) rows: Vec<f64>,
    pub(super) columns: Vec<f64>,
    pub(super) rounds: u32,
    pub(super) error: f64,
}

/// A part in 2^46: what a sum of some thousand real numbers of 53 bits can show.
pub(super) const SHOWN: f64 = 1.0 / 70_368_744_177_664.0;
