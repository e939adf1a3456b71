//! Resumes the session of a client that presents its token.

use std::sync::Arc;
use std::time::Duration;

use super::client_token::ClientToken;
use super::draft::Draft;
use super::open_session::OpenSession;
use super::request_context::RequestContext;
use crate::ports::{StoreError, Touched};
use crate::session::Session;
use crate::sign_in_state::SignInState;
use crate::stage::Stage;
use crate::time::Timestamp;
use crate::token::SessionToken;

/// The time last seen is written at most this often per session, so that most requests only read.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

/// Opens the session of `token`.
///
/// 1. The store looks the session up; an expired one is absent.
/// 2. If a user is signed in, the user must be enabled and in the same epoch. If a second factor is required
///    but not set up, the user is held back.
/// 3. The session is touched if the last touch is more than a minute old or if the next step follows.
/// 4. If a further tenth of the idle lifetime has begun, the client's cookie is renewed.
///
/// An invalid token opens nothing: the session is empty, and the token is never adopted for a new session
/// (OWASP ASVS 5.0, 7.2.4). It can only be used to sign out.
///
/// # Errors
/// [`StoreError`]; the client must then not be treated as signed in.
pub fn resume(context: RequestContext, token: Option<SessionToken>) -> Result<OpenSession, StoreError> {
    let (core, now) = (Arc::clone(&context.core), context.now);
    let mut open = OpenSession::new(context);
    let Some(token) = token else {
        return Ok(open);
    };
    open.token = ClientToken::Invalid(token.clone());
    let Some(checked) = core.check.check(&token.key(), now)? else {
        return Ok(open);
    };
    let mut record = checked.session;
    let stage = match record.sign_in {
        SignInState::Visitor => Stage::Visitor,
        SignInState::PendingSecondFactor(pending) if pending.is_live(now) => {
            Stage::PendingSecondFactor(pending)
        }
        SignInState::PendingSecondFactor(_) => Stage::Visitor,
        SignInState::Complete(proof) => match checked.admission {
            Some(user) if user.admits(proof.epoch) => core.stage_of(user),
            _ => return Ok(open),
        },
    };
    // A renewal is written at once; otherwise each request of the next minute would renew again.
    let renewal = renewal_is_due(&record, now);
    if renewal || touch_is_due(&record, now) {
        if core.sessions.touch(&record.key, now)? == Touched::Gone {
            return Ok(open);
        }
        record.last_seen_at = now;
    }
    open.token = if renewal {
        ClientToken::Issued(token)
    } else {
        ClientToken::Held(token)
    };
    open.stage = stage;
    open.draft = Draft::of(record);
    Ok(open)
}

fn touch_is_due(record: &Session, now: Timestamp) -> bool {
    now.since(record.last_seen_at) >= TOUCH_INTERVAL.min(record.lifetime.idle / 10)
}

/// Returns whether `now` is in a later tenth of the idle lifetime than the last use.
fn renewal_is_due(record: &Session, now: Timestamp) -> bool {
    let tenth = (record.lifetime.idle / 10)
        .max(Duration::from_millis(1))
        .as_millis();
    let tenth_of = |time: Timestamp| time.since(record.created_at).as_millis() / tenth;
    record.permanence.is_permanent() && tenth_of(record.last_seen_at) < tenth_of(now)
}
