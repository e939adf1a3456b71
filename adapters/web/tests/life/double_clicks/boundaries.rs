//! Which requests get a remembered response, and which do not.

use std::net::SocketAddr;

use kunci_domain::Role;

use crate::support::{
    Client, JSON, MINUTE, PAGE, PASSWORD, Site, TEXT, TestRequest, form, get, sign_up_form,
};

/// Opens a page and returns the request of its form.
fn filled_in(client: &Client<'_>, page: &str, action: &str, fields: &[(&str, &str)]) -> TestRequest {
    let page = client.send(get(page).accept(PAGE));
    let id = page.form_id.unwrap();
    form(action, &[&[("form_id", id.as_str())][..], fields].concat()).accept(PAGE)
}

fn sign_in(client: &Client<'_>) -> TestRequest {
    let fields = [("form", "page"), ("username", "ada"), ("password", PASSWORD)];
    filled_in(client, "/login", "/login", &fields)
}

/// Returns a site where `ada` has a second factor, and the form that renews her recovery codes.
fn renewal<'s>(site: &'s Site) -> (Client<'s>, TestRequest) {
    let client = site.client();
    client.send(sign_up_form("ada", PASSWORD));
    site.add_second_factor("ada");
    let renewal = filled_in(&client, "/account/second-factor", "/account/recovery-codes", &[]);
    (client, renewal)
}

#[test]
fn only_the_same_request_of_the_same_client_gets_the_response_again() {
    let site = Site::new();
    let (client, renewal) = renewal(&site);
    let bob = site.sign_up("bob");
    let peer: SocketAddr = "192.0.2.7:1".parse().unwrap();
    let (id, uri) = (renewal.0.body().clone(), "/account/recovery-codes?x");
    let same = client.with_cookies(renewal.clone());
    let mut elsewhere = same.clone();
    *elsewhere.0.uri_mut() = uri.parse().unwrap();
    let media_type = "application/x-www-form-urlencoded";
    let mut other_values = same.clone();
    *other_values.0.body_mut() = [&id[..], b"&x=1"].concat().into();
    let no_id = client.with_cookies(form("/account/recovery-codes", &[]).accept(PAGE));
    let program = client.with_cookies(form("/account/recovery-codes", &[]).body(media_type, id));
    let first = site.send(same.clone()).body;
    assert!(first.contains("Recovery codes"));
    for (case, request, is_same) in [
        ("the same", same.clone(), true),
        ("without cookies", renewal.clone(), false),
        ("another user", renewal.cookie(&bob), false),
        ("another network", same.clone().extension(peer), false),
        ("another path", elsewhere, false),
        ("another value", other_values, false),
        ("no id", no_id, false),
        ("a program", program.accept(JSON), false),
        (
            "another site",
            same.header("origin", "https://evil.example"),
            false,
        ),
    ] {
        assert_eq!(site.send(request).body == first, is_same, "{case}");
    }
}

#[test]
fn response_is_forgotten_after_a_minute() {
    let site = Site::new();
    let (client, renewal) = renewal(&site);
    let first = client.send(renewal.clone()).body;
    site.clock.advance(MINUTE);
    let second = client.send(renewal).body;
    assert!(second.contains("Recovery codes"));
    assert_ne!(second, first);
}

#[test]
fn refused_form_can_be_sent_again() {
    let site = Site::new();
    let client = site.client();
    let sign_in = sign_in(&client);
    assert_eq!(client.send(sign_in.clone()).status, 401);
    site.add_user("ada", Role::Member);
    assert_eq!(client.send(sign_in).status, 303);
}

#[test]
fn form_after_a_redirect_to_an_earlier_step_can_be_sent_again() {
    let site = Site::new();
    let client = site.client();
    client.send(sign_up_form("ada", PASSWORD));
    let fields = [("email", "new@example.org")];
    let change = filled_in(&client, "/account/email", "/account/email", &fields);
    site.clock.advance(10 * MINUTE);
    let refused = client.send(change.clone());
    assert!(refused.header("location").starts_with("/account/confirm"));
    client.send(form("/account/confirm", &[("password", PASSWORD)]));
    assert_eq!(client.send(change).header("location"), "/account/email");
}

#[test]
fn ended_session_is_not_issued_again() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let client = site.client();
    client.send(sign_in(&client));
    client.send(form("/logout", &[]));
    let sign_in = sign_in(&client);
    for _ in 0..2 {
        assert_eq!(client.send(sign_in.clone()).header("location"), "/profile");
        assert_eq!(client.send(get("/profile")).body, "Welcome, ada\n");
        client.send(form("/logout", &[]));
    }
}

#[test]
fn ended_session_gets_no_response_again() {
    let site = Site::new();
    let (client, renewal) = renewal(&site);
    let renewal = client.with_cookies(renewal);
    assert!(site.send(renewal.clone()).body.contains("Recovery codes"));
    client.send(form("/logout_all", &[]));
    assert!(site.send(renewal).header("location").starts_with("/login"));
}

#[test]
fn notice_is_shown_after_the_second_request_as_well() {
    let site = Site::new();
    let client = site.client();
    client.send(sign_up_form("ada", PASSWORD));
    let end = filled_in(&client, "/account/sessions", "/account/sessions/end_others", &[]);
    let early = client.with_cookies(end.clone());
    for request in [early, client.with_cookies(end.clone())] {
        client.store_cookies(&site.send(request));
        let page = client.send(get("/account/sessions").accept(PAGE)).body;
        assert_eq!(page.matches("Your other devices are signed out.").count(), 1);
    }
}

#[test]
fn programs_send_the_same_fields_as_often_as_they_like() {
    let site = Site::new();
    let client = site.client();
    client.send(sign_up_form("ada", PASSWORD));
    site.make_administrator("ada");
    for accept in [TEXT, JSON] {
        let links = [0, 1].map(|_| {
            let request = form("/admin/invitations", &[("form_id", "1")]);
            client.send(request.accept(accept)).body
        });
        assert_ne!(links[0], links[1], "{accept}");
    }
}

#[test]
fn each_page_has_a_new_id_and_user_text_has_none() {
    let site = Site::new();
    let field = r#"name="form_id" value="""#;
    let request = || form("/login", &[("username", field), ("password", "x")]).accept(PAGE);
    let (first, second) = (site.send(request()), site.send(request()));
    assert!(first.form_id.is_some());
    assert_ne!(first.form_id, second.form_id);
    assert_eq!(first.body, second.body);
    assert!(first.body.contains("name=&quot;form_id&quot; value=&quot;&quot;"));
}
