//! A tuple holds an `Rc`.

#[path = "parts/words.rs"]
mod words;
use words::*;

use std::rc::Rc;

#[derive(Clone)]
struct Shared {
    text: Rc<str>,
}

struct Reader;

impl Spout for Reader {
    type Id = u64;
    type Out = Emit<Shared>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Shared>, u64>) -> Result<Next> {
        out.track(1).emit(Shared { text: Rc::from("shared") });
        Ok(Next::Emitted)
    }
}

fn main() {}
