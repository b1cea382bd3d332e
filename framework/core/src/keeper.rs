//! [`Keeper`]: the tuples of pending roots, for another attempt.

use std::collections::HashMap;

use crate::{
    Dead, Emit, Failure, Tuple,
    anchor::{Anchor, Outcomes},
    outputs::Wires,
    panics::{Panicked, caught, drop_caught},
};

/// What the spout emitted for its pending roots, by slot. A face, for only the streams know their types.
#[doc(hidden)]
pub trait Keeper<O> {
    /// Copies what was emitted since the last root was complete.
    fn keep(&mut self, slot: u32, streams: &O) -> Result<(), Panicked>;

    /// Whether there is something to emit again.
    fn has(&self, slot: u32) -> bool;

    /// The root is done.
    fn forget(&mut self, slot: u32);

    /// Puts the tuples of the root into a dead letter.
    fn bury(&mut self, slot: u32, failure: &Failure, path: Vec<String>);

    /// Whether dead letters have a reader.
    fn has_readers(&self) -> bool;

    /// Emits copies of the tuples, or of their letter. If they cannot be copied, the claim comes back.
    fn emit(
        &mut self,
        slot: u32,
        anchor: Anchor,
        streams: &mut O,
        outcomes: &mut Outcomes,
    ) -> Result<(), (Panicked, Anchor)>;
}

/// Keeps the tuples of the one stream of a spout.
pub(crate) struct SingleKeeper<T> {
    kept: HashMap<u32, Kept<T>>,
    dead: Emit<Dead<T>>,
    has_readers: bool,
}

enum Kept<T> {
    Tuples(Vec<T>),
    Letter(Box<Dead<T>>),
}

impl<T: Tuple> SingleKeeper<T> {
    /// The stream of dead letters is the one behind that of the spout.
    pub(crate) fn new(wires: &mut Wires) -> Self {
        let has_readers = wires.has_readers(1);
        Self { kept: HashMap::new(), dead: wires.open(1), has_readers }
    }
}

impl<T: Tuple> Keeper<Emit<T>> for SingleKeeper<T> {
    fn keep(&mut self, slot: u32, streams: &Emit<T>) -> Result<(), Panicked> {
        let tuples = caught(|| streams.copy_unfinished())?;
        self.kept.insert(slot, Kept::Tuples(tuples));
        Ok(())
    }

    fn has(&self, slot: u32) -> bool {
        self.kept.contains_key(&slot)
    }

    fn forget(&mut self, slot: u32) {
        drop_caught(self.kept.remove(&slot));
    }

    fn bury(&mut self, slot: u32, failure: &Failure, path: Vec<String>) {
        let Some(Kept::Tuples(tuples)) = self.kept.remove(&slot) else { return };
        let Failure { reason, permanent, delivery, ref cause } = *failure;
        let cause = cause.as_deref().cloned();
        let letter = Dead { tuples, reason, permanent, delivery, cause, path };
        self.kept.insert(slot, Kept::Letter(Box::new(letter)));
    }

    fn has_readers(&self) -> bool {
        self.has_readers
    }

    fn emit(
        &mut self,
        slot: u32,
        anchor: Anchor,
        streams: &mut Emit<T>,
        outcomes: &mut Outcomes,
    ) -> Result<(), (Panicked, Anchor)> {
        match self.kept.get(&slot) {
            Some(Kept::Tuples(tuples)) => match caught(|| tuples.clone()) {
                Ok(tuples) => {
                    tuples.into_iter().for_each(|tuple| streams.emit(tuple));
                    streams.finish();
                    streams.seal(anchor, outcomes);
                }
                Err(panicked) => return Err((panicked, anchor)),
            },
            Some(Kept::Letter(letter)) => match caught(|| letter.clone()) {
                Ok(letter) => {
                    self.dead.emit(*letter);
                    self.dead.finish();
                    self.dead.seal(anchor, outcomes);
                }
                Err(panicked) => return Err((panicked, anchor)),
            },
            None => anchor.ack(),
        }
        Ok(())
    }
}

impl<T> Drop for SingleKeeper<T> {
    fn drop(&mut self) {
        self.kept.drain().for_each(drop_caught);
    }
}
