//! Connects adapters: which store belongs to a URL, which transport serves the app, and how the settings
//! configure each. No other module knows two adapters of one port.

pub(crate) mod backends;
pub(crate) mod outbox;
pub(crate) mod stores;

#[cfg(feature = "server")]
mod from_config;
#[cfg(feature = "server")]
mod log_writer;
#[cfg(feature = "server")]
mod mail;
#[cfg(feature = "server")]
mod panic_log;
#[cfg(feature = "server")]
mod transport;

#[cfg(feature = "server")]
pub(crate) use from_config::{
    account_policy, cookie_name, create_data_folder, session_policy, start_logging, stores,
};
#[cfg(feature = "server")]
pub(crate) use mail::{mail_drop, mailer};
#[cfg(feature = "server")]
pub(crate) use transport::{Memory, Reload, Stop, bind, memory};
