//! What a database on a server promises, tried on real ones.

mod outages;
mod rig;
mod schema;
mod transactions;
mod values;
