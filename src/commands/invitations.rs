//! `kunci invitation ...`: links with which other people can create accounts.

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::{invitations, invite, revoke_invitation};
use kunci_domain::{OneTimeToken, SignUpMode};
use serde_json::{Value, json};

use super::links::{base_for_link, link};
use super::output::print_line;
use super::times::rfc3339;
use super::{Failure, Tools};
use crate::cli::InvitationCommand;
use crate::clock::SystemClock;
use crate::config::Config;

pub(super) fn run(config: &Config, command: &InvitationCommand) -> Result<(), Failure> {
    match command {
        InvitationCommand::Add { uses, valid } => {
            let base = base_for_link(config)?;
            let tools = Tools::open(config)?;
            if tools.core.account_policy.sign_up == SignUpMode::Closed {
                let why = "invitations have no effect with accounts.sign_up = \"closed\"";
                return Err(Failure::failed(why));
            }
            let token = invite(&tools.core, &tools.operator, *uses, *valid, SystemClock.now())?;
            print_line(&link(&base, &token))
        }
        InvitationCommand::List { json } => list(&Tools::open(config)?, *json),
        InvitationCommand::Revoke { id } => revoke(&Tools::open(config)?, id),
    }
}

fn list(tools: &Tools, as_json: bool) -> Result<(), Failure> {
    let found = invitations(&tools.core, &tools.operator, SystemClock.now())?;
    if as_json {
        print_line(&Value::from_iter(found.iter().map(as_value)).to_string())
    } else {
        found.iter().try_for_each(|found| print_line(&line(found)))
    }
}

fn revoke(tools: &Tools, id: &str) -> Result<(), Failure> {
    let was_found = revoke_invitation(&tools.core, &tools.operator, id, SystemClock.now())?;
    if !was_found {
        return Err(Failure::failed("there is no such invitation"));
    }
    print_line(&format!("invitation {id} is revoked"))
}

fn line(invitation: &OneTimeToken) -> String {
    let (id, uses) = (invitation.key.public_id(), invitation.uses_left);
    let [created, expires] = [invitation.created_at, invitation.expires_at].map(rfc3339);
    format!("{id} {uses} {created} {expires}")
}

fn as_value(invitation: &OneTimeToken) -> Value {
    json!({
        "id": invitation.key.public_id(),
        "uses_left": invitation.uses_left,
        "created_at": rfc3339(invitation.created_at),
        "expires_at": rfc3339(invitation.expires_at),
    })
}
