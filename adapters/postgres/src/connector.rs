//! Opens connections. The first one creates or migrates the tables.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::Connection;
use crate::error::{OpenError, PgError};
use crate::options::PostgresOptions;
use crate::url::PostgresUrl;
use crate::{migrations, tls};

/// What it takes to open a connection.
pub(crate) struct Connector {
    pub(crate) url: PostgresUrl,
    pub(crate) options: PostgresOptions,
    tls: Option<MakeRustlsConnect>,
    is_migrated: AtomicBool,
}

impl Connector {
    pub(crate) fn new(url: PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let tls = tls::connector(&url)?;
        Ok(Self {
            url,
            options,
            tls,
            is_migrated: AtomicBool::new(false),
        })
    }

    pub(crate) fn connect(&self) -> Result<Connection, PgError> {
        let mut connection = Connection::open(&self.url.config, self.tls.as_ref(), &self.options)?;
        if !self.is_migrated.load(Ordering::Acquire) {
            migrations::migrate(&mut connection)?;
            self.is_migrated.store(true, Ordering::Release);
        }
        Ok(connection)
    }
}
