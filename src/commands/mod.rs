//! The commands of the binary: each takes settings, prints lines and ends with an exit status.

mod invitations;
mod links;
mod output;
mod password_input;
mod serve;
mod sessions;
pub(crate) mod settings;
mod times;
mod tools;
mod users;

use std::ffi::OsString;
use std::process::ExitCode;

use kunci_domain::{Username, escape_hidden};

use crate::cli::{Cli, Command};
use crate::config::{Config, LogLevel};
use crate::failure::Failure;
use crate::wire;
use output::{print_lines, write_errors};
use tools::Tools;

/// Runs the binary with the arguments of its command line, and returns the exit status.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = match crate::cli::parse(arguments) {
        Ok(cli) => dispatch(&cli),
        Err(stop) if stop.status == 0 => print_lines(&stop.text),
        Err(stop) => {
            write_errors(&stop.text);
            return ExitCode::from(stop.status);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.line.is_empty() {
                write_errors(&format!("kunci: {}\n", escape_hidden(&failure.line)));
            }
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
    // A command prints its result. Of the log lines that are no errors, only those about its acts matter.
    let others = match cli.command {
        Command::Serve(_) => config.log.level,
        _ => LogLevel::Error,
    };
    wire::start_logging(&config.log, others);
    match &cli.command {
        Command::Serve(_) => serve::run(&config),
        Command::User(command) => users::run(&config, command),
        Command::Invitation(command) => invitations::run(&config, command),
        Command::Session(command) => sessions::run(&config, command),
        Command::Config(_) => Ok(()),
    }
}

fn username(text: &str) -> Result<Username, Failure> {
    let refused = |error| Failure::wrong_use(format!("{text:?} is not a valid user name: {error}"));
    Username::parse(text).map_err(refused)
}
