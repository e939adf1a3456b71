//! The life of an account: invitation, confirmation, two devices, second factor, password change, end of a
//! device, reset by mail, recovery code, deletion; in pages and in JSON.

mod in_json;
mod in_pages;
mod outbox;

use totp_rs::{Builder, Secret};

use crate::support::{Server, Setup, Transport, for_each_transport};

for_each_transport!(life_of_an_account_in_pages, life_of_an_account_in_json,);

fn life_of_an_account_in_pages(transport: Transport) {
    in_pages::live(&invited_only(transport));
}

fn life_of_an_account_in_json(transport: Transport) {
    in_json::live(&invited_only(transport));
}

const ADDRESS: &str = "ada@example.org";
const SECOND_PASSWORD: &str = "another good one";
const THIRD_PASSWORD: &str = "a third one, forgotten never";

fn invited_only(transport: Transport) -> Server {
    Setup::of(transport)
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

/// An authenticator application.
struct Authenticator(Secret);

impl Authenticator {
    fn new(secret: &str) -> Self {
        let secret: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
        Self(Secret::try_from_base32(secret).expect("a secret is base 32"))
    }

    /// Returns the code of a time step, relative to the current one.
    fn code(&self, steps_ago: u64) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let time = now.unwrap().as_secs() - 30 * steps_ago;
        let totp = Builder::new().with_secret(self.0.clone()).build_noncompliant();
        totp.generate(time).to_string()
    }

    /// Uses the code of the previous time step, which leaves the current one for the next use. Retries if the
    /// step has changed meanwhile.
    fn try_earlier<T>(&self, attempt: impl Fn(&str) -> Option<T>) -> T {
        let tried = attempt(&self.code(1)).or_else(|| attempt(&self.code(1)));
        tried.expect("the code of the step before is good")
    }
}
