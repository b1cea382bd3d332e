//! `/t/{topology}`: the graph of a topology, alive.

mod layout;
