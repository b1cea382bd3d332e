//! The peer's side.

use std::{
    error::Error,
    io::{BufRead, Write},
    time::Duration,
};

use crate::{
    answer::{Flow, Rate, Ready},
    command::Command,
};

/// A peer that runs one case.
pub trait Peer {
    /// Emits as fast as it can for about `measured`.
    ///
    /// # Errors
    ///
    /// The case could not be run.
    fn flow(&mut self, measured: Duration) -> Result<Flow, Box<dyn Error>>;

    /// Emits `per_second` tuples per second, and records how late they arrive after `settle`.
    ///
    /// # Errors
    ///
    /// The case could not be run, or has no fixed rate.
    fn rate(&mut self, per_second: u64, settle: Duration, measured: Duration)
    -> Result<Rate, Box<dyn Error>>;
}

/// Says that the peer is ready, then lets it answer commands until there are no more.
///
/// # Errors
///
/// A line is no command, a command could not be carried out, or an answer not be written.
pub fn talk(
    commands: impl BufRead,
    mut answers: impl Write,
    peer: &mut impl Peer,
) -> Result<(), Box<dyn Error>> {
    writeln!(answers, "{}", serde_json::to_string(&Ready { ready: true })?)?;
    answers.flush()?;
    for line in commands.lines() {
        let answer = match line?.parse()? {
            // What is compiled beforehand starts anew each time: there is nothing to settle.
            Command::Flow { settle: _, measured } => serde_json::to_string(&peer.flow(measured)?)?,
            Command::Rate { per_second, settle, measured } => {
                serde_json::to_string(&peer.rate(per_second, settle, measured)?)?
            }
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
