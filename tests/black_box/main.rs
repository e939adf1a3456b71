//! The complete program: it is started on a free port with an empty data folder, and accessed over sockets.
//!
//! Tests without sockets are nearer to the code: rules in `domain`, handlers in `adapters/web`, stores in
//! `tests/kit`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test that cannot go on should stop"
)]

mod support;

mod bad_input;
mod browser;
mod budgets;
mod command_line;
mod crowd;
mod first_start;
mod hostile;
#[cfg(feature = "hyper")]
mod hyper_only;
mod killed_changes;
mod life;
mod links;
mod restart;
mod storage_faults;
mod tour;
