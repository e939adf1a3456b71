//! The table of settings: every one that there is, and nothing about it anywhere else.
//!
//! A new setting is a `static` here, a line in [`ROWS`], a field in `Config` and a line in `loader`;
//! a test compares the last with the table.
//! Left out: the form of a row (`setting`), finding one (`lookup`), how values are read (`quantity`,
//! `words`, `listen`, ...) and how they are combined (`check`).

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use super::accounts::*;
pub(crate) use super::hashing::*;
use super::listen::{self, Listen, path_from};
pub(crate) use super::mail::*;
pub(crate) use super::network::*;
use super::origin::{PublicUrl, RedirectHost};
use super::privacy::Privacy;
use super::quantity::{duration, map_size, show_duration, show_size, whole};
use super::secret::SecretKey;
use super::setting::{Fallback, Shape};
pub(crate) use super::setting::{Row, Setting};
use super::words::{LogFormat, LogLevel, Transport};
use crate::store_url::StoreUrl;

const LIFE: &str = "a duration in whole seconds from 1s to 400d, such as 12h or 7d";
const KEY: &str = "at least 32 bytes as hexadecimal (64 digits or more) or base64url";
const KEYS: &str = "keys, each at least 32 bytes as hexadecimal (64 digits or more) or base64url";
const STORE_URL: &str = "sqlite:PATH or memory:";

/// All settings, in the order in which they are shown.
pub(super) static ROWS: [&Row; 48] = [
    &LISTEN.row,
    &TRANSPORT.row,
    &TLS_CERT.row,
    &TLS_KEY.row,
    &WORKERS.row,
    &MAX_CONNECTIONS.row,
    &MAX_CONNECTIONS_PER_ADDRESS.row,
    &TLS_HANDSHAKE_TIMEOUT.row,
    &HEAD_TIMEOUT.row,
    &BODY_TIMEOUT.row,
    &REQUEST_TIMEOUT.row,
    &IDLE_TIMEOUT.row,
    &PUBLIC_URL.row,
    &REDIRECT_HOSTS.row,
    &TRUSTED_PROXIES.row,
    &DATA.row,
    &STORE.row,
    &SESSION_STORE.row,
    &SQLITE_MMAP.row,
    &PERMANENT_IDLE.row,
    &PERMANENT_ABSOLUTE.row,
    &BROWSER_IDLE.row,
    &BROWSER_ABSOLUTE.row,
    &SIGN_UP.row,
    &SECOND_FACTOR.row,
    &PROOF_LIFETIME.row,
    &GUESSES_AT_ONCE.row,
    &GUESS_EVERY.row,
    &NETWORK_GUESSES_AT_ONCE.row,
    &NETWORK_GUESS_EVERY.row,
    &SIGN_UPS_AT_ONCE.row,
    &SIGN_UP_EVERY.row,
    &MAILS_AT_ONCE.row,
    &MAIL_EVERY.row,
    &PASSWORD_WORDS.row,
    &MAIL_FROM.row,
    &SMTP.row,
    &SMTP_USER.row,
    &SMTP_PASSWORD.row,
    &HASH_MEMORY.row,
    &HASH_ITERATIONS.row,
    &HASH_PARALLELISM.row,
    &HASH_PERMITS.row,
    &HASH_QUEUE.row,
    &SECRET_KEY.row,
    &SECRET_KEY_FALLBACKS.row,
    &LOG_FORMAT.row,
    &LOG_LEVEL.row,
];

/// The name of the file, which flags and variables know but the file itself does not.
pub(crate) static CONFIG_FILE: Row = Row::new(
    "config",
    "The settings file",
    Fallback::From("`kunci.toml` in the working folder, if there is one"),
    "the path of a TOML file",
)
.with_flag();

pub(crate) static LISTEN: Setting<Vec<Listen>> = Setting {
    row: Row::new(
        "listen",
        "Where to listen, with hyper maybe at several places; port 0 picks a free one",
        Fallback::Is("127.0.0.1:8080"),
        "ADDRESS:PORT, localhost:PORT or unix:PATH",
    )
    .with_flag()
    .shaped(Shape::OneOrMore),
    parse: listen::parse_list,
    show: |all| listen::show_list(all),
};

pub(crate) static TRANSPORT: Setting<Transport> = Setting {
    row: Row::new(
        "transport",
        "What carries the requests; tiny_http serves this machine only",
        Fallback::Is("tiny_http"),
        Transport::ACCEPTED,
    )
    .with_flag(),
    parse: Transport::parse,
    show: Transport::show,
};

