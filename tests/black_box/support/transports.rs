//! The transports of the binary, and a macro that runs a test on each of them.

/// A transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    TinyHttp,
    Hyper,
}

impl Transport {
    /// Returns its name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TinyHttp => "tiny_http",
            Self::Hyper => "hyper",
        }
    }
}

/// Makes a test for each transport from functions that take a [`Transport`]. A function that is not listed is
/// dead code, for which the compiler prints a warning.
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
