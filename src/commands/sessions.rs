//! `kunci session ...`: lists and ends sessions. A running server applies each change to its next request.

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::end_all_sessions;
use kunci_domain::{Session, SessionKey, UserId};
use serde_json::{Value, json};

use super::times::rfc3339;
use super::{Failure, Tools};
use crate::cli::SessionCommand;
use crate::clock::SystemClock;
use crate::config::Config;

/// Sessions that are read at a time.
const PAGE: u32 = 500;
/// Bytes of a key that its public identifier contains.
const ID_BYTES: usize = 6;

pub(super) fn run(config: &Config, command: &SessionCommand) -> Result<(), Failure> {
    let tools = Tools::open(config)?;
    match command {
        SessionCommand::List { user, json } => list(&tools, user.as_deref(), *json),
        SessionCommand::Revoke { id } => revoke(&tools, id),
        SessionCommand::RevokeAll { name: Some(name), .. } => revoke_all(&tools, name),
        SessionCommand::RevokeAll { name: None, .. } => revoke_all_accounts(&tools),
    }
}

fn list(tools: &Tools, name: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let user = name.map(|name| tools.known(name)).transpose()?;
    let mut after: Option<SessionKey> = None;
    let mut values = Vec::new();
    loop {
        let of = user.as_ref().map(|user| user.id);
        let sessions = &tools.core.sessions;
        let page = sessions.list(of, after.as_ref(), PAGE, SystemClock.now())?;
        for session in page.iter().filter(|session| admits(tools, session)) {
            match as_json {
                true => values.push(as_value(session)),
                false => println!("{}", line(session)),
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.key),
            _ => break,
        }
    }
    if as_json {
        println!("{}", Value::from(values));
    }
    Ok(())
}

/// Whether the account of a session still admits it. The record of a session with an older epoch may not be
/// removed yet.
fn admits(tools: &Tools, session: &Session) -> bool {
    session.authentication().is_none_or(|authentication| {
        let user = tools.core.accounts.find(authentication.user).ok().flatten();
        user.is_some_and(|user| user.admits(authentication.epoch))
    })
}

fn revoke(tools: &Tools, id: &str) -> Result<(), Failure> {
    let refused = || Failure::wrong_use(format!("{id:?} is not an identifier from session list"));
    let before = key_before(id).ok_or_else(refused)?;
    let sessions = &tools.core.sessions;
    let found = sessions.list(None, before.as_ref(), 2, SystemClock.now())?;
    let mut matching = found.iter().filter(|session| session.key.public_id() == id);
    match (matching.next(), matching.next()) {
        (Some(session), None) => tools.core.sessions.delete(session)?,
        (Some(_), Some(_)) => return Err(Failure::failed("two sessions have this identifier")),
        (None, _) => return Err(Failure::failed("there is no such session")),
    };
    println!("session {id} has ended");
    Ok(())
}

fn revoke_all(tools: &Tools, name: &str) -> Result<(), Failure> {
    let user = tools.known(name)?;
    end_all_sessions(&tools.core, user.id, SystemClock.now())?;
    println!("all sessions of {} have ended", user.name);
    Ok(())
}

/// Raises the epoch of every account, one after the other. Users who sign in meanwhile may stay signed in.
fn revoke_all_accounts(tools: &Tools) -> Result<(), Failure> {
    let all = tools.all_users()?;
    for user in &all {
        end_all_sessions(&tools.core, user.id, SystemClock.now())?;
    }
    println!("all sessions of {} accounts have ended", all.len());
    Ok(())
}

/// Returns the last key before all keys with a public identifier: `Some(None)` if it is the first, `None` if
/// the text is not an identifier.
fn key_before(id: &str) -> Option<Option<SessionKey>> {
    if id.len() != 2 * ID_BYTES || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let prefix = u64::from_str_radix(id, 16).ok()?;
    Some(prefix.checked_sub(1).map(|before| {
        let mut bytes = [0xff; SessionKey::LEN];
        bytes[..ID_BYTES].copy_from_slice(&before.to_be_bytes()[8 - ID_BYTES..]);
        SessionKey::from_stored(bytes)
    }))
}

fn line(session: &Session) -> String {
    let (id, agent) = (session.key.public_id(), session.device.user_agent());
    let user = session.user().map_or_else(|| "-".to_owned(), |id| id.to_string());
    let address = session.device.address();
    let address = address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    let [created, seen] = [session.created_at, session.last_seen_at].map(rfc3339);
    format!("{id} {user} {created} {seen} {address} {agent}")
}

fn as_value(session: &Session) -> Value {
    json!({
        "id": session.key.public_id(),
        "user": session.user().as_ref().map(UserId::to_string),
        "created_at": rfc3339(session.created_at),
        "last_seen_at": rfc3339(session.last_seen_at),
        "expires_at": rfc3339(session.expires_at()),
        "permanent": session.permanence.is_permanent(),
        "address": session.device.address().map(|address| address.to_string()),
        "user_agent": session.device.user_agent(),
    })
}

#[cfg(test)]
mod tests;
