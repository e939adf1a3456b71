//! The part of an account that each request needs.

use crate::email::EmailAddress;
use crate::time::Timestamp;
use crate::user::{Epoch, Role, Standing, User, UserId};
use crate::username::Username;

/// The part of an account that decides whether a session is admitted, and as whom. It holds no hash and no
/// seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The id.
    pub id: UserId,
    /// The username.
    pub name: Username,
    /// The email address, if any.
    pub email: Option<EmailAddress>,
    /// When the owner confirmed the address.
    pub email_confirmed_at: Option<Timestamp>,
    /// The privileges.
    pub role: Role,
    /// Whether the user may sign in.
    pub standing: Standing,
    /// Sessions of any other epoch are invalid.
    pub epoch: Epoch,
    /// When the account was created.
    pub created_at: Timestamp,
    /// Whether a second factor is set up.
    pub has_second_factor: bool,
}

impl Admission {
    /// Returns the address if it is confirmed.
    #[must_use]
    pub fn confirmed_address(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_confirmed_at.is_some())
    }

    /// Returns whether a session of `epoch` may act for this user.
    #[must_use]
    pub fn admits(&self, epoch: Epoch) -> bool {
        self.standing == Standing::Enabled && self.epoch == epoch
    }
}

impl From<&User> for Admission {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            email: user.email.clone(),
            email_confirmed_at: user.email_confirmed_at,
            role: user.role,
            standing: user.standing,
            epoch: user.epoch,
            created_at: user.created_at,
            has_second_factor: user.second_factor.is_some(),
        }
    }
}
