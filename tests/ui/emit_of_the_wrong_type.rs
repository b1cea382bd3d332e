//! A line is emitted where words flow.

#[path = "parts/words.rs"]
mod words;
use words::*;

struct Echo;

impl Bolt for Echo {
    type In = Line;
    type Out = SplitOut;

    async fn execute(&mut self, line: Line, out: &mut Output<SplitOut>) -> Result<()> {
        out.words.emit(line);
        Ok(())
    }
}

fn main() {}
