//! Joins several streams in one bolt, by key.
//!
//! The bolt reads an enum with `#[derive(Input)]`: one variant a stream. Two of the streams carry the same type, so
//! the wiring says with `via` which is which; without it, it would not compile.
//!
//! ```sh
//! cargo run -p squall-examples --example fan_in_join
//! ```

use std::{collections::HashMap, error::Error};

use serde::{Deserialize, Serialize};
use squall::{Tuple, prelude::*};

#[derive(Clone, Serialize, Deserialize)]
struct Order {
    id: u32,
    price: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Payment {
    order: u32,
    amount: u32,
}

/// Emits what it was given.
struct List<T>(std::vec::IntoIter<T>);

impl<T: Tuple> Spout for List<T> {
    type Id = ();
    type Out = Emit<T>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<T>, ()>) -> Result<Next> {
        let Some(tuple) = self.0.next() else { return Ok(Next::End) };
        out.track(()).emit(tuple);
        Ok(Next::Emitted)
    }
}

#[derive(Input)]
enum Entry {
    Order(Order),
    Card(Payment),
    Transfer(Payment),
}

/// What one order owes, and how it was paid for. Its entries may come in any order.
#[derive(Default)]
struct Account {
    owed: i64,
    by_card: u32,
    by_transfer: u32,
}

#[derive(Default)]
struct Join {
    accounts: HashMap<u32, Account>,
}

impl Bolt for Join {
    type In = Entry;
    type Out = ();

    async fn execute(&mut self, entry: Entry, _: &mut Output<()>) -> Result<()> {
        match entry {
            Entry::Order(Order { id, price }) => self.account(id).owed += i64::from(price),
            Entry::Card(Payment { order, amount }) => {
                self.account(order).owed -= i64::from(amount);
                self.account(order).by_card += amount;
            }
            Entry::Transfer(Payment { order, amount }) => {
                self.account(order).owed -= i64::from(amount);
                self.account(order).by_transfer += amount;
            }
        }
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        for (order, Account { owed, by_card, by_transfer }) in self.accounts.drain() {
            println!("order {order}: {by_card} by card, {by_transfer} by transfer, {owed} to pay");
        }
        Ok(())
    }
}

impl Join {
    fn account(&mut self, order: u32) -> &mut Account {
        self.accounts.entry(order).or_default()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let orders = vec![Order { id: 1, price: 30 }, Order { id: 2, price: 20 }, Order { id: 3, price: 50 }];
    let cards = vec![Payment { order: 2, amount: 20 }, Payment { order: 3, amount: 10 }];
    let transfers = vec![Payment { order: 1, amount: 30 }, Payment { order: 3, amount: 25 }];

    let mut t = TopologyBuilder::new("payments");
    let orders = t.spout("orders", move || List(orders.clone().into_iter())).output();
    let cards = t.spout("cards", move || List(cards.clone().into_iter())).output();
    let transfers = t.spout("transfers", move || List(transfers.clone().into_iter())).output();
    t.bolt("join", Join::default)
        .tasks(2)
        .fields(orders, |order| &order.id)
        .fields(cards.via(Entry::Card), |payment| &payment.order)
        .fields(transfers.via(Entry::Transfer), |payment| &payment.order);

    let report = squall::run(t.build()?)?;

    println!("{} entries, {} acked", report.roots().emitted, report.roots().acked);
    Ok(())
}
