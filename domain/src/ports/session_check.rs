//! The port for the hot path: a session together with the account that decides whether it is admitted.

use std::sync::Arc;

use crate::admission::Admission;
use crate::ports::{AccountStore, SessionStore, StoreError};
use crate::session::Session;
use crate::time::Timestamp;
use crate::token::SessionKey;

/// A live session, and what is needed of the user that signed in with it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSession {
    /// The session.
    pub session: Session,
    /// The user, whether the session is still valid for them or not; `None` for a visitor's session, and if
    /// the user does not exist any more.
    pub admission: Option<Admission>,
}

/// Looks a session up for a request.
///
/// It is a port of its own so that a store with both sessions and accounts can answer in one look-up. Stores
/// that are apart are combined by [`SeparateStores`].
///
/// # Contract
/// - The session is that of [`SessionStore::find`], and the admission is made from the user of
///   [`AccountStore::find`].
/// - *One order.* A call sees every change of either that was acknowledged before it began.
pub trait SessionCheck: Send + Sync {
    /// Returns the session with this key, and its user. Absent or expired: `None`.
    ///
    /// # Errors
    /// [`StoreError`]; the client must then not be treated as signed in.
    fn check(&self, key: &SessionKey, now: Timestamp) -> Result<Option<CheckedSession>, StoreError>;
}

/// Checks sessions in one store against accounts in another.
pub struct SeparateStores {
    /// The store of the sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// The store of the accounts.
    pub accounts: Arc<dyn AccountStore>,
}

impl SessionCheck for SeparateStores {
    fn check(&self, key: &SessionKey, now: Timestamp) -> Result<Option<CheckedSession>, StoreError> {
        let Some(session) = self.sessions.find(key, now)? else {
            return Ok(None);
        };
        let user = match session.user() {
            Some(user) => self.accounts.find(user)?,
            None => None,
        };
        let admission = user.as_ref().map(Admission::from);
        Ok(Some(CheckedSession { session, admission }))
    }
}

impl std::fmt::Debug for SeparateStores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeparateStores").finish_non_exhaustive()
    }
}
