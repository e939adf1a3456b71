//! Making an account, whoever asks for it.

use std::fmt;

use thiserror::Error;

use super::Core;
use crate::account_policy::SiteWords;
use crate::email::{EmailAddress, EmailAddressError};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::{EntropyError, HashError, StoreError, UserInserted};
use crate::revision::Revision;
use crate::time::Timestamp;
use crate::user::{Epoch, Role, Standing, User, UserId};
use crate::username::{Username, UsernameError};

/// What is asked for, as it was given.
///
/// It has a redacted `Debug`, because it holds a password.
pub struct NewUser<'a> {
    /// The user name.
    pub name: &'a str,
    /// The e-mail address; empty means none.
    pub email: &'a str,
    /// The password.
    pub password: String,
    /// What the user may do.
    pub role: Role,
}

impl fmt::Debug for NewUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What is wrong with it, field by field, so that a form can say all of it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Problems {
    /// With the user name.
    pub name: Option<UsernameError>,
    /// With the e-mail address.
    pub email: Option<EmailAddressError>,
    /// With the password.
    pub password: Option<PasswordProblem>,
}

/// Why there is no new user.
#[derive(Debug, Error)]
pub enum CreateUserError {
    /// Something given breaks a rule.
    #[error("{}", first(.0))]
    Invalid(Problems),
    /// The name belongs to somebody.
    #[error("this user name is taken")]
    NameTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No id could be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Makes an account: checks what was given, hashes the password, and stores the user.
///
/// That names are unique is the store's constraint: of two that ask for one name at the same time, one gets it.
///
/// # Errors
/// Any [`CreateUserError`]; then nothing was stored.
pub fn create_user(core: &Core, new: NewUser<'_>, now: Timestamp) -> Result<User, CreateUserError> {
    insert_user(core, prepare_user(core, new, now)?)
}

/// The account as it is to be stored: checked, and the password hashed.
pub(super) fn prepare_user(core: &Core, new: NewUser<'_>, now: Timestamp) -> Result<User, CreateUserError> {
    let (name, email, password) = check(new.name, new.email, new.password, &core.accounts.words)?;
    Ok(User {
        id: UserId::generate(&*core.entropy)?,
        name,
        email,
        email_confirmed_at: None,
        second_factor: None,
        password_hash: core.hasher.hash(password.as_password())?,
        role: new.role,
        standing: Standing::Enabled,
        epoch: Epoch::default(),
        revision: Revision::FIRST,
        created_at: now,
        password_changed_at: now,
    })
}

/// Stores an account, under another id when that is taken.
pub(super) fn insert_user(core: &Core, mut user: User) -> Result<User, CreateUserError> {
    loop {
        match core.users.insert(&user)? {
            UserInserted::Done => return Ok(user),
            UserInserted::NameTaken => return Err(CreateUserError::NameTaken),
            UserInserted::Collision => user.id = UserId::generate(&*core.entropy)?,
        }
    }
}

type Checked = (Username, Option<EmailAddress>, NewPassword);

fn check(name: &str, email: &str, password: String, words: &SiteWords) -> Result<Checked, CreateUserError> {
    let name = Username::parse(name);
    let email = if email.trim().is_empty() {
        Ok(None)
    } else {
        EmailAddress::parse(email).map(Some)
    };
    // What cannot be read plays no part in judging the password; the other rules do.
    let context = words.context(name.as_ref().ok(), email.as_ref().ok().and_then(Option::as_ref));
    let password = NewPassword::choose(password, &context);
    match (name, email, password) {
        (Ok(name), Ok(email), Ok(password)) => Ok((name, email, password)),
        (name, email, password) => Err(CreateUserError::Invalid(Problems {
            name: name.err(),
            email: email.err(),
            password: password.err(),
        })),
    }
}

fn first(problems: &Problems) -> String {
    let name = problems.name.map(|problem| problem.to_string());
    let email = problems.email.map(|problem| problem.to_string());
    let password = problems.password.map(|problem| problem.to_string());
    name.or(email).or(password).unwrap_or_default()
}
