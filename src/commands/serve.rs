//! `kunci serve`: starts the server, and stops it on a signal.

use std::io;
use std::sync::Arc;
use std::thread;

use kunci_crypto::RandEntropy;
use kunci_domain::Core;
use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_up_link;
use kunci_web::Origin;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use zeroize::Zeroizing;

use super::Failure;
use super::links::{self, link};
use super::output::write_line;
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::host::is_local;
use crate::wire::{self, Memory, Reload, Stop};

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    wire::create_data_folder(config)?;
    let stores = wire::stores(config)?;
    let bound = wire::bind(config)?;
    let addresses = bound.addresses;
    let url = links::url_of_server(config, &addresses);
    let base = links::base_of_server(url.as_deref(), &addresses)?;
    let mailer = wire::mailer(config, &base, Arc::new(RandEntropy))?;
    let app = Arc::new(App::from_config(config, stores, mailer, url.as_deref())?);
    let running = (bound.serve)(app.clone())?;
    handle_signals(running.stop, running.reload)?;
    warn_of_plain_http(config, &addresses);
    let announced = announce(&addresses, url.as_deref(), config);
    if let Err(error) = announced.and_then(|()| welcome(config, app.core(), &base)) {
        tracing::warn!(%error, "standard output cannot be written");
    }
    (running.wait)()
}

/// Stops the server on `SIGTERM` and `SIGINT`, and reloads the certificate on `SIGHUP`, if there is one.
fn handle_signals(stop: Stop, reload: Reload) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let handle = move || {
        for signal in signals.forever() {
            if signal != SIGHUP {
                tracing::info!("stopping");
                return stop();
            }
            match reload() {
                Ok(true) => tracing::info!("certificate reloaded"),
                Ok(false) => tracing::info!("there is no certificate to reload"),
                Err(error) => tracing::error!(error = error.line, "the previous certificate stays in use"),
            }
        }
    };
    thread::Builder::new().name("signals".into()).spawn(handle)?;
    Ok(())
}

/// Warns of plain http that leaves this machine: networks can read its passwords and cookies.
fn warn_of_plain_http(config: &Config, addresses: &[String]) {
    for address in addresses.iter().filter(|address| is_exposed(address)) {
        tracing::warn!(%address, "this listener is plain http: the network can read passwords and cookies");
    }
    let url = config.public_url.as_ref().map(|url| url.0.as_str());
    if let Some(url) = url.filter(|url| is_exposed(url)) {
        tracing::warn!(%url, "the public URL is plain http: the network can read passwords and cookies");
    }
}

/// Whether the URL is plain http and other machines can reach it. A Unix socket has no URL.
fn is_exposed(url: &str) -> bool {
    url.starts_with("http://") && Origin::parse(url).is_none_or(|origin| !is_local(&origin))
}

/// Prints where the server listens, for scripts, and then how to try it, for people.
fn announce(addresses: &[String], url: Option<&str>, config: &Config) -> io::Result<()> {
    for address in addresses {
        write_line(&format!("listening on {address}"))?;
    }
    write_line(&format!("memory: {}", memory_in_words(wire::memory(config))))?;
    let shown = url.or_else(|| addresses.first().map(String::as_str));
    write_line(&links::how_to_look(shown.unwrap_or_default()))
}

/// Prints how to create the first administrator if there are no accounts. The link goes to standard output
/// only, because logs are kept and read by others.
fn welcome(config: &Config, core: &Core, base: &str) -> io::Result<()> {
    let token = match set_up_link(core, SystemClock.now()) {
        Ok(Some(token)) => token,
        Ok(None) => return Ok(()),
        Err(error) => {
            tracing::error!(%error, "no link for the first administrator could be created");
            return Ok(());
        }
    };
    let link = link(base, &token);
    write_line(
        "there are no accounts yet; create the first administrator with this link, once and within 24 hours",
    )?;
    write_line(&Zeroizing::new(format!("    {}", *link)))?;
    // Commands cannot access the memory of the server.
    if !config.account_store.is_in_process() {
        let program = std::env::args().next().unwrap_or_else(|| "kunci".to_owned());
        let data = config.data.display();
        write_line("or with")?;
        write_line(&format!("    {program} user add NAME --admin --data {data}"))?;
    }
    Ok(())
}

fn memory_in_words(memory: Memory) -> String {
    const MIB: u64 = 1024 * 1024;
    match memory {
        #[cfg(feature = "hyper")]
        Memory::AtMost(bytes) => format!("at most {} MiB under any load", bytes.div_ceil(MIB)),
        Memory::Unbounded { by, hashes } => {
            let hashes = hashes.div_ceil(MIB);
            format!("{by} has no limit; password hashes use at most {hashes} MiB")
        }
    }
}
