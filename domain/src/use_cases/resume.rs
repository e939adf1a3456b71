//! Taking up the session of a client that presents its token.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::open_session::{OpenSession, Told};
use crate::ports::{StoreError, Touched};
use crate::session::{Device, Session};
use crate::time::Timestamp;
use crate::token::SessionToken;
use crate::user::User;

/// The time last seen is written at most this often per session, so that reading stays reading.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

/// Opens the session that `token` belongs to.
///
/// 1. The store finds it, unless it has expired.
/// 2. If somebody signed in with it, the user must still admit it: enabled, and in the same epoch; and have
///    a second factor, where one is needed.
/// 3. It is noted as seen now, if that was not noted within the last minute or the next step follows.
/// 4. The client is to be told its token anew when a tenth of the idle lifetime has passed.
///
/// A token that fails is treated as none: it opens an empty session and is never adopted as the name
/// of a new one (OWASP ASVS 5.0, 7.2.4).
///
/// # Errors
/// [`StoreError`]: then nobody may be taken for signed in.
pub fn resume(
    core: &Arc<Core>,
    token: Option<SessionToken>,
    device: Device,
    now: Timestamp,
) -> Result<OpenSession, StoreError> {
    let mut open = OpenSession::new(core, device, now);
    let Some(token) = token else {
        return Ok(open);
    };
    let Some(mut record) = core.sessions.find(&token.key(), now)? else {
        return Ok(open);
    };
    let Some(user) = admitted_user(core, &record)? else {
        return Ok(open);
    };
    // A renewal is noted at once, or each request of the next minute would see it due again.
    let renewal = renewal_is_due(&record, now);
    let due = renewal || touch_is_due(&record, now);
    if due {
        if core.sessions.touch(&record.key, now)? == Touched::Gone {
            return Ok(open);
        }
        record.last_seen_at = now;
    }
    if renewal {
        open.told = Told::Token;
    }
    open.token = Some(token);
    if let Some(user) = user {
        open.admit(user);
    }
    open.record = Some(record);
    Ok(open)
}

/// `None` when the session must not be used; `Some(None)` when it is a visitor's.
fn admitted_user(core: &Core, record: &Session) -> Result<Option<Option<User>>, StoreError> {
    let Some(authentication) = record.authentication else {
        return Ok(Some(None));
    };
    let user = core.users.find(authentication.user)?;
    Ok(user.filter(|user| user.admits(authentication.epoch)).map(Some))
}

fn touch_is_due(record: &Session, now: Timestamp) -> bool {
    now.since(record.last_seen_at) >= TOUCH_INTERVAL.min(record.lifetime.idle / 10)
}

/// Whether the tenth of the idle lifetime that `now` falls into is a later one than at the last use.
fn renewal_is_due(record: &Session, now: Timestamp) -> bool {
    let tenth = (record.lifetime.idle / 10)
        .max(Duration::from_millis(1))
        .as_millis();
    let tenth_of = |time: Timestamp| time.since(record.created_at).as_millis() / tenth;
    record.permanence.is_permanent() && tenth_of(record.last_seen_at) < tenth_of(now)
}
