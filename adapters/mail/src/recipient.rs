//! Reads the recipient from a message, so that a mail folder needs no other files.

use kunci_domain::EmailAddress;

/// Returns the address in the `To` header of a message from a [`Composer`](crate::Composer), even if an
/// operator has edited the file since. Returns `None` unless there is exactly one.
#[must_use]
pub fn recipient(message: &[u8]) -> Option<EmailAddress> {
    let end = message.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&message[..end]).ok()?;
    // A line that begins with white space continues the header above it (RFC 5322, section 2.2.3).
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

/// Removes a pair of angle brackets, which are optional around an address.
fn without_brackets(to: &str) -> &str {
    let to = to.trim();
    to.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(to)
}
