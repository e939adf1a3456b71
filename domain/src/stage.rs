//! What the client of a request has proved.

use crate::admission::Admission;
use crate::sign_in_state::PendingSignIn;

/// What the client of a request has proved (OWASP ASVS 5.0, 2.3.1).
///
/// Only [`Stage::SignedIn`] opens what is for users. Every other stage stays closed by its type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stage {
    /// No user has authenticated.
    #[default]
    Visitor,
    /// The password was correct, and a code is still needed.
    PendingSecondFactor(PendingSignIn),
    /// The user has authenticated, and must set up a second factor before anything else is allowed (OWASP ASVS
    /// 5.0, 6.3.3).
    Enrolling(Admission),
    /// The user has authenticated with every factor that the operator requires.
    SignedIn(Admission),
}
