//! The port that keeps accounts: users, the links that act on them, their budgets and their history.

use crate::account_budget::{BudgetKind, BudgetOwner, UsedBudget};
use crate::account_change::AccountChange;
use crate::email::EmailAddress;
use crate::event::Event;
use crate::one_time_token::{LinkKey, OneTimeToken, Purpose};
use crate::password::PasswordHash;
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::{User, UserId};
use crate::username::Username;

/// Keeps users, links, budgets and events.
///
/// All changes go through [`commit`](Self::commit). Everything else reads.
///
/// # Contract
/// - *All or nothing.* No reader, crash or lost connection ever shows a part of an [`AccountChange`].
/// - *No lost update.* Of several concurrent changes that replace a user from one revision, exactly one is
///   [`Committed::Done`]. The same holds for changes that spend the last use of a link, that insert a user
///   with one name, that require no users and insert one, and that write a budget from one state. Of several links for one account and purpose
///   that are issued concurrently, exactly one remains, if the purpose has one link.
/// - *No deadlock.* If concurrent changes replace the same users in opposite order, each is
///   [`Committed::Done`] or [`Committed::Stale`], never an error.
/// - *No upsert.* Only `InsertUser` and `IssueLink` create a record.
/// - *Uniqueness is a constraint of the store*, not a look-up before the write. Names are unique by
///   [`Username::folded`].
/// - *Acknowledged means durable*, on a store that is durable at all: `commit` returns only after the write
///   is safe.
/// - *One order.* Every call, from any thread, sees what was acknowledged before it began. If one commit was
///   acknowledged before another began, its events are listed before those of the other, even if their times
///   are equal or a clock was set back. The events of one commit are listed in the order of its steps.
/// - *Names are ordered by the bytes* of their folded form.
/// - *Dead means absent.* A link is dead from its `expires_at` on, compared with the `now` that the caller
///   passes, and when it has no use left. A store never reads a clock. It may keep a dead link until a purge
///   or remove it earlier.
///
/// # Errors
/// Returns [`StoreError`] if the store fails. A failed `commit` had no effect, unless it returns
/// [`StoreError::OutcomeUnknown`] because its acknowledgement was lost: it then had no effect or its full
/// effect. Nothing is retried blindly; the caller reports a failure.
pub trait AccountStore: Send + Sync {
    /// Returns the user with this id, or `None`.
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns the user with this name, in any case, or `None`.
    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError>;

    /// Returns at most `limit` users whose confirmed address is `address`, in the order of their folded names.
    /// Addresses are compared exactly, except for the case of ASCII letters.
    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Returns at most `limit` users in the order of their folded names, starting after the name `after`.
    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Returns at most `limit` ids with their password hashes, in any order: those of the users with the
    /// lowest ids from `from` on, and after the highest id those with the lowest ids of all.
    ///
    /// Ids are random, so a random `from` draws a random sample of the users.
    fn sample_hashes(&self, from: UserId, limit: u32) -> Result<Vec<(UserId, PasswordHash)>, StoreError>;

    /// Returns the link with this key. Absent or dead: `None`.
    fn find_link(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError>;

    /// Returns at most `limit` live links of a purpose in the order of their keys, starting after the key
    /// `after`.
    fn list_links(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError>;

    /// Returns at most `limit` events whose target is `user`, the latest first, without the `skip` latest ones.
    fn events(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// Returns how much of a budget is used, or `None` if it is full.
    ///
    /// All owners that are no accounts share a fixed number of budgets of each kind. Which of them share one
    /// depends on a secret that the store keeps as long as the budgets.
    fn find_budget(&self, owner: &BudgetOwner, kind: BudgetKind) -> Result<Option<UsedBudget>, StoreError>;

    /// Applies a change in one transaction.
    ///
    /// The steps are applied in order, and each sees the effect of those before it. If the precondition of a
    /// step does not hold, nothing is changed, and the result says what did not hold. The first such step decides.
    fn commit(&self, change: &AccountChange, now: Timestamp) -> Result<Committed, StoreError>;

    /// Removes at most `limit` links that have expired at `now`, and at most `limit` events from before
    /// `events_before`. The limit applies to links and to events separately, so up to twice `limit` records
    /// are removed. Returns how many records were removed.
    ///
    /// A result below `limit` means that none is left, unless another call purges at the same time.
    fn purge(&self, now: Timestamp, events_before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// The outcome of [`AccountStore::commit`]. Every outcome but `Done` leaves everything unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Committed {
    /// The change was applied.
    Done,
    /// A user or a budget was changed since the caller read it.
    Stale,
    /// A user to replace or delete, or whose budget to write, does not exist.
    Gone,
    /// Another user has the name.
    NameTaken,
    /// The id of a new user is taken, or the key of a new link. The key of a dead link may be taken.
    Collision,
    /// A link to spend or revoke is absent, dead, or has another purpose.
    LinkSpent,
    /// There are users, but the change requires that there are none.
    NotEmpty,
}
