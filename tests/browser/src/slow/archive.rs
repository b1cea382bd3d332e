//! [`Archive`]: proves what arrived.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use squall::{Bolt, Error, Output, Result};

use super::Notice;

/// Writes the number of each notice to a file, one a line. What is acked stands in it.
pub(crate) struct Archive(File);

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.map(Self).map_err(|error| Error::retryable(format!("cannot open {}: {error}", path.display())))
    }
}

impl Bolt for Archive {
    type In = Notice;
    type Out = ();

    async fn execute(&mut self, notice: Notice, _: &mut Output<()>) -> Result<()> {
        // One call a line: the lines of two tasks do not mix.
        self.0.write_all(format!("{}\n", notice.number).as_bytes())?;
        Ok(())
    }
}
