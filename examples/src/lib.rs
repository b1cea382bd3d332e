//! One file per idea.
