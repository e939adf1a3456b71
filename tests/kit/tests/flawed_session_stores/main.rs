//! The suite detects flaws: each known flaw of session stores breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod expiry_and_touch;
mod insert_and_update;
mod rotation_and_removal;
mod store;
