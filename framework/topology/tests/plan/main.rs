//! What a plan and a configuration know of each other.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod changes;
mod faults;
mod replay;

use squall_core::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput};

struct Numbers;

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        Ok(Next::End)
    }
}

struct Print;

impl Bolt for Print {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}
