//! Looks up a session together with its user in one query.

use std::sync::Arc;

use kunci_domain::ports::{CheckedSession, SessionCheck, StoreError};
use kunci_domain::{SessionKey, Timestamp};

use crate::Database;
use crate::rows::{Fields, read_admission, read_session, session_columns};

/// The look-up of sessions with their users in a [`PostgresStore`](crate::PostgresStore).
#[derive(Debug, Clone)]
pub struct PostgresSessionCheck {
    database: Arc<Database>,
}

impl PostgresSessionCheck {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl SessionCheck for PostgresSessionCheck {
    fn check(&self, key: &SessionKey, now: Timestamp) -> Result<Option<CheckedSession>, StoreError> {
        // The columns of users have other names here, because some of them also belong to sessions.
        const SQL: &str = concat!(
            "SELECT ",
            session_columns!(),
            ", u_id, u_name, u_folded_name, u_email, u_email_confirmed_at, u_role, u_disabled, u_epoch, \
             u_created_at, u_has_second_factor \
             FROM kunci_sessions LEFT JOIN (\
                 SELECT id AS u_id, name AS u_name, folded_name AS u_folded_name, email AS u_email, \
                 email_confirmed_at AS u_email_confirmed_at, role AS u_role, disabled AS u_disabled, \
                 epoch AS u_epoch, created_at AS u_created_at, totp_seed IS NOT NULL AS u_has_second_factor \
                 FROM kunci_users\
             ) AS users ON u_id = user_id \
             WHERE key = $1 AND $2 < expires_at"
        );
        let (key, now) = (&key.as_bytes()[..], now.unix_millis());
        self.database.read(|connection| {
            let Some(row) = connection.query_first(SQL, &[&key, &now])? else {
                return Ok(None);
            };
            let mut fields = Fields::of(&row);
            let session = read_session(&mut fields)?;
            let admission = read_admission(&mut fields)?;
            Ok(Some(CheckedSession { session, admission }))
        })
    }
}
