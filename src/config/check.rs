//! Settings that contradict one another, although each is fine by itself.
//!
//! Left out: what a single value may be; its parser says that.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::gather::Source;
use super::limits::Lifetime;
use super::listen::{Listen, is_local};
use super::loader::Found;
use super::mail::{Smtp, SmtpServer};
use super::secret::SmtpPassword;
use super::words::Transport;

/// The equally strong Argon2id costs of OWASP's Password Storage Cheat Sheet: passes, and the KiB that
/// they need at least.
const OWASP: [(u32, u32); 5] = [(1, 47104), (2, 19456), (3, 12288), (4, 9216), (5, 7168)];

impl<T> fmt::Display for Found<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.row.key, self.shown, self.source)
    }
}

/// tiny_http serves this machine only.
///
/// One request with a huge `Content-Length` ends its process, and it has no deadline on anything, so
/// nobody else may be able to connect.
pub(super) fn transport_may_listen(
    transport: &Found<Transport>,
    listen: &Found<Vec<Listen>>,
) -> Result<(), ConfigError> {
    match (transport.value, &listen.value[..]) {
        #[cfg(feature = "hyper")]
        (Transport::Hyper, _) => Ok(()),
        (Transport::TinyHttp, [one]) if is_local(one) => Ok(()),
        (Transport::TinyHttp, [_]) => contradiction(
            listen,
            "tiny_http can be stopped by a single request, so it may not be reachable from other machines",
            "a loopback address or unix:PATH behind a proxy that limits bodies, or --transport hyper in a build that has it",
        ),
        (Transport::TinyHttp, _) => contradiction(
            listen,
            "tiny_http listens at one address",
            "one address, or --transport hyper in a build that has it",
        ),
    }
}

/// A certificate is of use with its key only, and with a transport that can encrypt.
pub(super) fn tls(
    transport: Transport,
    cert: Option<Found<PathBuf>>,
    key: Option<Found<PathBuf>>,
) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), None) => contradiction(&cert, "has no key", "tls_cert together with tls_key"),
        (None, Some(key)) => contradiction(&key, "has no certificate", "tls_cert together with tls_key"),
        (Some(cert), Some(_)) if transport == Transport::TinyHttp => contradiction(
            &cert,
            "tiny_http cannot encrypt",
            "--transport hyper in a build that has it",
        ),
        (Some(cert), Some(key)) => Ok(Some((cert.value, key.value))),
    }
}

/// Whoever comes to a mail server with a name has a password, and there is a server to come to.
pub(super) fn smtp(
    server: Option<Found<SmtpServer>>,
    user: Option<Found<String>>,
    password: Option<Found<SmtpPassword>>,
) -> Result<Option<Smtp>, ConfigError> {
    let login = match (user, password) {
        (None, None) => None,
        (Some(user), None) => {
            return contradiction(&user, "has no password", "smtp_user together with smtp_password");
        }
        (None, Some(password)) => {
            return contradiction(
                &password,
                "has no user name",
                "smtp_password together with smtp_user",
            );
        }
        (Some(user), Some(_)) if server.is_none() => {
            return contradiction(&user, "has no mail server", "smtp_user together with smtp");
        }
        (Some(user), Some(password)) => Some((user.value, password.value)),
    };
    Ok(server.map(|server| Smtp {
        server: server.value,
        login,
    }))
}

fn contradiction<T, Never>(found: &Found<T>, why: &str, accepted: &str) -> Result<Never, ConfigError> {
    Err(ConfigError::contradiction(
        found.row,
        &found.shown,
        &found.source,
        why,
        accepted,
    ))
}

/// A session cannot live longer unseen than in all.
pub(super) fn lifetime(idle: &Found<Duration>, absolute: &Found<Duration>) -> Result<Lifetime, ConfigError> {
    if idle.value <= absolute.value {
        return Ok(Lifetime {
            idle: idle.value,
            absolute: absolute.value,
        });
    }
    // The one that somebody wrote is the one to change.
    let (wrong, relation, bound, accepted) = match idle.source {
        Source::Default => (absolute, "shorter", idle, "at least"),
        _ => (idle, "longer", absolute, "at most"),
    };
    Err(ConfigError::contradiction(
        wrong.row,
        &wrong.shown,
        &wrong.source,
        &format!("is {relation} than {bound}"),
        &format!("{accepted} {}", bound.row.key),
    ))
}

/// Less memory must be made up for by more passes.
pub(super) fn hash_is_strong(memory: &Found<u32>, iterations: &Found<u32>) -> Result<(), ConfigError> {
    let row = OWASP.iter().rev().find(|(passes, _)| *passes <= iterations.value);
    let needed = row.map_or(OWASP[0].1, |(_, kib)| *kib);
    if needed <= memory.value {
        return Ok(());
    }
    Err(ConfigError::contradiction(
        memory.row,
        &memory.shown,
        &memory.source,
        &format!("is too little beside {iterations}"),
        &format!(
            "{needed} or more, or more hash_iterations (1 pass 47104, 2 19456, 3 12288, 4 9216, 5 7168)"
        ),
    ))
}
