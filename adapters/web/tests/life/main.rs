//! Account features over HTTP: second factor, proofs, links, budgets, devices, invitations and history.
//!
//! The tests beside this folder check what holds for every route: headers, cross-site rules, store failures.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

#[path = "../support/mod.rs"]
mod support;

mod account_pages;
mod api_documentation;
mod bad_values;
mod blocked_cookies;
mod device_cookies;
mod devices;
mod double_clicks;
mod email;
mod enrolment;
mod followed_links;
mod history;
mod invitations;
mod links;
mod proofs;
mod proxies;
mod races;
mod reset;
mod restricted_sessions;
mod secrets;
mod security_log;
mod throttle;
mod two_steps;
mod two_tabs;
mod ways_in;
