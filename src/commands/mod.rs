//! The commands of the binary: each takes settings, prints lines and ends with an exit status.

mod invitations;
mod links;
mod password_input;
mod serve;
mod sessions;
pub(crate) mod settings;
mod times;
mod tools;
mod users;

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use kunci_domain::Username;

use crate::cli::{Cli, Command};
use crate::config::{Config, Log, LogLevel};
use crate::wire;
use tools::Tools;

/// Why a command failed: one line for standard error, and the exit status.
#[derive(Debug)]
pub struct Failure {
    line: String,
    status: u8,
}

impl Failure {
    /// The command failed: exit status 1.
    fn failed(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            line: with_causes(&*error.into()),
            status: 1,
        }
    }

    /// The command was used wrongly: exit status 2.
    fn wrong_use(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            line: with_causes(&*error.into()),
            status: 2,
        }
    }
}

/// Returns an error with its causes in one line. A cause that the error already contains is not repeated.
fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

/// Runs the binary with the arguments of its command line, and returns the exit status.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match crate::cli::parse(arguments) {
        Ok(cli) => cli,
        Err(stop) if stop.status == 0 => {
            print!("{}", stop.text);
            return ExitCode::SUCCESS;
        }
        Err(stop) => {
            eprint!("{}", stop.text);
            return ExitCode::from(stop.status);
        }
    };
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("kunci: {}", failure.line);
            ExitCode::from(failure.status)
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Failure> {
    let load = || Config::load(&cli.flags(), std::env::vars_os());
    if let Command::Config(command) = &cli.command {
        return settings::run(load, command);
    }
    let config = load().map_err(Failure::wrong_use)?;
    let log = match cli.command {
        Command::Serve(_) => config.log.clone(),
        // A command prints its result; further log lines would only disturb.
        _ => Log {
            level: LogLevel::Error,
            ..config.log.clone()
        },
    };
    wire::start_logging(&log);
    match &cli.command {
        Command::Serve(_) => serve::run(&config),
        Command::User(command) => users::run(&config, command),
        Command::Invitation(command) => invitations::run(&config, command),
        Command::Session(command) => sessions::run(&config, command),
        Command::Config(_) => Ok(()),
    }
}

fn username(text: &str) -> Result<Username, Failure> {
    Username::parse(text)
        .map_err(|error| Failure::wrong_use(format!("{text:?} is not a valid user name: {error}")))
}
