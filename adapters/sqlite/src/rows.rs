//! Converts between rows and domain types. Each column is checked when it is read.

mod event_row;
mod session_row;
mod token_row;
mod user_agent;
mod user_row;

use std::net::IpAddr;

use kunci_domain::{Device, EmailAddress, Timestamp};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::error::SqliteError;

pub(crate) use event_row::{EventRow, event_columns, read_event};
pub(crate) use session_row::{SessionRow, read_session, row_id, session_columns};
pub(crate) use token_row::{TokenRow, read_token, token_columns};
pub(crate) use user_row::{
    UserRow, admission_columns, read_admission, read_password_hash, read_user, user_columns,
};

/// Reads the columns of a row one after another.
pub(crate) struct Fields<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    /// Starts after the column at `index`, as if that had been read last.
    pub(crate) fn after(row: &'r Row<'r>, index: usize) -> Self {
        Self { row, next: index + 1 }
    }

    /// Reads the next column with `parse`.
    ///
    /// # Errors
    /// [`SqliteError::InvalidColumn`] if `parse` returns `None`.
    pub(crate) fn read<T>(
        &mut self,
        parse: impl FnOnce(ValueRef<'r>) -> Option<T>,
    ) -> Result<T, SqliteError> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        parse(value).ok_or_else(|| self.invalid())
    }

    /// Returns the error that the last column read is invalid, by itself or together with those before it.
    pub(crate) fn invalid(&self) -> SqliteError {
        let column = self.row.as_ref().column_name(self.next.saturating_sub(1));
        SqliteError::InvalidColumn {
            column: column.unwrap_or("?").to_owned(),
        }
    }
}

pub(crate) fn optional<'r, T>(
    parse: impl Fn(ValueRef<'r>) -> Option<T>,
) -> impl Fn(ValueRef<'r>) -> Option<Option<T>> {
    move |value| match value {
        ValueRef::Null => Some(None),
        value => parse(value).map(Some),
    }
}

pub(crate) const fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(integer) => Some(integer),
        _ => None,
    }
}

pub(crate) const fn text(value: ValueRef<'_>) -> Option<&str> {
    match value {
        // Text that another program wrote may be invalid. `Result::ok` is not available in a `const fn`.
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => None,
        },
        _ => None,
    }
}

pub(crate) const fn blob(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

pub(crate) fn boolean(value: ValueRef<'_>) -> Option<bool> {
    match integer(value)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

pub(crate) fn timestamp(value: ValueRef<'_>) -> Option<Timestamp> {
    integer(value).map(Timestamp::from_unix_millis)
}

/// The 32 bytes of a SHA-256 digest.
fn digest(value: ValueRef<'_>) -> Option<[u8; 32]> {
    blob(value)?.try_into().ok()
}

fn email(value: ValueRef<'_>) -> Option<EmailAddress> {
    EmailAddress::parse(text(value)?).ok()
}

/// Reads the next two columns: the user agent and the address of a client.
fn device(fields: &mut Fields<'_>) -> Result<Device, SqliteError> {
    let user_agent = fields.read(|value| user_agent::unpack(text(value)?))?;
    let address = fields.read(optional(address))?;
    Ok(Device::from_stored(user_agent, address))
}

fn address(value: ValueRef<'_>) -> Option<IpAddr> {
    let bytes = blob(value)?;
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
