//! Changes a user record by compare-and-swap.

use super::Core;
use crate::ports::{StoreError, Updated};
use crate::user::{User, UserId};

/// Applies `change` to a user, retrying until it is written. Returns `None` if there is no such user.
///
/// `change` receives the fresh record each time. If it declines by returning `None`, so does this function.
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
