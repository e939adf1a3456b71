//! The suite detects flaws: each known flaw of account stores breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod budgets;
mod changes;
mod events;
mod links;
mod store;
mod users;
