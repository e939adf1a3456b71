//! The count by which compare-and-swap tells a fresh record from an old one.

/// How often a record has been written. A store accepts an update only from the revision it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Revision(i64);

impl Revision {
    /// The revision of a record that was never updated.
    pub const FIRST: Self = Self(0);

    /// A revision that a store kept.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// The count that a store keeps.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
