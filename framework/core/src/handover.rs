//! [`Handover`]: how the in-memory state of a keyed bolt moves to other tasks when its component is
//! rebalanced.

use std::{any::Any, fmt};

use crate::{
    Bolt, Key, Panicked,
    panics::caught,
    route::{hash_key, task_of},
};

/// A bolt whose state can be moved, key by key, to another task of its component. Declared with
/// `stateful_bolt`.
///
/// In a rebalance every old task [gives](Self::give), then every new task [takes](Self::take) what belongs
/// to its keys; between the two no task has any key, and no tuple is executed. If one of them panics, all is
/// taken back and the old tasks go on.
///
/// ```
/// use std::collections::HashMap;
/// use squall_core::{Bolt, Handover, Output, Result, Shares};
///
/// #[derive(Default)]
/// struct Count { words: HashMap<String, u64> }
///
/// impl Bolt for Count {
///     type In = String;
///     type Out = ();
///
///     async fn execute(&mut self, word: String, _: &mut Output<()>) -> Result {
///         *self.words.entry(word).or_default() += 1;
///         Ok(())
///     }
/// }
///
/// impl Handover for Count {
///     type State = (String, u64);
///
///     fn give(&mut self, shares: &mut Shares<(String, u64)>) {
///         for (word, count) in self.words.drain() {
///             shares.put(&word.clone(), (word, count));
///         }
///     }
///
///     fn take(&mut self, (word, count): (String, u64)) {
///         *self.words.entry(word).or_default() += count;
///     }
/// }
///
/// let (mut old, mut new) = (Count::default(), Count::default());
/// old.words.insert("squall".to_owned(), 3);
/// let mut shares = Shares::new();
/// old.give(&mut shares);
/// shares.into_states().for_each(|state| new.take(state));
/// assert_eq!(new.words["squall"], 3);
/// assert!(old.words.is_empty());
/// ```
pub trait Handover: Bolt {
    /// What is kept for one key. `Clone`, so that nothing is lost if a taker panics.
    type State: Clone + Send + 'static;

    /// Moves everything out, key by key. The keys must be those that the bolt's streams are grouped by:
    /// the same value that `fields` or `fields_by` takes from a tuple.
    fn give(&mut self, shares: &mut Shares<Self::State>);

    /// Takes in the state of one key, besides what is there.
    fn take(&mut self, state: Self::State);
}

/// What a bolt gives in a handover.
pub struct Shares<S>(Vec<(u64, S)>);

impl<S> Shares<S> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives the state of one key.
    pub fn put<K: Key + ?Sized>(&mut self, key: &K, state: S) {
        self.0.push((hash_key(key), state));
    }

    /// The states, in the order in which they were given.
    pub fn into_states(self) -> impl Iterator<Item = S> {
        self.0.into_iter().map(|(_, state)| state)
    }
}

impl<S> Default for Shares<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Shares<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shares").field("keys", &self.0.len()).finish()
    }
}

/// [`Shares`] whose type only their component knows, on their way between threads.
pub struct AnyShares(Box<dyn Face>);

trait Face: Send {
    fn keys(&self) -> usize;
    fn of_task(&self, task: usize, tasks: usize) -> Result<Box<dyn Face>, Panicked>;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<S: Clone + Send + 'static> Face for Shares<S> {
    fn keys(&self) -> usize {
        self.0.len()
    }

    fn of_task(&self, task: usize, tasks: usize) -> Result<Box<dyn Face>, Panicked> {
        let own = self.0.iter().filter(|(hash, _)| task_of(*hash, tasks) == task);
        let copy = caught(|| Self(own.cloned().collect()))?;
        Ok(Box::new(copy))
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl AnyShares {
    pub(crate) fn new<S: Clone + Send + 'static>(shares: Shares<S>) -> Self {
        Self(Box::new(shares))
    }

    pub(crate) fn typed<S: 'static>(self) -> Shares<S> {
        #[expect(
            clippy::expect_used,
            reason = "shares go from one task of a component to another of the same"
        )]
        let shares = self.0.into_any().downcast().expect("shares carry their component's state");
        *shares
    }

    /// How many keys.
    pub fn keys(&self) -> usize {
        self.0.keys()
    }

    /// A copy of what belongs to task number `task` of `tasks`.
    ///
    /// # Errors
    ///
    /// The `Clone` of the state panics.
    pub fn of_task(&self, task: usize, tasks: usize) -> Result<Self, Panicked> {
        self.0.of_task(task, tasks).map(Self)
    }
}

impl fmt::Debug for AnyShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyShares").field("keys", &self.keys()).finish()
    }
}

/// The two hooks of a bolt that has them, where its type is only known as [`Bolt`].
pub(crate) struct Hooks<B> {
    pub(crate) give: fn(&mut B) -> (AnyShares, Result<(), Panicked>),
    pub(crate) take: fn(&mut B, AnyShares),
}

impl<B> Clone for Hooks<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Hooks<B> {}

impl<B: Handover> Hooks<B> {
    pub(crate) fn new() -> Self {
        Self {
            give: |bolt| {
                let mut shares = Shares::new();
                // What was given before a panic can be taken back.
                let end = caught(|| bolt.give(&mut shares));
                (AnyShares::new(shares), end)
            },
            take: |bolt, shares| shares.typed::<B::State>().into_states().for_each(|state| bolt.take(state)),
        }
    }
}
