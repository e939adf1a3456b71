//! The settings of the binary, from the strongest layer to the weakest:
//!
//! 1. flags, such as `--listen`,
//! 2. variables, such as `KUNCI_SERVER__LISTEN`,
//! 3. the file that `--config` or `KUNCI_CONFIG` names, else `kunci.toml` in the working folder if it exists,
//! 4. defaults.
//!
//! A secret can also be read from a file: `password_file` in place of `password`.
//! An unknown key is an error, because a misspelt limit that is silently ignored would be no limit.

mod check;
mod file;
mod layers;
mod message;
mod read;
mod schema;
mod sections;
mod values;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::thread;

use serde_json::Value;

pub(crate) use layers::Flags;
pub(crate) use message::{ConfigError, escape};
pub(crate) use schema::{KEYS, Key, json_schema};
pub(crate) use sections::{Log, LogFormat, LogLevel, Settings, Transport};
pub(crate) use values::Text;

use crate::store_url::StoreUrl;
use layers::{CONFIG_VARIABLE, Layer};

/// All settings, which follow the rules of `check`, and the values that are derived from them.
#[derive(Clone)]
pub(crate) struct Config {
    settings: Settings,
    merged: config::Config,
    /// The transport in use, never `Auto`.
    pub(crate) transport: Transport,
    /// The store for accounts.
    pub(crate) account_store: StoreUrl,
    /// The store for sessions.
    pub(crate) session_store: StoreUrl,
    /// Threads for requests that do not wait.
    pub(crate) workers: usize,
    /// Password hashes that are computed at a time.
    pub(crate) permits: NonZeroUsize,
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Config {
    /// Reads the settings and checks them. `env` is the environment. Variables of tests, and of Kubernetes
    /// and Docker links to a service named `kunci`, are ignored.
    ///
    /// # Errors
    /// [`ConfigError`] for the first mistake.
    pub(crate) fn load(
        flags: &Flags,
        env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let (variables, named) = Layer::from_variables(env)?;
        let file = match (&flags.config, named) {
            (Some(path), _) => file::read(path, Some("--config"))?,
            (None, Some(path)) => file::read(&path, Some(CONFIG_VARIABLE))?,
            (None, None) => file::read("kunci.toml".as_ref(), None)?,
        };
        let merged = layers::merged([file, variables, Layer::from_flags(flags)?]);
        // Every value was loaded alone before, so that nothing is left to refuse.
        let loaded = merged.and_then(|merged| Ok((merged.clone().try_deserialize()?, merged)));
        let (settings, merged) = loaded.map_err(|error| ConfigError::new("settings", error))?;
        let config = Self::resolve(settings, merged);
        check::all(&config).map(|()| config)
    }

    /// Fills in the defaults that depend on other settings or on the machine.
    fn resolve(mut settings: Settings, merged: config::Config) -> Self {
        let transport = settings.server.transport.resolve();
        let database = Text(StoreUrl::of_server(&settings.data));
        let account_store = settings.store.url.get_or_insert(database).0.clone();
        let session_store = settings.store.sessions.get_or_insert(Text(account_store.clone()));
        let session_store = session_store.0.clone();
        // Workers of tiny_http wait for their clients, so it has more of them than a small machine has cores.
        let default_workers = if transport == Transport::TinyHttp {
            4
        } else {
            cores().get()
        };
        let workers = *settings.server.workers.get_or_insert(default_workers);
        let permits = *settings.hashing.permits.get_or_insert_with(cores);
        Self {
            settings,
            merged,
            transport,
            account_store,
            session_store,
            workers,
            permits,
        }
    }

    /// Returns the value of a key as JSON. Because no text contains control characters, it is TOML, too.
    pub(crate) fn value(&self, key: &Key) -> Value {
        // Settings are plain data, which always has a JSON form.
        let settings = serde_json::to_value(&self.settings).unwrap_or_default();
        let value = settings.pointer(&format!("/{}", key.path.replace('.', "/")));
        value.cloned().unwrap_or_default()
    }

    /// Returns the flag, the variable or the line that gives a value, or `default`.
    pub(crate) fn source(&self, key: &Key) -> String {
        let table = match key.section() {
            "" => config::Source::collect(&self.merged),
            section => self.merged.get_table(section),
        };
        let origin = table
            .ok()
            .and_then(|table| table.get(key.name())?.origin().map(str::to_owned));
        origin.unwrap_or_else(|| "default".to_owned())
    }

    /// Returns the error for a value that contradicts another setting.
    fn conflict(&self, key: &Key, text: &str) -> ConfigError {
        let shown = message::shown(&self.value(key).to_string(), key.is_secret());
        ConfigError::invalid(&self.source(key), key, &shown, text)
    }
}

/// Returns the number of cores that this process may use, at most 64, and 1 if the system does not say.
fn cores() -> NonZeroUsize {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    NonZeroUsize::new(64).map_or(cores, |most| cores.min(most))
}
