//! The settings, one struct per section of `kunci.toml`.
//!
//! A field with its doc comment, type and default defines a setting. Its key, variable, checks and messages,
//! `docs/settings.md`, the JSON schema, `kunci config init` and `kunci config show` follow from it.
//! Some fields add to the schema: `range` limits an integer, `x-default` describes a default that has no
//! fixed value, `x-accepted` describes accepted texts if the type does not, and `x-has-file` adds a key for a
//! file that contains the value, as secrets have it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use kunci_argon2::Cost;
use kunci_domain::{AccountPolicy, Budgets, ReservedNames, SecondFactorRule, SessionPolicy, SignUpMode};
use kunci_mail::Sender;
use kunci_transport::Listen;
use kunci_web::{CookieName, ForwardedHeader, Hsts, Origin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Name, Password, Proxy, Seconds, SmtpServer, Text, Word};
use crate::host::Host;
use crate::keys::Secret;
use crate::store_url::StoreUrl;
use crate::wire::backends::StoreOptions;

#[cfg(feature = "hyper")]
use kunci_hyper::Limits;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The longest session lifetime: browsers keep no cookie for longer (RFC 6265bis, section 5.5).
const LONGEST: u64 = 400 * DAY;

/// Defines a section whose fields have their defaults behind `=`.
macro_rules! section {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $default:expr),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
        #[serde(default)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $type),+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }
    };
}

section!(Settings {
    /// URL of the site as browsers see it. With https, cookies are `Secure`.
    #[schemars(extend("x-default" = "the first listener other than `0.0.0.0` and `[::]`, which need this setting"))]
    public_url: Option<Text<Origin>> = None,
    /// Folder for the database, the key file and mail.
    #[schemars(extend("x-accepted" = "a path"))]
    data: PathBuf = "./data".into(),
    /// Key that signs cookies and encrypts the secrets of second factors.
    #[schemars(extend("x-default" = "the file `secret.key` in the data folder, which is created"))]
    secret_key: Option<Text<Secret>> = None,
    /// Earlier keys. Cookies and second factors that were made with them stay valid.
    secret_key_fallbacks: Vec<Text<Secret>> = Vec::new(),
    server: Server = Server::default(),
    store: Store = Store::default(),
    sessions: Sessions = Sessions::default(),
    accounts: Accounts = Accounts::default(),
    throttle: Throttle = Throttle::default(),
    mail: Mail = Mail::default(),
    hashing: Hashing = Hashing::default(),
    log: Log = Log::default(),
});

section!(Server {
    /// Addresses and Unix sockets to listen at. Port 0 picks a free port. `[::]` serves IPv6 only; add `0.0.0.0` to
    /// serve IPv4, too.
    listen: Vec<Text<Listen>> = vec![Text(Listen::Tcp(([127, 0, 0, 1], 8080).into()))],
    /// HTTP server to use. `tiny_http` accepts local connections only. `auto` is `hyper`, and `tiny_http` in
    /// builds without it.
    transport: Transport = Transport::Auto,
    /// Threads for requests that do not wait.
    #[schemars(range(min = 1, max = 256), extend("x-default" = "4 with tiny_http, one per core with hyper"))]
    workers: Option<usize> = None,
    /// Reverse proxies that report the address of the client in the header `forwarded_header`.
    trusted_proxies: Vec<Text<Proxy>> = Vec::new(),
    /// Header in which the trusted proxies report the address of the client. The other one is ignored.
    #[serde(with = "ForwardedHeaderWord")]
    #[schemars(with = "ForwardedHeaderWord")]
    forwarded_header: ForwardedHeader = ForwardedHeader::XForwardedFor,
    /// Hosts for which browsers use https only, once they have seen the site on https: `host` is the host of the
    /// site, `subdomains` also its subdomains, which must then all be on https.
    #[serde(with = "HstsWord")]
    #[schemars(with = "HstsWord")]
    hsts: Hsts = Hsts::Host,
    /// Other hosts to which `next` may lead after signing in.
    redirect_hosts: Vec<Text<Host>> = Vec::new(),
    tls: Tls = Tls::default(),
    #[cfg_attr(not(feature = "hyper"), schemars(skip))]
    limits: Limits = Limits::default(),
});

section!(Tls {
    /// PEM file with the certificate and its chain, for https with hyper. `SIGHUP` reloads it.
    #[schemars(extend("x-accepted" = "a path", "x-default" = "none"))]
    cert: Option<PathBuf> = None,
    /// PEM file with the private key of the certificate.
    #[schemars(extend("x-accepted" = "a path", "x-default" = "none"))]
    key: Option<PathBuf> = None,
});

