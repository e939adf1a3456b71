//! Sets up a second factor, renews its recovery codes, and removes it.
//!
//! The sealed seed waits in the session until a first code proves that the authenticator has it. Only then
//! does it become part of the account. Each change ends all other sessions (OWASP ASVS 5.0, 7.4.3).

use thiserror::Error;

use super::auth_state::AuthorityError;
use super::enter_code::{seal_context, unseal};
use super::open_session::OpenSession;
use super::throttling::{Attempt, Throttled};
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::known_device::NoKnownDevices;
use crate::ports::{Entropy, EntropyError};
use crate::second_factor::{RecoveryCode, RecoveryDigest, SealedSeed, SecondFactor, TotpSeed, TotpStep};
use crate::user::User;

/// Why the second factor was not changed.
#[derive(Debug, Error)]
pub enum EnrolRefusal {
    /// No user is signed in, or the user must re-authenticate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The account already has a second factor, which must be removed first.
    #[error("the account already has a second factor")]
    AlreadySet,
    /// The account has no second factor.
    #[error("the account has no second factor")]
    NotSet,
    /// No seed waits for its first code. The client must start again.
    #[error("start setting up a second factor first")]
    NotBegun,
    /// The code does not match the seed.
    #[error("this code is wrong; check the clock of your device")]
    WrongCode,
    /// The operator requires a second factor, so it cannot be removed.
    #[error("this site requires a second factor")]
    Required,
    /// The attempt was not made.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The session has ended or could not continue. The second factor may have changed.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(EnrolRefusal: AuthorityError, Throttled);

/// Generates a seed that waits in the session for its first code.
///
/// Repeated calls return the same seed, so a second tab or click does no harm. A new authentication discards
/// the seed.
///
/// # Errors
/// Any [`EnrolRefusal`], or a [`Failure`](super::Failure).
pub fn begin_enrolment(open: &mut OpenSession) -> Outcome<TotpSeed, EnrolRefusal> {
    let user = account_without_factor(open)?;
    if let Ok(seed) = enrolment(open) {
        return Ok(seed);
    }
    let seed = TotpSeed::generate(&*open.core().entropy)?;
    let sealed = open.core().sealer.seal(seed.expose(), &seal_context(user.id))?;
    let sealed = SealedSeed::from_stored(sealed);
    let unusable = open.record().and_then(|record| record.enrolment.clone());
    open.write(|session| {
        // Another tab may have begun meanwhile; both then show its seed.
        if session.enrolment == unusable {
            session.enrolment = Some(sealed.clone());
        }
        Ok(())
    })?;
    enrolment(open)
}

/// Returns the seed that waits for its first code.
///
/// # Errors
/// [`EnrolRefusal::NotBegun`] if no seed waits, [`EnrolRefusal::Authority`], or a
/// [`Failure`](super::Failure). If the seed cannot be decrypted, the client must start again.
pub fn enrolment(open: &OpenSession) -> Outcome<TotpSeed, EnrolRefusal> {
    let user = open.fresh_account()?;
    Ok(unseal(open.core(), user.id, sealed_seed(open)?)?)
}

fn sealed_seed(open: &OpenSession) -> Outcome<&SealedSeed, EnrolRefusal> {
    let waiting = open.record().and_then(|record| record.enrolment.as_ref());
    Ok(waiting.ok_or(EnrolRefusal::NotBegun)?)
}

/// Makes the waiting seed the account's second factor if `code` matches it. Returns the recovery codes, which
/// cannot be retrieved again.
///
/// # Errors
/// Any [`EnrolRefusal`], or a [`Failure`](super::Failure). If the session cannot continue, the second factor is
/// in force anyway. Its owner can sign in with it and renew the recovery codes.
pub fn finish_enrolment(open: &mut OpenSession, code: &str) -> Outcome<Vec<RecoveryCode>, EnrolRefusal> {
    let user = account_without_factor(open)?;
    let seed = enrolment(open)?;
    let step = check_first_code(open, &user, &seed, code)?;
    let (codes, recovery) = recovery_codes(&*open.core().entropy)?;
    let factor = SecondFactor {
        seed: sealed_seed(open)?.clone(),
        last_step: step,
        recovery,
        since: open.now(),
    };
    change_factor(open, &user, EventKind::SecondFactorEnabled, |present| {
        present.is_none().then(|| Some(factor.clone()))
    })?;
    Ok(codes)
}

fn account_without_factor(open: &OpenSession) -> Outcome<Admission, EnrolRefusal> {
    let user = open.fresh_account()?;
    if user.has_second_factor {
        Err(EnrolRefusal::AlreadySet.into())
    } else {
        Ok(user.clone())
    }
}

fn account_with_factor(open: &OpenSession) -> Outcome<Admission, EnrolRefusal> {
    let user = open.fresh_account()?;
    if user.has_second_factor {
        Ok(user.clone())
    } else {
        Err(EnrolRefusal::NotSet.into())
    }
}

fn check_first_code(
    open: &OpenSession,
    user: &Admission,
    seed: &TotpSeed,
    code: &str,
) -> Outcome<TotpStep, EnrolRefusal> {
    let account = Some((user.id, user.epoch));
    let attempt = Attempt::new(&open.context, user.name.as_str(), account, &NoKnownDevices);
    let charge = attempt.charge_code()?;
    let step = seed.step_of(code, open.now()).ok_or(EnrolRefusal::WrongCode)?;
    charge.refund()?;
    Ok(step)
}

/// Removes the second factor of the signed-in user.
///
/// # Errors
/// [`EnrolRefusal::Required`] if the operator requires a second factor, any other [`EnrolRefusal`], or a
/// [`Failure`](super::Failure).
pub fn disable_second_factor(open: &mut OpenSession) -> Outcome<(), EnrolRefusal> {
    let role = open.fresh_account()?.role;
    if open.core().account_policy.second_factor.asks(role) {
        return Err(EnrolRefusal::Required.into());
    }
    let user = account_with_factor(open)?;
    change_factor(open, &user, EventKind::SecondFactorDisabled, |present| {
        present.map(|_| None)
    })
}

/// Replaces the recovery codes and returns the new ones, which cannot be retrieved again.
///
/// # Errors
/// Any [`EnrolRefusal`], or a [`Failure`](super::Failure). If the session cannot continue, the old codes are
/// invalid and the new ones are lost; they can be renewed again.
pub fn renew_recovery_codes(open: &mut OpenSession) -> Outcome<Vec<RecoveryCode>, EnrolRefusal> {
    let user = account_with_factor(open)?;
    let (codes, recovery) = recovery_codes(&*open.core().entropy)?;
    change_factor(open, &user, EventKind::RecoveryCodesRenewed, |present| {
        present.map(|factor| {
            Some(SecondFactor {
                recovery: recovery.clone(),
                ..factor.clone()
            })
        })
    })?;
    Ok(codes)
}

/// Writes the changed second factor and the next epoch atomically, and continues this session. `change`
/// receives the present second factor and returns `None` to decline.
fn change_factor(
    open: &mut OpenSession,
    proved: &Admission,
    kind: EventKind,
    change: impl Fn(Option<&SecondFactor>) -> Option<Option<SecondFactor>>,
) -> Outcome<(), EnrolRefusal> {
    let changed = open.change_account((proved.id, proved.epoch), kind, |user| {
        let second_factor = change(user.second_factor.as_ref())?;
        Some(User {
            second_factor,
            ..user.in_next_epoch()
        })
    })?;
    let changed = changed.ok_or_else(|| open.mark_ended())?;
    Ok(open.continue_as(&Admission::from(&changed))?)
}

fn recovery_codes(entropy: &dyn Entropy) -> Result<(Vec<RecoveryCode>, Vec<RecoveryDigest>), EntropyError> {
    let codes: Vec<RecoveryCode> = (0..RecoveryCode::COUNT)
        .map(|_| RecoveryCode::generate(entropy))
        .collect::<Result<_, _>>()?;
    let digests = codes.iter().map(RecoveryCode::digest).collect();
    Ok((codes, digests))
}
