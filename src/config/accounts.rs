//! The settings of accounts: who may make one, who needs a second factor, and how often anybody may try.
//!
//! Left out: what these mean, which is the domain's `AccountPolicy`, and mail, which is in `mail`.

use std::time::Duration;

use kunci_domain::{SecondFactorRule, SignUpMode};

use super::base::{Refusal, list};
use super::quantity::{lasting, show_duration, whole};
use super::setting::{Fallback, Row, Setting, Shape};
use super::words;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

pub(crate) static SIGN_UP: Setting<SignUpMode> = Setting {
    row: Row::new(
        "sign_up",
        "Who may make an account: anybody, those who are invited, or nobody",
        Fallback::Is("open"),
        "open, invitation or closed",
    ),
    parse: words::sign_up,
    show: words::show_sign_up,
};

pub(crate) static SECOND_FACTOR: Setting<SecondFactorRule> = Setting {
    row: Row::new(
        "second_factor",
        "Who must set up a second factor: whoever likes to, administrators, or all",
        Fallback::Is("optional"),
        "optional, administrators or all",
    ),
    parse: words::second_factor,
    show: words::show_second_factor,
};

pub(crate) static PROOF_LIFETIME: Setting<Duration> = Setting {
    row: Row::new(
        "proof_lifetime",
        "How long after proving who one is one may change what keeps the account safe",
        Fallback::Is("10m"),
        "a duration in whole seconds from 1m to 1d, such as 10m",
    ),
    parse: lasting::<MINUTE, DAY>,
    show: show_duration,
};

pub(crate) static PASSWORD_WORDS: Setting<Vec<String>> = Setting {
    row: Row::new(
        "password_words",
        "More words that are no passwords here, whatever digits and signs surround them",
        Fallback::Is(""),
        "words of letters, each at most 64",
    )
    .shaped(Shape::List),
    parse: site_words,
    show: |words| words.join(","),
};

fn site_words(text: &str) -> Result<Vec<String>, Refusal> {
    list(text, |word| {
        let fits = word.chars().count() <= 64 && word.chars().all(char::is_alphabetic);
        fits.then(|| word.to_owned())
            .ok_or_else(|| Refusal::from("is no word of at most 64 letters"))
    })
}

/// How many attempts there are at once.
macro_rules! at_once {
    ($name:ident, $key:literal, $about:literal, $default:literal) => {
        pub(crate) static $name: Setting<u32> = Setting {
            row: Row::new(
                $key,
                $about,
                Fallback::Is($default),
                "a whole number from 1 to 10000",
            )
            .shaped(Shape::Number),
            parse: whole::<1, 10_000>,
            show: u32::to_string,
        };
    };
}

/// How long it takes until there is one more.
macro_rules! every {
    ($name:ident, $key:literal, $about:literal, $default:literal) => {
        pub(crate) static $name: Setting<Duration> = Setting {
            row: Row::new(
                $key,
                $about,
                Fallback::Is($default),
                "a duration in whole seconds from 1s to 1d, such as 10m",
            ),
            parse: lasting::<1, DAY>,
            show: show_duration,
        };
    };
}

at_once!(
    GUESSES_AT_ONCE,
    "guesses_at_once",
    "How many wrong passwords or codes one account takes from one network, or from a known device",
    "10"
);
every!(
    GUESS_EVERY,
    "guess_every",
    "In what time it takes one more of them",
    "10m"
);
at_once!(
    NETWORK_GUESSES_AT_ONCE,
    "network_guesses_at_once",
    "How many wrong passwords, codes and links all accounts together take from one network",
    "100"
);
every!(
    NETWORK_GUESS_EVERY,
    "network_guess_every",
    "In what time they take one more of them",
    "10s"
);
at_once!(
    SIGN_UPS_AT_ONCE,
    "sign_ups_at_once",
    "How many accounts may be made from one network",
    "20"
);
every!(
    SIGN_UP_EVERY,
    "sign_up_every",
    "In what time one more of them may be made",
    "3m"
);
at_once!(
    MAILS_AT_ONCE,
    "mails_at_once",
    "How many mails may be asked for, for one account and from one network",
    "5"
);
every!(
    MAIL_EVERY,
    "mail_every",
    "In what time one more of them may be asked for",
    "10m"
);
