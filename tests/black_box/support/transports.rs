//! Which transports the binary under test has, and how a test runs once on each of them.
//!
//! Left out: what the transports do differently; a test that asks for it matches on [`Transport`].

/// What carries the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    TinyHttp,
    Hyper,
}

impl Transport {
    /// Its name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TinyHttp => "tiny_http",
            Self::Hyper => "hyper",
        }
    }
}

/// Makes one test on each transport of functions that take a [`Transport`], so that none is silently
/// covered on one only. A function that is written and not listed here is dead code, which the
/// compiler complains of.
macro_rules! for_each_transport {
    ($($name:ident),+ $(,)?) => {
        mod tiny_http {
            $(
                #[test]
                fn $name() {
                    super::$name(crate::support::Transport::TinyHttp);
                }
            )+
        }

        #[cfg(feature = "hyper")]
        mod hyper {
            $(
                #[test]
                fn $name() {
                    super::$name(crate::support::Transport::Hyper);
                }
            )+
        }
    };
}

pub(crate) use for_each_transport;
