//! Starting the program, and talking to it.

mod client;
mod driver;
mod server;

pub(crate) use client::{Answer, Client, raw};
pub(crate) use driver::{Browser, Driver};
pub(crate) use server::{PASSWORD, Server, kunci};
