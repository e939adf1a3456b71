//! Issues, inspects and spends the tokens of links.

use thiserror::Error;

use super::Core;
use super::open_session::OpenSession;
use super::throttling::{Charge, ThrottleError};
use crate::email::EmailAddress;
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::{EntropyError, Inserted, MailError, StoreError};
use crate::time::Timestamp;
use crate::user::{Epoch, Standing, User, UserId};

/// Why a link was not accepted.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The token is unknown, expired, used, replaced, or for another purpose. The client does not learn
    /// which.
    #[error("this link no longer works; ask for a new one")]
    Dead,
    /// The attempt was not made.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no link was issued.
#[derive(Debug, Error)]
pub enum IssueError {
    /// No token could be generated.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail was not accepted for delivery.
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// The properties of a token to issue.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) purpose: Purpose,
    pub(super) account: Option<(UserId, Epoch)>,
    pub(super) address: Option<EmailAddress>,
    pub(super) uses: u32,
    pub(super) expires_at: Timestamp,
}

impl Grant {
    /// Returns a grant for one action on `user`, with the default lifetime of the purpose.
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

/// Generates and stores a token.
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

/// Returns the stored token of a link, so that the page of the link can be shown. No use is spent.
///
/// # Errors
/// Any [`LinkError`].
pub fn inspect_link(open: &OpenSession, token: &LinkToken) -> Result<OneTimeToken, LinkError> {
    let charge = Charge::to_network(&open.core, &open.device, open.now)?;
    let found = open.core.tokens.find(&token.key(), open.now)?;
    let found = found.ok_or(LinkError::Dead)?;
    if found.account.is_some() {
        owner(&open.core, &found)?;
    }
    charge.refund()?;
    Ok(found)
}

/// Spends one use of a token that acts on an account, and returns the token and its user.
pub(super) fn spend_for_user(
    open: &OpenSession,
    token: &LinkToken,
    purpose: Purpose,
) -> Result<(OneTimeToken, User), LinkError> {
    let charge = Charge::to_network(&open.core, &open.device, open.now)?;
    let spent = open.core.tokens.spend(&token.key(), purpose, open.now)?;
    let spent = spent.ok_or(LinkError::Dead)?;
    let user = owner(&open.core, &spent)?;
    charge.refund()?;
    Ok((spent, user))
}

/// Returns the user that a token acts on, if the token is still valid for that user.
fn owner(core: &Core, token: &OneTimeToken) -> Result<User, LinkError> {
    let (id, _) = token.account.ok_or(LinkError::Dead)?;
    let user = core.users.find(id)?;
    user.filter(|user| acts_on(token, user)).ok_or(LinkError::Dead)
}

/// Returns whether a token is still valid for `user`.
///
/// A token that opens an account or changes its address is invalid once the account's password, second factor
/// or standing has changed. A token that is bound to the account's address is invalid once the account has
/// another address.
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
