//! The transports of the binary, and a macro that runs a test on each of them.

/// A value of `--transport`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    TinyHttp,
    Hyper,
}

impl Transport {
    /// Returns the name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TinyHttp => "tiny_http",
            Self::Hyper => "hyper",
        }
    }
}

/// Defines one test per transport for each listed function, which takes a [`Transport`]. The compiler warns about
/// functions that are not listed, because nothing calls them.
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
