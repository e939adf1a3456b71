//! Subjects and bodies of mails, in English.

use std::time::Duration;

use kunci_domain::mail::{Mail, MailContent};
use kunci_domain::{LinkToken, Purpose};

use crate::notice;
use crate::site::Site;

/// Line length of bodies, in characters. RFC 5322, section 2.1.1 asks for at most 78.
const WIDTH: usize = 72;

/// The longest site name in a subject, in bytes. A subject cannot be folded within a word.
const MAX_NAME_IN_SUBJECT: usize = 76;

/// The texts of one mail.
pub(crate) struct Text {
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Returns the texts for a mail.
pub(crate) fn text(mail: &Mail, site: &Site) -> Text {
    let (subject, paragraphs) = match &mail.content {
        MailContent::ConfirmAddress(token) => confirm_address(token, site),
        MailContent::ConfirmNewAddress(token) => confirm_new_address(token, site),
        MailContent::ResetPassword(token) => reset_password(token, site),
        MailContent::Notice(event) => (notice::summary(event.kind), notice::paragraphs(event, site)),
    };
    let paragraphs = [vec![greeting(mail.name.as_str())], paragraphs].concat();
    let paragraphs: Vec<_> = paragraphs.iter().map(|paragraph| wrapped(paragraph)).collect();
    Text {
        subject: with_site(subject, site.name()),
        body: paragraphs.join("\n"),
    }
}

/// Greets the owner by name, unless a mail program would make a link of the name: a host name, an address, or
/// a telephone number. Strangers choose the name in a mail that asks to confirm an address.
fn greeting(name: &str) -> String {
    const MOST_DIGITS: usize = 4;
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    if name.contains(['.', '@']) || MOST_DIGITS < digits {
        "Hello,".to_owned()
    } else {
        format!("Hello {name},")
    }
}

fn with_site(subject: &str, name: &str) -> String {
    if name.len() <= MAX_NAME_IN_SUBJECT {
        format!("{subject} at {name}")
    } else {
        subject.to_owned()
    }
}

/// A subject without the site, and the paragraphs after the greeting.
type Texts = (&'static str, Vec<String>);

fn confirm_address(token: &LinkToken, site: &Site) -> Texts {
    let name = site.name();
    let paragraphs = vec![
        format!("Confirm that this is the email address of your account at {name}:"),
        site.link(token),
        validity(Purpose::ConfirmAddress),
        format!(
            "If you have no account at {name}, ignore this email. Someone probably mistyped their own address."
        ),
    ];
    ("Confirm your email address", paragraphs)
}

fn confirm_new_address(token: &LinkToken, site: &Site) -> Texts {
    let paragraphs = vec![
        format!(
            "Confirm that this is the new email address of your account at {}:",
            site.name()
        ),
        site.link(token),
        validity(Purpose::ChangeAddress),
        "If you did not request this, ignore this email. Nothing changes unless the link is used.".to_owned(),
    ];
    ("Confirm your new email address", paragraphs)
}

fn reset_password(token: &LinkToken, site: &Site) -> Texts {
    let paragraphs = vec![
        format!(
            "Someone asked to reset the password of your account at {}. Use this link to choose a new one:",
            site.name()
        ),
        site.link(token),
        validity(Purpose::ResetPassword),
        "If you did not request this, ignore this email. Your password does not change unless the link is used."
            .to_owned(),
    ];
    ("Choose a new password", paragraphs)
}

fn validity(purpose: Purpose) -> String {
    format!(
        "The link works once and expires after {}.",
        in_words(purpose.lifetime())
    )
}

/// Formats a lifetime in whole minutes or hours.
fn in_words(lifetime: Duration) -> String {
    let minutes = lifetime.as_secs() / 60;
    if minutes.is_multiple_of(60) {
        format!("{} hours", minutes / 60)
    } else {
        format!("{minutes} minutes")
    }
}

/// Wraps a paragraph between words and keeps its own line breaks. A word longer than a line stays whole,
/// because a broken link would not work.
fn wrapped(paragraph: &str) -> String {
    let mut text = String::with_capacity(paragraph.len() + 1);
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
