//! Reads the mails in the outbox.

use std::fs;

use crate::support::Server;

/// Returns all mails, decoded, oldest first.
pub(super) fn mails(server: &Server) -> Vec<String> {
    let folder = server.data().join("outbox");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| decoded(&fs::read_to_string(path).unwrap()))
        .collect()
}

/// Returns the token of the latest mail with a link to an address.
pub(super) fn latest_token(server: &Server, to: &str) -> String {
    let mails = mails(server);
    let found = mails
        .iter()
        .rev()
        .filter(|mail| mail.contains(to))
        .find_map(|mail| super::token_in(mail));
    found.unwrap_or_else(|| panic!("no link to {to} in {mails:#?}"))
}

/// Decodes quoted-printable (RFC 2045, section 6.7) as far as Kunci's mails use it.
fn decoded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}
