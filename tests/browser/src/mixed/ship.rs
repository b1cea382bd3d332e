//! [`Ship`]: panics now and then.

use squall::{Bolt, Output, Result};

use super::Order;

/// Every so many orders, the first attempt brings the bolt down: some four times a minute, which it is forgiven.
const HEAVY: u64 = 900;

/// Ships orders.
pub(crate) struct Ship;

impl Bolt for Ship {
    type In = Order;
    type Out = ();

    async fn execute(&mut self, order: Order, out: &mut Output<()>) -> Result<()> {
        let is_heavy = order.number % HEAVY == HEAVY - 1;
        assert!(!is_heavy || out.delivery().attempt > 1, "order {} is too heavy for the crane", order.number);
        Ok(())
    }
}
