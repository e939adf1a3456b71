//! `kunci user ...`: looking after accounts. A running server sees each change with its next request.

use std::io::{self, BufRead, IsTerminal, Write};

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::{NewUser, create_user, delete_user, set_password, set_standing};
use kunci_domain::{EmailAddress, Role, Standing, User};
use serde_json::{Value, json};

use super::{Failure, Tools, password_input, username};
use crate::cli::UserCommand;
use crate::clock::SystemClock;
use crate::config::Config;

/// How many accounts are read at a time.
const PAGE: u32 = 500;

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
        UserCommand::Enable { name } => stand(&tools, name, Standing::Enabled),
        UserCommand::Disable { name } => stand(&tools, name, Standing::Disabled),
        UserCommand::Delete { name, yes } => delete(&tools, name, *yes),
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
    let user = create_user(&tools.core, new, SystemClock.now()).map_err(Failure::failed)?;
    println!("user {} added", user.name);
    Ok(())
}

fn list(tools: &Tools, as_json: bool) -> Result<(), Failure> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let after = all.last().map(|user| &user.name);
        let page = tools.core.users.list(after, PAGE).map_err(Failure::failed)?;
        let last = page.len() < PAGE as usize;
        all.extend(page);
        if last {
            break;
        }
    }
    if as_json {
        println!("{}", Value::from_iter(all.iter().map(as_value)));
    } else {
        all.iter().for_each(|user| println!("{}", line(user)));
    }
    Ok(())
}

fn show(tools: &Tools, name: &str, as_json: bool) -> Result<(), Failure> {
    let found = tools
        .core
        .users
        .find_by_name(&username(name)?)
        .map_err(Failure::failed)?;
    let user = found.ok_or_else(|| Failure::failed("there is no such user"))?;
    if as_json {
        println!("{}", as_value(&user));
    } else {
        println!("{}", line(&user));
    }
    Ok(())
}

fn passwd(tools: &Tools, name: &str, from_stdin: bool) -> Result<(), Failure> {
    let name = username(name)?;
    let password = password_input::new_password(from_stdin)?;
    set_password(&tools.core, &name, password, SystemClock.now()).map_err(Failure::failed)?;
    println!("password of {name} changed; all their sessions have ended");
    Ok(())
}

fn stand(tools: &Tools, name: &str, standing: Standing) -> Result<(), Failure> {
    let user = set_standing(&tools.core, &username(name)?, standing).map_err(Failure::failed)?;
    match standing {
        Standing::Enabled => println!("user {} may sign in", user.name),
        Standing::Disabled => println!("user {} is disabled; all their sessions have ended", user.name),
    }
    Ok(())
}

fn delete(tools: &Tools, name: &str, yes: bool) -> Result<(), Failure> {
    let name = username(name)?;
    if !yes && !confirmed(&format!("Delete {name} and all their sessions? [y/N] "))? {
        return Err(Failure::failed("nothing was deleted"));
    }
    let user = delete_user(&tools.core, &name).map_err(Failure::failed)?;
    println!("user {} deleted", user.name);
    Ok(())
}

fn confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::wrong_use("there is no terminal to ask at; give --yes"));
    }
    print!("{question}");
    io::stdout().flush().map_err(Failure::failed)?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Failure::failed)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

const fn role(user: &User) -> &'static str {
    match user.role {
        Role::Administrator => "administrator",
        Role::Member => "member",
    }
}

const fn standing(user: &User) -> &'static str {
    match user.standing {
        Standing::Enabled => "enabled",
        Standing::Disabled => "disabled",
    }
}

/// Names have neither spaces nor control characters, so that a line can be cut at its spaces.
fn line(user: &User) -> String {
    let email = user.email.as_ref().map_or("-", EmailAddress::as_str);
    let since = super::sessions::rfc3339(user.created_at);
    format!("{} {} {} {email} {since}", user.name, role(user), standing(user))
}

fn as_value(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "name": user.name.as_str(),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "administrator": user.role == Role::Administrator,
        "enabled": user.standing == Standing::Enabled,
        "created_at": super::sessions::rfc3339(user.created_at),
        "password_changed_at": super::sessions::rfc3339(user.password_changed_at),
    })
}
