//! Settings whose values are fixed words: the transport, the rules of accounts, the form and level of the log.
//!
//! Left out: what the words lead to; the composition root maps them to adapters.

use kunci_domain::{SecondFactorRule, SignUpMode};

use super::base::Refusal;

/// What carries the requests.
///
/// A transport that this build does not have is no variant, so nobody can be handed one. Its word is
/// known all the same, so that the refusal can say what is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// tiny_http: for this machine only, behind a proxy or for development.
    TinyHttp,
    /// hyper: for everybody, with TLS.
    #[cfg(feature = "hyper")]
    Hyper,
}

impl Transport {
    #[cfg(feature = "hyper")]
    const HYPER: Option<Transport> = Some(Transport::Hyper);
    #[cfg(not(feature = "hyper"))]
    const HYPER: Option<Transport> = None;

    const WORDS: &[(&str, Option<Transport>)] =
        &[("tiny_http", Some(Transport::TinyHttp)), ("hyper", Self::HYPER)];

    pub(super) const ACCEPTED: &str = if Self::HYPER.is_some() {
        "tiny_http or hyper"
    } else {
        "tiny_http"
    };

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        one_of(text, Self::WORDS)?.ok_or_else(|| format!("this build has no {text}").into())
    }

    pub(super) fn show(&self) -> String {
        word_for(&Some(*self), Self::WORDS)
    }
}

const SIGN_UP: &[(&str, SignUpMode)] = &[
    ("open", SignUpMode::Open),
    ("invitation", SignUpMode::Invitation),
    ("closed", SignUpMode::Closed),
];

pub(super) fn sign_up(text: &str) -> Result<SignUpMode, Refusal> {
    one_of(text, SIGN_UP)
}

pub(super) fn show_sign_up(mode: &SignUpMode) -> String {
    word_for(mode, SIGN_UP)
}

const SECOND_FACTOR: &[(&str, SecondFactorRule)] = &[
    ("optional", SecondFactorRule::Optional),
    ("administrators", SecondFactorRule::Administrators),
    ("all", SecondFactorRule::Everybody),
];

pub(super) fn second_factor(text: &str) -> Result<SecondFactorRule, Refusal> {
    one_of(text, SECOND_FACTOR)
}

pub(super) fn show_second_factor(rule: &SecondFactorRule) -> String {
    word_for(rule, SECOND_FACTOR)
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line for people per event.
    Text,
    /// One JSON object per line and event.
    Json,
}

impl LogFormat {
    const WORDS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        one_of(text, Self::WORDS)
    }

    pub(super) fn show(&self) -> String {
        word_for(self, Self::WORDS)
    }
}

/// The least grave events that are still logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// Also what needs attention.
    Warn,
    /// Also what happens in normal running.
    Info,
    /// Also what helps to find a fault.
    Debug,
}

impl LogLevel {
    const WORDS: &[(&str, LogLevel)] = &[
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
    ];

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        one_of(text, Self::WORDS)
    }

    pub(super) fn show(&self) -> String {
        word_for(self, Self::WORDS)
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Its form; by default text.
    pub format: LogFormat,
    /// Its level; by default info.
    pub level: LogLevel,
}

fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Refusal> {
    words
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| "is none of the words".into())
}

fn word_for<T: PartialEq>(value: &T, words: &[(&str, T)]) -> String {
    words
        .iter()
        .find(|(_, known)| known == value)
        .map_or_else(String::new, |(word, _)| (*word).to_owned())
}
