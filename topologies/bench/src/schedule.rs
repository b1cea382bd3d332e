//! `squall bench schedule`: many messages due at one instant, and how late they are.
//!
//! The topology is the real one, with the real store; only the destination belongs to the benchmark, which notes when
//! a message arrives there: in the process itself, or behind a webhook on the loopback.

mod options;
mod receiver;
mod row;
mod run;
mod sink;

pub use options::{Kind, Options};
pub use row::{HEADINGS, Row};

use std::io::{self, Write};

use squall_connect::sql;
use squall_ops::cli::Progress;

use crate::{Error, usage};

/// Measures every case, and prints each row as soon as it is known: a table, or a JSON object a line.
///
/// # Errors
///
/// The store cannot be opened or fails, the topology fails, a message is lost, or `to` cannot be written to.
pub fn print(options: &Options, to: &mut impl Write) -> Result<(), Error> {
    if !options.json {
        writeln!(to, "{}", usage::machine())?;
        writeln!(to, "{HEADINGS}")?;
    }
    let bench = run::Bench::open(options)?;
    let (destinations, due) = (options.destinations(), options.due());
    let cases = destinations.iter().flat_map(|&kind| due.iter().map(move |&due| (kind, due)));
    let progress = Progress::new("measuring", "cases", (destinations.len() * due.len()) as u64);
    for (done, (kind, due)) in (0..).zip(cases) {
        progress.is_at(done);
        progress.now(format!("{due} messages to {}", kind.name()));
        let row = bench.measure(kind, due)?;
        let line = if options.json { row.to_json() } else { row.to_text() };
        progress.beside(|| writeln!(to, "{line}").and_then(|()| to.flush()))?;
    }
    Ok(())
}

impl From<sql::Error> for Error {
    fn from(error: sql::Error) -> Self {
        Self::System(io::Error::other(error))
    }
}
