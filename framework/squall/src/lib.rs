//! Typed spouts and bolts as supervised actors.
