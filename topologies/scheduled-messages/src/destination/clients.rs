//! The HTTP clients of one task.

use squall_connect::http::{Addresses, Client, ClientOptions, Error};

/// The HTTP clients that destinations send with: one that goes anywhere, and one that keeps to the public internet.
///
/// Connections belong to the runtime that made them: each task has its own.
#[derive(Clone, Debug)]
pub struct Clients {
    any: Client,
    public: Client,
}

impl Clients {
    /// Makes them.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        let any = ClientOptions::default();
        let public = ClientOptions { addresses: Addresses::Public, ..any };
        Ok(Self { any: Client::new(any)?, public: Client::new(public)? })
    }

    pub(super) fn to(&self, addresses: Addresses) -> &Client {
        match addresses {
            Addresses::Any => &self.any,
            Addresses::Public => &self.public,
        }
    }
}
