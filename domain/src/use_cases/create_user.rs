//! Creates accounts, for sign-up and for operators.

use std::fmt;

use thiserror::Error;

use super::Core;
use super::operator::Operator;
use super::use_case_error::{Outcome, refusals};
use crate::account_change::{AccountChange, Step};
use crate::account_policy::{AccountPolicy, SiteWords};
use crate::email::{EmailAddress, EmailAddressError};
use crate::event::EventKind;
use crate::one_time_token::Purpose;
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::{Committed, EntropyError, StoreError};
use crate::revision::Revision;
use crate::time::Timestamp;
use crate::user::{Epoch, Role, Standing, User, UserId};
use crate::username::{Username, UsernameError};

/// The details of a new account, as entered.
///
/// `Debug` is redacted, because this holds a password.
pub struct NewUser<'a> {
    /// The username.
    pub name: &'a str,
    /// The email address; empty for none.
    pub email: &'a str,
    /// The password.
    pub password: String,
    /// The privileges of the user.
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

/// The problems of each field, so that a form can show all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Problems {
    /// The problem with the username.
    pub name: Option<UsernameError>,
    /// The problem with the email address.
    pub email: Option<EmailAddressError>,
    /// The problem with the password.
    pub password: Option<PasswordProblem>,
}

/// Why no account was created.
#[derive(Debug, Error)]
pub enum CreateUserRefusal {
    /// A field breaks a rule.
    #[error("{}", first(.0))]
    Invalid(Problems),
    /// The username is taken, or looks like one that is.
    #[error("this username is taken")]
    NameTaken,
}
refusals!(CreateUserRefusal);

/// Creates an account, as an operator: checks the fields, hashes the password, and stores the user.
///
/// Operators may use reserved names. The store's constraint keeps names unique: of two concurrent requests for
/// one name, one succeeds.
///
/// # Errors
/// Any [`CreateUserRefusal`], or a [`Failure`](super::Failure). Nothing is then stored.
pub fn create_user(
    core: &Core,
    operator: &Operator,
    new: NewUser<'_>,
    now: Timestamp,
) -> Outcome<User, CreateUserRefusal> {
    let mut user = prepare_user(core, new, Names::All, now)?;
    loop {
        let event = operator.event(Some(user.id), EventKind::CreatedByOperator, now);
        let change = AccountChange::new()
            .with(&insertion(&user))
            .and(Step::AppendEvent(event));
        match core.accounts.commit(&change, now)? {
            Committed::Done => return Ok(user),
            Committed::Collision => user.id = new_id(core)?,
            _ => return Err(CreateUserRefusal::NameTaken.into()),
        }
    }
}

/// The names that the creator of an account may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// All names.
    All,
    /// All but the reserved ones.
    Unreserved,
}

/// Returns the steps that insert a user. From then on, the link for the first administrator is invalid for good.
pub(super) fn insertion(user: &User) -> [Step; 2] {
    [
        Step::InsertUser(user.clone()),
        Step::RevokeLinksFor(Purpose::SetUp),
    ]
}

/// Returns a checked account with a hashed password, ready to be stored.
pub(super) fn prepare_user(
    core: &Core,
    new: NewUser<'_>,
    names: Names,
    now: Timestamp,
) -> Outcome<User, CreateUserRefusal> {
    let name = choose_name(new.name, names, &core.account_policy);
    let checked = check(name, new.email, new.password, &core.account_policy.words);
    let (name, email, password) = checked.map_err(CreateUserRefusal::Invalid)?;
    if looks_taken(core, &name)? {
        return Err(CreateUserRefusal::NameTaken.into());
    }
    Ok(User {
        id: new_id(core)?,
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

/// Returns an id for a user.
pub(super) fn new_id(core: &Core) -> Result<UserId, EntropyError> {
    UserId::generate(&*core.entropy)
}

fn choose_name(text: &str, names: Names, policy: &AccountPolicy) -> Result<Username, UsernameError> {
    let name = Username::choose(text)?;
    if names == Names::Unreserved && policy.reserved_names.contains(&name) {
        return Err(UsernameError::Reserved);
    }
    Ok(name)
}

/// Returns whether a name in other letters looks like the Latin name of an existing account.
fn looks_taken(core: &Core, name: &Username) -> Result<bool, StoreError> {
    match name.latin_look_alike() {
        Some(latin) => Ok(core.accounts.find_by_name(&latin)?.is_some()),
        None => Ok(false),
    }
}

type Checked = (Username, Option<EmailAddress>, NewPassword);

fn check(
    name: Result<Username, UsernameError>,
    email: &str,
    password: String,
    words: &SiteWords,
) -> Result<Checked, Problems> {
    let email = if email.trim().is_empty() {
        Ok(None)
    } else {
        EmailAddress::choose(email).map(Some)
    };
    // An invalid name or address is ignored here; the other password rules still apply.
    let context = words.context(name.as_ref().ok(), email.as_ref().ok().and_then(Option::as_ref));
    let password = NewPassword::choose(password, &context);
    match (name, email, password) {
        (Ok(name), Ok(email), Ok(password)) => Ok((name, email, password)),
        (name, email, password) => Err(Problems {
            name: name.err(),
            email: email.err(),
            password: password.err(),
        }),
    }
}

fn first(problems: &Problems) -> String {
    let name = problems.name.map(|problem| problem.to_string());
    let email = problems.email.map(|problem| problem.to_string());
    let password = problems.password.map(|problem| problem.to_string());
    name.or(email).or(password).unwrap_or_default()
}
