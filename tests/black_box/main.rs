//! Black-box tests: they start the program on a free port with an empty data folder, and connect over sockets.
//!
//! Tests that need no sockets are elsewhere: rules in `domain`, handlers in `adapters/web`, stores
//! in `tests/kit`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a failed step ends the test"
)]

mod support;

mod bad_input;
mod broken_output;
mod browser;
mod browser_links;
mod budgets;
mod command_line;
mod cookie_names;
mod crowd;
mod double_clicks;
mod first_start;
#[cfg(target_os = "linux")]
mod full_disk;
mod hidden_characters;
mod hostile;
#[cfg(feature = "hyper")]
mod hyper_only;
mod killed_changes;
mod life;
mod links;
#[cfg(feature = "hyper")]
mod listeners;
mod odd_names;
#[cfg(feature = "postgres")]
mod remote_store;
mod restart;
mod security_log;
mod storage_faults;
mod tour;
