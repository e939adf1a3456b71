//! The second step of a sign-in: an authenticator code or a recovery code.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::open_session::OpenSession;
use super::throttling::{Attempt, Throttled};
use super::use_case_error::{Failure, Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::ports::UnsealError;
use crate::second_factor::{RecoveryCode, SealedSeed, SecondFactor, TotpSeed};
use crate::user::{User, UserId};

/// Why the code was not accepted.
#[derive(Debug, Error)]
pub enum EnterCodeRefusal {
    /// No sign-in waits for a code, or it has expired. The client must start again.
    #[error("sign in with your password first")]
    NotBegun,
    /// The code is wrong or was used before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// The attempt was not made.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The session could not begin.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(EnterCodeRefusal: Throttled);

/// Completes a sign-in with a code.
///
/// 1. The pending sign-in is read from the session. Its user must still be in the same epoch.
/// 2. The attempt is charged to the rate limits, including the one of the whole account.
/// 3. One write checks that the code is unused and marks it as used (RFC 6238, section 5.2).
/// 4. A session with a new token begins.
///
/// # Errors
/// Any [`EnterCodeRefusal`], or a [`Failure`]. The sign-in still waits for a code, unless the refusal is
/// [`EnterCodeRefusal::NotBegun`]. If a store fails, the code may be used up. If the seed cannot be decrypted,
/// recovery codes still work.
pub fn enter_code(
    open: &mut OpenSession,
    code: &str,
    devices: &dyn KnownDevices,
) -> Outcome<(), EnterCodeRefusal> {
    let pending = open.pending().ok_or(EnterCodeRefusal::NotBegun)?;
    let first_step = pending.first_step;
    open.authenticates_as(Some(first_step.user));
    let user = open.core().accounts.find(first_step.user)?;
    let user = user.filter(|user| user.admits(first_step.epoch));
    let user = user.ok_or(EnterCodeRefusal::NotBegun)?;
    let attempt = Attempt::new(
        &open.context,
        user.name.as_str(),
        Some((user.id, user.epoch)),
        devices,
    );
    let user = open.check_code(&user, code, &attempt)?;
    let user = user.ok_or(EnterCodeRefusal::WrongCode)?;
    Ok(open.complete_sign_in(&Admission::from(&user), pending.permanence, &attempt)?)
}

impl OpenSession {
    /// Spends a code of a user who has presented the password, and returns the updated user. Returns `None`
    /// and records the failure if the code is wrong or was used before.
    pub(super) fn check_code(
        &mut self,
        user: &User,
        code: &str,
        attempt: &Attempt,
    ) -> Outcome<Option<User>, Throttled> {
        let charge = attempt.charge_code()?;
        let Some(user) = self.spend_code(user, code)? else {
            charge.spend()?;
            self.record_event(&Admission::from(user), EventKind::SecondFactorFailed);
            return Ok(None);
        };
        charge.refund()?;
        Ok(Some(user))
    }

    /// Spends a code without charging an attempt. Of several concurrent calls with one code, one succeeds.
    fn spend_code(&mut self, user: &User, code: &str) -> Result<Option<User>, Failure> {
        let Some(factor) = &user.second_factor else {
            return Ok(None);
        };
        if let Some(recovery) = RecoveryCode::parse(code) {
            let spent = |factor: &SecondFactor| factor.spend_recovery(&recovery);
            return Ok(
                self.change_account((user.id, user.epoch), EventKind::RecoveryCodeUsed, |user| {
                    with_spent(user, spent)
                })?,
            );
        }
        let Some(step) = unseal(self.core(), user.id, &factor.seed)?.step_of(code, self.now()) else {
            return Ok(None);
        };
        let spent = |factor: &SecondFactor| factor.spend_step(step);
        let changed = change_user(self.core(), user.id, self.now(), &[], |fresh| {
            if fresh.admits(user.epoch) {
                with_spent(fresh, spent)
            } else {
                None
            }
        });
        Ok(changed?)
    }
}

/// Returns the user with a code spent, or `None` if it was spent before.
fn with_spent(user: User, spent: impl Fn(&SecondFactor) -> Option<SecondFactor>) -> Option<User> {
    let left = spent(user.second_factor.as_ref()?)?;
    Some(User {
        second_factor: Some(left),
        ..user
    })
}

/// Decrypts a user's seed.
pub(super) fn unseal(core: &Core, user: UserId, sealed: &SealedSeed) -> Result<TotpSeed, UnsealError> {
    let opened = core.sealer.open(sealed.as_bytes(), &seal_context(user))?;
    TotpSeed::from_bytes(&opened).ok_or(UnsealError(None))
}

/// Returns the sealing context, which binds a seed to its account.
pub(super) const fn seal_context(user: UserId) -> [u8; 8] {
    user.as_i64().to_be_bytes()
}
