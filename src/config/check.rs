//! Checks settings that contradict one another although each is valid by itself.

use kunci_argon2::Cost;
use kunci_transport::Listen;

use super::Config;
use super::message::ConfigError;
use super::schema::key;
use super::sections::Transport;
use super::values::Text;

const HYPER: &str = "--transport hyper in a build that has it";

/// A key and what is wrong with its value.
type Conflict = (&'static str, String);

/// Checks all rules, and returns the error for the first one that is broken.
pub(super) fn all(config: &Config) -> Result<(), ConfigError> {
    let rules = [listen, tls, lifetimes, mail, hashing];
    let conflict = rules.iter().find_map(|rule| rule(config));
    let error = conflict.and_then(|(path, text)| Some(config.conflict(key(path)?, &text)));
    error.map_or(Ok(()), Err)
}

/// Whether only this machine can connect.
fn is_local(Text(listen): &Text<Listen>) -> bool {
    match listen {
        Listen::Tcp(address) => address.ip().to_canonical().is_loopback(),
        Listen::Unix(_) => true,
    }
}

/// tiny_http has no limits and no deadlines for connections, so other machines must not reach it.
fn listen(config: &Config) -> Option<Conflict> {
    let text = match &config.server.listen[..] {
        [] => "the list is empty; expected at least one listener".to_owned(),
        _ if config.transport != Transport::TinyHttp => return None,
        [one] if is_local(one) => return None,
        [_] => format!(
            "tiny_http does not limit connections, so other machines must not reach it; \
             expected a loopback address, unix:PATH, or {HYPER}"
        ),
        _ => format!("tiny_http has one listener; expected one listener, or {HYPER}"),
    };
    Some(("server.listen", text))
}

/// A certificate needs its key, and a transport that can encrypt.
fn tls(config: &Config) -> Option<Conflict> {
    let is_tiny_http = config.transport == Transport::TinyHttp;
    match (&config.server.tls.cert, &config.server.tls.key) {
        (Some(_), None) => Some(("server.tls.cert", "server.tls.key is missing".to_owned())),
        (None, Some(_)) => Some(("server.tls.key", "server.tls.cert is missing".to_owned())),
        (Some(_), _) if is_tiny_http => Some((
            "server.tls.cert",
            format!("tiny_http cannot encrypt; expected {HYPER}"),
        )),
        _ => None,
    }
}

/// The idle limit of a session is at most its absolute limit. The message is about a value that was given.
fn lifetimes(config: &Config) -> Option<Conflict> {
    let sessions = &config.sessions;
    let (idle, absolute) = if sessions.permanent_absolute.0 < sessions.permanent_idle.0 {
        ("sessions.permanent_idle", "sessions.permanent_absolute")
    } else if sessions.visitor_absolute.0 < sessions.visitor_idle.0 {
        ("sessions.visitor_idle", "sessions.visitor_absolute")
    } else if sessions.browser_absolute.0 < sessions.browser_idle.0 {
        ("sessions.browser_idle", "sessions.browser_absolute")
    } else {
        return None;
    };
    let (path, relation, other) = match key(idle).map(|key| config.source(key)).as_deref() {
        Some("default") => (absolute, "at least", idle),
        _ => (idle, "at most", absolute),
    };
    let limit = key(other).map(|key| config.value(key)).unwrap_or_default();
    Some((path, format!("expected {relation} {other} = {limit}")))
}

/// A login at a mail server needs a name, a password and the server.
fn mail(config: &Config) -> Option<Conflict> {
    let (path, missing) = match (&config.mail.smtp, &config.mail.user, &config.mail.password) {
        (_, Some(_), None) => ("mail.user", "mail.password"),
        (_, None, Some(_)) => ("mail.password", "mail.user"),
        (None, Some(_), Some(_)) => ("mail.user", "mail.smtp"),
        _ => return None,
    };
    Some((path, format!("{missing} is missing")))
}

/// Less memory needs more passes.
fn hashing(config: &Config) -> Option<Conflict> {
    let passes = config.hashing.cost.iterations;
    let least = Cost::least_memory_kib(passes);
    let text = format!(
        "too weak with hashing.iterations = {passes}; expected {least} or more, or more iterations \
         (1 needs 47104, 2 19456, 3 12288, 4 9216, 5 7168)"
    );
    (config.hashing.cost.memory_kib < least).then_some(("hashing.memory_kib", text))
}
