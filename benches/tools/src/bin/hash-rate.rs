//! `hash-rate SECONDS THREADS` prints the password hashes per second of this machine without a server, which
//! is the upper limit for sign-ins.
//!
//! It uses the algorithm, cost and profile of `kunci-argon2` in reused memory, at normal priority.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use kunci_argon2::Cost;
use kunci_bench::{Outcome, PASSWORD};

const SALT: &[u8] = b"0123456789abcdef";

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |missing: &'static str| arguments.next().ok_or(missing);
    let time = Duration::from_secs_f64(argument("missing argument: a number of seconds")?.parse()?);
    let threads: usize = argument("missing argument: a number of threads")?.parse()?;
    println!("{:.2}", rate(time, threads)?);
    Ok(())
}

fn rate(time: Duration, threads: usize) -> Outcome<f64> {
    let cost = Cost::default();
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (start, done) = (Instant::now(), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut memory = vec![Block::new(); argon2.params().block_count()];
                while start.elapsed() < time && hash(&argon2, &mut memory) {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    Ok(done.into_inner() as f64 / start.elapsed().as_secs_f64())
}

fn hash(argon2: &Argon2<'_>, memory: &mut [Block]) -> bool {
    let mut tag = [0; 32];
    let made = argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), SALT, &mut tag, memory);
    black_box(tag);
    made.is_ok()
}
