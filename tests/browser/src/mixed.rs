//! All kinds of bolts and spouts, and some trouble.
//!
//! ```text
//! orders ─→ price ─→ stock ─→ ship
//! imports ────────────↗
//! returns ─→ refund
//! ```
//!
//! `price` has many calls under way, `stock` keeps state by article, `ship` panics now and then, `imports` is there to
//! be paused, and `returns` never has any work.

mod orders;
mod price;
mod returns;
mod ship;
mod stock;

use orders::Orders;
use price::Price;
use returns::{Refund, Returns};
use ship::Ship;
use stock::Stock;

use serde::{Deserialize, Serialize};
use squall::{Invalid, Plan, TopologyBuilder};
use squall_ops::{App, Launch, Prepared, StartError};

const ARTICLES: u64 = 40;

/// So many pieces of an article.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    number: u64,
    article: u64,
    pieces: u64,
}

/// The topology `mixed`.
pub(crate) struct Mixed;

impl App for Mixed {
    fn name(&self) -> &'static str {
        "mixed"
    }

    fn about(&self) -> &'static str {
        "Ships orders, which sometimes goes wrong"
    }

    fn prepare(&self, _: &mut Launch<'_>) -> Result<Prepared, StartError> {
        Ok(Prepared::new(plan().map_err(StartError::failed)?))
    }
}

fn plan() -> Result<Plan, Invalid> {
    let mut t = TopologyBuilder::new("mixed");
    let orders = t.spout("orders", || Orders::per_second(60)).output();
    let imports = t.spout("imports", || Orders::per_second(5)).output();
    let priced = t.concurrent_bolt("price", || Price).concurrency(16).shuffle(orders).output();
    let packed = t
        .stateful_bolt("stock", Stock::default)
        .tasks(2)
        .fields(priced, |order| &order.article)
        .fields(imports, |order| &order.article)
        .output();
    t.bolt("ship", || Ship).shuffle(packed);
    let returns = t.spout("returns", || Returns).output();
    t.bolt("refund", || Refund).shuffle(returns);
    t.build()
}
