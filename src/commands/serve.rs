//! `kunci serve`: from settings to a running server, and to its clean end.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;

use kunci_tiny_http::StopHandle;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Failure;
use crate::config::{Config, Listen};
use crate::store_url::StoreUrl;
use crate::wire::{self, Stores};

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    wire::make_data_folder(config).map_err(Failure::failed)?;
    let stores = wire::stores(config).map_err(Failure::failed)?;
    let app = Arc::new(wire::app(config, &stores).map_err(Failure::failed)?);
    let bound =
        kunci_tiny_http::bind(&wire::listen(config), wire::limits(config)).map_err(Failure::failed)?;
    let address = bound.address().to_string();
    let running = wire::host(app, bound);
    stop_on_signal(running.stop_handle()).map_err(Failure::failed)?;
    warn_of_plain_http(config);
    announce(&address, config, &stores).map_err(Failure::failed)?;
    running.wait().map_err(Failure::failed)
}

fn stop_on_signal(stop: StopHandle) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let wait = move || {
        if signals.forever().next().is_some() {
            tracing::info!("stopping");
            stop.stop();
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(())
}

/// Over plain http anybody on the way can read the cookie; on the machine itself nobody is on the way.
fn warn_of_plain_http(config: &Config) {
    let elsewhere = |url: &&crate::config::PublicUrl| !url.is_https() && !is_local_name(url.host());
    if let Some(url) = config.public_url().filter(elsewhere) {
        tracing::warn!(%url, "the public URL is plain http: passwords and cookies can be read on the way");
    }
}

fn is_local_name(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

/// The first line is for scripts, the others are for the person who starts this for the first time.
fn announce(address: &str, config: &Config, stores: &Stores) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {address}")?;
    let shown = config
        .public_url()
        .map_or_else(|| browsable(address, config), ToString::to_string);
    writeln!(out, "open {shown} in a browser, or: curl {shown}/profile")?;
    let kept = config.stores().main != StoreUrl::Memory;
    if kept && stores.users.list(None, 1).is_ok_and(|users| users.is_empty()) {
        let program = std::env::args().next().unwrap_or_else(|| "kunci".to_owned());
        let data = config.data().display();
        writeln!(
            out,
            "there are no accounts yet; make the first administrator with"
        )?;
        writeln!(out, "    {program} user add NAME --admin --data {data}")?;
    }
    out.flush()
}

/// Browsers treat `localhost` as a secure place.
fn browsable(address: &str, config: &Config) -> String {
    match config.listen() {
        Listen::Tcp(_) => address.replace("127.0.0.1", "localhost"),
        Listen::Unix(_) => address.to_owned(),
    }
}
