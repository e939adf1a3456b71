//! `kunci user ...`: manages accounts. A running server applies each change to its next request.

use std::io::{self, BufRead, IsTerminal};

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::{
    self, AdministerRefusal, NewUser, Outcome, UseCaseError, create_user, delete_user, issue_link_for,
    list_users, remove_second_factor, set_password, set_standing,
};
use kunci_domain::{EmailAddress, Purpose, Role, Standing, User};
use serde_json::{Value, json};

use super::links::{base_for_link, link};
use super::output::{print_line, write};
use super::times::rfc3339;
use super::{Failure, Tools, password_input, username};
use crate::cli::UserCommand;
use crate::clock::SystemClock;
use crate::config::Config;

pub(super) fn run(config: &Config, command: &UserCommand) -> Result<(), Failure> {
    let tools = Tools::open(config)?;
    match command {
        UserCommand::Add {
            name,
            email,
            admin,
            password_stdin,
        } => add(&tools, name, email.as_deref(), *admin, *password_stdin),
        UserCommand::List { json } => list(&tools, *json),
        UserCommand::Show { name, json } => show(&tools, name, *json),
        UserCommand::Passwd { name, password_stdin } => passwd(&tools, name, *password_stdin),
        UserCommand::Enable { name } => set_enabled(&tools, name, Standing::Enabled),
        UserCommand::Disable { name } => set_enabled(&tools, name, Standing::Disabled),
        UserCommand::Delete { name, yes } => delete(&tools, name, *yes),
        UserCommand::Link { name, reset } => link_to(&tools, config, name, *reset),
        UserCommand::RemoveFactor { name } => remove_factor(&tools, name),
    }
}

fn add(tools: &Tools, name: &str, email: Option<&str>, admin: bool, from_stdin: bool) -> Result<(), Failure> {
    username(name)?;
    let password = password_input::new_password(from_stdin)?;
    let role = if admin { Role::Administrator } else { Role::Member };
    let new = NewUser {
        name,
        email: email.unwrap_or_default(),
        password,
        role,
    };
    let user = create_user(&tools.core, &tools.operator, new, SystemClock.now())?;
    let done = match &user.email {
        None => format!("user {} added", user.name),
        Some(email) => format!("user {} added; {} is not confirmed", user.name, email.as_str()),
    };
    print_line(&done)
}

fn list(tools: &Tools, as_json: bool) -> Result<(), Failure> {
    let all = list_users(&tools.core, &tools.operator)?;
    if as_json {
        print_line(&Value::from_iter(all.iter().map(as_value)).to_string())
    } else {
        all.iter().try_for_each(|user| print_line(&line(user)))
    }
}

fn show(tools: &Tools, name: &str, as_json: bool) -> Result<(), Failure> {
    let user = tools.known(name)?;
    let text = if as_json {
        as_value(&user).to_string()
    } else {
        line(&user)
    };
    print_line(&text)
}

fn passwd(tools: &Tools, name: &str, from_stdin: bool) -> Result<(), Failure> {
    let name = username(name)?;
    let password = password_input::new_password(from_stdin)?;
    let changed = set_password(&tools.core, &tools.operator, &name, password, SystemClock.now());
    report(
        changed,
        &format!("password of {name} changed; all their sessions have ended"),
    )
}

fn set_enabled(tools: &Tools, name: &str, standing: Standing) -> Result<(), Failure> {
    let name = username(name)?;
    let changed = set_standing(&tools.core, &tools.operator, &name, standing, SystemClock.now());
    let done = match standing {
        Standing::Enabled => format!("user {name} may sign in"),
        Standing::Disabled => format!("user {name} is disabled; all their sessions have ended"),
    };
    report(changed, &done)
}

fn remove_factor(tools: &Tools, name: &str) -> Result<(), Failure> {
    let user = tools.known(name)?;
    if user.second_factor.is_none() {
        return Err(Failure::failed("this user has no second factor"));
    }
    let changed = remove_second_factor(&tools.core, &tools.operator, &user.name, SystemClock.now());
    let name = user.name;
    report(
        changed,
        &format!("second factor of {name} removed; all their sessions have ended"),
    )
}

/// Prints what was done. If only the notice to the user could not be sent, the command prints it and fails.
fn report(changed: Outcome<User, AdministerRefusal>, done: &str) -> Result<(), Failure> {
    let is_done = matches!(
        changed,
        Ok(_) | Err(UseCaseError::Failed(use_cases::Failure::Notice(_)))
    );
    let printed = if is_done { print_line(done) } else { Ok(()) };
    changed?;
    printed
}

/// Prints the link and nothing else, so that scripts can pass it on.
fn link_to(tools: &Tools, config: &Config, name: &str, reset: bool) -> Result<(), Failure> {
    let name = username(name)?;
    let base = base_for_link(config)?;
    let purpose = match reset {
        true => Purpose::ResetPassword,
        false => Purpose::SignIn,
    };
    let token = issue_link_for(&tools.core, &tools.operator, &name, purpose, SystemClock.now())?;
    print_line(&link(&base, &token))
}

fn delete(tools: &Tools, name: &str, yes: bool) -> Result<(), Failure> {
    let name = username(name)?;
    if !yes && !confirmed(&format!("Delete {name} and all their sessions? [y/N] "))? {
        return Err(Failure::failed("nothing was deleted"));
    }
    let user = delete_user(&tools.core, &tools.operator, &name, SystemClock.now())?;
    print_line(&format!("user {} deleted", user.name))
}

fn confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::wrong_use("standard input is not a terminal; give --yes"));
    }
    // Nobody can confirm a question that is not shown.
    if write(question).is_err() {
        return Ok(false);
    }
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

/// Returns a line of `user list`. Names contain no spaces, so that scripts can split the line at spaces.
fn line(user: &User) -> String {
    let either = |is: bool, yes, no| if is { yes } else { no };
    let role = either(user.role == Role::Administrator, "administrator", "member");
    let standing = either(user.standing == Standing::Enabled, "enabled", "disabled");
    let email = user.email.as_ref().map_or("-", EmailAddress::as_str);
    let since = rfc3339(user.created_at);
    let confirmation = match (&user.email, user.email_confirmed_at) {
        (None, _) => "-",
        (Some(_), None) => "unconfirmed",
        (Some(_), Some(_)) => "confirmed",
    };
    let factor = either(user.second_factor.is_some(), "second-factor", "-");
    format!(
        "{} {role} {standing} {email} {since} {confirmation} {factor}",
        user.name
    )
}

fn as_value(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "name": user.name.as_str(),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "email_confirmed": user.confirmed_address().is_some(),
        "second_factor": user.second_factor.is_some(),
        "administrator": user.role == Role::Administrator,
        "enabled": user.standing == Standing::Enabled,
        "created_at": rfc3339(user.created_at),
        "password_changed_at": rfc3339(user.password_changed_at),
    })
}
