//! The settings of the binary: flags, environment, file and defaults in, one checked [`Config`] out.
//!
//! The table of settings is the one place that names a setting; the names of the variables and of the keys
//! in the file, the messages, `kunci config show` and the table in the README all come from it.
//! The first of these that gives a setting decides:
//!
//! 1. a flag, such as `--listen`,
//! 2. a variable, `KUNCI_` and the key in upper case, such as `KUNCI_LISTEN`,
//! 3. the file: the one that `--config` names, else `KUNCI_CONFIG`, else `kunci.toml` in the working
//!    folder if there is one; flat TOML, keys in lower snake case,
//! 4. the default.
//!
//! Every value that is given is checked, also one that a stronger source overrides: a file that is wrong
//! today must not wait for the day when the flag is left out.
//! A key that nobody knows is an error, because a misspelt limit that is silently ignored is no limit.
//! Which variables are left alone nevertheless is said at [`Config::load`].
//!
//! Left out: opening anything that a setting names (the composition root does), making the secret key
//! when none is given, and deriving the public address from the listener.

mod accounts;
mod base;
mod check;
mod error;
mod file;
mod gather;
mod hashing;
mod limits;
mod listen;
mod loader;
mod lookup;
mod mail;
mod network;
mod origin;
mod privacy;
mod quantity;
mod secret;
mod setting;
mod show;
pub(crate) mod table;
mod words;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kunci_domain::AccountPolicy;
use kunci_web::TrustedProxies;

pub use error::{ConfigError, ConfigErrorKind};
pub use gather::{Flags, Source};
pub use limits::{HashCost, Hashing, Lifetime, Network, SessionLimits, Stores};
pub use listen::Listen;
pub use lookup::settings_table_markdown;
pub use mail::{Mail, Smtp, SmtpServer};
pub use origin::{PublicUrl, RedirectHost};
pub(crate) use privacy::escape;
pub(crate) use quantity::lifetime;
pub use secret::{SecretKey, SmtpPassword};
pub use show::Shown;
pub use words::{Log, LogFormat, LogLevel, Transport};

pub use crate::store_url::StoreUrl;

use loader::Loader;

/// All settings, checked each for itself and against one another.
///
/// It can only be made by [`Config::load`] and not be changed afterwards, so whoever holds one may rely on:
///
/// - every idle limit is at most its absolute limit, and both are from 1 second to 400 days;
/// - the cost of hashing is at least what OWASP recommends;
/// - `tiny_http` is never combined with an address that other machines can reach;
/// - paths are relative to the working folder that was given, or absolute.
///
/// `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    file: Option<PathBuf>,
    listen: Vec<Listen>,
    transport: Transport,
    tls: Option<(PathBuf, PathBuf)>,
    network: Network,
    workers: u32,
    public_url: Option<PublicUrl>,
    redirect_hosts: Vec<RedirectHost>,
    trusted_proxies: TrustedProxies,
    data: PathBuf,
    stores: Stores,
    sqlite_mmap: u64,
    sessions: SessionLimits,
    accounts: AccountPolicy,
    mail: Mail,
    hashing: Hashing,
    secret_key: Option<SecretKey>,
    secret_key_fallbacks: Vec<SecretKey>,
    log: Log,
    shown: Vec<Shown>,
}

impl Config {
    /// Reads the settings from flags, environment and file, and checks them.
    ///
    /// `env` is the environment, usually `std::env::vars_os()`; the process's own is never asked.
    /// Relative paths in settings are joined to `working_folder`; an empty path leaves them as they are.
    /// Apart from reading the one file, and asking for the number of cores when `hash_permits` is not
    /// given, the result depends on the arguments alone.
    ///
    /// Of the variables that begin with `KUNCI_`, these are left alone:
    ///
    /// - `KUNCI_TEST_...`, which belong to the tests;
    /// - those that Kubernetes and Docker links set for a service named `kunci` or `kunci-...`, such as
    ///   `KUNCI_SERVICE_HOST`, `KUNCI_PORT=tcp://10.0.0.7:80` and `KUNCI_PORT_80_TCP_ADDR`; otherwise
    ///   the server could not start beside a service of its own name.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], whose text is one line, for the first thing found wrong: an unknown key, a value
    /// that is not accepted, two settings that contradict each other, or a file that cannot be read.
    pub fn load(
        flags: &Flags,
        env: impl IntoIterator<Item = (OsString, OsString)>,
        working_folder: &Path,
    ) -> Result<Config, ConfigError> {
        let (given, file) = gather::gather(flags, env, working_folder)?;
        Loader::new(given).config(file, working_folder)
    }

    /// Every setting with its value in use and where that came from, in the order of the table.
    ///
    /// Secrets are shown as `(set)`.
    /// Printed one per line, the answer is a valid settings file with the same meaning, secrets aside.
    pub fn show(&self) -> Vec<Shown> {
        self.shown.clone()
    }

    /// The file that was read, if there was one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Where the server listens, at least one place; by default 127.0.0.1:8080.
    pub fn listen(&self) -> &[Listen] {
        &self.listen
    }

    /// What carries the requests; by default tiny_http.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The certificate and its key, when connections are encrypted here.
    pub fn tls(&self) -> Option<(&Path, &Path)> {
        self.tls
            .as_ref()
            .map(|(cert, key)| (cert.as_path(), key.as_path()))
    }

    /// What hyper allows connections.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// How many threads answer quick requests, from 1 to 256; see the table for the default.
    pub fn workers(&self) -> usize {
        // At most 256, so nothing is lost on any machine.
        self.workers as usize
    }

    /// The address that browsers use, or `None` when it is to be derived from the listener.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.public_url.as_ref()
    }

    /// The hosts, besides our own, where `next` may lead after signing in; by default none.
    pub fn redirect_hosts(&self) -> &[RedirectHost] {
        &self.redirect_hosts
    }

    /// The proxies of one's own, whose word is taken for where a client is; by default none.
    pub fn trusted_proxies(&self) -> &TrustedProxies {
        &self.trusted_proxies
    }

    /// The folder for the database and the key file; by default `data` in the working folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where accounts and sessions are kept; by default both in `kunci.db` in the data folder.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// How many bytes of a database file SQLite may map into memory, by default none.
    pub fn sqlite_mmap(&self) -> u64 {
        self.sqlite_mmap
    }

    /// How long sessions live.
    pub fn sessions(&self) -> &SessionLimits {
        &self.sessions
    }

    /// Who may make an account, who needs a second factor, and how often anybody may try.
    pub fn accounts(&self) -> &AccountPolicy {
        &self.accounts
    }

    /// Who mails come from, and the server that takes them.
    pub fn mail(&self) -> &Mail {
        &self.mail
    }

    /// What hashing a password costs, and how many may run and wait at once.
    pub fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// The key that signs cookies, or `None` when the key file in the data folder is to be used.
    pub fn secret_key(&self) -> Option<&SecretKey> {
        self.secret_key.as_ref()
    }

    /// Earlier keys, whose signatures are still accepted; by default none.
    pub fn secret_key_fallbacks(&self) -> &[SecretKey] {
        &self.secret_key_fallbacks
    }

    /// How the log is written.
    pub fn log(&self) -> &Log {
        &self.log
    }
}
