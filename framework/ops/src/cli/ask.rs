//! Asks back before what cannot be taken back.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::StartError;

/// Has somebody at the terminal say yes. Without a terminal there is nobody: `--yes` has to be there.
///
/// `what` is what would be done, without a stop: `Cancel 12 messages`.
///
/// # Errors
///
/// They said no, or nobody is there: exit code 2.
pub fn confirm(what: &str) -> Result<(), StartError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let sentence = format!("{what}? Nobody is at a terminal to say so; nothing was done. Add --yes");
        return Err(StartError::usage(sentence));
    }
    let mut answer = String::new();
    let asked =
        write!(io::stderr(), "{what}? [y/N] ").and_then(|()| io::stdin().lock().read_line(&mut answer));
    asked.map_err(|error| StartError::failed(format!("cannot ask back: {error}")))?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(StartError::failed("nothing was done"))
}
