//! Sign-in for anything.
