//! JSON forms of users and sessions. They contain exactly these keys, never a hash or a token.

use kunci_domain::{Admission, Role, Session};
use serde::Serialize;

use crate::kit::times::rfc3339;

/// A user as shown to the user and to administrators.
#[derive(Debug, Serialize)]
pub(crate) struct UserView {
    id: String,
    name: String,
    email: Option<String>,
    administrator: bool,
    created_at: String,
}

impl From<&Admission> for UserView {
    fn from(user: &Admission) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.to_string(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            administrator: user.role == Role::Administrator,
            created_at: rfc3339(user.created_at),
        }
    }
}

/// A session as shown to its user.
#[derive(Debug, Serialize)]
pub(crate) struct SessionView {
    signed_in_at: Option<String>,
    expires_at: String,
    permanent: bool,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            signed_in_at: session
                .authentication()
                .map(|authentication| rfc3339(authentication.at)),
            expires_at: rfc3339(session.expires_at()),
            permanent: session.permanence.is_permanent(),
        }
    }
}
