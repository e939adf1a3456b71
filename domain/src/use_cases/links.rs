//! Issues and checks the tokens of links.

use thiserror::Error;

use super::Core;
use super::open_session::OpenSession;
use super::throttling::{Charge, Throttled};
use super::use_case_error::{Failure, Outcome, refusals};
use crate::account_change::{AccountChange, Step};
use crate::admission::Admission;
use crate::email::EmailAddress;
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::{Committed, EntropyError};
use crate::time::Timestamp;
use crate::user::{Epoch, Standing, User, UserId};

/// Why a link was not accepted.
#[derive(Debug, Error)]
pub enum LinkRefusal {
    /// The token is unknown, expired, used, replaced, or for another purpose. The client does not learn
    /// which.
    #[error("this link no longer works; ask for a new one")]
    Dead,
    /// The attempt was not made.
    #[error(transparent)]
    Throttled(#[from] Throttled),
}
refusals!(LinkRefusal: Throttled);

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
    pub(super) fn for_user(purpose: Purpose, user: &Admission, now: Timestamp) -> Self {
        Self {
            purpose,
            account: Some((user.id, user.epoch)),
            address: None,
            uses: 1,
            expires_at: now.after(purpose.lifetime()),
        }
    }
}

/// Generates a token and the link that a store keeps of it.
pub(super) fn new_link(
    core: &Core,
    grant: &Grant,
    now: Timestamp,
) -> Result<(LinkToken, OneTimeToken), EntropyError> {
    let token = LinkToken::generate(&*core.entropy)?;
    let link = OneTimeToken {
        key: token.key(),
        purpose: grant.purpose,
        account: grant.account,
        address: grant.address.clone(),
        uses_left: grant.uses,
        created_at: now,
        expires_at: grant.expires_at,
    };
    Ok((token, link))
}

/// Generates a token and stores it in one commit with `steps`.
pub(super) fn issue(
    core: &Core,
    grant: &Grant,
    steps: &[Step],
    now: Timestamp,
) -> Result<LinkToken, Failure> {
    loop {
        let (token, link) = new_link(core, grant, now)?;
        let change = AccountChange::from(Step::IssueLink(link)).with(steps);
        if core.accounts.commit(&change, now)? == Committed::Done {
            return Ok(token);
        }
    }
}

/// Returns the stored token of a link, so that the page of the link can be shown. No use is spent.
///
/// # Errors
/// Any [`LinkRefusal`], or a [`Failure`].
pub fn inspect_link(open: &OpenSession, token: &LinkToken) -> Outcome<OneTimeToken, LinkRefusal> {
    let charge = Charge::to_network(&open.context)?;
    let link = find(open, token)?;
    if link.account.is_some() {
        owner(open.core(), &link)?;
    }
    charge.refund()?;
    Ok(link)
}

/// Returns a link that acts on an account, and its user. The link must have one of `purposes`. No use is
/// spent: the caller commits [`spend`] together with what the link is for.
pub(super) fn link_for_user(
    open: &OpenSession,
    token: &LinkToken,
    purposes: &[Purpose],
) -> Outcome<(OneTimeToken, User), LinkRefusal> {
    let charge = Charge::to_network(&open.context)?;
    let link = find(open, token)?;
    let user = owner(open.core(), &link)?;
    charge.refund()?;
    if purposes.contains(&link.purpose) {
        Ok((link, user))
    } else {
        Err(LinkRefusal::Dead.into())
    }
}

/// Returns the step that spends one use of a link.
pub(super) const fn spend(link: &OneTimeToken) -> Step {
    Step::SpendLink(link.key, link.purpose)
}

fn find(open: &OpenSession, token: &LinkToken) -> Outcome<OneTimeToken, LinkRefusal> {
    let link = open.core().accounts.find_link(&token.key(), open.now())?;
    Ok(link.ok_or(LinkRefusal::Dead)?)
}

/// Returns the user that a link acts on, if the link is still valid for that user.
fn owner(core: &Core, link: &OneTimeToken) -> Outcome<User, LinkRefusal> {
    let (id, _) = link.account.ok_or(LinkRefusal::Dead)?;
    let user = core.accounts.find(id)?;
    let user = user.filter(|user| acts_on(link, user));
    Ok(user.ok_or(LinkRefusal::Dead)?)
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
