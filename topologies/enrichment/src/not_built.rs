//! [`NotBuilt`]: a part that this binary is built without.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The settings of a part that this binary is built without: whoever chooses it is told what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBuilt {}

impl<'de> Deserialize<'de> for NotBuilt {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("this binary was built without `kafka`: cargo build --release --features kafka"))
    }
}
