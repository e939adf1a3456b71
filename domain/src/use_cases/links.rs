//! Tokens of links: issuing, looking at and spending them.

use thiserror::Error;

use super::Core;
use super::guess::{Charge, ThrottleError};
use super::open_session::OpenSession;
use crate::email::EmailAddress;
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::{EntropyError, Inserted, MailError, StoreError};
use crate::time::Timestamp;
use crate::user::{Epoch, Standing, User, UserId};

/// Why a link does not work.
#[derive(Debug, Error)]
pub enum LinkError {
    /// There is no such token, it has expired, was used or replaced, or is for something else: which of
    /// these is not told.
    #[error("this link does not work any more; ask for a new one")]
    Dead,
    /// It was not even tried.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no link was handed over.
#[derive(Debug, Error)]
pub enum IssueError {
    /// No token could be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail did not go out.
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// What a token is issued for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) purpose: Purpose,
    pub(super) account: Option<(UserId, Epoch)>,
    pub(super) address: Option<EmailAddress>,
    pub(super) uses: u32,
    pub(super) expires_at: Timestamp,
}

impl Grant {
    /// A token that acts on `user`, once and for as long as its purpose allows.
    pub(super) fn for_user(purpose: Purpose, user: &User, now: Timestamp) -> Self {
        Self {
            purpose,
            account: Some((user.id, user.epoch)),
            address: None,
            uses: 1,
            expires_at: now.after(purpose.lifetime()),
        }
    }
}

/// Makes and keeps a token.
pub(super) fn issue(core: &Core, grant: &Grant, now: Timestamp) -> Result<LinkToken, IssueError> {
    loop {
        let token = LinkToken::generate(&*core.entropy)?;
        let kept = OneTimeToken {
            key: token.key(),
            purpose: grant.purpose,
            account: grant.account,
            address: grant.address.clone(),
            uses_left: grant.uses,
            created_at: now,
            expires_at: grant.expires_at,
        };
        if core.tokens.issue(&kept)? == Inserted::Done {
            return Ok(token);
        }
    }
}

/// What a link is good for, so that its page can be shown. Nothing is used up.
///
/// # Errors
/// Any [`LinkError`].
pub fn look_at_link(open: &OpenSession, token: &LinkToken) -> Result<OneTimeToken, LinkError> {
    let charge = Charge::to_network(&open.core, &open.device, open.now)?;
    let found = open.core.tokens.find(&token.key(), open.now)?;
    let found = found.ok_or(LinkError::Dead)?;
    if found.account.is_some() {
        owner(&open.core, &found)?;
    }
    charge.give_back()?;
    Ok(found)
}

/// Takes a use of a token that acts on an account, and tells whose it is.
pub(super) fn spend_for_user(
    open: &OpenSession,
    token: &LinkToken,
    purpose: Purpose,
) -> Result<(OneTimeToken, User), LinkError> {
    let charge = Charge::to_network(&open.core, &open.device, open.now)?;
    let spent = open.core.tokens.spend(&token.key(), purpose, open.now)?;
    let spent = spent.ok_or(LinkError::Dead)?;
    let user = owner(&open.core, &spent)?;
    charge.give_back()?;
    Ok((spent, user))
}

/// The user that a token acts on, if it is still good for that.
fn owner(core: &Core, token: &OneTimeToken) -> Result<User, LinkError> {
    let (id, _) = token.account.ok_or(LinkError::Dead)?;
    let user = core.users.find(id)?;
    user.filter(|user| acts_on(token, user)).ok_or(LinkError::Dead)
}

/// Whether a token still acts on `user`. What opens an account, or lets its mail be had elsewhere, is dead
/// when the account has changed its password, its factors or its standing since; what went to an address is
/// dead when the account has another one.
pub(super) fn acts_on(token: &OneTimeToken, user: &User) -> bool {
    let same_epoch = token.account.is_some_and(|(_, epoch)| user.epoch == epoch);
    let same_address = token.address.is_none() || token.address == user.email;
    user.standing == Standing::Enabled
        && match token.purpose {
            Purpose::ResetPassword => same_epoch && same_address,
            Purpose::SignIn | Purpose::ChangeAddress => same_epoch,
            Purpose::ConfirmAddress => same_address,
            Purpose::Invitation | Purpose::SetUp => false,
        }
}
