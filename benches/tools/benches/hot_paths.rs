//! Benchmarks of the request path without sockets, in parts and as a whole.
//!
//! `adapters/argon2/examples/measure.rs` measures hashing, and `adapters/sqlite/examples/measure.rs` writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use divan::{Bencher, black_box};
use http::{Request, header};
use kunci::App;
use kunci_bench::cookies::Signer;
use kunci_bench::records::{from_many_threads, now, password_hash, signed_in, user};
use kunci_domain::ports::{AccountStore, SessionStore};
use kunci_domain::use_cases::resume;
use kunci_domain::{Device, RequestContext, SessionToken, Step};
use kunci_memory::{MemoryAccountStore, MemorySessionStore};
use kunci_crypto::RandEntropy;
use kunci_sqlite::{SqliteOptions, SqliteStore};

const KEY: [u8; 32] = [7; 32];
const MANY: u64 = 100_000;

fn main() {
    let time = Duration::from_millis(500);
    divan::Divan::from_args().min_time(time).main();
}

/// An app with stores that hold signed-in sessions.
struct Site {
    app: App,
    sessions: Arc<dyn SessionStore>,
    tokens: Vec<SessionToken>,
    _folder: Option<tempfile::TempDir>,
}

impl Site {
    fn in_memory(count: u64) -> Self {
        let (sessions, accounts) = (MemorySessionStore::default(), MemoryAccountStore::default());
        Self::on(Arc::new(sessions), Arc::new(accounts), count)
    }

    fn in_sqlite(count: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kunci.db");
        let store = SqliteStore::open(path, SqliteOptions::default()).expect("a database");
        let site = Self::on(Arc::new(store.sessions()), Arc::new(store.accounts()), count);
        Self {
            _folder: Some(folder),
            ..site
        }
    }

    fn on(sessions: Arc<dyn SessionStore>, accounts: Arc<dyn AccountStore>, count: u64) -> Self {
        let hash = password_hash().expect("a hash");
        let user = user(0, &hash, now()).expect("a user");
        let _ = accounts
            .commit(&Step::InsertUser(user).into(), now())
            .expect("an account");
        let token = || SessionToken::generate(&RandEntropy).expect("randomness");
        let tokens: Vec<_> = (0..count).map(|_| token()).collect();
        from_many_threads(0..count, |number| {
            let session = signed_in(tokens[number as usize].key(), 0, now());
            sessions.insert(&session).map(drop)
        })
        .expect("sessions");
        let app = App::builder().sessions(Arc::clone(&sessions)).accounts(accounts);
        let app = app.secret_key(&KEY).expect("a key").build().expect("an app");
        Self {
            app,
            sessions,
            tokens,
            _folder: None,
        }
    }

    fn cookies(&self) -> Vec<String> {
        let signer = Signer::of(&KEY).expect("a key");
        self.tokens.iter().map(|token| signer.cookie(token)).collect()
    }

    fn call(&self, path: &str, cookie: Option<&str>) -> usize {
        let mut request = Request::get(path).header(header::HOST, "localhost:8080");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Bytes::new()).expect("a request");
        self.app.call(request).body().len()
    }
}

/// Returns the items in a scattered order, without end.
fn scattered<'i, T: Sync>(items: &'i [T]) -> impl Fn() -> &'i T + Sync {
    let next = AtomicUsize::new(0);
    move || &items[next.fetch_add(1, Ordering::Relaxed).wrapping_mul(7_919) % items.len()]
}

/// Measures an answer without a session: the route and the headers.
#[divan::bench]
fn route_without_session(bencher: Bencher) {
    let site = Site::in_memory(0);
    bencher.bench(|| site.call(black_box("/healthz"), None));
}

#[divan::bench]
fn profile_of_a_visitor(bencher: Bencher) {
    let site = Site::in_memory(0);
    bencher.bench(|| site.call(black_box("/profile"), None));
}

/// Measures the same as `profile_of_a_visitor`, and the check of a cookie's signature.
#[divan::bench]
fn profile_with_a_forged_cookie(bencher: Bencher) {
    let site = Site::in_memory(1);
    let forged = Signer::of(&[8; 32]).expect("a key").cookie(&site.tokens[0]);
    bencher.bench(|| site.call("/profile", Some(black_box(&forged))));
}

#[divan::bench]
fn sign_a_cookie(bencher: Bencher) {
    let signer = Signer::of(&KEY).expect("a key");
    let token = SessionToken::generate(&RandEntropy).expect("randomness");
    bencher.bench(|| signer.cookie(black_box(&token)));
}

#[divan::bench]
fn profile_in_memory(bencher: Bencher) {
    let site = Site::in_memory(1);
    let cookies = site.cookies();
    bencher.bench(|| site.call("/profile", Some(black_box(&cookies[0]))));
}

#[divan::bench(threads = [1, 2])]
fn profile_in_sqlite_one_session(bencher: Bencher) {
    let site = Site::in_sqlite(1);
    let cookies = site.cookies();
    bencher.bench(|| site.call("/profile", Some(black_box(&cookies[0]))));
}

#[divan::bench(threads = [1, 2])]
fn profile_in_sqlite_of_100_thousand(bencher: Bencher) {
    let site = Site::in_sqlite(MANY);
    let cookies = site.cookies();
    let cookie = scattered(&cookies);
    bencher.bench(|| site.call("/profile", Some(black_box(cookie()))));
}

#[divan::bench]
fn find_in_sqlite_of_100_thousand(bencher: Bencher) {
    let site = Site::in_sqlite(MANY);
    let keys: Vec<_> = site.tokens.iter().map(SessionToken::key).collect();
    let (key, now) = (scattered(&keys), now());
    bencher.bench(|| {
        site.sessions
            .find(black_box(key()), now)
            .is_ok_and(|found| found.is_some())
    });
}

/// Measures only the use case: a session and its user.
#[divan::bench(args = ["memory", "sqlite"])]
fn resume_one_session(bencher: Bencher, store: &str) {
    let site = if store == "memory" {
        Site::in_memory(1)
    } else {
        Site::in_sqlite(1)
    };
    let (core, now) = (site.app.core(), now());
    bencher.bench(|| {
        let token = black_box(site.tokens[0].clone());
        let context = RequestContext::new(core, Device::default(), now);
        resume(context, Some(token)).is_ok_and(|open| open.user().is_some())
    });
}
