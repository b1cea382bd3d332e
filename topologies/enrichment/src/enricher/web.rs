//! The client of one task.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use squall::{Error, Result};
use squall_connect::http::{Client, ClientOptions, Guard};

/// The HTTP client of one task of an enricher, made when it is first needed: connections belong to the runtime that
/// made them.
#[derive(Default)]
pub struct Web(OnceCell<Client>);

impl Web {
    /// The client for addresses of the operator's. What the first call said of options holds.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn client(&self, options: ClientOptions) -> Result<&Client> {
        self.get(|| Client::new(options))
    }

    /// The client for addresses that strangers choose. What the first call said of options and guard holds.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn guarded(&self, options: ClientOptions, guard: &Arc<impl Guard>) -> Result<&Client> {
        self.get(|| Client::guarded(options, Arc::clone(guard) as Arc<dyn Guard>))
    }

    fn get(&self, make: impl FnOnce() -> Result<Client, squall_connect::http::Error>) -> Result<&Client> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = make().map_err(Error::retryable)?;
        Ok(self.0.get_or_init(|| client))
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("is_made", &self.0.get().is_some()).finish()
    }
}
