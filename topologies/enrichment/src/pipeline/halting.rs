//! [`Halting`]: a spout that ends the topology when there is no use in going on.

use squall::prelude::*;

use crate::halt::Halt;

/// A spout that ends the topology, with the reason, when its [`Halt`] has one.
///
/// One that waits for something to come notices it with the next outcome: whatever could not be written is one.
#[derive(Debug)]
pub(super) struct Halting<S> {
    spout: S,
    halt: Halt,
}

impl<S: Spout> Halting<S> {
    pub(super) fn new(spout: S, halt: &Halt) -> Self {
        Self { spout, halt: halt.clone() }
    }
}

impl<S: Spout> Spout for Halting<S> {
    type Id = S::Id;
    type Out = S::Out;

    async fn next(&mut self, out: &mut SpoutOutput<S::Out, S::Id>) -> Result<Next> {
        match self.halt.why() {
            Some(why) => Err(Error::permanent(why)),
            None => self.spout.next(out).await,
        }
    }

    async fn ack(&mut self, id: S::Id) {
        self.spout.ack(id).await;
    }

    async fn fail(&mut self, id: S::Id, why: Reason) {
        self.spout.fail(id, why).await;
    }

    async fn failed(&mut self, id: S::Id, failure: Failure) {
        self.spout.failed(id, failure).await;
    }

    async fn deactivate(&mut self) {
        self.spout.deactivate().await;
    }

    async fn close(&mut self) {
        self.spout.close().await;
    }
}
