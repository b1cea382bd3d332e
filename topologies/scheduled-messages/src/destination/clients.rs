//! The HTTP clients of one task.

use squall_connect::http::{Client, ClientOptions, Error};

/// The HTTP clients that destinations send with.
///
/// Connections belong to the runtime that made them: each task has its own.
#[derive(Clone, Debug)]
pub struct Clients {
    any: Client,
}

impl Clients {
    /// Makes them.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { any: Client::new(ClientOptions::default())? })
    }

    pub(super) fn any(&self) -> &Client {
        &self.any
    }
}
