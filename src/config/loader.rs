//! Turns what is given into the checked values, one setting after the other in the order of the table.
//!
//! Left out: finding what is given (`gather`) and comparing settings with one another (`check`).

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use kunci_domain::{AccountPolicy, Budget, Budgets, SiteWords};

use super::Config;
use super::check;
use super::error::ConfigError;
use super::gather::{Given, Source};
use super::limits::{HashCost, Hashing, Network, SessionLimits, Stores};
use super::listen::joined_to;
use super::mail::Mail;
use super::setting::{Fallback, Row, Setting};
use super::show::{Shown, toml_literal};
use super::table;
use super::words::{Log, Transport};
use crate::store_url::StoreUrl;

/// The name of the database in the data folder.
const DATABASE: &str = "kunci.db";

/// The most passwords that are hashed at once, however many cores there are.
const MOST_PERMITS: usize = 64;

/// A value in use, with what a message about it needs.
pub(super) struct Found<T> {
    /// The setting that it is for.
    pub(super) row: &'static Row,
    /// The value.
    pub(super) value: T,
    /// The value as messages may show it.
    pub(super) shown: String,
    /// Where it came from.
    pub(super) source: Source,
}

/// Finds one setting after the other, and takes down what it found.
pub(super) struct Loader {
    given: Vec<Given>,
    shown: Vec<Shown>,
}

impl Loader {
    pub(super) fn new(given: Vec<Given>) -> Self {
        Loader {
            given,
            shown: Vec::new(),
        }
    }

    /// The whole configuration. The order of the lines is that of the table.
    pub(super) fn config(mut self, file: Option<PathBuf>, folder: &Path) -> Result<Config, ConfigError> {
        let listen = self.find(&table::LISTEN)?;
        let transport = self.find(&table::TRANSPORT)?;
        check::transport_may_listen(&transport, &listen)?;
        let cert = self.find_if_given(&table::TLS_CERT)?;
        let key = self.find_if_given(&table::TLS_KEY)?;
        let tls = check::tls(transport.value, cert, key)?;
        let workers = self.find_or(&table::WORKERS, || default_workers(transport.value))?;
        let network = self.network()?;
        let public_url = self.find_if_given(&table::PUBLIC_URL)?;
        let redirect_hosts = self.find(&table::REDIRECT_HOSTS)?.value;
        let trusted_proxies = self.find(&table::TRUSTED_PROXIES)?.value;
        let data = self.find(&table::DATA)?.value;
        let stores = self.stores(&data, folder)?;
        let sqlite_mmap = self.find(&table::SQLITE_MMAP)?.value;
        let sessions = self.sessions()?;
        let host = public_url.as_ref().map(|found| found.value.host());
        let accounts = self.accounts(host)?;
        let mail = self.mail()?;
        let hashing = self.hashing()?;
        let secret_key = self.find_if_given(&table::SECRET_KEY)?;
        let secret_key_fallbacks = self.find_if_given(&table::SECRET_KEY_FALLBACKS)?;
        let log = Log {
            format: self.find(&table::LOG_FORMAT)?.value,
            level: self.find(&table::LOG_LEVEL)?.value,
        };
        Ok(Config {
            file,
            listen: listen
                .value
                .into_iter()
                .map(|listen| joined_to(listen, folder))
                .collect(),
            transport: transport.value,
            tls: tls.map(|(cert, key)| (folder.join(cert), folder.join(key))),
            network,
            workers,
            public_url: public_url.map(|found| found.value),
            redirect_hosts,
            trusted_proxies,
            data: folder.join(data),
            stores,
            sqlite_mmap,
            sessions,
            accounts,
            mail,
            hashing,
            secret_key: secret_key.map(|found| found.value),
            secret_key_fallbacks: secret_key_fallbacks.map_or_else(Vec::new, |found| found.value),
            log,
            shown: self.shown,
        })
    }

