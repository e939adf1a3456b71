//! What each command of the binary does: settings in, lines and an exit status out.

mod password_input;
mod serve;
mod sessions;
mod settings;
mod users;

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use kunci_argon2::{Argon2Hasher, Concurrency};
use kunci_domain::{Core, Username};
use kunci_rand::RandEntropy;

use crate::cli::{Cli, Command};
use crate::config::{Config, Log, LogLevel};
use crate::wire::{self, Stores};

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
        Command::Session(command) => sessions::run(&config, command),
        Command::Config(command) => settings::run(&config, *command),
    }
}

/// What a command beside the server works with: the same stores, and a hasher for one password.
struct Tools {
    core: Core,
    stores: Stores,
}

impl Tools {
    fn open(config: &Config) -> Result<Self, Failure> {
        wire::make_data_folder(config).map_err(Failure::failed)?;
        let stores = wire::stores(config).map_err(Failure::failed)?;
        let entropy = Arc::new(RandEntropy);
        let alone = Concurrency {
            permits: std::num::NonZeroUsize::MIN,
            queue: 0,
        };
        let hasher =
            Argon2Hasher::new(wire::cost(config), alone, entropy.clone()).map_err(Failure::failed)?;
        let core = Core {
            sessions: stores.sessions.clone(),
            users: stores.users.clone(),
            hasher: Arc::new(hasher),
            entropy,
            policy: wire::policy(config),
        };
        Ok(Self { core, stores })
    }
}

fn username(text: &str) -> Result<Username, Failure> {
    Username::parse(text).map_err(|error| Failure::wrong_use(format!("{text:?} is no user name: {error}")))
}
