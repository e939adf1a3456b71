//! Measures whether the time of a failed sign-in reveals if an account exists.
//!
//! The operator has raised the cost of hashes, and a share of the accounts still has hashes of the old cost. The
//! drill sends sign-ins with a wrong password to the whole app: names of accounts, unknown names, names of
//! disabled accounts, and names of accounts with a second factor. They alternate in random order, and each name is
//! tried once. For each kind it prints the probability that such a sign-in takes longer than one to an enabled
//! account: the area under the ROC curve (AUC), which is 0.5 if time reveals nothing.
//!
//! `make drills` runs it with 1,000 names of each kind, which takes about twelve minutes. It fails if an area is
//! outside 0.45 to 0.55.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the drill")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use kunci::domain::ports::{Committed, Entropy};
use kunci::domain::{AccountPolicy, Budget, Budgets, PasswordHash, Standing, Step, User, UserId};
use kunci::{App, Concurrency, Cost};
use kunci_testkit::fakes::SeededEntropy;
use kunci_testkit::samples::{second_factor, start, user};

const OLD: Cost = Cost {
    memory_kib: 19_456,
    iterations: 2,
    parallelism: 1,
};
const NEW: Cost = Cost {
    memory_kib: 47_104,
    ..OLD
};

/// Shares of accounts with hashes of the old cost, in percent.
const OLD_SHARES: [u64; 3] = [100, 50, 10];

/// The kinds of names. The first is what the others are compared with.
const KINDS: [&str; 4] = ["account", "unknown", "disabled", "second-factor"];

fn main() -> ExitCode {
    let names = std::env::args()
        .nth(1)
        .map_or(1_000, |count| count.parse().unwrap());
    println!(
        "Time of failed sign-ins after the memory of hashes was raised from 19 to 46 MiB, {names} names of"
    );
    println!("each kind. The area under the ROC curve is 0.5 if the time reveals nothing.");
    println!("\n| Accounts with old hashes | Compared with accounts | AUC | Median | Median of accounts |");
    println!("|---|---|---|---|---|");
    let areas = OLD_SHARES.map(|share| measure_share(share, names));
    let is_fair = areas
        .as_flattened()
        .iter()
        .all(|area| (0.45..=0.55).contains(area));
    ExitCode::from(u8::from(!is_fair))
}

/// Measures all kinds of names for one share of old hashes, and returns the areas.
fn measure_share(share: u64, names: u64) -> [f64; 3] {
    let (folder, random) = (tempfile::tempdir().unwrap(), SeededEntropy::new(share));
    let app = app(folder.path());
    populate(&app, share, names, &random);
    let times = measure(&app, names, &random);
    [1, 2, 3].map(|kind| {
        let area = area_under_curve(&times[0], &times[kind]);
        let [median, of_accounts] = [kind, 0].map(|kind| median(&times[kind]));
        println!(
            "| {share} % | {} | {area:.3} | {median:.1?} | {of_accounts:.1?} |",
            KINDS[kind]
        );
        area
    })
}

/// Returns an app at the new cost, with a durable store and without rate limits.
fn app(folder: &std::path::Path) -> App {
    let unlimited = Budget {
        at_once: 1_000_000,
        every: Duration::from_millis(1),
    };
    let budgets = Budgets {
        account: unlimited,
        network: unlimited,
        ..Budgets::default()
    };
    let policy = AccountPolicy {
        budgets,
        ..AccountPolicy::default()
    };
    App::builder()
        .store(&format!("sqlite:{}", folder.join("kunci.db").display()))
        .unwrap()
        .account_policy(policy)
        .hashing(NEW, Concurrency::default())
        .build()
        .unwrap()
}

/// Adds as many accounts of each kind but the unknown.
fn populate(app: &App, share: u64, names: u64, random: &SeededEntropy) {
    for (number, kind) in (0..names).flat_map(|number| [0, 2, 3].map(|kind| (number, kind))) {
        let cost = if number_below(random, 100) < share {
            OLD
        } else {
            NEW
        };
        let plain = User {
            id: UserId::generate(random).unwrap(),
            password_hash: random_hash(cost, random),
            ..user(0, &name(kind, number))
        };
        let account = match kind {
            2 => User {
                standing: Standing::Disabled,
                ..plain
            },
            3 => User {
                second_factor: Some(second_factor(number)),
                ..plain
            },
            _ => plain,
        };
        let committed = app
            .core()
            .accounts
            .commit(&Step::InsertUser(account).into(), start());
        assert_eq!(committed.unwrap(), Committed::Done);
    }
}

/// Returns a hash that costs as much as a real one. Its password is unknown, and not needed.
fn random_hash(cost: Cost, random: &SeededEntropy) -> PasswordHash {
    let (mut salt, mut tag) = ([0; 16], [0; 32]);
    random.fill(&mut salt).unwrap();
    random.fill(&mut tag).unwrap();
    let [salt, tag] = [&salt[..], &tag].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    let (memory, passes) = (cost.memory_kib, cost.iterations);
    PasswordHash::from_stored(format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${tag}"))
}

fn name(kind: usize, number: u64) -> String {
    format!("{}-{number}", KINDS[kind])
}

/// Tries each name once, in random order, and returns the times by kind.
fn measure(app: &App, names: u64, random: &SeededEntropy) -> [Vec<Duration>; 4] {
    let mut times = [const { Vec::new() }; 4];
    sign_in(app, "warm-up");
    for number in 0..names {
        let mut kinds = [0, 1, 2, 3];
        for last in (1..4_u64).rev() {
            kinds.swap(last as usize, number_below(random, last + 1) as usize);
        }
        for kind in kinds {
            times[kind].push(sign_in(app, &name(kind, number)));
        }
    }
    times
}

/// Tries a wrong password and returns how long the app took.
fn sign_in(app: &App, name: &str) -> Duration {
    let body = format!(r#"{{"username":"{name}","password":"not the password"}}"#);
    let request = http::Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .body(Bytes::from(body))
        .unwrap();
    let begin = Instant::now();
    let response = app.call(request);
    let taken = begin.elapsed();
    assert_eq!(response.status(), 401, "{:?}", response.body());
    taken
}

/// Returns the probability that a time of `others` is longer than one of `accounts`, where half of the ties count.
fn area_under_curve(accounts: &[Duration], others: &[Duration]) -> f64 {
    let wins = others.iter().flat_map(|other| {
        accounts.iter().map(move |account| match other.cmp(account) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        })
    });
    wins.sum::<f64>() / (accounts.len() * others.len()) as f64
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

fn number_below(random: &SeededEntropy, end: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % end
}
