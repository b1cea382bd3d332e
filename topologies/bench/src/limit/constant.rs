//! Constants into a null bolt, directly or through an id bolt.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{
    CHANNEL, Totals,
    batch::Batch,
    mode::{Mode, source},
    threads::Task,
};
use crate::{case::Load, work};

type Constants<M> = Batch<u64, <M as Mode>::Anchor>;

/// Spout and null bolt.
pub(super) fn null<M: Mode>(load: &Load, totals: &Arc<Totals>) -> Vec<Task> {
    let (to_null, from_spout) = channel(CHANNEL);
    vec![
        Box::pin(emit::<M>(load.emissions, to_null, Arc::clone(totals))),
        Box::pin(discard::<M>(from_spout, Arc::clone(totals))),
    ]
}

/// Spout, id bolt and null bolt.
pub(super) fn id_null<M: Mode>(load: &Load, totals: &Arc<Totals>) -> Vec<Task> {
    let (to_id, from_spout) = channel(CHANNEL);
    let (to_null, from_id) = channel(CHANNEL);
    vec![
        Box::pin(emit::<M>(load.emissions, to_id, Arc::clone(totals))),
        Box::pin(pass_on::<M>(from_spout, to_null)),
        Box::pin(discard::<M>(from_id, Arc::clone(totals))),
    ]
}

async fn emit<M: Mode>(emissions: u64, to: Sender<Constants<M>>, totals: Arc<Totals>) {
    let acked = source::<M, u64>(emissions, work::constant, to).await;
    totals.acked.store(acked, Ordering::Relaxed);
}

async fn pass_on<M: Mode>(mut from: Receiver<Constants<M>>, to: Sender<Constants<M>>) {
    while let Some(batch) = from.recv().await {
        let mut out = Batch::new();
        for (value, anchor) in batch.tuples {
            out.tuples.push((work::identity(value), anchor));
        }
        out.roots = batch.roots;
        if to.send(out).await.is_err() {
            break;
        }
    }
}

async fn discard<M: Mode>(mut from: Receiver<Constants<M>>, totals: Arc<Totals>) {
    let mut tuples = 0;
    while let Some(batch) = from.recv().await {
        for (value, _anchor) in batch.tuples {
            work::discard(value);
            tuples += 1;
        }
    }
    totals.tuples.store(tuples, Ordering::Relaxed);
}