    fn network(&mut self) -> Result<Network, ConfigError> {
        // Both numbers are at most a million, so nothing is lost on any machine.
        Ok(Network {
            connections: self.find(&table::MAX_CONNECTIONS)?.value as usize,
            connections_per_address: self.find(&table::MAX_CONNECTIONS_PER_ADDRESS)?.value as usize,
            handshake: self.find(&table::TLS_HANDSHAKE_TIMEOUT)?.value,
            head: self.find(&table::HEAD_TIMEOUT)?.value,
            body: self.find(&table::BODY_TIMEOUT)?.value,
            request: self.find(&table::REQUEST_TIMEOUT)?.value,
            idle: self.find(&table::IDLE_TIMEOUT)?.value,
        })
    }

    fn stores(&mut self, data: &Path, folder: &Path) -> Result<Stores, ConfigError> {
        let database = || StoreUrl::Sqlite(data.join(DATABASE));
        let main = self.find_or(&table::STORE, database)?;
        let sessions = self.find_or(&table::SESSION_STORE, || main.clone())?;
        Ok(Stores {
            main: main.joined_to(folder),
            sessions: sessions.joined_to(folder),
        })
    }

    fn sessions(&mut self) -> Result<SessionLimits, ConfigError> {
        let idle = self.find(&table::PERMANENT_IDLE)?;
        let absolute = self.find(&table::PERMANENT_ABSOLUTE)?;
        let permanent = check::lifetime(&idle, &absolute)?;
        let idle = self.find(&table::BROWSER_IDLE)?;
        let absolute = self.find(&table::BROWSER_ABSOLUTE)?;
        let browser = check::lifetime(&idle, &absolute)?;
        Ok(SessionLimits { permanent, browser })
    }

    /// The parts of the host's name are words that guessers know.
    fn accounts(&mut self, host: Option<&str>) -> Result<AccountPolicy, ConfigError> {
        Ok(AccountPolicy {
            sign_up: self.find(&table::SIGN_UP)?.value,
            second_factor: self.find(&table::SECOND_FACTOR)?.value,
            proof_lifetime: self.find(&table::PROOF_LIFETIME)?.value,
            budgets: self.budgets()?,
            words: self.words(host)?,
        })
    }

    fn words(&mut self, host: Option<&str>) -> Result<SiteWords, ConfigError> {
        let words = self.find(&table::PASSWORD_WORDS)?.value;
        let parts = host.into_iter().flat_map(|host| host.split('.'));
        Ok(SiteWords::new(words.iter().map(String::as_str).chain(parts)))
    }

    fn budgets(&mut self) -> Result<Budgets, ConfigError> {
        let account = self.budget(&table::GUESSES_AT_ONCE, &table::GUESS_EVERY)?;
        Ok(Budgets {
            account,
            network: self.budget(&table::NETWORK_GUESSES_AT_ONCE, &table::NETWORK_GUESS_EVERY)?,
            codes: account,
            sign_ups: self.budget(&table::SIGN_UPS_AT_ONCE, &table::SIGN_UP_EVERY)?,
            mails: self.budget(&table::MAILS_AT_ONCE, &table::MAIL_EVERY)?,
        })
    }

    fn budget(
        &mut self,
        at_once: &'static Setting<u32>,
        every: &'static Setting<Duration>,
    ) -> Result<Budget, ConfigError> {
        Ok(Budget {
            at_once: self.find(at_once)?.value,
            every: self.find(every)?.value,
        })
    }

    fn mail(&mut self) -> Result<Mail, ConfigError> {
        let from = self.find(&table::MAIL_FROM)?.value;
        let server = self.find_if_given(&table::SMTP)?;
        let user = self.find_if_given(&table::SMTP_USER)?;
        let password = self.find_if_given(&table::SMTP_PASSWORD)?;
        let smtp = check::smtp(server, user, password)?;
        Ok(Mail { from, smtp })
    }

