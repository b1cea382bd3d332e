//! `type Out` is a tuple and no stream of tuples.

#[path = "parts/words.rs"]
mod words;
use words::*;

struct Echo;

impl Bolt for Echo {
    type In = Line;
    type Out = Word;

    async fn execute(&mut self, _: Line, _: &mut Output<Word>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
