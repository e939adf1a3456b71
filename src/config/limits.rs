//! The limits of sessions and of password hashing, as the rest of the program takes them.
//!
//! Left out: which combinations are refused; `check` says that.

use std::time::Duration;

use crate::store_url::StoreUrl;

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// How long it lives unseen; at most `absolute`.
    pub idle: Duration,
    /// How long it lives in all; at most 400 days.
    pub absolute: Duration,
}

/// How long each kind of session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// "Keep me signed in": by default 7 days unseen, 30 days in all.
    pub permanent: Lifetime,
    /// Until the browser closes: by default 12 hours unseen, 24 hours in all.
    pub browser: Lifetime,
}

/// What one Argon2id hash costs; never below what OWASP recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// The memory in KiB; by default 19456, which is 19 MiB.
    pub memory_kib: u32,
    /// How many passes over the memory; by default 2.
    pub iterations: u32,
    /// How many lanes; by default 1.
    pub parallelism: u32,
}

/// What hashing a password costs, and how many may run and wait at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// The cost of one hash.
    pub cost: HashCost,
    /// How many run at once, from 1 to 64; by default the number of cores.
    pub permits: usize,
    /// How many may wait for their turn before the rest is turned away, from 0 to 1024; by default 32.
    pub queue: usize,
}

/// What hyper allows connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// How many there may be; by default 4096.
    pub connections: usize,
    /// How many of them from one address; by default 256.
    pub connections_per_address: usize,
    /// How long a TLS handshake may take; by default 10 seconds.
    pub handshake: Duration,
    /// How long a head may take; by default 10 seconds.
    pub head: Duration,
    /// How long a body may take; by default 10 seconds.
    pub body: Duration,
    /// How long a request may take with its answer; by default 30 seconds.
    pub request: Duration,
    /// How long a connection is kept open between requests; by default 60 seconds.
    pub idle: Duration,
}

/// Where accounts and where sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The accounts, and everything else that has no place of its own.
    pub main: StoreUrl,
    /// The sessions; the same place when equal to `main`.
    pub sessions: StoreUrl,
}
