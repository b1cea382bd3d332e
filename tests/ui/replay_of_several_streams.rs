//! The engine replays spouts with one stream.

#[path = "parts/words.rs"]
mod words;
use squall::RetryPolicy;
use words::*;

struct Both;

impl Spout for Both {
    type Id = u64;
    type Out = SplitOut;

    async fn next(&mut self, _: &mut SpoutOutput<SplitOut, u64>) -> Result<Next> {
        Ok(Next::End)
    }
}

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let (both, dead) = t.spout("both", || Both).replay(RetryPolicy::default()).output();
}
