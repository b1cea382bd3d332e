//! [`Join`]: pairs the tuples of two streams that meet in a window and have the same key.

use std::{collections::HashMap, fmt, hash::Hash};

use serde::{Deserialize, Serialize};
use squall_core::{Result, Tuple};

use crate::{
    function::{Results, WindowFunction},
    pane::Pane,
};

/// The input of a join: a tuple of either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinIn<L, R> {
    /// Of the left side.
    Left(L),
    /// Of the right side.
    Right(R),
}

type Pair<L, R, O> = Box<dyn Fn(&L, Option<&R>) -> Option<O>>;

/// Pairs the tuples of two streams that meet in a window and have the same key.
///
/// The wiring sends both sides to the task of their key: `fields(orders.via(JoinIn::Left), |order| &order.user)`. Pairs
/// come in the order of their left tuples, then of their right ones. With sliding windows a pair that meets in several
/// windows comes with each of them.
///
/// ```
/// use squall_windows::Join;
///
/// struct Order { user: u64, price: u64 }
/// struct User { id: u64, name: String }
///
/// // Each order with its user; orders of unknown users are left out.
/// let inner = Join::inner(|o: &Order| o.user, |u: &User| u.id, |o, u| (u.name.clone(), o.price));
///
/// // Each user with the orders, and users without orders once.
/// let left = Join::left(
///     |u: &User| u.id,
///     |o: &Order| o.user,
///     |u, o| (u.name.clone(), o.map(|o| o.price)),
/// );
/// # let _ = (inner, left);
/// ```
pub struct Join<L, R, K, O> {
    left_key: Box<dyn Fn(&L) -> K>,
    right_key: Box<dyn Fn(&R) -> K>,
    /// `None`: the left tuple has no partner.
    pair: Pair<L, R, O>,
}

impl<L, R, K, O> Join<L, R, K, O> {
    /// Every pair of tuples with the same key.
    pub fn inner(
        left_key: impl Fn(&L) -> K + 'static,
        right_key: impl Fn(&R) -> K + 'static,
        pair: impl Fn(&L, &R) -> O + 'static,
    ) -> Self {
        Self {
            left_key: Box::new(left_key),
            right_key: Box::new(right_key),
            pair: Box::new(move |left, right| right.map(|right| pair(left, right))),
        }
    }

    /// Every pair of tuples with the same key, and each left tuple without a partner once, with `None`.
    pub fn left(
        left_key: impl Fn(&L) -> K + 'static,
        right_key: impl Fn(&R) -> K + 'static,
        pair: impl Fn(&L, Option<&R>) -> O + 'static,
    ) -> Self {
        Self {
            left_key: Box::new(left_key),
            right_key: Box::new(right_key),
            pair: Box::new(move |left, right| Some(pair(left, right))),
        }
    }
}

impl<L, R, K, O> WindowFunction for Join<L, R, K, O>
where
    L: Send + 'static,
    R: Send + 'static,
    K: Eq + Hash + 'static,
    O: Tuple,
{
    type In = JoinIn<L, R>;
    type Out = O;

    async fn fire(&mut self, pane: &Pane<'_, JoinIn<L, R>>, out: &mut Results<O>) -> Result {
        let mut right: HashMap<K, Vec<&R>> = HashMap::new();
        for side in pane.tuples() {
            if let JoinIn::Right(tuple) = side {
                right.entry((self.right_key)(tuple)).or_default().push(tuple);
            }
        }
        for side in pane.tuples() {
            let JoinIn::Left(tuple) = side else { continue };
            match right.get(&(self.left_key)(tuple)) {
                Some(partners) => {
                    let pairs = partners.iter().filter_map(|partner| (self.pair)(tuple, Some(partner)));
                    pairs.for_each(|pair| out.emit(pair));
                }
                None => (self.pair)(tuple, None).into_iter().for_each(|pair| out.emit(pair)),
            }
        }
        Ok(())
    }
}

impl<L, R, K, O> fmt::Debug for Join<L, R, K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Join")
    }
}
