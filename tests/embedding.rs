//! The example of the library, called as an application's own tests would call it: without a socket.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on should stop"
)]

#[path = "../examples/counter.rs"]
mod counter;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use kunci::App;

struct Client<'a> {
    app: &'a App,
    cookie: String,
}

impl Client<'_> {
    fn call(&mut self, method: &str, path: &str, form: &'static str) -> (u16, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from_static(form.as_bytes()))
            .unwrap();
        let response = self.app.call(request);
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        (
            response.status().as_u16(),
            String::from_utf8(response.body().to_vec()).unwrap(),
        )
    }
}

#[test]
fn the_counter_counts_for_visitors_and_goes_with_them_to_checkout() {
    let app = counter::app().unwrap();
    let mut client = Client {
        app: &app,
        cookie: String::new(),
    };
    assert_eq!(client.call("GET", "/cart", ""), (200, "0 items\n".into()));
    assert_eq!(client.cookie, "", "looking begins no session");
    assert_eq!(client.call("POST", "/cart", ""), (200, "1 items\n".into()));
    assert_eq!(client.call("POST", "/cart", ""), (200, "2 items\n".into()));
    assert_eq!(
        client.call("GET", "/checkout", ""),
        (401, "You are not logged in\n".into())
    );
    let form = "username=ada&password=correct+horse+battery";
    assert_eq!(
        client.call("POST", "/register", form),
        (201, "Account created\n".into())
    );
    assert_eq!(
        client.call("GET", "/checkout", ""),
        (200, "ada, that will be nothing\n".into())
    );
    assert_eq!(client.call("GET", "/cart", ""), (200, "2 items\n".into()));
}

#[test]
fn two_clients_have_two_counters() {
    let app = counter::app().unwrap();
    let mut first = Client {
        app: &app,
        cookie: String::new(),
    };
    let mut second = Client {
        app: &app,
        cookie: String::new(),
    };
    first.call("POST", "/cart", "");
    assert_eq!(second.call("POST", "/cart", ""), (200, "1 items\n".into()));
}

#[test]
fn a_route_that_is_there_already_is_refused() {
    let twice = App::builder()
        .route(kunci::Method::GET, "/profile", |_| Ok(kunci::text("mine")))
        .build();
    assert!(twice.unwrap_err().to_string().contains("/profile"));
}