pub(crate) static WORKERS: Setting<u32> = Setting {
    row: Row::new(
        "workers",
        "How many threads answer quick requests",
        Fallback::From("4 with tiny_http, the number of cores with hyper"),
        "a whole number from 1 to 256",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 256>,
    show: u32::to_string,
};

pub(crate) static PUBLIC_URL: Setting<PublicUrl> = Setting {
    row: Row::new(
        "public_url",
        "The address that browsers use",
        Fallback::From("derived from the listener"),
        "http:// or https:// with a host and maybe a port, without path or query",
    )
    .with_flag()
    .private(Privacy::Credentials),
    parse: PublicUrl::parse,
    show: PublicUrl::show,
};

pub(crate) static REDIRECT_HOSTS: Setting<Vec<RedirectHost>> = Setting {
    row: Row::new(
        "redirect_hosts",
        "Other hosts where `next` may lead after signing in",
        Fallback::Is(""),
        "exact host names, each maybe with :PORT",
    )
    .shaped(Shape::List)
    .private(Privacy::Credentials),
    parse: RedirectHost::parse_list,
    show: |hosts| RedirectHost::show_list(hosts),
};

pub(crate) static DATA: Setting<PathBuf> = Setting {
    row: Row::new(
        "data",
        "The folder for the database and the key file",
        Fallback::Is("./data"),
        "the path of a folder",
    )
    .with_flag(),
    parse: path_from,
    show: |path| path.display().to_string(),
};

pub(crate) static STORE: Setting<StoreUrl> = Setting {
    row: Row::new(
        "store",
        "Where accounts are kept",
        Fallback::From("sqlite:DATA/kunci.db"),
        STORE_URL,
    )
    .with_flag()
    .private(Privacy::Credentials),
    parse: |text| StoreUrl::parse(text).map_err(Into::into),
    show: StoreUrl::show,
};

pub(crate) static SESSION_STORE: Setting<StoreUrl> = Setting {
    row: Row::new(
        "session_store",
        "Where sessions are kept",
        Fallback::From("the same as store"),
        STORE_URL,
    )
    .with_flag()
    .private(Privacy::Credentials),
    parse: |text| StoreUrl::parse(text).map_err(Into::into),
    show: StoreUrl::show,
};

pub(crate) static SQLITE_MMAP: Setting<u64> = Setting {
    row: Row::new(
        "sqlite_mmap",
        "How much of a database SQLite may map into memory",
        Fallback::Is("0"),
        "a size from 0 to 2047MiB, in bytes or with KiB, MiB or GiB",
    )
    .shaped(Shape::Size),
    parse: map_size,
    show: show_size,
};

pub(crate) static PERMANENT_IDLE: Setting<Duration> = Setting {
    row: Row::new(
        "permanent_idle",
        "How long \"keep me signed in\" lasts unseen",
        Fallback::Is("7d"),
        LIFE,
    ),
    parse: duration,
    show: show_duration,
};

pub(crate) static PERMANENT_ABSOLUTE: Setting<Duration> = Setting {
    row: Row::new(
        "permanent_absolute",
        "How long \"keep me signed in\" lasts in all",
        Fallback::Is("30d"),
        LIFE,
    ),
    parse: duration,
    show: show_duration,
};

pub(crate) static BROWSER_IDLE: Setting<Duration> = Setting {
    row: Row::new(
        "browser_idle",
        "How long any other session lasts unseen",
        Fallback::Is("12h"),
        LIFE,
    ),
    parse: duration,
    show: show_duration,
};

pub(crate) static BROWSER_ABSOLUTE: Setting<Duration> = Setting {
    row: Row::new(
        "browser_absolute",
        "How long any other session lasts in all",
        Fallback::Is("24h"),
        LIFE,
    ),
    parse: duration,
    show: show_duration,
};

pub(crate) static SECRET_KEY: Setting<SecretKey> = Setting {
    row: Row::new(
        "secret_key",
        "The key that signs cookies",
        Fallback::From("the key file in the data folder"),
        KEY,
    )
    .private(Privacy::Secret),
    parse: SecretKey::parse,
    show: |_| "(set)".to_owned(),
};

pub(crate) static SECRET_KEY_FALLBACKS: Setting<Vec<SecretKey>> = Setting {
    row: Row::new(
        "secret_key_fallbacks",
        "Earlier keys whose cookies are still accepted",
        Fallback::From("none"),
        KEYS,
    )
    .shaped(Shape::List)
    .private(Privacy::Secret),
    parse: SecretKey::parse_list,
    show: |keys| vec!["(set)"; keys.len()].join(","),
};

pub(crate) static LOG_FORMAT: Setting<LogFormat> = Setting {
    row: Row::new(
        "log_format",
        "The form of the log",
        Fallback::Is("text"),
        "text or json",
    )
    .with_flag(),
    parse: LogFormat::parse,
    show: LogFormat::show,
};

pub(crate) static LOG_LEVEL: Setting<LogLevel> = Setting {
    row: Row::new(
        "log_level",
        "The least grave events that are logged",
        Fallback::Is("info"),
        "error, warn, info or debug",
    )
    .with_flag(),
    parse: LogLevel::parse,
    show: LogLevel::show,
};
