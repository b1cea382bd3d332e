//! [`CallOptions`]: how many calls a task has under way, and what each may take.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use crate::{Key, RetryPolicy, route::hash_key};

/// How the tasks of a [`ConcurrentBolt`](crate::ConcurrentBolt) make their calls.
#[derive(Clone, Debug)]
pub struct CallOptions {
    /// Calls of one task that are under way at once, at least 1; 16 unless said. A call that waits for its turn,
    /// its key or its next attempt is one of them.
    pub concurrency: usize,
    /// What calls emit leaves in the order in which their tuples came; not so unless said.
    pub ordered: bool,
    /// How long one attempt may take; without limit unless said.
    pub timeout: Option<Duration>,
    /// Whether a call is made again after an error or a timeout; not so unless said.
    pub retry: Option<RetryPolicy>,
    /// Calls whose tuples have one key are made one after the other.
    pub key: Option<CallKey>,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self { concurrency: 16, ordered: false, timeout: None, retry: None, key: None }
    }
}

/// The hash of an input's key. Keys with one hash wait for each other: that costs time and nothing else.
pub(crate) type KeyOf<In> = Arc<dyn Fn(&In) -> u64 + Send + Sync>;

/// The hash of an input's key, whose type only its bolt knows.
#[derive(Clone)]
pub struct CallKey(Arc<dyn Any + Send + Sync>);

impl CallKey {
    /// The key that `key` computes from an input.
    pub fn new<In: 'static, K: Key>(key: impl Fn(&In) -> K + Send + Sync + 'static) -> Self {
        let hash: KeyOf<In> = Arc::new(move |input| hash_key(&key(input)));
        Self(Arc::new(hash))
    }

    pub(super) fn typed<In: 'static>(&self) -> KeyOf<In> {
        #[expect(clippy::expect_used, reason = "a key is made from the typed declaration of its bolt")]
        let hash = self.0.downcast_ref::<KeyOf<In>>().expect("a key reads its bolt's input");
        Arc::clone(hash)
    }
}

impl fmt::Debug for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallKey")
    }
}