    fn hashing(&mut self) -> Result<Hashing, ConfigError> {
        let memory = self.find(&table::HASH_MEMORY)?;
        let iterations = self.find(&table::HASH_ITERATIONS)?;
        check::hash_is_strong(&memory, &iterations)?;
        let cost = HashCost {
            memory_kib: memory.value,
            iterations: iterations.value,
            parallelism: self.find(&table::HASH_PARALLELISM)?.value,
        };
        let permits = self.find_or(&table::HASH_PERMITS, cores)?;
        let queue = self.find(&table::HASH_QUEUE)?.value;
        // Both are at most 1024, so nothing is lost on any machine.
        Ok(Hashing {
            cost,
            permits: permits as usize,
            queue: queue as usize,
        })
    }

    /// The value that is given, else the default text through the same parser.
    ///
    /// A setting whose default depends on something else belongs to [`find_or`](Self::find_or); here its
    /// missing default is parsed as an empty text, and refused.
    fn find<T>(&mut self, setting: &'static Setting<T>) -> Result<Found<T>, ConfigError> {
        let found = match self.given(setting)? {
            Some(found) => found,
            None => default_of(setting)?,
        };
        self.take_down(setting, &found.value, found.source.clone());
        Ok(found)
    }

    /// The value that is given, else one derived from something else.
    fn find_or<T>(
        &mut self,
        setting: &'static Setting<T>,
        default: impl FnOnce() -> T,
    ) -> Result<T, ConfigError> {
        let (value, source) = match self.given(setting)? {
            Some(found) => (found.value, found.source),
            None => (default(), Source::Default),
        };
        self.take_down(setting, &value, source);
        Ok(value)
    }

    /// The value that is given, if any.
    fn find_if_given<T>(&mut self, setting: &'static Setting<T>) -> Result<Option<Found<T>>, ConfigError> {
        let found = self.given(setting)?;
        match &found {
            Some(found) => self.take_down(setting, &found.value, found.source.clone()),
            None => {
                let (Fallback::Is(instead) | Fallback::From(instead)) = setting.row.fallback;
                self.shown.push(Shown::absent(&setting.row, instead));
            }
        }
        Ok(found)
    }

    /// The first that is given; those that it overrides are parsed too, so that no mistake stays hidden.
    fn given<T>(&self, setting: &'static Setting<T>) -> Result<Option<Found<T>>, ConfigError> {
        let row = &setting.row;
        let mut first = None;
        for given in self.given.iter().filter(|given| given.row.key == row.key) {
            let value = (setting.parse)(&given.text)
                .map_err(|refusal| ConfigError::bad_value(row, &given.shown, &given.source, &refusal))?;
            first.get_or_insert(Found {
                row,
                value,
                shown: given.shown.clone(),
                source: given.source.clone(),
            });
        }
        Ok(first)
    }

    fn take_down<T>(&mut self, setting: &Setting<T>, value: &T, source: Source) {
        let text = (setting.show)(value);
        self.shown.push(Shown::set(&setting.row, &text, source));
    }
}

fn default_of<T>(setting: &'static Setting<T>) -> Result<Found<T>, ConfigError> {
    let row = &setting.row;
    let text = match row.fallback {
        Fallback::Is(text) => text,
        Fallback::From(_) => "",
    };
    let shown = toml_literal(row.shape, text);
    let value = (setting.parse)(text)
        .map_err(|refusal| ConfigError::bad_value(row, &shown, &Source::Default, &refusal))?;
    Ok(Found {
        row,
        value,
        shown,
        source: Source::Default,
    })
}

/// Workers of tiny_http wait for their clients, so there are more of them than cores; those of hyper do not.
fn default_workers(transport: Transport) -> u32 {
    match transport {
        Transport::TinyHttp => 4,
        #[cfg(feature = "hyper")]
        Transport::Hyper => cores(),
    }
}

/// The number of cores that this process may use; one where the system does not say.
fn cores() -> u32 {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_PERMITS));
    // At most 64, so the conversion cannot fail.
    u32::try_from(cores).unwrap_or(1)
}
