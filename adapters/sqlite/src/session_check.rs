//! Looks up a session together with its user, with one look at the state of the database.

use std::sync::Arc;

use kunci_domain::ports::{CheckedSession, SessionCheck, StoreError};
use kunci_domain::{SessionKey, Timestamp};

use crate::accounts::users;
use crate::{Database, sessions};

/// The look-up of sessions with their users in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteSessionCheck {
    database: Arc<Database>,
}

impl SqliteSessionCheck {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl SessionCheck for SqliteSessionCheck {
    fn check(&self, key: &SessionKey, now: Timestamp) -> Result<Option<CheckedSession>, StoreError> {
        let state = self.database.cache.database_state();
        let Some(session) = sessions::find_cached(&self.database, state, key, now)? else {
            return Ok(None);
        };
        let admission = match session.user() {
            Some(user) => users::find_admission(&self.database, state, user)?,
            None => None,
        };
        Ok(Some(CheckedSession { session, admission }))
    }
}
