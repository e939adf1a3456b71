//! Kunci as a library: the counter example without a socket, and apps with custom stores and settings.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the test")]

#[path = "../examples/counter.rs"]
mod counter;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use kunci::domain::{AccountPolicy, SignUpMode};
use kunci::{App, BuildError, ForwardedHeader, Method, StoreLocality, TrustedProxies};
use kunci_memory::{MemoryAccountStore, MemorySessionStore};

/// A client that calls the app directly and stores the session cookie.
struct Client<'a> {
    app: &'a App,
    cookie: String,
}

impl<'a> Client<'a> {
    fn new(app: &'a App) -> Self {
        Self {
            app,
            cookie: String::new(),
        }
    }

    fn call(&mut self, method: &str, path: &str, form: &'static str) -> (u16, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from_static(form.as_bytes()))
            .unwrap();
        let response = self.app.call(request);
        let cookies = response.headers().get_all(SET_COOKIE).iter();
        let mut pairs = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
        if let Some(cookie) = pairs.find(|pair| pair.starts_with("kunci=")) {
            self.cookie = cookie.to_owned();
        }
        (
            response.status().as_u16(),
            String::from_utf8(response.body().to_vec()).unwrap(),
        )
    }
}

#[test]
fn counter_survives_sign_up() {
    let app = counter::app().unwrap();
    let mut client = Client::new(&app);
    assert_eq!(client.call("GET", "/cart", ""), (200, "0 items\n".into()));
    assert_eq!(client.cookie, "", "reading starts no session");
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
    let mut first = Client::new(&app);
    let mut second = Client::new(&app);
    first.call("POST", "/cart", "");
    assert_eq!(second.call("POST", "/cart", ""), (200, "1 items\n".into()));
}

#[test]
fn duplicate_route_is_refused() {
    let result = App::builder()
        .route(kunci::Method::GET, "/profile", |_| Ok(kunci::text("mine")))
        .build();
    assert!(result.unwrap_err().to_string().contains("/profile"));
}

/// The sign-up form of a user with an email address.
const ADA: &str = "username=ada&password=correct+horse+battery&email=ada@example.org";

#[test]
fn custom_session_store_serves_and_lists_sessions() {
    let sessions = Arc::new(MemorySessionStore::default());
    let app = App::builder().sessions(sessions).build().unwrap();
    let mut client = Client::new(&app);
    assert_eq!(client.call("POST", "/register", ADA).0, 201);
    assert_eq!(client.call("GET", "/profile", ""), (200, "Welcome, ada\n".into()));
    assert_eq!(client.call("GET", "/account/sessions", "").0, 200);
    assert_eq!(client.call("POST", "/logout", "").0, 200);
}

#[test]
fn custom_stores_are_remote_unless_declared_local() {
    let with_custom = || App::builder().sessions(Arc::new(MemorySessionStore::default()));
    for (builder, blocks) in [
        (App::builder(), false),
        (App::builder().custom_stores(StoreLocality::Remote), false),
        (with_custom(), true),
        (with_custom().custom_stores(StoreLocality::Remote), true),
        (with_custom().custom_stores(StoreLocality::Local), false),
        (
            App::builder().accounts(Arc::new(MemoryAccountStore::default())),
            true,
        ),
    ] {
        let app = builder.build().unwrap();
        assert_eq!(app.may_block(&Method::GET, "/profile"), blocks);
        assert!(!app.may_block(&Method::GET, "/healthz"));
    }
}

#[test]
fn open_error_is_that_of_the_backend() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("none/app.db").display());
    let builder = App::builder()
        .store(&database)
        .unwrap()
        .secret_key(&[1; 32])
        .unwrap();
    let Err(BuildError::Open(error)) = builder.build() else {
        panic!("the folder does not exist");
    };
    let cause = error.get_ref().downcast_ref::<kunci_sqlite::OpenError>().unwrap();
    assert!(matches!(cause, kunci_sqlite::OpenError::CannotCreate { .. }));
    assert_eq!(error.to_string(), cause.to_string());
}

#[test]
fn without_a_mailer_accounts_are_created_and_mail_fails() {
    let app = App::builder().build().unwrap();
    let mut client = Client::new(&app);
    assert_eq!(client.call("POST", "/register", ADA).0, 201);
    assert_eq!(client.call("POST", "/account/email/resend", "").0, 503);
}

#[test]
fn default_mailer_writes_beside_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("app.db").display());
    let app = App::builder()
        .store(&database)
        .unwrap()
        .public_url("https://example.org")
        .unwrap()
        .mail_from("The Shop <shop@example.org>")
        .unwrap()
        .build()
        .unwrap();
    Client::new(&app).call("POST", "/register", ADA);
    let mut mails = std::fs::read_dir(folder.path().join("app.outbox")).unwrap();
    let mail = std::fs::read_to_string(mails.next().unwrap().unwrap().path()).unwrap();
    assert!(
        mail.contains("The Shop") && mail.contains("To: ada@example.org"),
        "{mail}"
    );
    assert!(mail.contains("https://example.org/link?token="), "{mail}");
}

#[test]
fn account_policy_and_proxies_can_be_set() {
    let policy = AccountPolicy {
        sign_up: SignUpMode::Closed,
        ..AccountPolicy::default()
    };
    let app = App::builder()
        .account_policy(policy)
        .trusted_proxies(TrustedProxies::parse(["unix"]).unwrap())
        .forwarded_header(ForwardedHeader::Forwarded)
        .build()
        .unwrap();
    assert_eq!(Client::new(&app).call("POST", "/register", ADA).0, 403);
}

#[test]
fn second_factors_open_with_earlier_keys() {
    let sealer = |keys: &[[u8; 32]]| {
        let builder = keys
            .iter()
            .fold(App::builder(), |builder, key| builder.secret_key(key).unwrap());
        builder.build().unwrap().core().sealer.clone()
    };
    let (old, new) = ([1; 32], [2; 32]);
    let sealed = sealer(&[old]).seal(b"a seed", b"ada").unwrap();
    assert_eq!(*sealer(&[new, old]).open(&sealed, b"ada").unwrap(), b"a seed");
    assert!(sealer(&[new]).open(&sealed, b"ada").is_err());
}
