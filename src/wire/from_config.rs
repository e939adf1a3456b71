//! What the checked settings mean for each adapter.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::sync::Mutex;

use kunci_domain::{AccountPolicy, Budget, Budgets, Lifetime, SessionPolicy, SiteWords};
use kunci_web::{CookieName, Origin, SECURITY_LOG};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::backends::{OpenError, StoreOptions};
use super::log_writer::LogWriter;
use super::panic_log::log_panics;
use super::stores::Stores;
use crate::config::{Config, Log, LogFormat, LogLevel, Text};
use crate::failure::Failure;
use crate::host::{host_of, is_local, port_of};
use crate::store_url::open_stores;

/// Starts logging to standard error, one line per event, with panics among them. Lines outside the security log need the level
/// `others`.
pub(crate) fn start_logging(log: &Log, others: LogLevel) {
    let levels = Targets::new()
        .with_target(SECURITY_LOG, level(log.level))
        .with_default(level(others));
    let lines = tracing_subscriber::fmt()
        .with_writer(Mutex::new(LogWriter::new(io::stderr(), log.format)))
        .with_max_level(level(log.level))
        .with_ansi(false);
    match log.format {
        LogFormat::Json => lines.json().with_span_list(false).finish().with(levels).init(),
        LogFormat::Text => lines.finish().with(levels).init(),
    }
    log_panics();
}

const fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    }
}

/// Creates the data folder if it does not exist, accessible to its owner only. Refuses one to which all users
/// can write, because they can replace the database and the key in it.
pub(crate) fn create_data_folder(config: &Config) -> Result<(), Failure> {
    let folder = config.data.display();
    let created = DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    let mode = created.and_then(|()| Ok(config.data.metadata()?.permissions().mode()));
    match mode {
        Ok(mode) if mode & 0o002 != 0 => Err(Failure::failed(format!(
            "the data folder {folder} is writable by all users; run chmod o-w on it"
        ))),
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::failed(format!(
            "the data folder {folder} cannot be created: {error}"
        ))),
    }
}

/// Opens the stores that the settings name.
pub(crate) fn stores(config: &Config) -> Result<Stores, OpenError> {
    open_stores(
        &config.account_store,
        &config.session_store,
        store_options(config),
    )
}

/// Returns the options of the stores.
pub(super) fn store_options(config: &Config) -> StoreOptions {
    StoreOptions {
        sqlite_mmap_bytes: config.store.sqlite_mmap_mib * 1024 * 1024,
        sqlite_reserve_bytes: config.store.sqlite_reserve_mib * 1024 * 1024,
        pool_size: config.store.pool_size,
        connect_timeout: config.store.connect_timeout.0,
        query_timeout: config.store.query_timeout.0,
    }
}

/// Returns how long sessions live.
pub(crate) fn session_policy(config: &Config) -> SessionPolicy {
    let sessions = &config.sessions;
    let lifetime = |idle, absolute| Lifetime { idle, absolute };
    SessionPolicy {
        permanent: lifetime(sessions.permanent_idle.0, sessions.permanent_absolute.0),
        browser: lifetime(sessions.browser_idle.0, sessions.browser_absolute.0),
        visitor: lifetime(sessions.visitor_idle.0, sessions.visitor_absolute.0),
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
        reserved_names: accounts.reserved_names.iter().map(|name| &*name.0.0).collect(),
    }
}

/// Returns the name of the session cookie. `url` is the URL of the site, as far as it is known.
///
/// Browsers send cookies to every port of a host. So that several servers on a developer's machine do not sign each
/// other's users out, the default name depends on the port there. Port 8080 keeps the plain name, on which scripts
/// rely.
pub(crate) fn cookie_name(config: &Config, url: Option<&str>) -> CookieName {
    if let Some(Text(name)) = &config.sessions.cookie_name {
        return name.clone();
    }
    let origin = url.and_then(Origin::parse);
    let local = origin.filter(|origin| !origin.is_https() && is_local(origin));
    match local.as_ref().map(port_of) {
        None | Some(8080) => CookieName::default(),
        Some(port) => CookieName::of_port(port),
    }
}

fn budgets(config: &Config) -> Budgets {
    let throttle = &config.throttle;
    let budget = |at_once, every| Budget { at_once, every };
    Budgets {
        account: budget(throttle.guesses_at_once, throttle.guess_every.0),
        all_networks: Budget::per_day(throttle.guesses_per_day),
        network: budget(throttle.network_guesses_at_once, throttle.network_guess_every.0),
        codes: budget(throttle.guesses_at_once, throttle.guess_every.0),
        sign_ups: budget(throttle.sign_ups_at_once, throttle.sign_up_every.0),
        mails: budget(throttle.mails_at_once, throttle.mail_every.0),
        confirmations: budget(throttle.confirmations_at_once, throttle.confirmation_every.0),
        visitors: budget(throttle.visitors_at_once, throttle.visitor_every.0),
        all_visitors: budget(throttle.all_visitors_at_once, throttle.all_visitor_every.0),
    }
}
