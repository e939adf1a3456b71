//! Choosing a new password by a mailed link, by one who has forgotten it.

use std::sync::Arc;

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::guess::{Charge, ThrottleError, folded};
use super::links::{Grant, IssueError, LinkError, issue, look_at_link, spend_for_user};
use super::open_session::OpenSession;
use crate::budget::BudgetKey;
use crate::email::EmailAddress;
use crate::event::EventKind;
use crate::mail::{Mail, MailContent, Recipient};
use crate::one_time_token::{LinkToken, Purpose};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::{HashError, StoreError, Taken};
use crate::user::{Epoch, Standing, User, UserId};
use crate::username::Username;

/// As many accounts with one address get a mail when somebody asks for it by address.
const MOST_ACCOUNTS: u32 = 5;

/// Why no mail is on its way. That there is no such account is no reason.
#[derive(Debug, Error)]
pub enum AskForResetError {
    /// Too many mails were asked for.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The mail could not be made or handed over.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends a link to whoever the name or address belongs to, if mail is known to arrive there.
///
/// Whether there is such an account is not told: for want of one a token is kept that opens nothing, and a
/// mail made that goes nowhere (OWASP ASVS 5.0, 6.3.8).
///
/// # Errors
/// Any [`AskForResetError`].
pub fn ask_for_reset(open: &OpenSession, who: &str) -> Result<(), AskForResetError> {
    // Asking is what costs here, so that nothing is given back.
    let _ = Charge::mail(&open.core, &open.device, open.now)?;
    let mut users = named(&open.core, who.trim())?;
    users.retain(|user| user.standing == Standing::Enabled && user.confirmed_address().is_some());
    if users.is_empty() {
        // What is nobody's is charged like an account, and makes no difference to anything.
        let _ = may_be_mailed(open, &folded(who.trim()))?;
    }
    let mut sent = false;
    for user in &users {
        if may_be_mailed(open, user.name.folded())? {
            send_to(open, user)?;
            sent = true;
        }
    }
    if sent { Ok(()) } else { Ok(send_nowhere(open)?) }
}

/// Charges a mail to an account, by its name and not by what it was asked for under, or who asked under
/// each would get twice as many; tells whether it has one left.
fn may_be_mailed(open: &OpenSession, account: &str) -> Result<bool, StoreError> {
    let key = BudgetKey::new("mails for", &[account.as_bytes()]);
    let budget = open.core.accounts.budgets.mails;
    Ok(open.core.throttle.take(&key, budget, open.now)? == Taken::Granted)
}

/// The accounts that a name or an address stands for. A name that looks like somebody's address takes
/// nothing away from them.
fn named(core: &Core, who: &str) -> Result<Vec<User>, StoreError> {
    let mut users = match EmailAddress::parse(who) {
        Ok(address) => core.users.find_by_address(&address, MOST_ACCOUNTS)?,
        Err(_) => Vec::new(),
    };
    if let Ok(name) = Username::parse(who)
        && let Some(user) = core.users.find_by_name(&name)?
        && users.iter().all(|found| found.id != user.id)
    {
        users.push(user);
    }
    Ok(users)
}

/// The link is good for as long as the account has this address.
fn send_to(open: &OpenSession, user: &User) -> Result<(), IssueError> {
    let address = user.confirmed_address().cloned();
    let grant = Grant {
        address: address.clone(),
        ..Grant::for_user(Purpose::ResetPassword, user, open.now)
    };
    let to = address.map_or(Recipient::Nobody, Recipient::Address);
    send(open, &grant, to, user.name.clone())
}

/// Does what [`send_to`] does, for nobody.
fn send_nowhere(open: &OpenSession) -> Result<(), IssueError> {
    let nobody = UserId::generate(&*open.core.entropy)?;
    let grant = Grant {
        purpose: Purpose::ResetPassword,
        account: Some((nobody, Epoch::default())),
        address: None,
        uses: 1,
        expires_at: open.now.after(Purpose::ResetPassword.lifetime()),
    };
    let Ok(name) = Username::parse("nobody") else {
        return Ok(());
    };
    send(open, &grant, Recipient::Nobody, name)
}

fn send(open: &OpenSession, grant: &Grant, to: Recipient, name: Username) -> Result<(), IssueError> {
    let token = issue(&open.core, grant, open.now)?;
    let mail = Mail {
        to,
        name,
        content: MailContent::ResetPassword(token),
    };
    Ok(open.core.mailer.send(&mail, open.now)?)
}

/// Why the password is still the same.
#[derive(Debug, Error)]
pub enum ResetPasswordError {
    /// The link does not work.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The new password breaks a rule; the link still works.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// The new password could not be hashed; the link still works.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A store failed; the link may be used up, and the password be changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives the owner of a link a new password (OWASP ASVS 5.0, 6.4.3 and 7.4.3).
///
/// 1. The new password is judged and hashed, while the link stays good.
/// 2. The link is used up.
/// 3. The hash and the next epoch are written in one step: all sessions and links of before are dead.
/// 4. The owner is told. Nobody is signed in by it, and the second factor is asked for as before.
///    Where the owner is signed in already, they are not any more.
///
/// # Errors
/// Any [`ResetPasswordError`].
pub fn reset_password(
    open: &mut OpenSession,
    token: &LinkToken,
    new: String,
) -> Result<(), ResetPasswordError> {
    let core = Arc::clone(&open.core);
    let found = look_at_link(open, token)?;
    let account = found.account.filter(|_| found.purpose == Purpose::ResetPassword);
    let (id, _) = account.ok_or(LinkError::Dead)?;
    let owner = core.users.find(id)?.ok_or(LinkError::Dead)?;
    let new = NewPassword::choose(new, &core.accounts.words.context_of(&owner))?;
    let hash = core.hasher.hash(new.as_password())?;
    let (_, proved) = spend_for_user(open, token, Purpose::ResetPassword)?;
    let changed = change_user(&core, proved.id, |user| {
        let holds = user.admits(proved.epoch);
        holds.then(|| User {
            password_hash: hash.clone(),
            password_changed_at: open.now,
            ..user.in_next_epoch()
        })
    })?;
    let changed = changed.ok_or(LinkError::Dead)?;
    open.note(&changed, EventKind::PasswordReset);
    core.sessions.delete_all_of(changed.id)?;
    if open.account().is_some_and(|user| user.id == changed.id) {
        open.sign_out_here();
    }
    Ok(())
}
