//! Random plans, faults and commands against a sequential reference.
