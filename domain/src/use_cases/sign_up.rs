//! Sign-up: users create their own account.

use thiserror::Error;

use super::addresses;
use super::create_user::{CreateUserRefusal, Names, NewUser, insertion, new_id, prepare_user};
use super::invitations::has_no_accounts;
use super::links::{LinkRefusal, inspect_link, new_link, spend};
use super::notify::NoticeError;
use super::open_session::OpenSession;
use super::throttling::{Charge, Throttled};
use super::use_case_error::UseCaseError::{self, Failed, Refused};
use super::use_case_error::{Failure, Outcome, SessionRefusal, refusals};
use crate::account_change::{AccountChange, Step};
use crate::account_policy::SignUpMode;
use crate::admission::Admission;
use crate::email::EmailAddress;
use crate::event::EventKind;
use crate::mail::MailContent;
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::{Committed, EntropyError, HashError};
use crate::session_policy::Permanence;
use crate::user::{Role, User};

/// Why no account was created, or why its owner was not signed in.
#[derive(Debug, Error)]
pub enum SignUpRefusal {
    /// Sign-up is closed or needs an invitation.
    #[error("you need an invitation to create an account here")]
    NotInvited(SignUpMode),
    /// The invitation is not valid.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// Too many accounts were created from this network.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The account was not created.
    #[error(transparent)]
    Create(#[from] CreateUserRefusal),
    /// The account was created, but no session could begin. The user can sign in later.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(SignUpRefusal: LinkRefusal, CreateUserRefusal, Throttled);

/// Creates an account and signs its owner in.
///
/// 1. The operator's setting decides whether anyone or only the holder of an invitation may sign up. The link
///    of the first start creates an administrator, as long as there are no accounts; every other sign-up
///    creates a member.
/// 2. The account is created in one commit with its event, its confirmation link and the use of the invitation.
///    The store's constraint keeps the name unique.
/// 3. If there is an address, a confirmation mail is sent to it, unless too many mails were sent to it. The
///    client does not learn whether it was sent. A session begins.
///
/// # Errors
/// Any [`SignUpRefusal`], or a [`Failure`]. If no session could begin, the account exists anyway; otherwise
/// nothing is changed.
pub fn sign_up(
    open: &mut OpenSession,
    new: NewUser<'_>,
    permanence: Permanence,
    invitation: Option<&LinkToken>,
) -> Outcome<(), SignUpRefusal> {
    let admission = admission(open, invitation)?;
    let charge = Charge::sign_up(&open.context)?;
    let role = role(admission.as_ref());
    // The holder of the link for the first administrator is the operator.
    let names = match role {
        Role::Administrator => Names::All,
        Role::Member => Names::Unreserved,
    };
    let prepared = prepare_user(open.core(), NewUser { role, ..new }, names, open.now());
    // Nothing was tried if the form was invalid. A taken name is charged; otherwise names could be probed
    // without limit.
    if prepared.as_ref().is_err_and(is_refunded) {
        charge.refund()?;
    } else {
        charge.spend()?;
    }
    let (user, confirmation) = create(open, prepared?, admission)?;
    let user = Admission::from(&user);
    if let (Some(token), Some(address)) = (confirmation, &user.email) {
        let mailed = mail_confirmation(open, &user, address, token);
        open.failed_notices.extend(mailed.err());
    }
    Ok(open.establish(&user, permanence)?)
}

/// Returns the role of the new user.
const fn role(admission: Option<&OneTimeToken>) -> Role {
    match admission {
        Some(OneTimeToken {
            purpose: Purpose::SetUp,
            ..
        }) => Role::Administrator,
        _ => Role::Member,
    }
}

/// Returns the link that allows the sign-up, or `None` if no link is needed.
fn admission(
    open: &OpenSession,
    invitation: Option<&LinkToken>,
) -> Outcome<Option<OneTimeToken>, SignUpRefusal> {
    let mode = open.core().account_policy.sign_up;
    let Some(token) = invitation else {
        let is_open = mode == SignUpMode::Open;
        return Ok(is_open.then_some(None).ok_or(SignUpRefusal::NotInvited(mode))?);
    };
    let link = inspect_link(open, token)?;
    match link.purpose {
        Purpose::SetUp if has_no_accounts(open.core())? => Ok(Some(link)),
        Purpose::Invitation if mode != SignUpMode::Closed => Ok(Some(link)),
        Purpose::Invitation => Err(SignUpRefusal::NotInvited(mode).into()),
        _ => Err(LinkRefusal::Dead.into()),
    }
}

/// Creates the account. Also returns the token that confirms its address, if it has one.
///
/// The account, its event, its confirmation link and the use of the invitation are one commit.
fn create(
    open: &OpenSession,
    mut user: User,
    admission: Option<OneTimeToken>,
) -> Outcome<(User, Option<LinkToken>), SignUpRefusal> {
    loop {
        let (change, token) = change(open, &user, admission.as_ref())?;
        match open.core().accounts.commit(&change, open.now())? {
            Committed::Done => return Ok((user, token)),
            Committed::NameTaken => return Err(CreateUserRefusal::NameTaken.into()),
            Committed::Collision => user.id = new_id(open.core())?,
            Committed::LinkSpent | Committed::NotEmpty | Committed::Stale | Committed::Gone => {
                return Err(LinkRefusal::Dead.into());
            }
        }
    }
}

fn change(
    open: &OpenSession,
    user: &User,
    admission: Option<&OneTimeToken>,
) -> Result<(AccountChange, Option<LinkToken>), EntropyError> {
    let mut change = AccountChange::new();
    if let Some(link) = admission {
        if link.purpose == Purpose::SetUp {
            change = change.and(Step::RequireNoUsers);
        }
        change = change.and(spend(link));
    }
    let event = open.event(user.id, EventKind::SignedUp);
    change = change.with(&insertion(user)).and(Step::AppendEvent(event));
    let Some(address) = &user.email else {
        return Ok((change, None));
    };
    let grant = addresses::grant(
        &Admission::from(user),
        Purpose::ConfirmAddress,
        address,
        open.now(),
    );
    let (token, link) = new_link(open.core(), &grant, open.now())?;
    Ok((change.and(Step::IssueLink(link)), Some(token)))
}

/// Returns whether the charge is refunded because nothing was tried.
const fn is_refunded(error: &UseCaseError<CreateUserRefusal>) -> bool {
    matches!(
        error,
        Refused(CreateUserRefusal::Invalid(_)) | Failed(Failure::Hash(HashError::Busy))
    )
}

/// Sends the confirmation mail. If that fails, the account exists anyway, and the user can request the mail
/// again.
fn mail_confirmation(
    open: &OpenSession,
    user: &Admission,
    address: &EmailAddress,
    token: LinkToken,
) -> Result<(), NoticeError> {
    if Charge::first_mail_to(&open.context, user.id, address)? {
        addresses::mail(open, user, address, MailContent::ConfirmAddress(token))?;
    }
    Ok(())
}
