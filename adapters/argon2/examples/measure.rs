//! Measures hashing at the default cost, and the overhead of the hasher over the bare algorithm.
//!
//! The variants take turns, so that other load on the machine affects all of them, and the best turn of each
//! is shown. Run it in a release build: `cargo run --release -p kunci-argon2 --example measure`.

use std::error::Error;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Argon2, Block, Params};
use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_crypto::RandEntropy;
use kunci_domain::Password;
use kunci_domain::ports::PasswordHasher;

const PASSWORD: &str = "correct horse battery staple";
const SALT: &[u8] = b"0123456789abcdef";
const TURNS: usize = 10;
const TURN: Duration = Duration::from_millis(500);
const CALLERS: usize = 32;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let permits = thread::available_parallelism()?;
    let concurrency = Concurrency {
        permits,
        ..Concurrency::default()
    };
    let hasher = Argon2Hasher::new(Cost::default(), concurrency, Arc::new(RandEntropy))?;
    println!("{hasher:?} keeps at most {} bytes", hasher.kept_memory_bytes());
    sequential(&hasher);
    concurrent(&hasher, permits);
    next_to_other_work(&hasher, permits);
    Ok(())
}

fn sequential(hasher: &Argon2Hasher) {
    println!("\nhashes per second, one at a time:");
    let mut memory = blocks();
    let mut best = [0.0_f64; 3];
    for _ in 0..TURNS {
        best[0] = best[0].max(per_second(|| bare(&mut memory).is_ok()));
        best[1] = best[1].max(per_second(|| bare_in_new_memory().is_ok()));
        best[2] = best[2].max(per_second(|| with_hasher(hasher).is_ok()));
    }
    show("bare, in reused memory", best[0], best[0]);
    show("bare, in new memory", best[1], best[0]);
    show("with the hasher, one caller", best[2], best[0]);
}

fn concurrent(hasher: &Argon2Hasher, permits: NonZeroUsize) {
    println!("\nhashes per second, {permits} at a time:");
    let mut best = [0.0_f64; 2];
    for _ in 0..TURNS {
        best[0] = best[0].max(per_second_together(permits.get(), bare_flood));
        best[1] = best[1].max(per_second_together(CALLERS, || || with_hasher(hasher).is_ok()));
    }
    show("bare, in reused memory", best[0], best[0]);
    show(&format!("with the hasher, {CALLERS} callers"), best[1], best[0]);
}

fn next_to_other_work(hasher: &Argon2Hasher, permits: NonZeroUsize) {
    println!("\nunits of other work per second on one thread:");
    let mut best = [0.0_f64; 3];
    for _ in 0..TURNS {
        best[0] = best[0].max(per_second(other_work));
        best[1] = best[1].max(next_to(permits.get(), bare_flood));
        best[2] = best[2].max(next_to(CALLERS, || || with_hasher(hasher).is_ok()));
    }
    show("alone", best[0], best[0]);
    show(
        &format!("next to {permits} threads of bare hashing"),
        best[1],
        best[0],
    );
    show(
        &format!("next to {CALLERS} callers of the hasher"),
        best[2],
        best[0],
    );
}

fn show(what: &str, best: f64, reference: f64) {
    println!("  {what:<38} {best:>10.1}  {:.2}", best / reference);
}

fn blocks() -> Vec<Block> {
    vec![Block::new(); Params::DEFAULT.block_count()]
}

fn bare(memory: &mut [Block]) -> argon2::Result<()> {
    let mut tag = [0; 32];
    Argon2::default().hash_password_into_with_memory(PASSWORD.as_bytes(), SALT, &mut tag, memory)?;
    black_box(tag);
    Ok(())
}

fn bare_in_new_memory() -> argon2::Result<()> {
    let mut tag = [0; 32];
    Argon2::default().hash_password_into(PASSWORD.as_bytes(), SALT, &mut tag)?;
    black_box(tag);
    Ok(())
}

fn bare_flood() -> impl FnMut() -> bool {
    let mut memory = blocks();
    move || bare(&mut memory).is_ok()
}

fn with_hasher(hasher: &Argon2Hasher) -> Outcome<()> {
    black_box(hasher.hash(&Password::presented(PASSWORD.to_owned()))?);
    Ok(())
}

/// Does a unit of work that has nothing to do with passwords.
fn other_work() -> bool {
    black_box((0..10_000_u64).fold(0, |sum, number| black_box(sum ^ number.rotate_left(7)))) != 1
}

/// Returns how often `act` completes per second, measured for one turn.
fn per_second(mut act: impl FnMut() -> bool) -> f64 {
    let (start, mut done) = (Instant::now(), 0_u64);
    while start.elapsed() < TURN && act() {
        done += 1;
    }
    done as f64 / start.elapsed().as_secs_f64()
}

/// Returns how often all threads together complete per second. Each thread creates its own closure.
fn per_second_together<F: FnMut() -> bool>(threads: usize, begin: impl Fn() -> F + Sync) -> f64 {
    let (start, done) = (Instant::now(), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut act = begin();
                while start.elapsed() < TURN && act() {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// Returns the units of other work per second while other threads run the closures.
fn next_to<F: FnMut() -> bool>(threads: usize, begin: impl Fn() -> F + Sync) -> f64 {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut act = begin();
                while act() {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        let done = per_second(other_work);
        over.store(true, Ordering::Relaxed);
        done
    })
}
