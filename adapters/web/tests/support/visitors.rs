//! The kinds of clients that a site distinguishes.

use kunci_domain::{AccountPolicy, Role, SecondFactorRule};

use super::{MINUTE, Setup, Site, put};

/// Kind of client, by the session that its cookie names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// No cookie.
    Unknown,
    /// A cookie with a wrong signature.
    Forged,
    /// A session that only stores a value.
    Stored,
    /// A sign-in that waits for its second factor.
    PendingSecondFactor,
    /// A user who must set up a second factor first.
    Enrolling,
    /// A signed-in user.
    Member,
    /// A signed-in user whose re-authentication has expired.
    StaleMember,
    /// An administrator who has just signed in.
    Administrator,
}

impl Visitor {
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Forged,
        Self::Stored,
        Self::PendingSecondFactor,
        Self::Enrolling,
        Self::Member,
        Self::StaleMember,
        Self::Administrator,
    ];

    /// Returns whether the session names a user who has passed every step of the sign-in.
    pub fn is_signed_in(self) -> bool {
        matches!(self, Self::Member | Self::StaleMember | Self::Administrator)
    }

    /// Returns a site with such a client, whose name is `ada` if it has one, and its cookie.
    pub fn arrive(self) -> (Site, String) {
        let site = self.site();
        let cookie = match self {
            Self::Unknown => String::new(),
            Self::Forged => format!("kunci={}", "A".repeat(86)),
            Self::Stored => {
                let stored = site.send(put("/api/v1/session/data/k", "1"));
                stored.cookie().expect("a visitor's session")
            }
            Self::PendingSecondFactor => {
                site.add_user("ada", Role::Administrator);
                site.add_second_factor("ada");
                site.first_step("ada").cookie().expect("a pending session")
            }
            Self::Enrolling | Self::Member | Self::StaleMember | Self::Administrator => site.sign_up("ada"),
        };
        match self {
            Self::StaleMember => site.clock.advance(10 * MINUTE),
            Self::Administrator => site.make_administrator("ada"),
            _ => {}
        }
        (site, cookie)
    }

    fn site(self) -> Site {
        let second_factor = match self {
            Self::Enrolling => SecondFactorRule::Everybody,
            _ => SecondFactorRule::default(),
        };
        Site::with(Setup {
            account_policy: AccountPolicy {
                second_factor,
                ..AccountPolicy::default()
            },
            ..Setup::default()
        })
    }
}
