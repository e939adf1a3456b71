//! How a list of promises becomes a table to look them up in, or one test each.
//!
//! The macros are public because the suites' own macros expand to them in the crates that call those.

/// A table of names and functions.
#[doc(hidden)]
#[macro_export]
macro_rules! promise_table {
    ($suite:ident: $($group:ident::$promise:ident,)*) => {
        &[$((stringify!($promise), $group::$promise)),*]
    };
}

/// One test per promise: opens a fresh store, binds what it is given, and hands it to the promise.
///
/// The guard is bound first, so that it is dropped last.
#[doc(hidden)]
#[macro_export]
macro_rules! promise_tests {
    (
        $opened:tt, $open:expr, $given:tt,
        $suite:ident: $($group:ident::$promise:ident,)*
    ) => {
        $(
            #[test]
            fn $promise() {
                let $opened = $open;
                $crate::suites::$suite::$group::$promise $given;
            }
        )*
    };
}
