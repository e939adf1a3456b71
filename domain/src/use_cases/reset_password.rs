//! Password reset through a mailed link.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::links::{Grant, LinkRefusal, acts_on, issue, link_for_user, spend};
use super::open_session::OpenSession;
use super::throttling::{Charge, Throttled, folded, unknown_name};
use super::use_case_error::{Failure, Outcome, refusals};
use crate::account_budget::BudgetOwner;
use crate::account_change::Step;
use crate::admission::Admission;
use crate::email::EmailAddress;
use crate::event::EventKind;
use crate::mail::{Mail, MailContent, Recipient};
use crate::one_time_token::{LinkToken, Purpose};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::StoreError;
use crate::user::{Epoch, Standing, User, UserId};
use crate::username::Username;

/// The maximum number of accounts with the same address that are mailed for one request.
const MAX_ACCOUNTS: u32 = 5;

/// Sends a link to the accounts with this name or address that have a confirmed address.
///
/// The client does not learn whether there is such an account. If there is none, a token that opens nothing
/// is stored, and a mail to nobody is created (OWASP ASVS 5.0, 6.3.8).
///
/// Strangers cannot keep the owner from resetting. A request is charged to the client's network first, and
/// earlier links stay valid until one is used. If strangers in many networks use up the mails of the account,
/// the latest of these mails has a link that works.
///
/// # Errors
/// [`Throttled`] if too many mails were requested, or a [`Failure`]. A missing account is not an error.
pub fn request_reset(open: &OpenSession, who: &str) -> Outcome<(), Throttled> {
    // The request itself is charged, so nothing is refunded.
    Charge::mail(&open.context)?.spend()?;
    let mut users = find_accounts(open.core(), who)?;
    users.retain(|user| user.standing == Standing::Enabled && user.confirmed_address().is_some());
    if users.is_empty() {
        // An unknown name is charged like an account; the result is irrelevant.
        let _ = Charge::reset_mail_for(&open.context, unknown_name(&folded(who)))?;
    }
    let mut sent = false;
    for user in &users {
        if Charge::reset_mail_for(&open.context, BudgetOwner::Account(user.id))? {
            send_to(open, user)?;
            sent = true;
        }
    }
    if sent { Ok(()) } else { Ok(send_decoy(open)?) }
}

/// Returns the accounts with this name or this confirmed address. A name that looks like an address does not
/// hide the accounts with that address.
fn find_accounts(core: &Core, who: &str) -> Result<Vec<User>, StoreError> {
    let mut users = match EmailAddress::parse(who) {
        Ok(address) => core.accounts.find_by_address(&address, MAX_ACCOUNTS)?,
        Err(_) => Vec::new(),
    };
    if let Ok(name) = Username::parse(who)
        && let Some(user) = core.accounts.find_by_name(&name)?
        && users.iter().all(|found| found.id != user.id)
    {
        users.push(user);
    }
    Ok(users)
}

/// Sends a link that is valid for as long as the account has this address.
fn send_to(open: &OpenSession, user: &User) -> Result<(), Failure> {
    let address = user.confirmed_address().cloned();
    let grant = Grant {
        address: address.clone(),
        ..Grant::for_user(Purpose::ResetPassword, &Admission::from(user), open.now())
    };
    let to = address.map_or(Recipient::Nobody, Recipient::Address);
    send(open, &grant, to, user.name.clone())
}

/// Does the same work as [`send_to`], without a recipient.
fn send_decoy(open: &OpenSession) -> Result<(), Failure> {
    let nobody = UserId::generate(&*open.core().entropy)?;
    let grant = Grant {
        purpose: Purpose::ResetPassword,
        account: Some((nobody, Epoch::default())),
        address: None,
        uses: 1,
        expires_at: open.now().after(Purpose::ResetPassword.lifetime()),
    };
    let Ok(name) = Username::parse("nobody") else {
        return Ok(());
    };
    send(open, &grant, Recipient::Nobody, name)
}

fn send(open: &OpenSession, grant: &Grant, to: Recipient, name: Username) -> Result<(), Failure> {
    let token = issue(open.core(), grant, &[], open.now())?;
    let mail = Mail {
        to,
        name,
        content: MailContent::ResetPassword(token),
    };
    Ok(open.core().mailer.send(&mail, open.now())?)
}

/// Why the password was not reset.
#[derive(Debug, Error)]
pub enum ResetPasswordRefusal {
    /// The link is not valid.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The new password breaks a rule; the link stays valid.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
}
refusals!(ResetPasswordRefusal: LinkRefusal, PasswordProblem);

/// Sets a new password for the owner of a link and returns the owner (OWASP ASVS 5.0, 6.4.3 and 7.4.3).
///
/// 1. The new password is checked and hashed; the link stays valid until the next step.
/// 2. The link is spent.
/// 3. The hash and the next epoch are written atomically, which invalidates all earlier sessions and links.
/// 4. The owner is notified.
///
/// No user is signed in by this, and the second factor is still required. If the owner was signed in with
/// this session, they are signed out.
///
/// # Errors
/// Any [`ResetPasswordRefusal`], or a [`Failure`]. If a store failed, the link may be used up, and the password
/// may have changed. After any other failure, the link stays valid.
pub fn reset_password(
    open: &mut OpenSession,
    token: &LinkToken,
    new: String,
) -> Outcome<Admission, ResetPasswordRefusal> {
    let (link, owner) = link_for_user(open, token, &[Purpose::ResetPassword])?;
    let new = NewPassword::choose(new, &open.core().account_policy.words.context_of(&owner))?;
    let hash = open.core().hasher.hash(new.as_password())?;
    let event = open.event(owner.id, EventKind::PasswordReset);
    let steps = [spend(&link), Step::AppendEvent(event.clone())];
    let changed = change_user(open.core(), owner.id, open.now(), &steps, |user| {
        acts_on(&link, &user).then(|| User {
            password_hash: hash.clone(),
            password_changed_at: open.now(),
            ..user.in_next_epoch()
        })
    })?;
    let changed = Admission::from(&changed.ok_or(LinkRefusal::Dead)?);
    open.notify(&changed, event);
    open.core().sessions.delete_all_of(changed.id)?;
    if open.account().is_some_and(|user| user.id == changed.id) {
        open.sign_out_here();
    }
    Ok(changed)
}
