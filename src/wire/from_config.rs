//! What the checked settings of the binary mean for each adapter.

use std::fs::DirBuilder;
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use kunci_argon2::{Concurrency, Cost};
use kunci_domain::ports::Mailer;
use kunci_domain::{Lifetime, SessionPolicy};
use thiserror::Error;

use super::{OpenError, Stores, open_stores};
use crate::app::{App, AppBuilder, BuildError};
use crate::config::{self, Config, LogFormat, LogLevel};

/// The data folder cannot be made.
#[derive(Debug, Error)]
#[error("the data folder {} cannot be made: {source}", path.display())]
pub struct DataFolderError {
    path: PathBuf,
    source: io::Error,
}

/// Sends the log to standard error, one line per event.
pub fn start_logging(log: &config::Log) {
    let level = match log.level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
    };
    let lines = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(level)
        .with_ansi(false);
    match log.format {
        LogFormat::Json => lines.json().init(),
        LogFormat::Text => lines.init(),
    }
}

/// Makes the data folder, for its owner only, unless it is there.
///
/// # Errors
/// [`DataFolderError`].
pub fn make_data_folder(config: &Config) -> Result<(), DataFolderError> {
    let path = config.data();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| DataFolderError {
        path: path.to_owned(),
        source,
    })
}

/// Opens the stores that the settings name.
///
/// # Errors
/// [`OpenError`].
pub fn stores(config: &Config) -> Result<Stores, OpenError> {
    open_stores(
        &config.stores().main,
        &config.stores().sessions,
        config.sqlite_mmap(),
    )
}

/// How long sessions live.
#[must_use]
pub fn policy(config: &Config) -> SessionPolicy {
    const fn lifetime(limits: config::Lifetime) -> Lifetime {
        Lifetime {
            idle: limits.idle,
            absolute: limits.absolute,
        }
    }
    let sessions = config.sessions();
    SessionPolicy {
        permanent: lifetime(sessions.permanent),
        browser: lifetime(sessions.browser),
    }
}

/// What a password hash costs.
#[must_use]
pub fn cost(config: &Config) -> Cost {
    let cost = config.hashing().cost;
    Cost {
        memory_kib: cost.memory_kib,
        iterations: cost.iterations,
        parallelism: cost.parallelism,
    }
}

fn concurrency(config: &Config) -> Concurrency {
    let hashing = config.hashing();
    Concurrency {
        permits: NonZeroUsize::new(hashing.permits).unwrap_or(NonZeroUsize::MIN),
        queue: hashing.queue,
    }
}

/// The app that the settings describe, on stores that are open already and with mail set up.
///
/// # Errors
/// Any [`BuildError`].
pub fn app(config: &Config, stores: &Stores, mailer: Arc<dyn Mailer>) -> Result<App, BuildError> {
    let hosts = config.redirect_hosts().iter().map(ToString::to_string).collect();
    let mut builder = App::builder()
        .session_policy(policy(config))
        .account_policy(config.accounts().clone())
        .trusted_proxies(config.trusted_proxies().clone())
        .mailer(mailer)
        .hashing(cost(config), concurrency(config))
        .redirect_hosts(hosts)
        .secret_key_file(config.data().join("secret.key"));
    builder.stores = Some(stores.clone());
    if config.tls().is_some() {
        builder = builder.https();
    }
    if let Some(url) = config.public_url() {
        builder = builder.public_url(&url.to_string())?;
    }
    keys(builder, config)?.build()
}

fn keys(mut builder: AppBuilder, config: &Config) -> Result<AppBuilder, BuildError> {
    let Some(current) = config.secret_key() else {
        return Ok(builder);
    };
    builder = builder.secret_key(current.expose())?;
    for retired in config.secret_key_fallbacks() {
        builder = builder.secret_key(retired.expose())?;
    }
    Ok(builder)
}
