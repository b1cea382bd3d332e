//! [`Key`]: what a tuple may be grouped by.

use std::hash::Hash;

/// The key of `fields` and `fields_by`: implemented for everything that can be hashed.
///
/// ```
/// fn groups<K: squall_core::Key + ?Sized>() -> bool { true }
/// assert!(groups::<str>() && groups::<(u32, String)>());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a grouping",
    label = "this key has no hash",
    note = "a key is `Hash`: derive `Hash` for a type of your own, or compute a key, as in `.fields_by(prices, |price| price.cents)`"
)]
pub trait Key: Hash {}

#[diagnostic::do_not_recommend]
impl<K: Hash + ?Sized> Key for K {}
