//! Starting the program, and talking to it.

mod client;
mod driver;
mod server;
#[cfg(feature = "hyper")]
mod started;

pub(crate) use client::{Answer, Client, raw};
pub(crate) use driver::{Browser, Driver};
pub(crate) use server::{PASSWORD, Server, kunci};
#[cfg(feature = "hyper")]
pub(crate) use started::Started;
