//! [`Orders`]: orders at a steady pace.

use std::collections::VecDeque;

use squall::{Delivery, Emit, Failure, Next, Result, Spout, SpoutOutput};

use super::{ARTICLES, Order};
use crate::pace::Pace;

/// Emits orders, and those that failed again.
pub(crate) struct Orders {
    pace: Pace,
    number: u64,
    again: VecDeque<(u64, Delivery)>,
}

impl Orders {
    pub(crate) fn per_second(count: u32) -> Self {
        Self { pace: Pace::per_second(count), number: 0, again: VecDeque::new() }
    }
}

fn order(number: u64) -> Order {
    Order { number, article: number % ARTICLES, pieces: 1 + number % 3 }
}

impl Spout for Orders {
    type Id = u64;
    type Out = Emit<Order>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Order>, u64>) -> Result<Next> {
        if let Some((number, delivery)) = self.again.pop_front() {
            out.redeliver(number, delivery).emit(order(number));
            return Ok(Next::Emitted);
        }
        self.pace.next().await;
        self.number += 1;
        out.track(self.number).emit(order(self.number));
        Ok(Next::Emitted)
    }

    async fn failed(&mut self, number: u64, failure: Failure) {
        if !failure.permanent {
            self.again.push_back((number, failure.delivery.after(failure.reason)));
        }
    }
}
