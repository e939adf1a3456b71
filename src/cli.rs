//! The command line: the commands and what each takes.
//!
//! Flags that give settings are passed on as text and checked by [`config`](crate::config), so that a setting
//! has one parser and one message in every layer.
//! No flag takes a password or a key, because every process of the machine can read arguments, and shells
//! keep them. Passwords come from the terminal or from standard input; keys, and URLs of stores with a password,
//! come from variables or files.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{Error, ErrorKind};
use clap::{Args, Parser, Subcommand};

use crate::config::{Flags, escape};
use crate::durations::duration;

const STATUSES: &str = "\
Exit status: 0 for success, 1 for failure, 2 for wrong use.
If the reader of standard output has gone, a command ends quietly with status 0.";

const SIGNALS: &str = "\
SIGTERM and SIGINT finish the requests in flight and end the server with status 0.
SIGHUP reloads the certificate. Without a certificate, it does nothing.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "kunci",
    version,
    about = "Sign-in for anything: accounts and sessions in one small server.",
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = STATUSES
)]
pub(crate) struct Cli {
    /// Flags of every command, before or after its name.
    #[command(flatten)]
    pub(crate) common: Common,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Settings file [default: kunci.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for the database, the key file and mail
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<OsString>,
    /// Store for accounts
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<OsString>,
    /// Store for sessions
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) session_store: Option<OsString>,
    /// URL of the site as browsers see it
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) public_url: Option<OsString>,
    /// Format of the log
    #[arg(long, global = true, value_name = "text|json")]
    pub(crate) log_format: Option<OsString>,
    /// Least severe level that is logged
    #[arg(long, global = true, value_name = "error|warn|info|debug")]
    pub(crate) log_level: Option<OsString>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server
    #[command(after_help = SIGNALS)]
    Serve(Serve),
    /// Manage accounts
    #[command(subcommand, arg_required_else_help = true)]
    User(UserCommand),
    /// Manage invitations
    #[command(subcommand, arg_required_else_help = true)]
    Invitation(InvitationCommand),
    /// Manage sessions
    #[command(subcommand, arg_required_else_help = true)]
    Session(SessionCommand),
    /// Create, check and show settings
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address or Unix socket to listen at; may be repeated
    #[arg(long, value_name = "ADDR:PORT|unix:PATH")]
    pub(crate) listen: Vec<OsString>,
    /// HTTP server to use; auto is hyper in builds that have it
    #[arg(long, value_name = "auto|tiny_http|hyper")]
    pub(crate) transport: Option<OsString>,
    /// PEM file with the certificate and its chain
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<OsString>,
    /// PEM file with the private key
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: Option<OsString>,
}

/// Commands for accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create an account
    Add {
        /// User name
        name: String,
        /// Email address
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Make the account an administrator
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show an account
    Show {
        /// User name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set a new password, which ends all sessions of the account
    Passwd {
        /// User name
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Enable an account
    Enable {
        /// User name
        name: String,
    },
    /// Disable an account and end its sessions
    Disable {
        /// User name
        name: String,
    },
    /// Delete an account and its sessions
    Delete {
        /// User name
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Print a sign-in link, valid once and for 15 minutes
    Link {
        /// User name
        name: String,
        /// Print a link to set a new password instead
        #[arg(long)]
        reset: bool,
    },
    /// Remove a lost second factor and end all sessions of the account
    RemoveFactor {
        /// User name
        name: String,
    },
}

/// Commands for invitations.
#[derive(Debug, Subcommand)]
pub(crate) enum InvitationCommand {
    /// Print an invitation link
    Add {
        /// Accounts that can be created with it
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        uses: u32,
        /// How long it is valid
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = validity)]
        valid: Duration,
    },
    /// List valid invitations
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke an invitation
    Revoke {
        /// Identifier from `invitation list`
        id: String,
    },
}

/// Parses how long an invitation is valid.
fn validity(text: &str) -> Result<Duration, String> {
    duration(text, "1s", "400d").map_err(|why| match &*why {
        "" => "expected a duration from 1s to 400d".to_owned(),
        _ => why.into_owned(),
    })
}

/// Commands for sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List valid sessions
    List {
        /// Only the sessions of this account
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End a session
    Revoke {
        /// Identifier from `session list`
        id: String,
    },
    /// End all sessions of one account or of every account
    RevokeAll {
        /// User name
        #[arg(required_unless_present = "everybody", conflicts_with = "everybody")]
        name: Option<String>,
        /// End the sessions of every account
        #[arg(long)]
        everybody: bool,
    },
}

/// Commands for settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Write a commented settings file
    Init {
        /// New file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Check the settings
    Check,
    /// Print the settings in use and the source of each
    Show,
    /// Print the JSON schema of the settings file
    Schema {
        /// Print the reference in Markdown instead
        #[arg(long, hide = true)]
        markdown: bool,
    },
}

/// What to print instead of running a command, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Whole lines, for standard output if the status is 0, and for standard error otherwise.
    pub(crate) text: String,
    /// 0 for help and the version, 2 for wrong use.
    pub(crate) status: u8,
}

/// Parses the command line, whose first argument is the name of the program.
///
/// # Errors
/// [`Stop`] with the requested text and status 0 (`--help`, `--version`), with the help and status 2 if the
/// command is missing, and otherwise with a line that says what is wrong and status 2.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    Cli::try_parse_from(arguments).map_err(|error| {
        let (text, status) = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => (error.render().to_string(), 0),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => (error.render().to_string(), 2),
            _ => (one_line(&error), 2),
        };
        Stop { text, status }
    })
}

impl Cli {
    /// Returns the settings that the command line gives.
    pub(crate) fn flags(&self) -> Flags {
        let common = &self.common;
        let mut all = vec![
            ("--data", "data", common.data.clone()),
            ("--store", "store.url", common.store.clone()),
            ("--session-store", "store.sessions", common.session_store.clone()),
            ("--public-url", "public_url", common.public_url.clone()),
            ("--log-format", "log.format", common.log_format.clone()),
            ("--log-level", "log.level", common.log_level.clone()),
        ];
        if let Command::Serve(serve) = &self.command {
            let listen = (!serve.listen.is_empty()).then(|| serve.listen.join(OsStr::new(",")));
            all.extend([
                ("--listen", "server.listen", listen),
                ("--transport", "server.transport", serve.transport.clone()),
                ("--tls-cert", "server.tls.cert", serve.tls_cert.clone()),
                ("--tls-key", "server.tls.key", serve.tls_key.clone()),
            ]);
        }
        let given = all
            .into_iter()
            .filter_map(|(flag, path, value)| Some((flag, path, value?)));
        let (config, given) = (common.config.clone(), given.collect());
        Flags { config, given }
    }
}

/// Returns the message of clap without the usage, as one line with a line end.
fn one_line(error: &Error) -> String {
    let rendered = error.render().to_string();
    let mut line = String::from("kunci:");
    let is_end = |part: &&str| part.starts_with("Usage:") || part.starts_with("For more");
    for part in rendered.lines().take_while(|part| !is_end(part)) {
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
