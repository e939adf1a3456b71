//! The life of an account through requests: two steps, proofs, links, budgets, devices, invitations, history.
//!
//! What holds for every route, headers, sources and failing stores, is in the sweeps beside this folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod answers;
mod api_documentation;
mod bad_values;
mod device_cookies;
mod devices;
mod enrolment;
mod followed_links;
mod history;
mod invitations;
mod links;
mod proofs;
mod proxies;
mod races;
mod reset;
mod secrets;
mod standing;
mod throttle;
mod two_steps;
mod ways_in;
