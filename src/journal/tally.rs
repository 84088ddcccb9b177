//! How often something is done, by which tests tell what it costs; nothing is counted elsewhere.

/// Notes that something of this name is done once more.
#[cfg(not(test))]
#[inline]
pub(super) fn tally(_: &'static str) {}

#[cfg(test)]
pub(super) use counted::{during, tally};

#[cfg(test)]
mod counted {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    thread_local! {
        static DONE: RefCell<BTreeMap<&'static str, usize>> = RefCell::default();
    }

    pub(in crate::journal) fn tally(what: &'static str) {
        DONE.with_borrow_mut(|done| *done.entry(what).or_default() += 1);
    }

    /// How often something is done while something else is.
    pub(in crate::journal) fn during(what: &'static str, run: impl FnOnce()) -> usize {
        let count = || DONE.with_borrow(|done| done.get(what).copied().unwrap_or_default());
        let before = count();
        run();
        count() - before
    }
}
