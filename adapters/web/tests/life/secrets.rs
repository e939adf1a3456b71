//! Tokens, seeds and codes appear only in the response that issues them, and never in the log. A token is also in
//! the form of its page.

use std::net::SocketAddr;

use kunci_domain::{Purpose, Role};

use crate::support::{
    ACCEPT_HEADERS, Act, Authenticator, NEW_PASSWORD, PASSWORD, Site, TestRequest, form, get, json, post,
    sign_in_form, take_log,
};

/// A client that uses every account feature and records all responses and secrets.
struct RecordingClient<'s> {
    site: &'s Site,
    accept: &'static str,
    client: crate::support::Client<'s>,
    responses: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl RecordingClient<'_> {
    /// Sends a request whose response must contain no secret.
    fn send(&mut self, request: TestRequest) {
        let case = format!("{} {}", request.0.method(), request.0.uri().path());
        let answer = self.client.send(request.accept(self.accept));
        let mut shown = answer.body.clone();
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let value = value.to_str().unwrap().split([';', '=']).nth(1).unwrap();
                self.secrets.extend((1 < value.len()).then(|| value.to_owned()));
            } else {
                shown.push_str(value.to_str().unwrap());
            }
        }
        self.responses.push((case, shown));
    }

    /// Sends a request whose response issues a secret.
    fn send_for_secret(&mut self, request: TestRequest) -> serde_json::Value {
        self.client.send(request.accept("application/json")).json()
    }

    /// Records a secret that no response may show, and returns it.
    fn record_secret(&mut self, secret: &str) -> String {
        self.secrets.push(secret.to_owned());
        secret.to_owned()
    }

    /// Follows a link twice; the second time it is dead.
    fn follow_twice(&mut self, token: &str, fields: &[(&str, &str)]) {
        let fields = [&[("token", token)], fields].concat();
        for _ in 0..2 {
            self.send(get(&format!("/link?token={token}")));
            // The page of a link has the token in its form.
            self.client.send(get("/link").accept(self.accept));
            self.send(form("/link", &fields));
        }
    }

    fn use_every_feature(&mut self) {
        let fields = [
            ("username", "ada"),
            ("password", PASSWORD),
            ("email", "ada@example.org"),
        ];
        self.send(form("/register", &fields));
        let token = self.record_secret(&self.site.take_mailed_link().expose());
        self.follow_twice(&token, &[]);
        self.send(form("/account/email", &[("email", "new@example.org")]));
        self.record_secret(&self.site.take_mailed_link().expose());
        let authenticator = self.enrol();
        self.use_factor(&authenticator);
        self.send(form("/reset", &[("who", "ada")]));
        let token = self.record_secret(&self.site.take_mailed_link().expose());
        self.follow_twice(&token, &[("new_password", NEW_PASSWORD)]);
        let token = self.record_secret(&self.site.issue_link("ada", Purpose::SignIn).expose());
        self.follow_twice(&token, &[]);
        self.get_every_page();
    }

    fn enrol(&mut self) -> Authenticator {
        let begun = self.send_for_secret(json("POST", "/api/v1/account/second-factor", ""));
        let secret = self.record_secret(begun["secret"].as_str().unwrap());
        let authenticator = Authenticator::from_secret(&secret);
        self.send(json("GET", "/api/v1/account/second-factor", ""));
        let wrong = authenticator.wrong_code(self.site);
        if self.accept != crate::support::PAGE {
            self.send(form("/account/second-factor/confirm", &[("code", &wrong)]));
        }
        let code = authenticator.code(self.site);
        let issued = self.send_for_secret(form("/account/second-factor/confirm", &[("code", &code)]));
        for code in issued["recovery_codes"].as_array().unwrap() {
            self.record_secret(code.as_str().unwrap());
        }
        self.get_every_page();
        authenticator
    }

    fn use_factor(&mut self, authenticator: &Authenticator) {
        self.site.clock.advance(crate::support::MINUTE);
        let code = authenticator.code(self.site);
        let recovery = self.secrets.last().unwrap().clone();
        self.send(sign_in_form("ada", PASSWORD));
        self.send(get("/login/code"));
        for code in [&authenticator.wrong_code(self.site), &code, &code] {
            self.send(form("/login/code", &[("code", code)]));
        }
        for _ in 0..2 {
            self.send(sign_in_form("ada", PASSWORD));
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

    fn get_every_page(&mut self) {
        for (_, path) in crate::support::all_routes()
            .into_iter()
            .filter(|(method, _)| *method == "GET")
        {
            self.send(get(path));
        }
    }
}

#[test]
fn secrets_appear_only_where_issued_and_never_in_logs() {
    for accept in ACCEPT_HEADERS {
        take_log();
        let site = Site::new();
        let mut client = RecordingClient {
            site: &site,
            accept,
            client: site.client(),
            responses: Vec::new(),
            secrets: vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned()],
        };
        client.use_every_feature();
        let log = take_log();
        assert!(20 < client.secrets.len(), "the client recorded secrets");
        for secret in &client.secrets {
            for (case, shown) in &client.responses {
                assert!(
                    !shown.contains(secret),
                    "{case} as {accept} shows {secret}: {shown}"
                );
            }
            assert!(!log.contains(secret), "the log shows {secret}: {log}");
        }
        for line in [
            "INFO event=\"wrong_code\" result=\"refused\" account=",
            "INFO event=\"link_dead\" result=\"refused\"",
        ] {
            assert!(log.contains(line), "{line} in {log}");
        }
        // Ids may contain the letters of a name.
        let mut words = log.split(|c: char| !c.is_alphanumeric());
        assert!(
            !log.contains("example.org") && words.all(|word| word != "ada"),
            "{log}"
        );
    }
}

#[test]
fn failed_history_entries_and_notices_are_logged() {
    take_log();
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site.confirm_email("ada", "ada@example.org");
    let login = || sign_in_form("ada", PASSWORD);
    let commits = std::sync::atomic::AtomicUsize::new(0);
    // The first two commits charge and refund the attempt.
    site.watch.set(move |call| {
        let is_commit = call == "accounts.commit";
        match is_commit && 2 <= commits.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            true => Act::Fail,
            false => Act::Pass,
        }
    });
    assert_eq!(site.send(login()).status, 200);
    site.watch.pass();
    site.postbox.set_fails(true);
    assert_eq!(site.send(login()).status, 200);
    let log = take_log();
    for line in [
        "ERROR message=an event could not be added to the history of an account cause=",
        "ERROR message=the owner of an account could not be notified cause=",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
    assert!(!log.contains("example.org"), "{log}");
}

#[test]
fn proxy_misconfiguration_is_logged_once() {
    take_log();
    let site = Site::with(crate::support::Setup {
        proxies: vec!["10.0.0.1"],
        ..crate::support::Setup::default()
    });
    let peers = ["127.0.0.1", "10.0.0.1", "192.0.2.7"];
    for peer in peers.into_iter().cycle().take(9) {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4_711);
        let request = post("/logout")
            .header("x-forwarded-for", "hidden")
            .extension(peer);
        assert_eq!(site.send(request).status, 200);
    }
    let log = take_log();
    for line in [
        "WARN message=a local peer sends forwarding headers, but is not a trusted proxy",
        "WARN message=a trusted proxy sends no valid address of the client",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
    assert_eq!(log.lines().filter(|line| !line.is_empty()).count(), 2, "{log}");
}
