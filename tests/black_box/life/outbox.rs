//! Reads the mails in the outbox.

use std::fs;

use crate::support::Server;

/// Returns all mails decoded, oldest first.
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
        .map(|path| decode(&fs::read_to_string(path).unwrap()))
        .collect()
}

/// Returns the token in the latest mail to this address that contains a link.
pub(crate) fn latest_token(server: &Server, to: &str) -> String {
    let mails = mails(server);
    let found = mails
        .iter()
        .rev()
        .filter(|mail| mail.contains(to))
        .find_map(|mail| super::token_in(mail));
    found.unwrap_or_else(|| panic!("no mail to {to} with a link in {mails:#?}"))
}

/// Decodes quoted-printable (RFC 2045, section 6.7) as far as Kunci's mails use it.
fn decode(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}
