//! [`WindowFunction`]: what is made of a window.

use std::{fmt, future::Future, marker::PhantomData};

use squall_core::{Result, Tuple};

use crate::pane::Pane;

/// Makes something of each window. Closures become one by [`from_fn`].
///
/// ```
/// use squall_core::Result;
/// use squall_windows::{Pane, Results, WindowFunction};
///
/// /// The highest of each window, if it is higher than ever.
/// struct Records { highest: u64 }
///
/// impl WindowFunction for Records {
///     type In = u64;
///     type Out = u64;
///
///     async fn fire(&mut self, pane: &Pane<'_, u64>, out: &mut Results<u64>) -> Result<()> {
///         let highest = pane.tuples().copied().max().unwrap_or_default();
///         if highest > self.highest {
///             self.highest = highest;
///             out.emit(highest);
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait WindowFunction: 'static {
    /// What the windows hold.
    type In: Send + 'static;
    /// What is made of a window.
    type Out: Tuple;

    /// A window is due. What it emits is tied to all tuples of the window. An error is reported and fails the roots
    /// of these tuples, which leave the window.
    fn fire(
        &mut self,
        pane: &Pane<'_, Self::In>,
        out: &mut Results<Self::Out>,
    ) -> impl Future<Output = Result>;
}

/// What is made of one window.
pub struct Results<T>(pub(crate) Vec<T>);

impl<T> Results<T> {
    /// Sends a result, tied to all tuples of the window. It leaves when `fire` has answered `Ok`.
    pub fn emit(&mut self, result: T) {
        self.0.push(result);
    }
}

impl<T> fmt::Debug for Results<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("waiting", &self.0.len()).finish()
    }
}

/// A closure as a [`WindowFunction`]: it answers with what to emit.
///
/// ```
/// use squall_windows::{Pane, from_fn};
///
/// let sum = from_fn(|pane: &Pane<'_, u64>| Ok([pane.tuples().sum::<u64>()]));
/// let full = from_fn(|pane: &Pane<'_, u64>| Ok(pane.is_whole().then_some(pane.len() as u64)));
/// # let _ = (sum, full);
/// ```
pub fn from_fn<T, I, F>(function: F) -> FromFn<T, I, F>
where
    T: Send + 'static,
    I: IntoIterator<Item: Tuple> + 'static,
    F: FnMut(&Pane<'_, T>) -> Result<I> + 'static,
{
    FromFn { function, types: PhantomData }
}

/// What [`from_fn`] makes.
pub struct FromFn<T, I, F> {
    function: F,
    types: PhantomData<fn(T) -> I>,
}

impl<T, I, F> WindowFunction for FromFn<T, I, F>
where
    T: Send + 'static,
    I: IntoIterator<Item: Tuple> + 'static,
    F: FnMut(&Pane<'_, T>) -> Result<I> + 'static,
{
    type In = T;
    type Out = I::Item;

    async fn fire(&mut self, pane: &Pane<'_, T>, out: &mut Results<I::Item>) -> Result {
        (self.function)(pane)?.into_iter().for_each(|result| out.emit(result));
        Ok(())
    }
}

impl<T, I, F> fmt::Debug for FromFn<T, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}
