//! What this crate uses of the floors below, in one place.

/// Stands in for the configuration until the floor below has it.
#[derive(Debug, Default)]
pub struct Config;

/// Stands in for the plan until the floor below has it.
#[derive(Debug, Default)]
pub struct Plan;

/// Stands in for the report until the floor below has it.
#[derive(Debug, Default)]
pub struct Report;
