//! `squall bench`: measures the engine beside its limit.
