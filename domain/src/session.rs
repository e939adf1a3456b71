//! Sessions: one browser or client that talks to Kunci, signed in or not.

use std::net::IpAddr;

use crate::hidden::is_hidden;
use crate::notices::Notices;
use crate::revision::Revision;
use crate::second_factor::SealedSeed;
use crate::session_data::SessionData;
use crate::session_policy::{Lifetime, Permanence};
use crate::sign_in_state::{Authentication, SignInState};
use crate::time::Timestamp;
use crate::token::SessionKey;
use crate::user::UserId;

/// A description of the client by which its user can recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    user_agent: String,
    address: Option<IpAddr>,
}

impl Device {
    /// Maximum length of the stored user agent, in characters.
    pub const MAX_USER_AGENT_CHARS: usize = 200;

    /// Describes a client by its user agent and IP address. The user agent is cut to
    /// [`Device::MAX_USER_AGENT_CHARS`], and [hidden characters](is_hidden) are removed.
    #[must_use]
    pub fn new(user_agent: &str, address: Option<IpAddr>) -> Self {
        let user_agent = user_agent
            .chars()
            .filter(|c| !is_hidden(*c))
            .take(Self::MAX_USER_AGENT_CHARS)
            .collect();
        Self { user_agent, address }
    }

    /// Restores a description from a store.
    #[must_use]
    pub const fn from_stored(user_agent: String, address: Option<IpAddr>) -> Self {
        Self { user_agent, address }
    }

    /// Returns the user agent, as claimed by the client; it may be empty or false.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Returns the IP address from which the session began.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// A session as stored.
///
/// Every combination of fields is valid, so the fields are public. Stores interpret only
/// [`Session::expires_at`].
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The digest of the client's token.
    pub key: SessionKey,
    /// The first key of a session that has been rotated. A request that read the session under an earlier key
    /// can end it by this one.
    pub origin: Option<SessionKey>,
    /// The key that the last rotation replaced. A client that still presents the old token can end the session
    /// by it.
    pub previous: Option<SessionKey>,
    /// How far the client has authenticated.
    pub sign_in: SignInState,
    /// The seed of a second factor that waits for its first code.
    pub enrolment: Option<SealedSeed>,
    /// Messages for the next page.
    pub notices: Notices,
    /// The application's own values.
    pub data: SessionData,
    /// When the session began. Signing in begins a new session.
    pub created_at: Timestamp,
    /// When the session was last used, accurate to the interval at which this is written.
    pub last_seen_at: Timestamp,
    /// The lifetime.
    pub lifetime: Lifetime,
    /// Whether the session survives closing the browser.
    pub permanence: Permanence,
    /// The client.
    pub device: Device,
    /// The number of changes to this record.
    pub revision: Revision,
}

impl Session {
    /// Returns when the session expires. It is live while `now < expires_at`.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let idle_end = self.last_seen_at.after(self.lifetime.idle);
        idle_end.min(self.created_at.after(self.lifetime.absolute))
    }

    /// Returns the key under which the session began; rotations keep it.
    #[must_use]
    pub fn first_key(&self) -> &SessionKey {
        self.origin.as_ref().unwrap_or(&self.key)
    }

    /// Returns whether the session is live at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// Returns the signed-in user, if any. This does not check whether the user still admits the session.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.authentication().map(|authentication| authentication.user)
    }

    /// Returns the completed authentication, if any.
    #[must_use]
    pub const fn authentication(&self) -> Option<Authentication> {
        self.sign_in.authentication()
    }

    /// Records a use at `at`. An earlier time than the recorded one changes nothing.
    pub fn see(&mut self, at: Timestamp) {
        self.last_seen_at = self.last_seen_at.max(at);
    }
}
