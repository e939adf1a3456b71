//! The revision of a record, for compare-and-swap.

/// The number of updates of a record. A store accepts an update only if it names the stored revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Revision(i64);

impl Revision {
    /// The revision of a record that was never updated.
    pub const FIRST: Self = Self(0);

    /// Restores a revision from a store.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// Returns the count for a store.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// Returns the next revision.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
