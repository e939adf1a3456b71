//! Authentication by username and password.

use std::fmt;

use thiserror::Error;

use super::Core;
use super::decoys::decoy_for;
use super::open_session::{OpenSession, SessionError};
use super::throttling::{Attempt, Throttled, folded};
use super::trail::Act;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::account_change::Step;
use crate::admission::Admission;
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::password::{Password, PasswordHash};
use crate::ports::{Committed, HashError, Verdict};
use crate::session_policy::Permanence;
use crate::time::Timestamp;
use crate::user::{Standing, User};
use crate::username::Username;

/// The credentials that a client presents.
pub struct SignIn<'a> {
    /// The username as entered.
    pub name: &'a str,
    /// The password as entered.
    pub password: Password,
    /// Whether the session survives closing the browser.
    pub permanence: Permanence,
    /// The client's proofs of earlier sign-ins.
    pub devices: &'a dyn KnownDevices,
}

impl fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("name", &self.name)
            .field("permanence", &self.permanence)
            .finish_non_exhaustive()
    }
}

/// The result of a successful first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// The user is signed in.
    Complete,
    /// A code of the second factor is still needed, and the user is not signed in yet.
    CodeNeeded,
}

/// Why a sign-in failed.
#[derive(Debug, Error)]
pub enum SignInRefusal {
    /// The username is unknown, the password is wrong, or the user is disabled. The client does not learn
    /// which (OWASP ASVS 5.0, 6.3.8).
    #[error("wrong username or password")]
    WrongCredentials,
    /// The stored hash is unreadable. The client must not learn it; the user can reset the password.
    #[error("the stored password hash is unreadable")]
    UnreadableHash,
    /// The attempt was not made.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The session could not begin.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(SignInRefusal: Throttled);

/// Signs a user in, or completes the first of two steps.
///
/// 1. The user is looked up by name, and the attempt is charged to the rate limits.
/// 2. The password is verified against the user's hash. If there is no such user, a decoy is used that costs
///    as much as the hash of an existing account.
/// 3. A hash with outdated parameters is replaced.
/// 4. A session with a new token replaces the present one. If the user has a second factor, the new session
///    waits for a code.
///
/// # Errors
/// Any [`SignInRefusal`], or a [`Failure`](super::Failure). The session is then unchanged.
pub fn sign_in(open: &mut OpenSession, credentials: SignIn<'_>) -> Outcome<SignedIn, SignInRefusal> {
    let user = match Username::parse(credentials.name) {
        Ok(name) => open.core().accounts.find_by_name(&name)?,
        Err(_) => None,
    };
    open.authenticates_as(user.as_ref().map(|user| user.id));
    let account = user.as_ref().map(|user| (user.id, user.epoch));
    let attempt = Attempt::new(&open.context, credentials.name, account, credentials.devices);
    let charge = attempt.charge()?;
    let decoy = decoy_for(open.core(), &folded(credentials.name))?;
    match verify_credentials(open.core(), user, &decoy, &credentials.password, open.now()) {
        Ok(Some(user)) => {
            charge.refund()?;
            Ok(open.pass_first_step(&Admission::from(&user), credentials.permanence, &attempt)?)
        }
        Ok(None) => {
            charge.spend()?;
            Err(SignInRefusal::WrongCredentials.into())
        }
        Err(busy @ HashError::Busy) => {
            charge.refund()?;
            Err(busy.into())
        }
        Err(HashError::Unreadable) => Err(SignInRefusal::UnreadableHash.into()),
        Err(error) => Err(error.into()),
    }
}

impl OpenSession {
    /// Continues after a correct password or an equivalent of it.
    pub(super) fn pass_first_step(
        &mut self,
        user: &Admission,
        permanence: Permanence,
        attempt: &Attempt,
    ) -> Result<SignedIn, SessionError> {
        if user.has_second_factor {
            self.establish_pending(user, permanence)?;
            self.did(Act::FirstStepPassed, user.id);
            Ok(SignedIn::CodeNeeded)
        } else {
            self.complete_sign_in(user, permanence, attempt)?;
            Ok(SignedIn::Complete)
        }
    }

    /// Begins the session and records the sign-in.
    pub(super) fn complete_sign_in(
        &mut self,
        user: &Admission,
        permanence: Permanence,
        attempt: &Attempt,
    ) -> Result<(), SessionError> {
        let after_failures = attempt.take_many_failures()?;
        self.establish(user, permanence)?;
        let kind = match (after_failures, attempt.is_known()) {
            (true, _) => EventKind::SignedInAfterFailures,
            (false, true) => EventKind::SignedIn,
            (false, false) => EventKind::SignedInOnNewDevice,
        };
        self.record_event(user, kind);
        Ok(())
    }
}

/// Returns the user if the user exists, is enabled, and the password is correct.
fn verify_credentials(
    core: &Core,
    user: Option<User>,
    decoy: &PasswordHash,
    password: &Password,
    now: Timestamp,
) -> Result<Option<User>, HashError> {
    let hash = user.as_ref().map_or(decoy, |user| &user.password_hash);
    let verdict = core.hasher.verify(password, hash)?;
    Ok(match user {
        Some(user) if user.standing == Standing::Enabled && verdict != Verdict::Mismatch => {
            Some(if verdict == Verdict::MatchOutdated {
                rehash(core, user, password, now)
            } else {
                user
            })
        }
        _ => None,
    })
}

/// Replaces an outdated hash. If that fails, the sign-in continues with the old hash.
fn rehash(core: &Core, user: User, password: &Password, now: Timestamp) -> User {
    let Ok(password_hash) = core.hasher.hash(password) else {
        return user;
    };
    let rehashed = User {
        password_hash,
        ..user.clone()
    };
    match core
        .accounts
        .commit(&Step::ReplaceUser(rehashed.clone()).into(), now)
    {
        Ok(Committed::Done) => User {
            revision: rehashed.revision.next(),
            ..rehashed
        },
        _ => user,
    }
}
