//! [`CustomGrouping`]: a grouping of the user's own.

use std::fmt;

/// Decides which tasks of a bolt get a tuple.
///
/// `custom(stream, || MyGrouping::default())` calls its factory once for each task that emits the stream, so a
/// grouping may count and remember without a lock. It is made when its first tuple is on its way, and made
/// anew after a panic and when the number of tasks has changed.
///
/// ```
/// use squall_core::{Chosen, CustomGrouping};
///
/// /// The first half of the tasks gets every tuple, the other half none.
/// struct FirstHalf;
///
/// impl<T> CustomGrouping<T> for FirstHalf {
///     fn choose(&mut self, _: &T, tasks: usize, chosen: &mut Chosen) {
///         (0..tasks / 2).for_each(|task| chosen.task(task));
///     }
/// }
///
/// let mut chosen = Chosen::default();
/// FirstHalf.choose(&"a tuple", 6, &mut chosen);
/// assert_eq!(chosen.tasks(), [0, 1, 2]);
/// ```
///
/// # Panics
///
/// A panic fails the root of the tuple in hand, with [`Reason::Panic`](crate::Reason::Panic), and no other.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no grouping of `{T}`",
    label = "this factory must make a `CustomGrouping<{T}>`",
    note = "implement `CustomGrouping<{T}>` for `{Self}`, and pass a closure that makes one: it is called once for each emitting task"
)]
pub trait CustomGrouping<T>: Send + 'static {
    /// The bolt has so many tasks. Called once, before the first tuple.
    fn prepare(&mut self, tasks: usize) {
        let _ = tasks;
    }

    /// Names the tasks that get this tuple, out of `0..tasks`: none, one or several.
    ///
    /// Each gets a copy; all copies belong to the root of the tuple. Where none is named the tuple is done. A
    /// task that does not exist fails the root with [`Reason::Explicit`](crate::Reason::Explicit), is
    /// reported among the errors of the emitting component, and none of the named tasks gets the tuple.
    fn choose(&mut self, tuple: &T, tasks: usize, chosen: &mut Chosen);
}

/// The tasks that a [`CustomGrouping`] has named for one tuple.
#[derive(Default)]
pub struct Chosen(Vec<usize>);

impl Chosen {
    /// Names a task, counted from 0. One that is named twice gets two copies.
    pub fn task(&mut self, task: usize) {
        self.0.push(task);
    }

    /// The tasks named so far, in order.
    pub fn tasks(&self) -> &[usize] {
        &self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chosen").field(&self.0).finish()
    }
}

/// `direct`: the tuple itself says which task gets it.
pub(crate) struct Direct<F>(pub(crate) F);

impl<T, F: Fn(&T) -> usize + Send + 'static> CustomGrouping<T> for Direct<F> {
    fn choose(&mut self, tuple: &T, _: usize, chosen: &mut Chosen) {
        chosen.task((self.0)(tuple));
    }
}
