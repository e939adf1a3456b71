//! Proving who one is, by name and password.

use thiserror::Error;

use super::Core;
use super::open_session::{OpenSession, SessionError};
use crate::password::Password;
use crate::ports::{HashError, StoreError, Verdict};
use crate::session::Permanence;
use crate::user::{Standing, User};
use crate::username::Username;

/// What is presented.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// The user name, as it was given.
    pub name: &'a str,
    /// The password, as it was given.
    pub password: Password,
    /// Whether the session is to outlive the browser.
    pub permanence: Permanence,
}

/// Why nobody is signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// Unknown name, wrong password, or a disabled user: which of them is not told (OWASP ASVS 5.0, 6.3.8).
    #[error("wrong username or password")]
    WrongCredentials,
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

/// Signs a user in.
///
/// 1. The user is looked up by name.
/// 2. The password is checked against the user's hash, or, for want of a user, against a decoy:
///    the answer to an unknown name costs what the answer to a wrong password costs.
/// 3. A hash of older parameters is replaced.
/// 4. A session under a new token begins; the one before it ends.
///
/// # Errors
/// Any [`SignInError`]; then the session is as it was.
pub fn sign_in(open: &mut OpenSession, attempt: SignIn<'_>) -> Result<(), SignInError> {
    let user = verified_user(&open.core, attempt.name, &attempt.password)?;
    Ok(open.establish(&user, attempt.permanence)?)
}

fn verified_user(core: &Core, name: &str, password: &Password) -> Result<User, SignInError> {
    let user = match Username::parse(name) {
        Ok(name) => core.users.find_by_name(&name)?,
        Err(_) => None,
    };
    let hash = user
        .as_ref()
        .map_or(core.hasher.decoy(), |user| &user.password_hash);
    let verdict = core.hasher.verify(password, hash)?;
    match user {
        Some(user) if user.standing == Standing::Enabled && verdict != Verdict::Mismatch => {
            Ok(if verdict == Verdict::MatchOutdated {
                rehashed(core, user, password)
            } else {
                user
            })
        }
        _ => Err(SignInError::WrongCredentials),
    }
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
