//! What a database on a server promises, tried on real ones.

mod failover;
mod kinds;
mod outages;
mod rig;
mod schema;
mod transactions;
mod values;
