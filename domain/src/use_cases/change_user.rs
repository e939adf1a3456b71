//! Changes a user record by compare-and-swap, together with the steps that belong to it.

use super::Core;
use super::open_session::OpenSession;
use crate::account_change::{AccountChange, Step};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::ports::{Committed, StoreError};
use crate::time::Timestamp;
use crate::user::{Epoch, User, UserId};

/// Applies `change` to a user and commits it with `steps`, all or nothing. Retries if another commit was
/// faster.
///
/// `change` sees the fresh record each time and declines with `None`. Returns `None`, with nothing changed, if
/// it declined, if the user does not exist, or if a precondition of `steps` does not hold.
pub(super) fn change_user(
    core: &Core,
    id: UserId,
    now: Timestamp,
    steps: &[Step],
    change: impl Fn(User) -> Option<User>,
) -> Result<Option<User>, StoreError> {
    loop {
        let Some(changed) = core.accounts.find(id)?.and_then(&change) else {
            return Ok(None);
        };
        let replaced = AccountChange::from(Step::ReplaceUser(changed.clone()));
        match core.accounts.commit(&replaced.with(steps), now)? {
            Committed::Done => {
                return Ok(Some(User {
                    revision: changed.revision.next(),
                    ..changed
                }));
            }
            Committed::Stale => {}
            _ => return Ok(None),
        }
    }
}

impl OpenSession {
    /// Changes an account, records the event in the same commit, and notifies the owner.
    ///
    /// Returns `None`, with nothing changed, if `change` declined or the account is no longer in this epoch.
    pub(super) fn change_account(
        &mut self,
        (user, epoch): (UserId, Epoch),
        kind: EventKind,
        change: impl Fn(User) -> Option<User>,
    ) -> Result<Option<User>, StoreError> {
        let event = self.event(user, kind);
        let steps = [Step::AppendEvent(event.clone())];
        let changed = change_user(self.core(), user, self.now(), &steps, |user| {
            if user.admits(epoch) { change(user) } else { None }
        })?;
        if let Some(user) = &changed {
            self.notify(&Admission::from(user), event);
        }
        Ok(changed)
    }
}
