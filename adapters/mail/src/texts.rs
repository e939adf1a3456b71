//! What each mail says: subject and body, in plain English.
//!
//! Left out: headers, and every secret but the token of the link that a mail is there to bring.

use std::time::Duration;

use kunci_domain::mail::{Mail, MailContent};
use kunci_domain::{LinkToken, Purpose};
use zeroize::Zeroizing;

use crate::notice;

/// Where a body breaks its lines, in characters (RFC 5322, 2.1.1 asks for at most 78).
const WIDTH: usize = 72;

/// The words of one mail.
pub(crate) struct Text {
    pub(crate) subject: String,
    pub(crate) body: Zeroizing<String>,
}

/// Where links lead to.
pub(crate) struct Site {
    /// The public URL, without a slash at its end.
    pub(crate) base: String,
}

impl Site {
    /// What people call the place: the URL without its scheme.
    pub(crate) fn name(&self) -> &str {
        self.base
            .split_once("://")
            .map_or(self.base.as_str(), |(_, rest)| rest)
    }

    fn link(&self, token: &LinkToken) -> Zeroizing<String> {
        Zeroizing::new(format!("{}/link?token={}", self.base, *token.expose()))
    }
}

/// Puts a mail into words.
pub(crate) fn text(mail: &Mail, site: &Site) -> Text {
    let (subject, paragraphs) = match &mail.content {
        MailContent::ConfirmAddress(token) => confirm_address(token, site),
        MailContent::ConfirmNewAddress(token) => confirm_new_address(token, site),
        MailContent::ResetPassword(token) => reset_password(token, site),
        MailContent::Notice(event) => (notice::what(event.kind), notice::paragraphs(event, site)),
    };
    let greeting = Zeroizing::new(format!("Hello {},", mail.name));
    let body = std::iter::once(&greeting)
        .chain(&paragraphs)
        .map(|paragraph| wrapped(paragraph))
        .fold(Zeroizing::new(String::new()), join);
    Text {
        subject: format!("{subject} at {}", site.name()),
        body,
    }
}

/// A subject without the place, and the paragraphs below the greeting.
type Words = (&'static str, Vec<Zeroizing<String>>);

fn confirm_address(token: &LinkToken, site: &Site) -> Words {
    let why = format!(
        "Please confirm that this is the address of your account at {}:",
        site.name()
    );
    let otherwise = "If you have no account there, somebody mistyped their address: just ignore this mail.";
    let lifetime = Purpose::ConfirmAddress.lifetime();
    (
        "Confirm your address",
        with_link(why, site.link(token), lifetime, otherwise),
    )
}

fn confirm_new_address(token: &LinkToken, site: &Site) -> Words {
    let why = format!(
        "Please confirm that this is to be the address of your account at {} from now on:",
        site.name()
    );
    let otherwise =
        "If you did not ask for that, just ignore this mail: nothing changes unless the link is used.";
    let lifetime = Purpose::ChangeAddress.lifetime();
    (
        "Confirm your new address",
        with_link(why, site.link(token), lifetime, otherwise),
    )
}

fn reset_password(token: &LinkToken, site: &Site) -> Words {
    let why = format!(
        "Somebody, hopefully you, forgot the password of your account at {}. With this link you can choose \
         a new one:",
        site.name()
    );
    let otherwise = "If you did not ask for that, just ignore this mail: your password stays as it is unless \
                     the link is used.";
    let lifetime = Purpose::ResetPassword.lifetime();
    (
        "Choose a new password",
        with_link(why, site.link(token), lifetime, otherwise),
    )
}

fn with_link(
    why: String,
    link: Zeroizing<String>,
    lifetime: Duration,
    otherwise: &str,
) -> Vec<Zeroizing<String>> {
    let lifetime = format!("It works once, and for {}.", in_words(lifetime));
    vec![
        Zeroizing::new(why),
        link,
        Zeroizing::new(lifetime),
        Zeroizing::new(otherwise.to_owned()),
    ]
}

/// A lifetime in whole minutes or hours.
fn in_words(lifetime: Duration) -> String {
    let minutes = lifetime.as_secs() / 60;
    if minutes.is_multiple_of(60) {
        format!("{} hours", minutes / 60)
    } else {
        format!("{minutes} minutes")
    }
}

/// The paragraph with its lines broken between words. Lines that it has are kept; a word that is too
/// long stays whole, or a link would lead nowhere.
fn wrapped(paragraph: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(paragraph.len() + 1));
    for line in paragraph.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if width > 0 && WIDTH < width + 1 + length {
                text.push('\n');
                width = 0;
            } else if width > 0 {
                text.push(' ');
                width += 1;
            }
            text.push_str(word);
            width += length;
        }
        text.push('\n');
    }
    text
}

/// Paragraphs with an empty line between them. Each time a new text is made, so that the former one,
/// which may hold a token, is wiped instead of left behind when it grows.
fn join(text: Zeroizing<String>, paragraph: Zeroizing<String>) -> Zeroizing<String> {
    let between = if text.is_empty() { "" } else { "\n" };
    Zeroizing::new([text.as_str(), between, paragraph.as_str()].concat())
}
