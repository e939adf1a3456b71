//! Proving who one is, by name and password.

use std::fmt;

use thiserror::Error;

use super::Core;
use super::guess::{Target, ThrottleError};
use super::open_session::{OpenSession, SessionError};
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::password::Password;
use crate::ports::{HashError, StoreError, Verdict};
use crate::session::Permanence;
use crate::user::{Standing, User};
use crate::username::Username;

/// What is presented.
pub struct SignIn<'a> {
    /// The user name, as it was given.
    pub name: &'a str,
    /// The password, as it was given.
    pub password: Password,
    /// Whether the session is to outlive the browser.
    pub permanence: Permanence,
    /// What the client brings along from earlier sign-ins.
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

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// The user is signed in.
    Complete,
    /// A code of the second factor is still to come; until then nothing is open.
    CodeNeeded,
}

/// Why nobody is signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// Unknown name, wrong password, or a disabled user: which of them is not told (OWASP ASVS 5.0, 6.3.8).
    #[error("wrong username or password")]
    WrongCredentials,
    /// Nothing was tried.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The session could not be begun.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The users could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs a user in, or takes the first of two steps.
///
/// 1. The user is looked up by name, and the attempt charged to the budgets.
/// 2. The password is checked against the user's hash, or, for want of a user, against a decoy:
///    the answer to an unknown name costs what the answer to a wrong password costs.
/// 3. A hash of older parameters is replaced.
/// 4. A session under a new token begins; the one before it ends. With a second factor it is one in
///    which nobody is signed in yet.
///
/// # Errors
/// Any [`SignInError`]; then the session is as it was.
pub fn sign_in(open: &mut OpenSession, attempt: SignIn<'_>) -> Result<SignedIn, SignInError> {
    let core = std::sync::Arc::clone(&open.core);
    let user = match Username::parse(attempt.name) {
        Ok(name) => core.users.find_by_name(&name)?,
        Err(_) => None,
    };
    let known = user.as_ref().and_then(|user| attempt.devices.of(user.id));
    let target = Target::new(attempt.name, &open.device, known);
    let charge = target.charge(&core, open.now)?;
    match verified(&core, user, &attempt.password) {
        Ok(Some(user)) => {
            charge.give_back()?;
            open.pass_first_step(&user, attempt.permanence, &target)
        }
        Ok(None) => {
            target.note_failure(&core, open.now)?;
            Err(SignInError::WrongCredentials)
        }
        Err(busy @ HashError::Busy) => {
            charge.give_back()?;
            Err(busy.into())
        }
        Err(error) => Err(error.into()),
    }
}

impl OpenSession {
    /// Goes on after a password, or what stands for it, was right.
    pub(super) fn pass_first_step(
        &mut self,
        user: &User,
        permanence: Permanence,
        target: &Target,
    ) -> Result<SignedIn, SignInError> {
        if user.second_factor.is_some() {
            self.establish_pending(user, permanence)?;
            Ok(SignedIn::CodeNeeded)
        } else {
            self.complete_sign_in(user, permanence, target)?;
            Ok(SignedIn::Complete)
        }
    }

    /// Begins the session and notes how it came about.
    pub(super) fn complete_sign_in(
        &mut self,
        user: &User,
        permanence: Permanence,
        target: &Target,
    ) -> Result<(), SessionError> {
        let after_failures = target.take_many_failures(&self.core, self.now)?;
        self.establish(user, permanence)?;
        let kind = match (after_failures, target.is_known()) {
            (true, _) => EventKind::SignedInAfterFailures,
            (false, true) => EventKind::SignedIn,
            (false, false) => EventKind::SignedInOnNewDevice,
        };
        self.note(user, kind);
        Ok(())
    }
}

/// The user, when there is one, enabled, and the password is theirs.
fn verified(core: &Core, user: Option<User>, password: &Password) -> Result<Option<User>, HashError> {
    let hash = user
        .as_ref()
        .map_or(core.hasher.decoy(), |user| &user.password_hash);
    let verdict = core.hasher.verify(password, hash)?;
    Ok(match user {
        Some(user) if user.standing == Standing::Enabled && verdict != Verdict::Mismatch => {
            Some(if verdict == Verdict::MatchOutdated {
                rehashed(core, user, password)
            } else {
                user
            })
        }
        _ => None,
    })
}

/// Replaces an outdated hash. It is a courtesy to the next sign-in: when it fails, this one goes on.
fn rehashed(core: &Core, user: User, password: &Password) -> User {
    let Ok(password_hash) = core.hasher.hash(password) else {
        return user;
    };
    let better = User {
        password_hash,
        ..user.clone()
    };
    match core.users.update(&better) {
        Ok(crate::ports::Updated::Done) => User {
            revision: better.revision.next(),
            ..better
        },
        _ => user,
    }
}
