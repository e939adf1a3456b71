//! Starts the program on each transport, and sends requests to it.

mod client;
mod driver;
mod server;
mod socket;
#[cfg(feature = "hyper")]
mod started;
mod transports;

pub(crate) use client::{Answer, Client, raw};
pub(crate) use driver::{Browser, Driver};
pub(crate) use server::{PASSWORD, Server, Setup, kunci};
pub(crate) use socket::{PATIENCE, Socket};
#[cfg(feature = "hyper")]
pub(crate) use started::Started;
pub(crate) use transports::{Transport, for_each_transport};
