//! Derives `Outputs` and `Input`.
