//! [`SqliteSettings`] and [`PostgresSettings`]: which database activities go to.

use std::path::PathBuf;

use serde::Deserialize;
use squall_connect::sql::{Error, Options};
use squall_topology::Secret;
use squall_topology::schema::JsonSchema;

/// A SQLite file that activities go to, for one process.
///
/// ```toml
/// path = "enriched.sqlite3"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqliteSettings {
    /// Where it lies; it is made if it is not there.
    pub path: PathBuf,
}

/// A PostgreSQL server that activities go to.
///
/// ```toml
/// url = { env = "SQUALL_ENRICHED" }   # postgres://user:password@host:5432/database
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgresSettings {
    /// Its address, which may hold a password: `{ env = "NAME" }` or `{ file = "path" }`. Several addresses of one server,
    /// with blanks between, are tried one after another.
    pub url: Secret,
}

impl SqliteSettings {
    /// Which database to open.
    pub fn options(&self) -> Options {
        Options::file(&self.path)
    }
}

impl PostgresSettings {
    /// Which database to open.
    ///
    /// # Errors
    ///
    /// The address is none of a PostgreSQL server.
    pub fn options(&self) -> Result<Options, Error> {
        Options::servers(self.url.expose().split_ascii_whitespace())
    }
}