section!(Store {
    /// Store for accounts. A password in it is hidden, and refused on the command line.
    #[schemars(extend("x-default" = "the file `kunci.db` in the data folder", "x-has-file" = true))]
    url: Option<Text<StoreUrl>> = None,
    /// Store for sessions. A password in it is hidden, and refused on the command line.
    #[schemars(extend("x-default" = "the store for accounts", "x-has-file" = true))]
    sessions: Option<Text<StoreUrl>> = None,
    /// Connections to a database server that are open at a time.
    #[schemars(range(min = 1, max = 256))]
    pool_size: usize = StoreOptions::default().pool_size,
    /// How long a request waits for a connection to a database server.
    connect_timeout: Seconds<1, MINUTE> = Seconds(StoreOptions::default().connect_timeout),
    /// How long a request waits for a statement at a database server.
    query_timeout: Seconds<1, MINUTE> = Seconds(StoreOptions::default().query_timeout),
    /// How much of a database file SQLite may map into memory, in MiB.
    #[schemars(range(min = 0, max = 2047))]
    sqlite_mmap_mib: u64 = 0,
    /// How much of the disk a file beside an SQLite database keeps for signing in and out when the disk is full,
    /// in MiB. Less than 20 may be too little; 0 disables it.
    #[schemars(range(min = 0, max = 2047))]
    sqlite_reserve_mib: u64 = 24,
});

section!(Sessions {
    /// Name of the session cookie. The names of the other cookies begin with it, and on https all have the prefix
    /// `__Host-`. Browsers send cookies to every port of a host, so two servers on one host need different names.
    #[schemars(extend("x-default" = "`kunci`, or `kunci-PORT` with http on this machine on a port other than 8080"))]
    cookie_name: Option<Text<CookieName>> = None,
    /// How long a session with "keep me signed in" lasts without a request.
    permanent_idle: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().permanent.idle),
    /// How long a session with "keep me signed in" lasts in total.
    permanent_absolute: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().permanent.absolute),
    /// How long the session of a visitor, who has not signed in, lasts without a request.
    visitor_idle: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().visitor.idle),
    /// How long the session of a visitor lasts in total.
    visitor_absolute: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().visitor.absolute),
    /// How long any other session lasts without a request.
    browser_idle: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().browser.idle),
    /// How long any other session lasts in total.
    browser_absolute: Seconds<1, LONGEST> = Seconds(SessionPolicy::default().browser.absolute),
});

section!(Accounts {
    /// Who may sign up: everyone, people with an invitation, or no one.
    #[serde(with = "SignUpWord")]
    #[schemars(with = "SignUpWord")]
    sign_up: SignUpMode = SignUpMode::Open,
    /// Who must set up a second factor: no one, administrators, or all users.
    #[serde(with = "SecondFactorWord")]
    #[schemars(with = "SecondFactorWord")]
    second_factor: SecondFactorRule = SecondFactorRule::Optional,
    /// How long a re-authentication stays valid for sensitive changes.
    proof_lifetime: Seconds<MINUTE, DAY> = Seconds(AccountPolicy::default().proof_lifetime),
    /// Words that passwords must not consist of, besides the parts of the public host name.
    password_words: Vec<Text<Word>> = Vec::new(),
    /// User names that nobody may choose at sign-up, and neither may names that look like them. Operators may
    /// create them with `kunci user add`.
    reserved_names: Vec<Text<Name>> = ReservedNames::DEFAULT.map(|name| Text(Name(name.to_owned()))).into(),
});

