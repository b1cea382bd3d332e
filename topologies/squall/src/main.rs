//! The `squall` binary: the topologies of this repository behind one command line.

use std::process::ExitCode;

use squall_ops::Cli;

fn main() -> ExitCode {
    Cli::new(vec![]).main()
}
