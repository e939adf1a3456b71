//! Whom a message is for, read from the message itself, so that a folder needs nothing beside its files.

use kunci_domain::EmailAddress;

/// The address in the `To` header of a message that a [`Composer`](crate::Composer) made, or that
/// somebody edited since; `None` when there is not exactly one.
#[must_use]
pub fn recipient(message: &[u8]) -> Option<EmailAddress> {
    let end = message.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&message[..end]).ok()?;
    // A header goes on in the next line when that begins with a space (RFC 5322, 2.2.3).
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut found = head.split("\r\n").filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("to").then_some(value)
    });
    let to = found.next()?;
    found
        .next()
        .is_none()
        .then(|| EmailAddress::parse(without_brackets(to)).ok())
        .flatten()
}

/// Brackets around an address are for programs; a person may leave out both, or neither.
fn without_brackets(to: &str) -> &str {
    let to = to.trim();
    to.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(to)
}
