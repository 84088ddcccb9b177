//! A tie: members among whom only their order decides.

/// Members with the same claim of whom only some got a quantum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    members: Vec<usize>,
    quanta: usize,
}

impl Tie {
    /// Returns the tied members in declared order; the first [`Tie::quanta`] of them were favoured.
    #[must_use]
    pub fn members(&self) -> &[usize] {
        &self.members
    }

    /// Returns how many quanta they had to share.
    #[must_use]
    pub fn quanta(&self) -> usize {
        self.quanta
    }

    /// Returns the tie with other numbers for its members.
    pub(super) fn renamed(mut self, name: impl Fn(usize) -> usize) -> Self {
        for member in &mut self.members {
            *member = name(*member);
        }
        self
    }

    /// Returns the tie among `members` over `quanta`, if that is one.
    pub(super) fn among(members: Vec<usize>, quanta: usize) -> Option<Self> {
        (quanta > 0 && quanta < members.len()).then_some(Self { members, quanta })
    }
}
