//! Changes a user record by compare-and-swap, together with the steps that belong to it.

use super::Core;
use super::open_session::OpenSession;
use crate::account_change::{AccountChange, Step};
use crate::event::EventKind;
use crate::ports::{Committed, StoreError};
use crate::time::Timestamp;
use crate::user::{User, UserId};

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
    /// Changes the account of `proved`, records the event in the same commit, and notifies the owner.
    ///
    /// Returns `None`, with nothing changed, if `change` declined or the user's epoch is no longer the proved one.
    pub(super) fn change_account(
        &mut self,
        proved: &User,
        kind: EventKind,
        change: impl Fn(User) -> Option<User>,
    ) -> Result<Option<User>, StoreError> {
        let event = self.event(proved.id, kind);
        let steps = [Step::AppendEvent(event.clone())];
        let changed = change_user(&self.core, proved.id, self.now, &steps, |user| {
            if user.admits(proved.epoch) {
                change(user)
            } else {
                None
            }
        })?;
        if let Some(user) = &changed {
            self.notify(user, event);
        }
        Ok(changed)
    }
}
