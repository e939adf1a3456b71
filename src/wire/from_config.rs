//! What the checked settings mean for each adapter.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use kunci_argon2::Concurrency;
use kunci_domain::ports::Mailer;
use kunci_domain::{AccountPolicy, Budget, Budgets, Lifetime, SessionPolicy, SiteWords};
use kunci_web::TrustedProxies;
use tracing::Level;

use super::{OpenError, Stores, open_stores};
use crate::app::{App, BuildError};
use crate::config::{Config, Log, LogFormat, LogLevel};
use crate::failure::Failure;
use crate::host::host_of;

/// Starts logging to standard error, one line per event.
pub(crate) fn start_logging(log: &Log) {
    let level = match log.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
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

/// Creates the data folder if it does not exist, accessible to its owner only.
pub(crate) fn create_data_folder(config: &Config) -> Result<(), Failure> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    let failed = |error: io::Error| {
        format!(
            "the data folder {} cannot be created: {error}",
            config.data.display()
        )
    };
    created.map_err(|error| Failure::failed(failed(error)))
}

/// Opens the stores that the settings name.
pub(crate) fn stores(config: &Config) -> Result<Stores, OpenError> {
    open_stores(&config.account_store, &config.session_store, mmap_bytes(config))
}

/// Returns how much of a database file SQLite may map into memory.
pub(super) fn mmap_bytes(config: &Config) -> u64 {
    config.store.sqlite_mmap_mib * 1024 * 1024
}

/// Returns how long sessions live.
pub(crate) fn session_policy(config: &Config) -> SessionPolicy {
    let sessions = &config.sessions;
    let lifetime = |idle, absolute| Lifetime { idle, absolute };
    SessionPolicy {
        permanent: lifetime(sessions.permanent_idle.0, sessions.permanent_absolute.0),
        browser: lifetime(sessions.browser_idle.0, sessions.browser_absolute.0),
    }
}

/// Returns the rules for accounts. Passwords must not consist of the parts of the public host name, either.
pub(crate) fn account_policy(config: &Config) -> AccountPolicy {
    let accounts = &config.accounts;
    let host = config.public_url.as_ref().map(|url| host_of(&url.0));
    let words = accounts.password_words.iter().map(|word| &*word.0.0);
    AccountPolicy {
        sign_up: accounts.sign_up,
        second_factor: accounts.second_factor,
        proof_lifetime: accounts.proof_lifetime.0,
        budgets: budgets(config),
        words: SiteWords::new(words.chain(host.into_iter().flat_map(|host| host.split('.')))),
    }
}

fn budgets(config: &Config) -> Budgets {
    let throttle = &config.throttle;
    let budget = |at_once, every| Budget { at_once, every };
    Budgets {
        account: budget(throttle.guesses_at_once, throttle.guess_every.0),
        network: budget(throttle.network_guesses_at_once, throttle.network_guess_every.0),
        codes: budget(throttle.guesses_at_once, throttle.guess_every.0),
        sign_ups: budget(throttle.sign_ups_at_once, throttle.sign_up_every.0),
        mails: budget(throttle.mails_at_once, throttle.mail_every.0),
    }
}

/// Builds the app that the settings describe, with open stores and a mailer.
pub(crate) fn app(config: &Config, stores: &Stores, mailer: Arc<dyn Mailer>) -> Result<App, BuildError> {
    let hosts = config.server.redirect_hosts.iter().map(|host| host.0.to_string());
    let proxies = config.server.trusted_proxies.iter().map(|proxy| &*proxy.0.0);
    let concurrency = Concurrency {
        permits: config.permits,
        queue: config.hashing.queue,
    };
    let mut builder = App::builder()
        .session_policy(session_policy(config))
        .account_policy(account_policy(config))
        // Each was parsed alone before, so that nothing is left to refuse.
        .trusted_proxies(TrustedProxies::parse(proxies).unwrap_or_default())
        .mailer(mailer)
        .hashing(config.hashing.cost, concurrency)
        .redirect_hosts(hosts.collect())
        .secret_key_file(config.data.join("secret.key"));
    builder.stores = Some(stores.clone());
    builder.https = config.server.tls.cert.is_some();
    builder.public = config.public_url.as_ref().map(|url| url.0.clone());
    if let Some(current) = &config.secret_key {
        let all = std::iter::once(current).chain(&config.secret_key_fallbacks);
        builder.secrets = all.map(|secret| secret.0.clone()).collect();
    }
    builder.build()
}
