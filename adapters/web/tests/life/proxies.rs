//! Client addresses behind proxies, as sessions, history and the throttle see them.
//!
//! Unit tests in `src` cover how chains of hops are parsed.

use std::net::SocketAddr;

use crate::support::{PASSWORD, Setup, Site, TestRequest, get, sign_in_form, sign_up_form};

fn site() -> Site {
    Site::with(Setup {
        proxies: vec!["10.0.0.0/8", "unix"],
        ..Setup::default()
    })
}

/// Sets the peer address and `X-Forwarded-For`; a peer that is not an address is a Unix socket.
fn forwarded(request: TestRequest, peer: &str, forwarded_for: &str) -> TestRequest {
    let request = request.header("x-forwarded-for", forwarded_for);
    match peer.parse() {
        Ok(peer) => request.extension(SocketAddr::new(peer, 4_711)),
        Err(_) => request,
    }
}

#[test]
fn only_trusted_proxies_set_the_client_address() {
    for (peer, want) in [
        ("10.0.0.1", serde_json::json!("203.0.113.9")),
        ("unix", serde_json::json!("203.0.113.9")),
        ("192.0.2.7", serde_json::json!("192.0.2.7")),
    ] {
        let site = site();
        let request = forwarded(sign_up_form("ada", PASSWORD), peer, "6.6.6.6, 203.0.113.9");
        let ada = site.send(request).cookie().unwrap();
        let sessions = site.send(get("/api/v1/sessions").cookie(&ada)).json();
        assert_eq!(sessions["sessions"][0]["address"], want, "{peer}");
        let history = site.send(get("/api/v1/account/history").cookie(&ada)).json();
        assert_eq!(history["events"][0]["address"], want, "{peer}");
    }
}

#[test]
fn forged_forwarding_headers_do_not_add_guesses() {
    for peer in ["10.0.0.1", "192.0.2.7"] {
        let site = site();
        let statuses: Vec<u16> = (0..12)
            .map(|n| {
                let hops = format!("198.51.{n}.1, 203.0.113.9");
                site.send(forwarded(sign_in_form("ada", "wrong password"), peer, &hops))
                    .status
            })
            .collect();
        assert_eq!(
            statuses.iter().filter(|status| **status == 429).count(),
            2,
            "{peer}"
        );
    }
    let site = site();
    for n in 0..12 {
        let hops = format!("203.0.{n}.9");
        let answer = site.send(forwarded(
            sign_in_form("ada", "wrong password"),
            "10.0.0.1",
            &hops,
        ));
        assert_eq!(
            answer.status, 401,
            "each client of a trusted proxy has its own budget"
        );
    }
}

/// Most proxies set one of the two headers and pass on the other one from the client.
#[test]
fn other_forwarding_header_neither_adds_guesses_nor_hides_the_address() {
    let site = site();
    let ada = forwarded(sign_up_form("ada", PASSWORD), "10.0.0.1", "203.0.113.9");
    let ada = site
        .send(ada.header("forwarded", "for=6.6.6.6"))
        .cookie()
        .unwrap();
    let sessions = site.send(get("/api/v1/sessions").cookie(&ada)).json();
    assert_eq!(sessions["sessions"][0]["address"], "203.0.113.9");
    let statuses = (0..12).map(|n| {
        let guess = forwarded(sign_in_form("ada", "wrong password"), "10.0.0.1", "203.0.113.9");
        let lie = format!("for=198.51.{n}.1");
        let lie = if n % 2 == 0 {
            lie
        } else {
            "for=203.0.113.9".to_owned()
        };
        site.send(guess.header("forwarded", &lie)).status
    });
    assert_eq!(statuses.filter(|status| *status == 429).count(), 2);
}
