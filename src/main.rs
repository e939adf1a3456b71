//! The `kunci` binary: arguments in, exit status out. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    kunci::commands::run(std::env::args_os())
}
