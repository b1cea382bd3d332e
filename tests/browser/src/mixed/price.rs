//! [`Price`]: many calls under way.

use std::time::Duration;

use squall::{ConcurrentBolt, Emit, Error, Output, Result};
use tokio::time::sleep;

use super::Order;

/// Every so many orders there is no price.
const UNPRICED: u64 = 300;

/// Asks what an order costs, which takes 20 to 119 ms.
pub(crate) struct Price;

impl ConcurrentBolt for Price {
    type In = Order;
    type Out = Emit<Order>;

    async fn execute(&self, order: Order, out: &mut Output<Emit<Order>>) -> Result<()> {
        sleep(Duration::from_millis(20 + order.number * 37 % 100)).await;
        if order.number.is_multiple_of(UNPRICED) {
            return Err(Error::permanent("this article has no price"));
        }
        out.emit(order);
        Ok(())
    }
}
