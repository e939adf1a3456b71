//! Fakes for the ports of Kunci's domain, and the suites that every adapter of a port must pass.
//!
//! Public, for anyone's store: a test file of a few lines opens a fresh store and names the suite.
//! It depends on the domain alone. Left out: sockets, pages, and anything that sleeps.

pub mod fakes;
pub mod samples;
pub mod suites;
