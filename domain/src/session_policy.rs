//! How long sessions live.

use std::time::Duration;

/// The lifetime of a session. It expires after `idle` without a request, and after `absolute` in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Maximum time between requests (OWASP ASVS 5.0, 7.3.1).
    pub idle: Duration,
    /// Maximum total time, regardless of activity (OWASP ASVS 5.0, 7.3.2).
    pub absolute: Duration,
}

/// The session lifetimes that the operator configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// For sessions that survive closing the browser ("keep me signed in").
    pub permanent: Lifetime,
    /// For sessions that end when the browser closes.
    pub browser: Lifetime,
    /// For sessions of visitors.
    pub visitor: Lifetime,
}

impl SessionPolicy {
    /// Returns the lifetime for a permanence.
    #[must_use]
    pub const fn lifetime(&self, permanence: Permanence) -> Lifetime {
        match permanence {
            Permanence::Permanent => self.permanent,
            Permanence::Browser => self.browser,
        }
    }
}

impl Default for SessionPolicy {
    /// Permanent sessions: 7 days idle, 30 days absolute. Visitors: 2 hours idle, 24 hours absolute. Others:
    /// 12 hours idle, 24 hours absolute.
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
            visitor: Lifetime {
                idle: 2 * HOUR,
                absolute: 24 * HOUR,
            },
        }
    }
}

/// Whether a session survives closing the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// The client keeps the session when it closes.
    Permanent,
    /// The client discards the session when it closes.
    Browser,
}

impl Permanence {
    /// Returns the permanence for a user's choice.
    #[must_use]
    pub const fn from_choice(permanent: bool) -> Self {
        if permanent { Self::Permanent } else { Self::Browser }
    }

    /// Returns whether this is [`Permanence::Permanent`].
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::Permanent)
    }
}
