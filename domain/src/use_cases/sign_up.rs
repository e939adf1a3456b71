//! Making an account for oneself.

use std::sync::Arc;

use thiserror::Error;

use super::Core;
use super::addresses;
use super::create_user::{CreateUserError, NewUser, insert_user, prepare_user};
use super::guess::{Charge, ThrottleError};
use super::invitations::has_no_accounts;
use super::links::{IssueError, LinkError, look_at_link};
use super::notify::NoticeError;
use super::open_session::{OpenSession, SessionError};
use crate::account_policy::SignUpMode;
use crate::budget::Network;
use crate::event::EventKind;
use crate::one_time_token::{LinkToken, Purpose};
use crate::ports::{HashError, MailError, StoreError};
use crate::session::Permanence;
use crate::time::Timestamp;
use crate::user::{Role, User};

/// Why nobody was signed up, or signed up but not signed in.
#[derive(Debug, Error)]
pub enum SignUpError {
    /// This site takes nobody, or nobody without an invitation.
    #[error("making an account here needs an invitation")]
    NotInvited(SignUpMode),
    /// The invitation does not work.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Too many accounts were made from there.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// There is no account.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is one, but no session could be begun; signing in later will do.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Makes an account and signs its owner in.
///
/// 1. Who may do so is the operator's choice: anybody, or who holds an invitation, which is used up by it.
///    The link of the first start makes an administrator, while there are no accounts.
/// 2. The account is made, a member's unless by that link; the name is unique by the store's constraint.
/// 3. A mail goes to the address, if one was given, to have it confirmed, and a session begins.
///
/// # Errors
/// Any [`SignUpError`].
pub fn sign_up(
    open: &mut OpenSession,
    new: NewUser<'_>,
    permanence: Permanence,
    invitation: Option<&LinkToken>,
) -> Result<(), SignUpError> {
    let core = Arc::clone(&open.core);
    let admission = admission(&core, invitation, open)?;
    let network = Network::of(open.device.address());
    let budget = core.accounts.budgets.sign_ups;
    let charge = Charge::one(&core, "sign-ups", &[network.as_bytes()], budget, open.now)?;
    let user = match admitted(&core, new, admission, open.now) {
        Ok(user) => user,
        Err(error) => {
            if costs_nothing(&error) {
                charge.give_back()?;
            }
            return Err(error);
        }
    };
    open.note(&user, EventKind::SignedUp);
    ask_to_confirm(open, &user);
    Ok(open.establish(&user, permanence)?)
}

/// A token that lets somebody in, and as what.
struct Admission<'t> {
    token: &'t LinkToken,
    purpose: Purpose,
}

impl Admission<'_> {
    const fn role(&self) -> Role {
        match self.purpose {
            Purpose::SetUp => Role::Administrator,
            _ => Role::Member,
        }
    }
}

fn admission<'t>(
    core: &Core,
    invitation: Option<&'t LinkToken>,
    open: &OpenSession,
) -> Result<Option<Admission<'t>>, SignUpError> {
    let mode = core.accounts.sign_up;
    let Some(token) = invitation else {
        let open_to_all = mode == SignUpMode::Open;
        return if open_to_all {
            Ok(None)
        } else {
            Err(SignUpError::NotInvited(mode))
        };
    };
    let purpose = look_at_link(open, token)?.purpose;
    match purpose {
        Purpose::SetUp if has_no_accounts(core)? => {}
        Purpose::Invitation if mode != SignUpMode::Closed => {}
        Purpose::Invitation => return Err(SignUpError::NotInvited(mode)),
        _ => return Err(LinkError::Dead.into()),
    }
    Ok(Some(Admission { token, purpose }))
}

/// Makes the account. The invitation is taken last, so that mistakes in a form take it from nobody, and given
/// back when the name is taken; when that fails, too, it is used up.
fn admitted(
    core: &Core,
    new: NewUser<'_>,
    admission: Option<Admission<'_>>,
    now: Timestamp,
) -> Result<User, SignUpError> {
    let role = admission.as_ref().map_or(Role::Member, Admission::role);
    let user = prepare_user(core, NewUser { role, ..new }, now)?;
    let Some(Admission { token, purpose }) = admission else {
        return Ok(insert_user(core, user)?);
    };
    let spent = core.tokens.spend(&token.key(), purpose, now)?;
    spent.ok_or(LinkError::Dead)?;
    let made = insert_user(core, user);
    if made.is_err() {
        core.tokens.give_back(&token.key(), now)?;
    }
    Ok(made?)
}

/// What was refused before anything was tried. A name that is taken is an answer that has a price, or names
/// could be tried without end.
const fn costs_nothing(error: &SignUpError) -> bool {
    matches!(
        error,
        SignUpError::Create(CreateUserError::Invalid(_) | CreateUserError::Hash(HashError::Busy))
    )
}

/// The account is there, also when the mail cannot be sent; it can be asked for again.
fn ask_to_confirm(open: &mut OpenSession, user: &User) {
    let Some(address) = &user.email else {
        return;
    };
    let sent = addresses::send(&open.core, user, Purpose::ConfirmAddress, address, open.now);
    let untold = match sent {
        Ok(()) => return,
        Err(IssueError::Store(error)) => NoticeError::Store(error),
        Err(IssueError::Mail(error)) => NoticeError::Mail(error),
        Err(IssueError::Entropy(error)) => NoticeError::Mail(MailError::Failed(error.into())),
    };
    open.untold.push(untold);
}
