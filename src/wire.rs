//! Connects adapters: which store belongs to a URL, which transport serves the app, and how the settings
//! configure each. No other module knows two adapters.

#[cfg(feature = "server")]
mod from_config;
#[cfg(feature = "server")]
mod mail;
#[cfg(feature = "server")]
mod transport;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};

use kunci_domain::ports::{AccountStore, Entropy, Mailer, SeparateStores, SessionCheck, SessionStore};
use kunci_mail::{Composer, Outbox, Sender};
use kunci_memory::{MemoryAccountStore, MemorySessionStore};
use kunci_sqlite::{SqliteOptions, SqliteStore};

pub(crate) use kunci_sqlite::OpenError;

#[cfg(feature = "server")]
pub(crate) use from_config::{
    account_policy, app, create_data_folder, session_policy, start_logging, stores,
};
#[cfg(feature = "server")]
pub(crate) use mail::{mail_drop, mailer};
#[cfg(feature = "server")]
pub(crate) use transport::{Memory, Reload, Stop, bind, memory};

use crate::app::App;
use crate::store_url::StoreUrl;

/// The stores of one server.
#[derive(Clone)]
pub(crate) struct Stores {
    /// Stores sessions.
    pub(crate) sessions: Arc<dyn SessionStore>,
    /// Looks up a session together with its user.
    pub(crate) check: Arc<dyn SessionCheck>,
    /// Stores accounts.
    pub(crate) accounts: Arc<dyn AccountStore>,
}

impl Stores {
    /// Returns stores of two engines.
    pub(crate) fn separate(sessions: Arc<dyn SessionStore>, accounts: Arc<dyn AccountStore>) -> Self {
        let check = Arc::new(SeparateStores {
            sessions: Arc::clone(&sessions),
            accounts: Arc::clone(&accounts),
        });
        Self {
            sessions,
            check,
            accounts,
        }
    }
}

/// Opens the stores of two URLs. The same URL is opened once.
pub(crate) fn open_stores(main: &StoreUrl, sessions: &StoreUrl, mmap: u64) -> Result<Stores, OpenError> {
    let stores = open(main, mmap)?;
    if sessions == main {
        return Ok(stores);
    }
    Ok(Stores::separate(open(sessions, mmap)?.sessions, stores.accounts))
}

fn open(url: &StoreUrl, mmap: u64) -> Result<Stores, OpenError> {
    match url {
        StoreUrl::Memory => Ok(Stores::separate(
            Arc::new(MemorySessionStore::default()),
            Arc::new(MemoryAccountStore::default()),
        )),
        StoreUrl::Sqlite(path) => {
            let mut options = SqliteOptions::default();
            options.mmap_bytes = mmap;
            let store = SqliteStore::open(path, options)?;
            Ok(Stores {
                sessions: Arc::new(store.sessions()),
                check: Arc::new(store.session_check()),
                accounts: Arc::new(store.accounts()),
            })
        }
    }
}

/// Returns the default sender of mails.
pub(crate) fn default_sender() -> Result<Sender, kunci_mail::SenderError> {
    Sender::parse("Kunci <kunci@localhost>")
}

/// Returns a mailer that writes mails to a folder. Links in them begin with `base`.
pub(crate) fn outbox(
    folder: &Path,
    sender: Sender,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, kunci_mail::OpenError> {
    let composer = Composer::new(sender, base);
    Ok(Arc::new(Outbox::open(folder, composer, entropy)?))
}

/// The app as a service of a transport.
pub(crate) struct Hosted(pub(crate) Arc<App>);

impl kunci_transport::Service for Hosted {
    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.0.call(request)
    }

    fn may_block(&self, method: &Method, path: &str) -> bool {
        self.0.may_block(method, path)
    }
}

/// Binds a loopback address with limits for the default hashing.
pub(crate) fn bind_loopback(
    address: SocketAddr,
) -> Result<kunci_tiny_http::Bound, kunci_tiny_http::BindError> {
    let limits = kunci_tiny_http::Limits {
        slow_workers: 64,
        ..kunci_tiny_http::Limits::default()
    };
    kunci_tiny_http::bind(&kunci_tiny_http::Listen::Tcp(address), limits)
}
