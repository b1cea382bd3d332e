//! Many callers, one statement.

use std::fmt;
use std::sync::Mutex as StdMutex;

use squall_connect::sql::Error;
use tokio::sync::{Mutex, oneshot};

/// How many share a statement at most.
const MOST: usize = 1024;

type Answer<O> = oneshot::Sender<Result<O, Error>>;

/// Collects what callers want written while a statement is under way, and writes it with the next one.
///
/// Whoever comes first writes for all who have come meanwhile; nobody waits for company. A lone caller pays what it
/// would pay by itself, a thousand pay for one commit.
pub(crate) struct Desk<I, O> {
    waiting: StdMutex<Vec<(I, Answer<O>)>>,
    /// Held by whoever writes.
    writing: Mutex<()>,
}

impl<I, O> Default for Desk<I, O> {
    fn default() -> Self {
        Self { waiting: StdMutex::default(), writing: Mutex::default() }
    }
}

impl<I: Send + 'static, O: Send + 'static> Desk<I, O> {
    /// Has one item written, with whatever else waits; `None` if whoever wrote it was dropped, and nobody knows.
    ///
    /// `write` writes items, and answers each of them in their order.
    pub(crate) async fn write<F>(&self, item: I, write: impl Fn(Vec<I>) -> F) -> Option<Result<O, Error>>
    where
        F: Future<Output = Result<Vec<O>, Error>>,
    {
        let (answer, mut answered) = oneshot::channel();
        self.lock().push((item, answer));
        loop {
            let writing = tokio::select! {
                biased;
                answer = &mut answered => return answer.ok(),
                writing = self.writing.lock() => writing,
            };
            let (items, answers) = self.take();
            if !items.is_empty() {
                settle(write(items).await, answers);
            }
            drop(writing);
        }
    }

    fn take(&self) -> (Vec<I>, Vec<Answer<O>>) {
        let mut waiting = self.lock();
        let count = waiting.len().min(MOST);
        waiting.drain(..count).unzip()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(I, Answer<O>)>> {
        self.waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn settle<O>(result: Result<Vec<O>, Error>, answers: Vec<Answer<O>>) {
    // A caller that was dropped needs no answer.
    match result {
        Ok(outcomes) => {
            answers.into_iter().zip(outcomes).for_each(|(answer, outcome)| drop(answer.send(Ok(outcome))))
        }
        Err(error) => answers.into_iter().for_each(|answer| drop(answer.send(Err(error.clone())))),
    }
}

impl<I, O> fmt::Debug for Desk<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}
