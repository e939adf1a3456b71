//! Helpers that start the program and send requests to it.

mod authenticator;
mod client;
mod driver;
#[cfg(feature = "hyper")]
mod process;
mod server;
mod socket;
mod transports;

pub(crate) use authenticator::Authenticator;
pub(crate) use client::{Client, Response, send_raw};
pub(crate) use driver::{Browser, Driver};
#[cfg(feature = "hyper")]
pub(crate) use process::Process;
pub(crate) use server::{PASSWORD, Server, Setup, kunci};
pub(crate) use socket::{Socket, TIMEOUT};
pub(crate) use transports::{Transport, for_each_transport};
