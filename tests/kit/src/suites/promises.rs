//! Macros that turn a list of promises into a table or into tests.
//!
//! They are public because the suites' macros expand to them in other crates.

/// Expands to a table of names and functions.
#[doc(hidden)]
#[macro_export]
macro_rules! promise_table {
    ($suite:ident: $($group:ident::$promise:ident,)*) => {
        &[$((stringify!($promise), $group::$promise)),*]
    };
}

/// Expands to one test per promise, which opens a fresh store and passes it to the promise.
///
/// The guard is bound first and therefore dropped last.
#[doc(hidden)]
#[macro_export]
macro_rules! promise_tests {
    (
        $pattern:tt, $open:expr, $arguments:tt,
        $suite:ident: $($group:ident::$promise:ident,)*
    ) => {
        $(
            #[test]
            fn $promise() {
                let $pattern = $open;
                $crate::suites::$suite::$group::$promise $arguments;
            }
        )*
    };
}
