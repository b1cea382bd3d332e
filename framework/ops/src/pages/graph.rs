//! `/t/{topology}`: the graph of a topology, alive.

#[cfg_attr(not(test), expect(dead_code, reason = "the page is still to come"))]
mod layout;
