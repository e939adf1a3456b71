//! The lifecycle of an account, once in pages and once in JSON: invitation, confirmation, two devices, second
//! factor, password change, revoked device, reset by mail, recovery codes, deletion.

mod in_json;
mod in_pages;
pub(crate) mod outbox;

use crate::support::{Server, Setup, Transport, for_each_transport};

for_each_transport!(account_lifecycle_works_in_pages, account_lifecycle_works_in_json,);

fn account_lifecycle_works_in_pages(transport: Transport) {
    in_pages::run(&invitation_only_server(transport));
}

fn account_lifecycle_works_in_json(transport: Transport) {
    in_json::run(&invitation_only_server(transport));
}

const ADDRESS: &str = "ada@example.org";
const SECOND_PASSWORD: &str = "another good one";
const THIRD_PASSWORD: &str = "a third one, forgotten never";

fn invitation_only_server(transport: Transport) -> Server {
    Setup::new(transport)
        .settings("accounts.sign_up = \"invitation\"")
        .start()
}

/// Creates an invitation for one account on the command line, and returns its token.
fn invitation(server: &Server) -> String {
    let output = server.command(&["invitation", "add"], "");
    assert!(output.status.success(), "{output:?}");
    token_in(&String::from_utf8(output.stdout).unwrap()).expect("the command prints a link")
}

/// Returns the token of the first link in a text.
fn token_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("/link?token=")?;
    Some(rest.chars().take_while(char::is_ascii_hexdigit).collect())
}
