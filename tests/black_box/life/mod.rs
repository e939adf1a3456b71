//! The lifecycle of an account, once in pages and once in JSON: invitation, confirmation, two devices, second
//! factor, password change, revoked device, reset by mail, recovery codes, deletion.

mod in_json;
mod in_pages;
mod outbox;

use totp_rs::{Builder, Secret};

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

/// An authenticator app.
struct Authenticator(Secret);

impl Authenticator {
    fn new(secret: &str) -> Self {
        let secret: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
        Self(Secret::try_from_base32(secret).expect("the secret is base32"))
    }

    /// Returns the code of the time step this many steps before the current one.
    fn code(&self, steps_ago: u64) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let time = now.unwrap().as_secs() - 30 * steps_ago;
        let totp = Builder::new().with_secret(self.0.clone()).build_noncompliant();
        totp.generate(time).to_string()
    }

    /// Calls `attempt` with the code of the previous time step, so the current code stays unused for
    /// a later sign-in. Retries once, because the time step may change in between.
    fn try_previous_code<T>(&self, attempt: impl Fn(&str) -> Option<T>) -> T {
        let result = attempt(&self.code(1)).or_else(|| attempt(&self.code(1)));
        result.expect("the previous code is accepted")
    }
}
