//! What can be declared of a [`ConcurrentBolt`](squall_core::ConcurrentBolt), and of no other bolt.

use std::time::Duration;

use squall_core::{CallKey, CallOptions, Key, Outputs, RetryPolicy};

use super::BoltDeclarer;

/// Marks the declaration of a bolt whose tasks execute one tuple at a time.
#[derive(Debug)]
pub enum OneByOne {}

/// Marks the declaration of a bolt whose tasks have several calls under way at once.
#[derive(Debug)]
pub enum Concurrent {}

/// A declaration of a bolt that makes its calls side by side.
#[diagnostic::on_unimplemented(
    message = "a bolt that executes one tuple at a time makes no calls side by side",
    label = "this is for concurrent bolts",
    note = "implement `ConcurrentBolt` for it (its `execute` takes `&self`) and declare it with `.concurrent_bolt(..)`"
)]
pub trait SideBySide {}

impl SideBySide for Concurrent {}

/// Of a concurrent bolt.
impl<In: Send + 'static, Out: Outputs, Calls> BoltDeclarer<'_, In, Out, Calls> {
    /// How many calls each task has under way at once; 16 unless said. A call that waits for its turn, its key or
    /// its next attempt is one of them.
    ///
    /// On a [`fields`](Self::fields) or [`partial_key`](Self::partial_key) grouping more than one is refused, unless
    /// [`per_key`](Self::per_key) keeps the calls of a key apart.
    pub fn concurrency(self, calls: usize) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.concurrency = calls)
    }

    /// What calls emit leaves in the order in which their tuples came. A slow call keeps back what the ones behind it
    /// emit, and their tuples stay unacked for so long; an error is told at once.
    pub fn ordered(self) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.ordered = true)
    }

    /// What a call emits leaves when it has answered, before that of slower ones. So it is unless said.
    pub fn unordered(self) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.ordered = false)
    }

    /// How long an attempt may take, counted from its begin; without limit unless said. Then it is dropped at its
    /// await, and the tuple's root fails with [`Reason::Timeout`](squall_core::Reason::Timeout) if there is no attempt
    /// left. An answer that is there when the time is up counts; what comes later nobody waits for.
    pub fn timeout(self, limit: Duration) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.timeout = Some(limit))
    }

    /// Makes a call again after a timeout or an error, unless the error
    /// [is permanent](squall_core::Error::is_permanent) or the root has failed meanwhile; not so unless said. What a
    /// failed attempt emitted is not sent.
    pub fn retry(self, policy: RetryPolicy) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.retry = Some(policy))
    }

    /// Calls whose inputs have one key are made one after the other, in order; calls with other keys beside them.
    ///
    /// `per_key(|click: &Click| click.user)`
    pub fn per_key<K: Key>(self, key: impl Fn(&In) -> K + Send + Sync + 'static) -> Self
    where
        Calls: SideBySide,
    {
        self.calls(|options| options.key = Some(CallKey::new(key)))
    }

    fn calls(self, edit: impl FnOnce(&mut CallOptions)) -> Self {
        self.edit(|component| component.calls.as_mut().map(edit).unwrap_or_default())
    }
}
