//! [`Stock`]: state by key, which moves with a rebalance.

use std::collections::BTreeMap;
use std::mem;

use squall::{Bolt, Emit, Handover, Output, Result, Shares};

use super::Order;

/// Counts the pieces that left, by article.
#[derive(Default)]
pub(crate) struct Stock {
    left: BTreeMap<u64, u64>,
}

impl Bolt for Stock {
    type In = Order;
    type Out = Emit<Order>;

    async fn execute(&mut self, order: Order, out: &mut Output<Emit<Order>>) -> Result<()> {
        *self.left.entry(order.article).or_default() += order.pieces;
        out.emit(order);
        Ok(())
    }
}

impl Handover for Stock {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut Shares<(u64, u64)>) {
        for (article, pieces) in mem::take(&mut self.left) {
            shares.put(&article, (article, pieces));
        }
    }

    fn take(&mut self, (article, pieces): (u64, u64)) {
        *self.left.entry(article).or_default() += pieces;
    }
}
