//! [`Tuple`] and [`Accepts`]: what may flow, and into which input.

use serde::{Serialize, de::DeserializeOwned};

/// A value that can flow through a topology: plain data.
///
/// Implemented for every type that is `Clone + Send + Serialize + DeserializeOwned + 'static`, so that each
/// edge can be tapped, recorded, written to a dead letter and cut across processes.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// struct Word { text: String }
///
/// fn flows<T: squall_core::Tuple>() -> bool { true }
/// assert!(flows::<Word>() && flows::<(u64, Vec<String>)>());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot flow through a topology",
    label = "not a tuple",
    note = "a tuple is `Clone + Send + Serialize + DeserializeOwned + 'static`",
    note = "write `#[derive(Clone, Serialize, Deserialize)]` on it, and keep `Rc`, borrows and handles out of it"
)]
pub trait Tuple: Clone + Send + Serialize + DeserializeOwned + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Serialize + DeserializeOwned + 'static> Tuple for T {}

/// An input that takes tuples of type `T`.
///
/// Every type takes itself; an enum with `#[derive(Input)]` takes the type of each of its variants.
///
/// ```
/// use squall_core::Accepts;
/// assert_eq!(<u32 as Accepts<u32>>::accept(7), 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "bolt input `{Self}` does not accept tuples of type `{T}`",
    label = "this stream carries `{T}`",
    note = "subscribe to a stream of `{Self}`, or read several streams through an enum: `#[derive(Input)] enum In {{ A({T}), .. }}`"
)]
pub trait Accepts<T>: Sized {
    /// Turns the tuple into the input.
    fn accept(tuple: T) -> Self;
}

impl<T> Accepts<T> for T {
    fn accept(tuple: T) -> Self {
        tuple
    }
}
