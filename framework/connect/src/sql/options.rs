//! Which database to open.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;

#[cfg(feature = "_servers")]
use super::Error;
use super::place::Place;
#[cfg(feature = "_servers")]
use super::server::{self, Address};

/// Which database to open. How it is shown holds no password.
///
/// ```
/// # #[cfg(all(feature = "sqlite", feature = "postgres"))] {
/// use squall_connect::sql::Options;
///
/// let options = Options::file("data/messages.sqlite3");
/// assert_eq!(options.to_string(), "data/messages.sqlite3");
///
/// let options = Options::servers(["postgres://squall:secret@db1/squall", "postgres://squall:secret@db2/squall"])?;
/// assert_eq!(options.to_string(), "postgres://squall@db1/squall, postgres://squall@db2/squall");
/// # }
/// # Ok::<_, squall_connect::sql::Error>(())
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) place: Place,
    pub(super) target: Target,
}

#[derive(Clone)]
pub(super) enum Target {
    #[cfg(feature = "sqlite")]
    File { path: PathBuf, is_only_read: bool },
    #[cfg(feature = "_servers")]
    Servers(Vec<Address>),
}

impl Options {
    /// A SQLite file, which is made if it is not there.
    #[cfg(feature = "sqlite")]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let place = Place::new(super::Dialect::Sqlite, path.display().to_string());
        Self { place, target: Target::File { path, is_only_read: false } }
    }

    /// A SQLite file that another process may be writing: it must be there, is never written, and keeps the schema that it
    /// has.
    #[cfg(feature = "sqlite")]
    pub fn file_to_read(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let place = Place::new(super::Dialect::Sqlite, path.display().to_string());
        Self { place, target: Target::File { path, is_only_read: true } }
    }

    /// A database on a server, with every address that it may be found at.
    ///
    /// Of several addresses only one is used at a time: the first that takes writes, neither a standby nor read-only.
    /// They are tried again when it is gone.
    ///
    /// An address is a URL, `postgres://user:password@host:5432/database` or `mysql://user:password@host:3306/database`
    /// with `sslmode` and the like as parameters: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `application_name` and
    /// `host` (the folder of a socket) for PostgreSQL; `ssl-mode`, `ssl-ca`, `ssl-cert`, `ssl-key` and `socket` for
    /// MariaDB and MySQL. Between the two there must be no proxy that hands each transaction to another connection.
    ///
    /// # Errors
    ///
    /// There is no address; one is no such URL, names no database or has an unknown parameter; or they are of different
    /// kinds.
    #[cfg(feature = "_servers")]
    pub fn servers(urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        let (place, addresses) = server::addresses(urls)?;
        Ok(Self { place, target: Target::Servers(addresses) })
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Options").field(&self.place).finish()
    }
}