section!(Throttle {
    /// Wrong passwords that one account accepts at once from one network, and from all its known devices. Also
    /// wrong codes from anywhere.
    #[schemars(range(min = 1, max = 10_000))]
    guesses_at_once: u32 = Budgets::default().account.at_once,
    /// Time until an account accepts one more wrong password or code.
    guess_every: Seconds<1, DAY> = Seconds(Budgets::default().account.every),
    /// Wrong passwords that one account accepts in any 24 hours from all unknown devices together. 0 sets no bound.
    #[schemars(range(max = 1_000_000))]
    guesses_per_day: u32 = 1_000,
    /// Wrong passwords, codes and links that all accounts together accept at once from one network.
    #[schemars(range(min = 1, max = 10_000))]
    network_guesses_at_once: u32 = Budgets::default().network.at_once,
    /// Time until all accounts together accept one more wrong password, code or link from a network.
    network_guess_every: Seconds<1, DAY> = Seconds(Budgets::default().network.every),
    /// Accounts that one network may create at once.
    #[schemars(range(min = 1, max = 10_000))]
    sign_ups_at_once: u32 = Budgets::default().sign_ups.at_once,
    /// Time until a network may create one more account.
    sign_up_every: Seconds<1, DAY> = Seconds(Budgets::default().sign_ups.every),
    /// Mails that may be requested at once from one network. Four times as many reset mails may be requested at
    /// once for one account.
    #[schemars(range(min = 1, max = 10_000))]
    mails_at_once: u32 = Budgets::default().mails.at_once,
    /// Time until one more mail may be requested.
    mail_every: Seconds<1, DAY> = Seconds(Budgets::default().mails.every),
    /// Confirmation mails that may be sent at once to one address, and for one account.
    #[schemars(range(min = 1, max = 10_000))]
    confirmations_at_once: u32 = Budgets::default().confirmations.at_once,
    /// Time until one more confirmation mail may be sent.
    confirmation_every: Seconds<1, DAY> = Seconds(Budgets::default().confirmations.every),
    /// Sessions of visitors that one network may begin at once. One counts once, and once more for each 4 KiB
    /// of values.
    #[schemars(range(min = 1, max = 1_000_000))]
    visitors_at_once: u32 = Budgets::default().visitors.at_once,
    /// Time until a network may begin one more session of a visitor.
    visitor_every: Seconds<1, DAY> = Seconds(Budgets::default().visitors.every),
    /// Sessions of visitors that all networks together may begin at once, counted likewise.
    #[schemars(range(min = 1, max = 1_000_000))]
    all_visitors_at_once: u32 = Budgets::default().all_visitors.at_once,
    /// Time until all networks together may begin one more session of a visitor.
    all_visitor_every: Seconds<1, DAY> = Seconds(Budgets::default().all_visitors.every),
});

section!(Mail {
    /// Sender of mails.
    #[schemars(extend("x-default" = "`Kunci <kunci@localhost>`"))]
    from: Option<Text<Sender>> = None,
    /// Mail server.
    #[schemars(extend("x-default" = "none: mails are written to the folder `outbox` in the data folder"))]
    smtp: Option<Text<SmtpServer>> = None,
    /// User name at the mail server.
    #[schemars(extend("x-accepted" = "a user name", "x-default" = "none"))]
    user: Option<String> = None,
    /// Password for the mail server.
    #[schemars(extend("x-default" = "none"))]
    password: Option<Text<Password>> = None,
});

section!(Hashing {
    #[serde(flatten)]
    cost: Cost = Cost::default(),
    /// Password hashes that are computed at a time.
    #[schemars(range(min = 1, max = 64), extend("x-default" = "one per core, at most 64"))]
    permits: Option<NonZeroUsize> = None,
    /// Requests that may wait for a password hash. Further ones are refused.
    #[schemars(range(min = 0, max = 1024))]
    queue: usize = 32,
});

section!(Log {
    /// Format of the log on standard error.
    format: LogFormat = LogFormat::Text,
    /// Least severe level that is logged.
    level: LogLevel = LogLevel::Info,
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Transport {
    Auto,
    TinyHttp,
    #[cfg(feature = "hyper")]
    Hyper,
}

impl Transport {
    #[cfg(feature = "hyper")]
    const DEFAULT: Self = Self::Hyper;
    #[cfg(not(feature = "hyper"))]
    const DEFAULT: Self = Self::TinyHttp;

    /// Returns the transport that is used for this setting, which is never `Auto`.
    pub(crate) const fn resolve(self) -> Self {
        match self {
            Self::Auto => Self::DEFAULT,
            chosen => chosen,
        }
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(remote = "ForwardedHeader", rename_all = "kebab-case")]
enum ForwardedHeaderWord {
    XForwardedFor,
    Forwarded,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(remote = "Hsts", rename_all = "snake_case")]
enum HstsWord {
    Host,
    Subdomains,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(remote = "SignUpMode", rename_all = "snake_case")]
enum SignUpWord {
    Open,
    Invitation,
    Closed,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(remote = "SecondFactorRule", rename_all = "snake_case")]
enum SecondFactorWord {
    Optional,
    Administrators,
    #[serde(rename = "all")]
    Everybody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// The limits of a build without hyper, which has none.
#[cfg(not(feature = "hyper"))]
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(crate) struct Limits {}
