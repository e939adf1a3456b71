//! Entropy from the operating system.
