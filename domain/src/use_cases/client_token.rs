//! The token that a client holds, and what must become of the cookie that carries it.

use std::time::Duration;

use crate::session::Session;
use crate::time::Timestamp;
use crate::token::SessionToken;

/// The change to the client's cookie.
#[derive(Debug, PartialEq, Eq)]
pub enum CookieAction<'s> {
    /// No change.
    Keep,
    /// Set the cookie to this token.
    Issue {
        /// The token.
        token: &'s SessionToken,
        /// Time until the session expires, or `None` for a cookie that ends with the browser.
        max_age: Option<Duration>,
    },
    /// Remove the cookie.
    Remove,
}

/// The token of a client during a request.
#[derive(Debug, Default)]
pub(super) enum ClientToken {
    /// The client has no valid token.
    #[default]
    None,
    /// The client presented this token, which opens no session. It may have been replaced.
    Invalid(SessionToken),
    /// The client holds this token.
    Held(SessionToken),
    /// The client must receive this token.
    Issued(SessionToken),
    /// The client must give up its token.
    Removed,
}

impl ClientToken {
    /// Sends the token to the client again, if it has one.
    pub(super) fn issue_again(&mut self) {
        *self = match std::mem::take(self) {
            Self::Held(token) => Self::Issued(token),
            other => other,
        };
    }

    /// Returns the change to the cookie, for the present record of the session.
    pub(super) fn cookie_action(&self, record: Option<&Session>, now: Timestamp) -> CookieAction<'_> {
        match (self, record) {
            (Self::Issued(token), Some(record)) => {
                let is_permanent = record.permanence.is_permanent();
                let max_age = is_permanent.then(|| record.expires_at().since(now));
                CookieAction::Issue { token, max_age }
            }
            (Self::Removed, _) => CookieAction::Remove,
            _ => CookieAction::Keep,
        }
    }
}
