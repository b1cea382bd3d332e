//! Bounds that are mined from what was measured: what is usual in each hour of the week, and how far from it is too far.
//!
//! What is usual is a median, and how far numbers usually lie from it is the MAD, the median of their distances to it,
//! times 1.4826: for a normal distribution that is the standard deviation (Rousseeuw and Croux, *Alternatives to the median
//! absolute deviation*, 1993; Leys and others, *Detecting outliers: do not use standard deviation around the mean, use
//! absolute deviation around the median*, 2013). Up to half of the minutes may be incidents without moving either of them,
//! so nobody has to take the incidents out of the history before bounds are mined from it.
//!
//! Nothing here reads or writes anything.

mod backtest;
mod drift;
mod hours;
mod mined;
mod name;
mod past;
mod proposal;
mod round;
mod side;
mod table;
#[cfg(test)]
mod tests;
mod usual;
mod week;
mod why;

pub(crate) use backtest::Backtest;
pub(crate) use drift::Drift;
pub(crate) use hours::hour_name;
pub(crate) use mined::Mined;
pub(crate) use past::Past;
pub(crate) use proposal::{Proposal, propose};
pub(crate) use side::Side;
pub(crate) use why::Why;
