//! A store with one flaw, made from the list of the methods of its port, and the check that a suite finds it.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::thread;

use kunci_domain::ports::StoreError;

pub(crate) type Answer<T> = Result<T, StoreError>;

/// A race may go well by chance, so a flaw gets several tries to show.
pub(crate) const TRIES: usize = 50;

/// Lets other threads run between a check and a write.
pub(crate) fn yield_to_other_threads() {
    (0..20).for_each(|_| thread::yield_now());
}

/// Defines a store of function pointers, each of which may have a flaw, and the check of a promise on it.
///
/// The sound methods are those of `Inner::store`; the promises are in `PROMISES`.
macro_rules! flawed {
    (
        $port:ident $prefix:literal:
        $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*
    ) => {
        /// A store with one flaw. Without a flaw it behaves like the inner store.
        pub(crate) struct Flawed {
            inner: Inner,
            $(pub(crate) $method: fn(&Inner, $($type),*) -> Answer<$answer>,)*
        }

        impl Flawed {
            pub(crate) fn with(flaw: impl FnOnce(&mut Self)) -> Self {
                let mut flawed = Self {
                    inner: Inner::default(),
                    $($method: |inner, $($argument),*| inner.store.$method($($argument),*),)*
                };
                flaw(&mut flawed);
                flawed
            }
        }

        impl $port for Flawed {
            $(
                fn $method(&self, $($argument: $type),*) -> Answer<$answer> {
                    (self.$method)(&self.inner, $($argument),*)
                }
            )*
        }

        /// Asserts that the promise fails with the flaw and holds without it.
        #[track_caller]
        pub(crate) fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
            let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
            check(&Flawed::with(|_| {}));
            let fails = |flawed| catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err();
            assert!((0..TRIES).any(|_| fails(Flawed::with(&flaw))), "{promise} was not broken");
        }
    };
}
