//! [`Returns`]: nobody sends anything back.

use std::future::pending;

use squall::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput};

use super::Order;

/// Waits for something that never comes.
pub(crate) struct Returns;

impl Spout for Returns {
    type Id = ();
    type Out = Emit<Order>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<Order>, ()>) -> Result<Next> {
        pending().await
    }
}

/// Would take an order back.
pub(crate) struct Refund;

impl Bolt for Refund {
    type In = Order;
    type Out = ();

    async fn execute(&mut self, _: Order, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}
