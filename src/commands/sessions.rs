//! `kunci session ...`: lists and ends sessions. A running server applies each change to its next request.

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::{
    RevokeSessionRefusal, UseCaseError, end_all_sessions, list_sessions, list_users, revoke_session,
};
use kunci_domain::{Session, SessionKey, UserId};
use serde_json::{Value, json};

use super::output::print_line;
use super::times::rfc3339;
use super::{Failure, Tools};
use crate::cli::SessionCommand;
use crate::clock::SystemClock;
use crate::config::Config;

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
    let user = name
        .map(|name| tools.known(name))
        .transpose()?
        .map(|user| user.id);
    let mut after: Option<SessionKey> = None;
    let mut values = Vec::new();
    loop {
        let now = SystemClock.now();
        let page = list_sessions(&tools.core, &tools.operator, user, after.as_ref(), now)?;
        for session in &page.sessions {
            match as_json {
                true => values.push(as_value(session)),
                false => print_line(&line(session))?,
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if as_json {
        print_line(&Value::from(values).to_string())?;
    }
    Ok(())
}

fn revoke(tools: &Tools, id: &str) -> Result<(), Failure> {
    match revoke_session(&tools.core, &tools.operator, id, SystemClock.now()) {
        Err(UseCaseError::Refused(RevokeSessionRefusal::Malformed)) => {
            let refused = format!("{id:?} is not an identifier from session list");
            return Err(Failure::wrong_use(refused));
        }
        revoked => revoked?,
    }
    print_line(&format!("session {id} has ended"))
}

fn revoke_all(tools: &Tools, name: &str) -> Result<(), Failure> {
    let user = tools.known(name)?;
    end_all_sessions(&tools.core, &tools.operator, user.id, SystemClock.now())?;
    print_line(&format!("all sessions of {} have ended", user.name))
}

/// Raises the epoch of every account, one after the other. Users who sign in meanwhile may stay signed in.
fn revoke_all_accounts(tools: &Tools) -> Result<(), Failure> {
    let all = list_users(&tools.core, &tools.operator)?;
    for user in &all {
        end_all_sessions(&tools.core, &tools.operator, user.id, SystemClock.now())?;
    }
    print_line(&format!("all sessions of {} accounts have ended", all.len()))
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
