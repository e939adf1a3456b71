//! Converts between rows and domain types. Each column is checked when it is read.

mod event_row;
mod session_row;
mod token_row;
mod user_row;

use std::net::IpAddr;

use kunci_domain::{Device, EmailAddress, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::error::PgError;

pub(crate) use event_row::{EventRow, event_columns, read_event};
pub(crate) use session_row::{SessionRow, read_session, session_columns};
pub(crate) use token_row::{TokenRow, read_token, token_columns};
pub(crate) use user_row::{
    UserRow, folded_email, read_admission, read_password_hash, read_user, user_columns,
};

/// Reads the columns of a row one after another.
pub(crate) struct Fields<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) const fn of(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    /// Reads the next column.
    ///
    /// # Errors
    /// [`PgError::InvalidColumn`] if it has another type, or is NULL and `T` is not an option.
    pub(crate) fn read<T: FromSql<'r>>(&mut self) -> Result<T, PgError> {
        let value = self.row.try_get(self.next);
        self.next += 1;
        value.map_err(|_| self.invalid())
    }

    /// Reads the next column with `parse`.
    ///
    /// # Errors
    /// [`PgError::InvalidColumn`] if `parse` returns `None`, too.
    pub(crate) fn parse<V: FromSql<'r>, T>(
        &mut self,
        parse: impl FnOnce(V) -> Option<T>,
    ) -> Result<T, PgError> {
        let value = self.read()?;
        parse(value).ok_or_else(|| self.invalid())
    }

    /// Reads the next column with `parse`, unless it is NULL.
    ///
    /// # Errors
    /// [`PgError::InvalidColumn`] if `parse` returns `None`, too.
    pub(crate) fn optional<V: FromSql<'r>, T>(
        &mut self,
        parse: impl FnOnce(V) -> Option<T>,
    ) -> Result<Option<T>, PgError> {
        let value: Option<V> = self.read()?;
        let parsed = value.map(|value| parse(value).ok_or_else(|| self.invalid()));
        parsed.transpose()
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, PgError> {
        self.read().map(Timestamp::from_unix_millis)
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, PgError> {
        let millis: Option<i64> = self.read()?;
        Ok(millis.map(Timestamp::from_unix_millis))
    }

    /// Reads the next two columns: the user agent and the address of a client.
    pub(crate) fn device(&mut self) -> Result<Device, PgError> {
        let user_agent: String = self.read()?;
        let address: Option<IpAddr> = self.read()?;
        Ok(Device::from_stored(user_agent, address))
    }

    /// Returns the error that the last column read is invalid, by itself or together with those before it.
    pub(crate) fn invalid(&self) -> PgError {
        let column = self.row.columns().get(self.next.saturating_sub(1));
        PgError::InvalidColumn {
            column: column.map_or("?", |column| column.name()).to_owned(),
        }
    }
}

fn email(text: &str) -> Option<EmailAddress> {
    EmailAddress::parse(text).ok()
}

/// The 32 bytes of a SHA-256 digest.
fn digest(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}
