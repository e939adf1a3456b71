//! Changing a user record by compare-and-swap.

use super::Core;
use crate::ports::{StoreError, Updated};
use crate::user::{User, UserId};

/// Applies `change` to a user until it is written; `None` when there is no such user.
///
/// `change` sees the fresh record each time and may decline by giving back `None`, which ends it likewise.
pub(super) fn change_user(
    core: &Core,
    id: UserId,
    change: impl Fn(User) -> Option<User>,
) -> Result<Option<User>, StoreError> {
    loop {
        let Some(changed) = core.users.find(id)?.and_then(&change) else {
            return Ok(None);
        };
        match core.users.update(&changed)? {
            Updated::Done => {
                return Ok(Some(User {
                    revision: changed.revision.next(),
                    ..changed
                }));
            }
            Updated::Stale => {}
            Updated::Gone => return Ok(None),
        }
    }
}
