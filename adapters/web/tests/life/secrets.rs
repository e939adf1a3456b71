//! Tokens, seeds and codes leave in the one answer that hands them over, and nowhere else; the log tells what
//! happened without any of them.

use std::net::SocketAddr;

use kunci_domain::{Purpose, Role};

use crate::support::{
    Act, Ask, Authenticator, FORMS, NEW_PASSWORD, PASSWORD, Site, form, get, json, logged, post,
};

/// Somebody who goes through the life of an account and remembers what was said and what was secret.
struct Life<'s> {
    site: &'s Site,
    accept: &'static str,
    client: crate::support::Client<'s>,
    said: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Life<'_> {
    /// Sends a request whose answer must hold no secret.
    fn send(&mut self, ask: Ask) {
        let case = format!("{} {}", ask.0.method(), ask.0.uri().path());
        let answer = self.client.send(ask.accept(self.accept));
        let mut said = answer.body.clone();
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let value = value.to_str().unwrap().split([';', '=']).nth(1).unwrap();
                self.secrets.extend((1 < value.len()).then(|| value.to_owned()));
            } else {
                said.push_str(value.to_str().unwrap());
            }
        }
        self.said.push((case, said));
    }

    /// Sends a request whose answer hands a secret over.
    fn hand_over(&mut self, ask: Ask) -> serde_json::Value {
        self.client.send(ask.accept("application/json")).json()
    }

    fn keep(&mut self, secret: &str) -> String {
        self.secrets.push(secret.to_owned());
        secret.to_owned()
    }

    fn follow(&mut self, token: &str, fields: &[(&str, &str)]) {
        self.send(get(&format!("/link?token={token}")));
        self.send(get("/link"));
        self.send(form("/link", fields));
        self.send(get(&format!("/link?token={token}")));
        self.send(form("/link", fields));
    }

    fn live(&mut self) {
        let fields = [
            ("username", "ada"),
            ("password", PASSWORD),
            ("email", "ada@example.org"),
        ];
        self.send(form("/register", &fields));
        let token = self.keep(&self.site.take_link().expose());
        self.follow(&token, &[]);
        self.send(form("/account/email", &[("email", "new@example.org")]));
        self.keep(&self.site.take_link().expose());
        let authenticator = self.enrol();
        self.use_factor(&authenticator);
        self.send(form("/reset", &[("who", "ada")]));
        let token = self.keep(&self.site.take_link().expose());
        self.follow(&token, &[("new_password", NEW_PASSWORD)]);
        let token = self.keep(&self.site.add_link("ada", Purpose::SignIn).expose());
        self.follow(&token, &[]);
        self.look_everywhere();
    }

    fn enrol(&mut self) -> Authenticator {
        let begun = self.hand_over(json("POST", "/api/v1/account/second-factor", ""));
        let secret = self.keep(begun["secret"].as_str().unwrap());
        let authenticator = Authenticator::of_secret(&secret);
        self.send(json("GET", "/api/v1/account/second-factor", ""));
        let wrong = authenticator.wrong_code(self.site);
        if self.accept != crate::support::PAGE {
            self.send(form("/account/second-factor/confirm", &[("code", &wrong)]));
        }
        let code = authenticator.code(self.site);
        let given = self.hand_over(form("/account/second-factor/confirm", &[("code", &code)]));
        for code in given["recovery_codes"].as_array().unwrap() {
            self.keep(code.as_str().unwrap());
        }
        self.look_everywhere();
        authenticator
    }

    fn use_factor(&mut self, authenticator: &Authenticator) {
        self.site.clock.advance(crate::support::MINUTE);
        let code = authenticator.code(self.site);
        let recovery = self.secrets.last().unwrap().clone();
        self.send(form("/login", &[("username", "ada"), ("password", PASSWORD)]));
        self.send(get("/login/code"));
        for code in [&authenticator.wrong_code(self.site), &code, &code] {
            self.send(form("/login/code", &[("code", code)]));
        }
        for _ in 0..2 {
            self.send(form("/login", &[("username", "ada"), ("password", PASSWORD)]));
            self.send(form("/login/code", &[("code", &recovery)]));
        }
        self.site.clock.advance(crate::support::MINUTE);
        let code = authenticator.code(self.site);
        self.send(form("/login/code", &[("code", &code)]));
        self.send(form(
            "/account/confirm",
            &[("password", PASSWORD), ("code", &code)],
        ));
    }

    fn look_everywhere(&mut self) {
        for (_, path) in crate::support::ROUTES
            .into_iter()
            .filter(|(method, _)| *method == "GET")
        {
            self.send(get(path));
        }
    }
}

#[test]
fn no_answer_but_the_one_that_hands_it_over_holds_a_secret_and_the_log_none() {
    for accept in FORMS {
        logged();
        let site = Site::new();
        let mut life = Life {
            site: &site,
            accept,
            client: site.client(),
            said: Vec::new(),
            secrets: vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned()],
        };
        life.live();
        let log = logged();
        assert!(20 < life.secrets.len(), "there were secrets to find");
        for secret in &life.secrets {
            for (case, said) in &life.said {
                assert!(
                    !said.contains(secret),
                    "{case} as {accept} shows {secret}: {said}"
                );
            }
            assert!(!log.contains(secret), "the log shows {secret}: {log}");
        }
        for line in [
            "WARN message=a second-factor code was wrong or used before",
            "INFO message=a link was followed that no longer works",
        ] {
            assert!(log.contains(line), "{line} in {log}");
        }
        assert!(!log.contains("example.org") && !log.contains("ada"), "{log}");
    }
}

#[test]
fn what_could_not_be_written_down_or_told_is_logged_and_the_act_is_done() {
    logged();
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site.confirm("ada", "ada@example.org");
    let login = || form("/login", &[("username", "ada"), ("password", PASSWORD)]);
    site.watch.each("history.append", Act::Fail);
    assert_eq!(site.send(login()).status, 200);
    site.watch.pass();
    site.postbox.set_fails(true);
    assert_eq!(site.send(login()).status, 200);
    let log = logged();
    for line in [
        "ERROR message=an event is missing in the history of an account cause=",
        "ERROR message=the owner of an account was not told cause=",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
    assert!(!log.contains("example.org"), "{log}");
}

#[test]
fn refusals_for_want_of_budget_do_not_fill_the_log() {
    logged();
    let site = Site::new();
    for _ in 0..12 {
        site.send(form(
            "/login",
            &[("username", "ada"), ("password", "wrong password")],
        ));
    }
    let log = logged();
    assert_eq!(
        log.matches("DEBUG message=request refused: too many attempts")
            .count(),
        2,
        "{log}"
    );
    assert_eq!(log.lines().filter(|line| !line.is_empty()).count(), 2, "{log}");
}

#[test]
fn what_looks_wrong_about_proxies_is_said_once() {
    logged();
    let site = Site::with(crate::support::Setup {
        proxies: vec!["10.0.0.1"],
        ..crate::support::Setup::default()
    });
    let peers = ["127.0.0.1", "10.0.0.1", "192.0.2.7"];
    for peer in peers.into_iter().cycle().take(9) {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4_711);
        let ask = post("/logout")
            .header("x-forwarded-for", "hidden")
            .extension(peer);
        assert_eq!(site.send(ask).status, 200);
    }
    let log = logged();
    for line in [
        "WARN message=a local peer sends forwarding headers, but is not a trusted proxy",
        "WARN message=a trusted proxy sends invalid forwarding headers",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
    assert_eq!(log.lines().filter(|line| !line.is_empty()).count(), 2, "{log}");
}
