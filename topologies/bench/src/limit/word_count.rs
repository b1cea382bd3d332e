//! Lines, split by two tasks, counted by two tasks.

use std::{
    hash::BuildHasher,
    sync::{Arc, atomic::Ordering},
};

use foldhash::fast::FixedState;
use tokio::sync::{
    Mutex,
    mpsc::{Receiver, Sender, channel},
};

use super::{
    BATCH, CHANNEL, Totals,
    batch::Batch,
    mode::{Mode, source},
    threads::Task,
};
use crate::{
    case::{Load, ROOT_SPAN},
    text::Text,
    work::{self, Counts},
};

type Strings<M> = Batch<String, <M as Mode>::Anchor>;

/// The spout, two splitting and two counting tasks.
pub(super) fn tasks<M: Mode>(load: &Load, totals: &Arc<Totals>) -> Vec<Task> {
    let (to_split, lines) = channel(CHANNEL);
    let lines = Arc::new(Mutex::new(lines));
    let (to_first, first) = channel(CHANNEL);
    let (to_second, second) = channel(CHANNEL);
    let counters = [to_first, to_second];
    vec![
        Box::pin(emit::<M>(load.emissions, Arc::clone(&load.text), to_split, Arc::clone(totals))),
        Box::pin(split::<M>(Arc::clone(&lines), counters.clone())),
        Box::pin(split::<M>(lines, counters)),
        Box::pin(count::<M>(first, Arc::clone(totals))),
        Box::pin(count::<M>(second, Arc::clone(totals))),
    ]
}

async fn emit<M: Mode>(emissions: u64, text: Arc<Text>, to: Sender<Strings<M>>, totals: Arc<Totals>) {
    let mut index = 0;
    let line = || {
        index += 1;
        text.line(index - 1).to_owned()
    };
    let acked = source::<M, String>(emissions, line, to).await;
    totals.acked.store(acked, Ordering::Relaxed);
}

async fn split<M: Mode>(from: Arc<Mutex<Receiver<Strings<M>>>>, to: [Sender<Strings<M>>; 2]) {
    let hasher = FixedState::default();
    let mut lanes = to.map(Lane::<M>::new);
    while let Some(lines) = next(&from).await {
        for (index, (line, anchor)) in lines.tuples.into_iter().enumerate() {
            let root = lines.roots.get(index / ROOT_SPAN);
            for word in work::split(&line) {
                let [first, second] = &mut lanes;
                let lane = if hasher.hash_one(&word) & 1 == 0 { first } else { second };
                lane.batch.tuples.push((word, anchor.clone()));
                if let Some(root) = root {
                    lane.batch.keep(root);
                }
                if lane.batch.tuples.len() == BATCH {
                    lane.flush().await;
                }
            }
        }
        for lane in &mut lanes {
            lane.flush().await;
        }
    }
}

async fn next<T>(from: &Mutex<Receiver<T>>) -> Option<T> {
    from.lock().await.recv().await
}

/// The way to one counting task.
struct Lane<M: Mode> {
    batch: Strings<M>,
    to: Sender<Strings<M>>,
}

impl<M: Mode> Lane<M> {
    fn new(to: Sender<Strings<M>>) -> Self {
        Self { batch: Batch::new(), to }
    }

    async fn flush(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Batch::new());
        // A counting task ends only after its senders: there is nothing to do about a failed send.
        self.to.send(batch).await.ok();
    }
}

async fn count<M: Mode>(mut from: Receiver<Strings<M>>, totals: Arc<Totals>) {
    let mut counts = Counts::default();
    while let Some(words) = from.recv().await {
        for (word, _anchor) in words.tuples {
            counts.add(word);
        }
    }
    totals.tuples.fetch_add(counts.total(), Ordering::Relaxed);
    totals.distinct.fetch_add(counts.distinct(), Ordering::Relaxed);
}
