//! Setting a second factor up, renewing its recovery codes, and removing it.
//!
//! The seed waits in the session, sealed, until a first code shows that the authenticator has it; only then
//! is it part of the account. Each change ends all other sessions (OWASP ASVS 5.0, 7.4.3).

use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::change_user::change_user;
use super::enter_code::{seal_context, unseal};
use super::guess::{Target, ThrottleError};
use super::open_session::{OpenSession, SessionError};
use super::standing::AuthorityError;
use crate::event::EventKind;
use crate::ports::{Entropy, EntropyError, StoreError, UnsealError};
use crate::second_factor::{RecoveryCode, RecoveryDigest, SealedSeed, SecondFactor, TotpSeed, TotpStep};
use crate::session_data::{Change, DataError, SessionData};
use crate::user::User;

/// Why the second factor is as it was.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// Nobody is signed in, or the proof of who they are is too old.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The account has a second factor already; remove it first.
    #[error("the account has a second factor already")]
    AlreadyThere,
    /// The account has none.
    #[error("the account has no second factor")]
    NotThere,
    /// No seed waits for its first code: begin anew.
    #[error("begin setting up the second factor first")]
    NotBegun,
    /// The code does not belong to the seed.
    #[error("this code is wrong; check the clock of your device")]
    WrongCode,
    /// The operator asks for a second factor, so that it cannot be removed.
    #[error("this site asks for a second factor")]
    Required,
    /// Nothing was tried.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The seed that waits cannot be read: begin anew.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// No seed or code could be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The session has no room for the seed.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The session has ended or could not be continued; the second factor may be changed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a seed that waits in the session for its first code; asked again, it is the same one, so that a
/// second tab or a second press of the button does no harm. A new proof or sign-in drops it.
///
/// # Errors
/// Any [`EnrolError`].
pub fn begin_enrolment(open: &mut OpenSession) -> Result<TotpSeed, EnrolError> {
    let user = open.fresh_account()?.clone();
    if user.second_factor.is_some() {
        return Err(EnrolError::AlreadyThere);
    }
    if let Ok(seed) = enrolment(open) {
        return Ok(seed);
    }
    let seed = TotpSeed::generate(&*open.core.entropy)?;
    let sealed = open.core.sealer.seal(seed.expose(), &seal_context(&user))?;
    open.change(Change::Set(SessionData::ENROLMENT.to_owned(), sealed.into()))?;
    Ok(seed)
}

/// The seed that waits for its first code.
///
/// # Errors
/// Any [`EnrolError`], [`EnrolError::NotBegun`] when there is none.
pub fn enrolment(open: &OpenSession) -> Result<TotpSeed, EnrolError> {
    let user = open.fresh_account()?;
    Ok(unseal(&open.core, user, &waiting(open)?)?)
}

fn waiting(open: &OpenSession) -> Result<Vec<u8>, EnrolError> {
    let value = open.data().get(SessionData::ENROLMENT);
    let kept = value.and_then(|value| Vec::deserialize(value).ok());
    kept.ok_or(EnrolError::NotBegun)
}

/// Makes the waiting seed the account's second factor, once a code shows that the authenticator has it.
/// Gives the recovery codes, which are never to be had again.
///
/// # Errors
/// Any [`EnrolError`]. When the session cannot go on, the second factor counts all the same, and its owner,
/// who has it, signs in and renews the recovery codes.
pub fn finish_enrolment(open: &mut OpenSession, code: &str) -> Result<Vec<RecoveryCode>, EnrolError> {
    let user = open.fresh_account()?.clone();
    if user.second_factor.is_some() {
        return Err(EnrolError::AlreadyThere);
    }
    let seed = enrolment(open)?;
    let step = check_first_code(open, &user, &seed, code)?;
    let (codes, recovery) = recovery_codes(&*open.core.entropy)?;
    let factor = SecondFactor {
        seed: SealedSeed::from_stored(waiting(open)?),
        last_step: step,
        recovery,
        since: open.now,
    };
    change_factor(open, &user, EventKind::SecondFactorEnabled, |present| {
        present.is_none().then(|| Some(factor.clone()))
    })?;
    Ok(codes)
}

fn check_first_code(
    open: &OpenSession,
    user: &User,
    seed: &TotpSeed,
    code: &str,
) -> Result<TotpStep, EnrolError> {
    let core = Arc::clone(&open.core);
    let charge = Target::new(user.name.as_str(), &open.device, None).charge_code(&core, open.now)?;
    let step = seed.step_of(code, open.now).ok_or(EnrolError::WrongCode)?;
    charge.give_back()?;
    Ok(step)
}

/// Removes the second factor of whoever is signed in.
///
/// # Errors
/// Any [`EnrolError`], [`EnrolError::Required`] where the operator asks for one.
pub fn disable_second_factor(open: &mut OpenSession) -> Result<(), EnrolError> {
    let user = open.fresh_account()?.clone();
    if open.core.accounts.second_factor.asks(&user) {
        return Err(EnrolError::Required);
    }
    change_factor(open, &user, EventKind::SecondFactorDisabled, |present| {
        present.map(|_| None)
    })
}

/// Replaces the recovery codes by new ones, which are never to be had again.
///
/// # Errors
/// Any [`EnrolError`]. When the session cannot go on, the former codes are void and the new ones lost; they
/// can be renewed once more.
pub fn renew_recovery_codes(open: &mut OpenSession) -> Result<Vec<RecoveryCode>, EnrolError> {
    let user = open.fresh_account()?.clone();
    let (codes, recovery) = recovery_codes(&*open.core.entropy)?;
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

/// Writes another second factor and the next epoch in one step, and goes on with this session. `change`
/// sees what is there now, and declines with `None` what is not for it.
fn change_factor(
    open: &mut OpenSession,
    proved: &User,
    kind: EventKind,
    change: impl Fn(Option<&SecondFactor>) -> Option<Option<SecondFactor>>,
) -> Result<(), EnrolError> {
    if change(proved.second_factor.as_ref()).is_none() {
        let there = proved.second_factor.is_some();
        return Err(if there {
            EnrolError::AlreadyThere
        } else {
            EnrolError::NotThere
        });
    }
    let changed = change_user(&open.core, proved.id, |user| {
        let holds = user.admits(proved.epoch);
        let second_factor = change(user.second_factor.as_ref())?;
        holds.then(|| User {
            second_factor,
            ..user.in_next_epoch()
        })
    })?;
    let changed = changed.ok_or_else(|| EnrolError::Session(open.ended()))?;
    open.note(&changed, kind);
    Ok(open.continue_as(&changed)?)
}

fn recovery_codes(entropy: &dyn Entropy) -> Result<(Vec<RecoveryCode>, Vec<RecoveryDigest>), EntropyError> {
    let codes: Vec<RecoveryCode> = (0..RecoveryCode::COUNT)
        .map(|_| RecoveryCode::generate(entropy))
        .collect::<Result<_, _>>()?;
    let digests = codes.iter().map(RecoveryCode::digest).collect();
    Ok((codes, digests))
}
