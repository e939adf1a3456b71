//! The second step of signing in: a code of the authenticator, or a recovery code.

use std::sync::Arc;

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::guess::{Target, ThrottleError};
use super::open_session::{OpenSession, SessionError};
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::ports::{StoreError, UnsealError};
use crate::second_factor::{RecoveryCode, SecondFactor, TotpSeed};
use crate::time::Timestamp;
use crate::user::User;

/// Why the code did not sign anybody in.
#[derive(Debug, Error)]
pub enum EnterCodeError {
    /// There is no sign-in that waits for a code, or it has waited for too long: begin anew.
    #[error("sign in with your password first")]
    NotBegun,
    /// The code is wrong, or was used before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// Nothing was tried.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The seed cannot be read; recovery codes still work.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The session could not be begun.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finishes a sign-in with a code.
///
/// 1. The sign-in that waits for it is found in the session, and its user must be as it was then.
/// 2. The attempt is charged, to the account as a whole, too.
/// 3. The code is spent in the same write that checks that it was not spent before (RFC 6238, section 5.2).
/// 4. A session under a new token begins.
///
/// # Errors
/// Any [`EnterCodeError`]; then the sign-in still waits, unless it is [`EnterCodeError::NotBegun`]. When a
/// store fails, the code may be spent.
pub fn enter_code(
    open: &mut OpenSession,
    code: &str,
    devices: &dyn KnownDevices,
) -> Result<(), EnterCodeError> {
    let core = Arc::clone(&open.core);
    let pending = open.pending().ok_or(EnterCodeError::NotBegun)?;
    let user = core.users.find(pending.user)?;
    let user = user.filter(|user| user.admits(pending.epoch));
    let user = user.ok_or(EnterCodeError::NotBegun)?;
    let target = Target::new(user.name.as_str(), &open.device, devices.of(user.id));
    let user = open.check_code(&user, code, &target)?;
    let user = user.ok_or(EnterCodeError::WrongCode)?;
    Ok(open.complete_sign_in(&user, pending.permanence, &target)?)
}

/// What can go wrong with a code, beyond that it is wrong.
#[derive(Debug, Error)]
pub(super) enum CodeError {
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CodeError> for EnterCodeError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Throttle(error) => error.into(),
            CodeError::Unseal(error) => error.into(),
            CodeError::Store(error) => error.into(),
        }
    }
}

impl OpenSession {
    /// Spends a code of a user who has given the password, charged as a guess; tells who they are now. None
    /// when the code is none of theirs, or was spent before, which is noted.
    pub(super) fn check_code(
        &mut self,
        user: &User,
        code: &str,
        target: &Target,
    ) -> Result<Option<User>, CodeError> {
        let core = Arc::clone(&self.core);
        let charge = target.charge_code(&core, self.now)?;
        let Some((user, recovered)) = spend_code(&core, user, code, self.now)? else {
            target.note_failure(&core, self.now)?;
            self.note(user, EventKind::SecondFactorFailed);
            return Ok(None);
        };
        if recovered {
            self.note(&user, EventKind::RecoveryCodeUsed);
        }
        charge.give_back()?;
        Ok(Some(user))
    }
}

/// The same without a charge; tells also whether it was a recovery code. Of several that spend one code at
/// the same time one gets through.
fn spend_code(
    core: &Core,
    user: &User,
    code: &str,
    now: Timestamp,
) -> Result<Option<(User, bool)>, CodeError> {
    let Some(factor) = &user.second_factor else {
        return Ok(None);
    };
    if let Some(recovery) = RecoveryCode::parse(code) {
        let changed = spend(core, user, |factor| factor.spend_recovery(&recovery))?;
        return Ok(changed.map(|user| (user, true)));
    }
    let Some(step) = unseal(core, user, factor.seed.as_bytes())?.step_of(code, now) else {
        return Ok(None);
    };
    let changed = spend(core, user, |factor| factor.spend_step(step))?;
    Ok(changed.map(|user| (user, false)))
}

fn spend(
    core: &Core,
    proved: &User,
    spent: impl Fn(&SecondFactor) -> Option<SecondFactor>,
) -> Result<Option<User>, StoreError> {
    change_user(core, proved.id, |user| {
        let left = spent(user.second_factor.as_ref()?)?;
        let holds = user.admits(proved.epoch);
        let changed = User {
            second_factor: Some(left),
            ..user
        };
        holds.then_some(changed)
    })
}

/// Opens the seed that was sealed for a user.
pub(super) fn unseal(core: &Core, user: &User, sealed: &[u8]) -> Result<TotpSeed, UnsealError> {
    let opened = core.sealer.open(sealed, &seal_context(user))?;
    TotpSeed::from_bytes(&opened).ok_or(UnsealError(None))
}

/// A seed opens only for the account that it was sealed for.
pub(super) const fn seal_context(user: &User) -> [u8; 8] {
    user.id.as_i64().to_be_bytes()
}
