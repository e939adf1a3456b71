//! Sign-up: users create their own account.

use std::sync::Arc;

use thiserror::Error;

use super::Core;
use super::addresses;
use super::create_user::{CreateUserError, NewUser, insert_user, prepare_user};
use super::invitations::has_no_accounts;
use super::links::{IssueError, LinkError, inspect_link};
use super::notify::NoticeError;
use super::open_session::{OpenSession, SessionError};
use super::throttling::{Charge, ThrottleError};
use crate::account_policy::SignUpMode;
use crate::budget::Network;
use crate::event::EventKind;
use crate::one_time_token::{LinkToken, Purpose};
use crate::ports::{HashError, MailError, StoreError};
use crate::session::Permanence;
use crate::time::Timestamp;
use crate::user::{Role, User};

/// Why no account was created, or why its owner was not signed in.
#[derive(Debug, Error)]
pub enum SignUpError {
    /// Sign-up is closed or needs an invitation.
    #[error("you need an invitation to create an account here")]
    NotInvited(SignUpMode),
    /// The invitation is not valid.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Too many accounts were created from this network.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The account was not created.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account was created, but no session could begin. The user can sign in later.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Creates an account and signs its owner in.
///
/// 1. The operator's setting decides whether anyone or only the holder of an invitation may sign up. The link
///    of the first start creates an administrator, as long as there are no accounts; every other sign-up
///    creates a member.
/// 2. The invitation is spent and the account is created. The store's constraint keeps the name unique.
/// 3. If there is an address, a confirmation mail is sent to it. A session begins.
///
/// # Errors
/// Any [`SignUpError`]. If a store fails, the invitation may be used up.
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
    let charge = Charge::single(&core, "sign-ups", &[network.as_bytes()], budget, open.now)?;
    let user = match create_admitted(&core, new, admission, open.now) {
        Ok(user) => user,
        Err(error) => {
            if is_refunded(&error) {
                charge.refund()?;
            }
            return Err(error);
        }
    };
    open.record_event(&user, EventKind::SignedUp);
    send_confirmation(open, &user);
    Ok(open.establish(&user, permanence)?)
}

/// A token that allows a sign-up, and its purpose.
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
    let purpose = inspect_link(open, token)?.purpose;
    match purpose {
        Purpose::SetUp if has_no_accounts(core)? => {}
        Purpose::Invitation if mode != SignUpMode::Closed => {}
        Purpose::Invitation => return Err(SignUpError::NotInvited(mode)),
        _ => return Err(LinkError::Dead.into()),
    }
    Ok(Some(Admission { token, purpose }))
}

/// Creates the account. The invitation is spent last, so that an invalid form does not use it up. If the name
/// is taken, the use is restored; if that fails too, the invitation is used up.
fn create_admitted(
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

/// Returns whether the charge is refunded because nothing was tried. A taken name is charged; otherwise names
/// could be probed without limit.
const fn is_refunded(error: &SignUpError) -> bool {
    matches!(
        error,
        SignUpError::Create(CreateUserError::Invalid(_) | CreateUserError::Hash(HashError::Busy))
    )
}

/// Sends the confirmation mail. If that fails, the account exists anyway, and the user can request the mail
/// again.
fn send_confirmation(open: &mut OpenSession, user: &User) {
    let Some(address) = &user.email else {
        return;
    };
    let sent = addresses::send(&open.core, user, Purpose::ConfirmAddress, address, open.now);
    let failure = match sent {
        Ok(()) => return,
        Err(IssueError::Store(error)) => NoticeError::Store(error),
        Err(IssueError::Mail(error)) => NoticeError::Mail(error),
        Err(IssueError::Entropy(error)) => NoticeError::Mail(MailError::Failed(error.into())),
    };
    open.failed_notices.push(failure);
}
