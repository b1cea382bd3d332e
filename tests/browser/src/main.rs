//! What the tests in a browser look at: `operators run slow`, `wide` or `mixed`.
//!
//! | topology | what is to be seen |
//! |---|---|
//! | `slow` | one bolt that is too slow for its load, and a book that shows whether a line was lost or doubled |
//! | `wide` | two hundred components under a light load |
//! | `mixed` | a bolt that panics, keyed state, concurrent calls, a spout without work |

mod mixed;
mod pace;
mod slow;
mod wide;

use std::process::ExitCode;

use squall_ops::Cli;

fn main() -> ExitCode {
    Cli::new(vec![Box::new(slow::Slow), Box::new(wide::Wide), Box::new(mixed::Mixed)])
        .named("operators", env!("CARGO_PKG_VERSION"))
        .main()
}
