//! The command line: which commands there are, and what each takes.
//!
//! Flags that give a setting are handed on as text; [`config`](crate::config) checks them, so that a
//! setting has one parser and one message wherever it comes from.
//! There is no flag for a password or a key: arguments can be read by every process of the machine and
//! stay in the shell's history. Passwords come from the terminal, or from standard input with
//! `--password-stdin`; keys from the environment or the settings file.
//! Left out: running the commands.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{Error, ErrorKind};
use clap::{Args, Parser, Subcommand};

use crate::config::{Flags, escape, lifetime, table};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "kunci",
    version,
    about = "Sign-in for anything: accounts and sessions in one small server.",
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// The flags that every command takes, before or after its name.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The flags that every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// The settings file.
    #[arg(long, global = true, value_name = "FILE", help = table::CONFIG_FILE.about)]
    pub config: Option<PathBuf>,
    /// The setting `data`.
    #[arg(long, global = true, value_name = "DIR", help = table::DATA.row.about)]
    pub data: Option<OsString>,
    /// The setting `store`.
    #[arg(long, global = true, value_name = "URL", help = table::STORE.row.about)]
    pub store: Option<OsString>,
    /// The setting `session_store`.
    #[arg(long, global = true, value_name = "URL", help = table::SESSION_STORE.row.about)]
    pub session_store: Option<OsString>,
    /// The setting `public_url`.
    #[arg(long, global = true, value_name = "URL", help = table::PUBLIC_URL.row.about)]
    pub public_url: Option<OsString>,
    /// The setting `log_format`.
    #[arg(long, global = true, value_name = "text|json", help = table::LOG_FORMAT.row.about)]
    pub log_format: Option<OsString>,
    /// The setting `log_level`.
    #[arg(
        long,
        global = true,
        value_name = "error|warn|info|debug",
        help = table::LOG_LEVEL.row.about
    )]
    pub log_level: Option<OsString>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server.
    Serve(Serve),
    /// Look after accounts.
    #[command(subcommand, arg_required_else_help = true)]
    User(UserCommand),
    /// Look after invitations.
    #[command(subcommand, arg_required_else_help = true)]
    Invitation(InvitationCommand),
    /// Look after sessions.
    #[command(subcommand, arg_required_else_help = true)]
    Session(SessionCommand),
    /// Look at the settings.
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
}

/// The flags of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The setting `listen`.
    #[arg(long, value_name = "ADDR:PORT|unix:PATH", help = table::LISTEN.row.about)]
    pub listen: Option<OsString>,
    /// The setting `transport`.
    #[arg(long, value_name = "tiny_http|hyper", help = table::TRANSPORT.row.about)]
    pub transport: Option<OsString>,
    /// The setting `tls_cert`.
    #[arg(long, value_name = "FILE", help = table::TLS_CERT.row.about)]
    pub tls_cert: Option<OsString>,
    /// The setting `tls_key`.
    #[arg(long, value_name = "FILE", help = table::TLS_KEY.row.about)]
    pub tls_key: Option<OsString>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account.
    Add {
        /// The name to sign in with.
        name: String,
        /// The address for mail.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Let the account administer the server.
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all accounts.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one account.
    Show {
        /// The name of the account.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give an account a new password, which ends its sessions.
    Passwd {
        /// The name of the account.
        name: String,
        /// Read the password from standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let a disabled account sign in again.
    Enable {
        /// The name of the account.
        name: String,
    },
    /// Keep an account from signing in, and end its sessions.
    Disable {
        /// The name of the account.
        name: String,
    },
    /// Delete an account and its sessions.
    Delete {
        /// The name of the account.
        name: String,
        /// Do not ask whether it is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Print a link that signs in once, within 15 minutes.
    Link {
        /// The name of the account.
        name: String,
        /// Let it choose a new password instead.
        #[arg(long)]
        reset: bool,
    },
    /// Remove the second factor of somebody who has lost it, and end their sessions.
    RemoveFactor {
        /// The name of the account.
        name: String,
    },
}

/// What to do with invitations.
#[derive(Debug, Subcommand)]
pub enum InvitationCommand {
    /// Print a link by which others may make an account.
    Add {
        /// How many accounts may be made with it.
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        uses: u32,
        /// How long it works.
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = validity)]
        valid: Duration,
    },
    /// List the invitations that work.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make an invitation work no more.
    Revoke {
        /// The identifier that `invitation list` shows.
        id: String,
    },
}

/// How long an invitation works: as a setting that is a lifetime.
fn validity(text: &str) -> Result<Duration, String> {
    lifetime(text).map_err(|why| format!("it {why}"))
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the sessions that are alive.
    List {
        /// Only those of this account.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// End one session.
    Revoke {
        /// The identifier that `session list` shows; it signs nobody in.
        id: String,
    },
    /// End all sessions of an account, or everybody's.
    RevokeAll {
        /// The name of the account.
        #[arg(required_unless_present = "everybody", conflicts_with = "everybody")]
        name: Option<String>,
        /// End the sessions of every account.
        #[arg(long)]
        everybody: bool,
    },
}

/// What to do with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Check the settings without starting anything.
    Check,
    /// Print all settings and where each comes from.
    Show,
}

/// Why the command line leads to no command: what to print, and the exit status to end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Whole lines; for standard output when the status is 0, else for standard error.
    pub text: String,
    /// 0 when help or the version was asked for, 2 for wrong use.
    pub status: u8,
}

/// Reads the command line, whose first argument is the name of the program.
///
/// # Errors
///
/// [`Stop`] with the text that was asked for (`--help`, `--version`), with the help and status 2 when no
/// command is given, and else with one line that says what is wrong and status 2.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    Cli::try_parse_from(arguments).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop {
            text: error.render().to_string(),
            status: 0,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop {
            text: error.render().to_string(),
            status: 2,
        },
        _ => Stop {
            text: one_line(&error),
            status: 2,
        },
    })
}

impl Cli {
    /// The settings that the command line gives.
    pub fn flags(&self) -> Flags {
        let common = &self.common;
        let mut given = vec![
            (&table::DATA.row, &common.data),
            (&table::STORE.row, &common.store),
            (&table::SESSION_STORE.row, &common.session_store),
            (&table::PUBLIC_URL.row, &common.public_url),
            (&table::LOG_FORMAT.row, &common.log_format),
            (&table::LOG_LEVEL.row, &common.log_level),
        ];
        if let Command::Serve(serve) = &self.command {
            given.extend([
                (&table::LISTEN.row, &serve.listen),
                (&table::TRANSPORT.row, &serve.transport),
                (&table::TLS_CERT.row, &serve.tls_cert),
                (&table::TLS_KEY.row, &serve.tls_key),
            ]);
        }
        let mut flags = Flags::default();
        if let Some(path) = &common.config {
            flags = flags.with_config_file(path);
        }
        for (row, value) in given {
            if let Some(value) = value {
                flags = flags.with(row.key, value);
            }
        }
        flags
    }
}

/// What clap says in a paragraph, without the usage, as one line that ends in a newline.
fn one_line(error: &Error) -> String {
    let rendered = error.render().to_string();
    let mut line = String::from("kunci:");
    for part in rendered
        .lines()
        .take_while(|part| !part.starts_with("Usage:") && !part.starts_with("For more"))
    {
        let part = part.trim().trim_start_matches("error: ");
        if part.starts_with("tip:") {
            line.push(';');
        }
        if !part.is_empty() {
            line.push(' ');
            line.push_str(&escape(part));
        }
    }
    line.push_str(" (see kunci --help)\n");
    line
}

#[cfg(test)]
mod tests;
