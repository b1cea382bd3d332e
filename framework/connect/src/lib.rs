//! Spouts, bolts and parts for real systems.
