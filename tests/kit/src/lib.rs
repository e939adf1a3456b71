//! Fakes for the ports of Kunci's domain, and a conformance suite for each port.
//!
//! Authors of a store run a suite from a test file of a few lines; see [`suites`] for an example.

pub mod fakes;
pub mod samples;
pub mod suites;
