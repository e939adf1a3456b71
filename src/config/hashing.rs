//! The settings of password hashing: what one hash costs, and how many there are at once.
//!
//! Left out: which costs are strong enough beside one another; `check` says that.

use super::quantity::whole;
use super::setting::{Fallback, Row, Setting, Shape};

pub(crate) static HASH_MEMORY: Setting<u32> = Setting {
    row: Row::new(
        "hash_memory",
        "How much memory one password hash takes, in KiB",
        Fallback::Is("19456"),
        "KiB from 7168 to 1048576, below 19456 only with more hash_iterations",
    )
    .shaped(Shape::Number),
    parse: whole::<7168, 1_048_576>,
    show: u32::to_string,
};

pub(crate) static HASH_ITERATIONS: Setting<u32> = Setting {
    row: Row::new(
        "hash_iterations",
        "How many passes one password hash makes",
        Fallback::Is("2"),
        "a whole number from 1 to 100",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 100>,
    show: u32::to_string,
};

pub(crate) static HASH_PARALLELISM: Setting<u32> = Setting {
    row: Row::new(
        "hash_parallelism",
        "How many lanes one password hash has",
        Fallback::Is("1"),
        "a whole number from 1 to 16",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 16>,
    show: u32::to_string,
};

pub(crate) static HASH_PERMITS: Setting<u32> = Setting {
    row: Row::new(
        "hash_permits",
        "How many passwords are hashed at once",
        Fallback::From("the number of cores, at most 64"),
        "a whole number from 1 to 64",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 64>,
    show: u32::to_string,
};

pub(crate) static HASH_QUEUE: Setting<u32> = Setting {
    row: Row::new(
        "hash_queue",
        "How many may wait for a password hash before others are turned away",
        Fallback::Is("32"),
        "a whole number from 0 to 1024",
    )
    .shaped(Shape::Number),
    parse: whole::<0, 1024>,
    show: u32::to_string,
};
