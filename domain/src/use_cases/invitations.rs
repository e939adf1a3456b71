//! Invitations: links that let other people create an account.

use std::time::Duration;

use super::Core;
use super::links::{Grant, issue, new_link};
use super::operator::Operator;
use super::use_case_error::Failure;
use crate::account_change::{AccountChange, Step};
use crate::event::EventKind;
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::{Committed, StoreError};
use crate::time::Timestamp;

/// The number of invitations read at a time.
const PAGE_SIZE: u32 = 200;

/// Creates an invitation for `uses` accounts that is valid for the duration `valid`.
///
/// # Errors
/// A [`Failure`] of the store or of the source of randomness.
pub fn invite(
    core: &Core,
    operator: &Operator,
    uses: u32,
    valid: Duration,
    now: Timestamp,
) -> Result<LinkToken, Failure> {
    let grant = Grant {
        purpose: Purpose::Invitation,
        account: None,
        address: None,
        uses,
        expires_at: now.after(valid),
    };
    let event = operator.event(None, EventKind::InvitationCreated, now);
    issue(core, &grant, &[Step::AppendEvent(event)], now)
}

/// Returns the invitations that are still valid.
///
/// # Errors
/// [`StoreError`].
pub fn invitations(core: &Core, _: &Operator, now: Timestamp) -> Result<Vec<OneTimeToken>, StoreError> {
    let mut all: Vec<OneTimeToken> = Vec::new();
    loop {
        let after = all.last().map(|token| token.key);
        let page = core
            .accounts
            .list_links(Purpose::Invitation, after.as_ref(), PAGE_SIZE, now)?;
        let is_last = page.len() < PAGE_SIZE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Revokes an invitation by its [`LinkKey::public_id`](crate::LinkKey::public_id) and returns whether there
/// was one.
///
/// # Errors
/// [`StoreError`].
pub fn revoke_invitation(
    core: &Core,
    operator: &Operator,
    id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = invitations(core, operator, now)?;
    let Some(invitation) = found.iter().find(|invitation| invitation.key.public_id() == id) else {
        return Ok(false);
    };
    let event = operator.event(None, EventKind::InvitationRevoked, now);
    let change = AccountChange::from(Step::RevokeLink(invitation.key)).and(Step::AppendEvent(event));
    Ok(core.accounts.commit(&change, now)? == Committed::Done)
}

/// Returns a link to create the first administrator, or `None` if there is an account already. It replaces
/// every earlier one.
///
/// # Errors
/// A [`Failure`] of the store or of the source of randomness.
pub fn set_up_link(core: &Core, now: Timestamp) -> Result<Option<LinkToken>, Failure> {
    let grant = Grant {
        purpose: Purpose::SetUp,
        account: None,
        address: None,
        uses: 1,
        expires_at: now.after(Purpose::SetUp.lifetime()),
    };
    loop {
        let (token, link) = new_link(core, &grant, now)?;
        let change = AccountChange::new()
            .and(Step::RequireNoUsers)
            .and(Step::RevokeLinksFor(Purpose::SetUp))
            .and(Step::IssueLink(link));
        match core.accounts.commit(&change, now)? {
            Committed::Done => return Ok(Some(token)),
            Committed::NotEmpty => return Ok(None),
            _ => {}
        }
    }
}

pub(super) fn has_no_accounts(core: &Core) -> Result<bool, StoreError> {
    Ok(core.accounts.list(None, 1)?.is_empty())
}
