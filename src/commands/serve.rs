//! `kunci serve`: from settings to a running server, and to its clean end.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;

use kunci_domain::Core;
use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_up_link;
use kunci_rand::RandEntropy;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Failure;
use super::links::{self, link};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::store_url::StoreUrl;
use crate::wire::{self, Memory, Running};

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    wire::make_data_folder(config).map_err(Failure::failed)?;
    let stores = wire::stores(config).map_err(Failure::failed)?;
    let bound = wire::bind(config).map_err(Failure::failed)?;
    let addresses = bound.addresses();
    let base = links::base_of_server(config, &addresses);
    let mailer = wire::mailer(config, &base, Arc::new(RandEntropy)).map_err(Failure::failed)?;
    let app = Arc::new(wire::app(config, &stores, mailer).map_err(Failure::failed)?);
    let running = bound.serve(Arc::clone(&app)).map_err(Failure::failed)?;
    heed_signals(&running, config.tls().is_some()).map_err(Failure::failed)?;
    warn_of_plain_http(config);
    announce(&addresses, config).map_err(Failure::failed)?;
    welcome(config, app.core(), &base).map_err(Failure::failed)?;
    running.wait().map_err(Failure::failed)
}

/// Without a certificate to read again, `SIGHUP` does what it does to every program: a terminal that is
/// closed ends what was started in it.
fn heed_signals(running: &Running, has_certificate: bool) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    if has_certificate {
        signals.add_signal(SIGHUP)?;
    }
    let (stop, reload) = (running.stopper(), running.reloader());
    let heed = move || {
        for signal in signals.forever() {
            if signal != SIGHUP {
                tracing::info!("stopping");
                return stop();
            }
            match reload() {
                Ok(_) => tracing::info!("the certificate was read again"),
                Err(error) => tracing::error!(%error, "the former certificate stays in use"),
            }
        }
    };
    thread::Builder::new().name("signals".into()).spawn(heed)?;
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

/// The first lines are for scripts, the others are for people.
fn announce(addresses: &[String], config: &Config) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for address in addresses {
        writeln!(out, "listening on {address}")?;
    }
    writeln!(out, "memory: {}", told(wire::memory(config)))?;
    let first = addresses.first().map_or("", String::as_str);
    let shown = config
        .public_url()
        .map_or_else(|| links::browsable(first), ToString::to_string);
    writeln!(out, "{}", links::how_to_look(&shown))?;
    out.flush()
}

/// What the person needs who starts this for the first time. The link goes to standard output alone: a log
/// is kept, and read by others.
fn welcome(config: &Config, core: &Core, base: &str) -> io::Result<()> {
    let token = match set_up_link(core, SystemClock.now()) {
        Ok(Some(token)) => token,
        Ok(None) => return Ok(()),
        Err(error) => {
            tracing::error!(%error, "there is no link for the first administrator");
            return Ok(());
        }
    };
    let link = link(base, &token);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "there are no accounts yet; make the first administrator with this link, once and within 24 hours"
    )?;
    writeln!(out, "    {}", *link)?;
    // Memory is nothing that a command could share.
    if config.stores().main != StoreUrl::Memory {
        let program = std::env::args().next().unwrap_or_else(|| "kunci".to_owned());
        let data = config.data().display();
        writeln!(out, "or with\n    {program} user add NAME --admin --data {data}")?;
    }
    out.flush()
}

fn told(memory: Memory) -> String {
    const MIB: u64 = 1024 * 1024;
    match memory {
        Memory::AtMost(bytes) => format!("at most {} MiB under any load", bytes.div_ceil(MIB)),
        Memory::Unbounded { by, hashes } => {
            let hashes = hashes.div_ceil(MIB);
            format!("{by} knows no bound; password hashes take at most {hashes} MiB")
        }
    }
}
