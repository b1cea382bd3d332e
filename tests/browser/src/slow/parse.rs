//! [`Parse`]: fast.

use squall::{Bolt, Emit, Error, Output, Result};

use super::{Line, Notice};

/// Counts the words of a line.
pub(crate) struct Parse;

impl Bolt for Parse {
    type In = Line;
    type Out = Emit<Notice>;

    async fn execute(&mut self, line: Line, out: &mut Output<Emit<Notice>>) -> Result<()> {
        if !line.text.contains(char::is_alphabetic) {
            return Err(Error::permanent("there is not a word in this line"));
        }
        out.emit(Notice { number: line.number, words: line.text.split_whitespace().count() });
        Ok(())
    }
}
