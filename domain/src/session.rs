//! Sessions: one browser or client that talks to Kunci, signed in or not.

use std::net::IpAddr;
use std::time::Duration;

use crate::revision::Revision;
use crate::session_data::SessionData;
use crate::time::Timestamp;
use crate::token::SessionKey;
use crate::user::{Epoch, User, UserId};

/// How long a session lives: until it was idle for too long, and in no case longer than `absolute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Longest time without a request (OWASP ASVS 5.0, 7.3.1).
    pub idle: Duration,
    /// Longest time in all, which no activity extends (OWASP ASVS 5.0, 7.3.2).
    pub absolute: Duration,
}

/// The lifetimes that an operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// For sessions that outlive the browser ("keep me signed in").
    pub permanent: Lifetime,
    /// For sessions that end with the browser.
    pub browser: Lifetime,
}

impl SessionPolicy {
    /// The lifetime of a session that is permanent or not.
    #[must_use]
    pub const fn lifetime(&self, permanence: Permanence) -> Lifetime {
        match permanence {
            Permanence::Permanent => self.permanent,
            Permanence::Browser => self.browser,
        }
    }
}

impl Default for SessionPolicy {
    /// Permanent: 7 days idle, 30 days in all. Otherwise: 12 and 24 hours.
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(3_600);
        Self {
            permanent: Lifetime {
                idle: 7 * 24 * HOUR,
                absolute: 30 * 24 * HOUR,
            },
            browser: Lifetime {
                idle: 12 * HOUR,
                absolute: 24 * HOUR,
            },
        }
    }
}

/// Whether a session outlives the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// The client keeps it when it closes.
    Permanent,
    /// The client forgets it when it closes.
    Browser,
}

impl Permanence {
    /// From a yes or no that a person or program gave.
    #[must_use]
    pub const fn from_choice(permanent: bool) -> Self {
        if permanent { Self::Permanent } else { Self::Browser }
    }

    /// Whether it is [`Permanence::Permanent`].
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::Permanent)
    }
}

/// Who signed in, when, and in which epoch of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication {
    /// The user.
    pub user: UserId,
    /// The user's epoch at that time; see [`Epoch`].
    pub epoch: Epoch,
    /// When the user last proved who they are.
    pub at: Timestamp,
}

impl Authentication {
    /// `user` proved who they are just now.
    #[must_use]
    pub const fn of(user: &User, now: Timestamp) -> Self {
        Self {
            user: user.id,
            epoch: user.epoch,
            at: now,
        }
    }
}

/// What is known of the client, to let its user recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    user_agent: String,
    address: Option<IpAddr>,
}

impl Device {
    /// The longest user agent that is kept, in characters.
    pub const MAX_USER_AGENT_CHARS: usize = 200;

    /// What a client says of itself, cut to [`Device::MAX_USER_AGENT_CHARS`] and without control
    /// characters, and the address that it came from.
    #[must_use]
    pub fn new(user_agent: &str, address: Option<IpAddr>) -> Self {
        let user_agent = user_agent
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::MAX_USER_AGENT_CHARS)
            .collect();
        Self { user_agent, address }
    }

    /// What [`Device::new`] made before, as it was kept.
    #[must_use]
    pub const fn from_stored(user_agent: String, address: Option<IpAddr>) -> Self {
        Self { user_agent, address }
    }

    /// The client's own name for itself; may be empty, may be a lie.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Where the session began from.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// One session, as a store keeps it.
///
/// Every combination of fields is valid, hence they are public; stores keep them and judge
/// nothing but [`Session::expires_at`].
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The digest of the client's token.
    pub key: SessionKey,
    /// The first of its keys, when it was rotated since it began. Whoever read it under a former key
    /// can end it by this one.
    pub origin: Option<SessionKey>,
    /// Who signed in, if anybody.
    pub authentication: Option<Authentication>,
    /// The application's own values.
    pub data: SessionData,
    /// When it began; signing in begins a new one.
    pub created_at: Timestamp,
    /// When it was last used, to within the interval at which that is noted.
    pub last_seen_at: Timestamp,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// Whether it outlives the browser.
    pub permanence: Permanence,
    /// The client.
    pub device: Device,
    /// Counts the changes of this record.
    pub revision: Revision,
}

impl Session {
    /// From when on it is dead: a session lives while `now < expires_at`.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let idle_end = self.last_seen_at.after(self.lifetime.idle);
        idle_end.min(self.created_at.after(self.lifetime.absolute))
    }

    /// The key under which it began, which every rotation keeps.
    #[must_use]
    pub fn first_key(&self) -> &SessionKey {
        self.origin.as_ref().unwrap_or(&self.key)
    }

    /// Whether it lives at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// The user that it acts for, if any. Whether the user still admits it is another question.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.authentication.map(|authentication| authentication.user)
    }

    /// Notes a use at `at`; earlier uses that arrive late change nothing.
    pub fn see(&mut self, at: Timestamp) {
        self.last_seen_at = self.last_seen_at.max(at);
    }
}
