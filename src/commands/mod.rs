//! What each command of the binary does: settings in, lines and an exit status out.

mod invitations;
mod links;
mod password_input;
mod serve;
mod sessions;
mod settings;
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
    /// It was used rightly and did not work: exit status 1.
    fn failed(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            line: with_causes(&*error.into()),
            status: 1,
        }
    }

    /// It was used wrongly: exit status 2.
    fn wrong_use(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            line: with_causes(&*error.into()),
            status: 2,
        }
    }
}

/// An error with what lies behind it, in one line; a cause that the error names itself is not repeated.
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

/// Runs the binary: arguments in, exit status out; everything it says is written on the way.
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
    let folder = std::path::Path::new("");
    let config = Config::load(&cli.flags(), std::env::vars_os(), folder).map_err(Failure::wrong_use)?;
    let log = match cli.command {
        Command::Serve(_) => *config.log(),
        // Somebody sits before it who asked for an answer, not for a report.
        _ => Log {
            level: LogLevel::Error,
            ..*config.log()
        },
    };
    wire::start_logging(&log);
    match &cli.command {
        Command::Serve(_) => serve::run(&config),
        Command::User(command) => users::run(&config, command),
        Command::Invitation(command) => invitations::run(&config, command),
        Command::Session(command) => sessions::run(&config, command),
        Command::Config(command) => settings::run(&config, *command),
    }
}

fn username(text: &str) -> Result<Username, Failure> {
    Username::parse(text).map_err(|error| Failure::wrong_use(format!("{text:?} is no user name: {error}")))
}
