//! The section `[messages]` of the configuration.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use squall::RetryPolicy;
use squall_connect::sql::{Error, Options};
use squall_topology::Secret;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::duration;

use crate::store::LEASE;

/// The name of the section.
pub(crate) const SECTION: &str = "messages";

/// Where messages are kept, and how often they are tried.
///
/// ```toml
/// [messages]
/// database = [{ env = "SQUALL_DB1" }, { env = "SQUALL_DB2" }] # postgres://squall:secret@db1/squall
/// lease = "10s"
/// attempts = 10
/// backoff = "1s"
/// max_backoff = "10m"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The addresses of one database server, tried one after another: `postgres://…`, `mysql://…` or `mariadb://…`. Without
    /// any, messages are in a SQLite file of the data directory, for this process alone. They hold a password, so the
    /// configuration says only where they are: `{ env = "NAME" }` or `{ file = "path" }`.
    database: Vec<Secret>,
    /// How long a process is believed to live after it was last heard of; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    lease: Option<Duration>,
    /// How often a message is tried at most; 10 times.
    attempts: Option<u32>,
    /// The pause after the first failed attempt, which doubles after every further one; 1 second.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    backoff: Option<Duration>,
    /// The longest pause; 10 minutes.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    max_backoff: Option<Duration>,
}

impl Settings {
    /// Which database to open: the configured one, or `file`.
    pub(crate) fn database(&self, file: impl AsRef<Path>) -> Result<Options, Error> {
        if self.database.is_empty() {
            return Ok(Options::file(file.as_ref()));
        }
        Options::servers(self.database.iter().map(Secret::expose))
    }

    /// Whether the messages are on a server.
    pub(crate) fn has_server(&self) -> bool {
        !self.database.is_empty()
    }

    /// How long a silent process is believed to live: a shorter one than three seconds would end with any hiccup.
    pub(crate) fn lease(&self) -> Duration {
        self.lease.map_or(LEASE, |lease| lease.max(SHORTEST_LEASE))
    }

    /// How often and how soon a message is tried again.
    pub(crate) fn retry(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            attempts: self.attempts.unwrap_or(default.attempts),
            backoff: self.backoff.unwrap_or(default.backoff),
            max_backoff: self.max_backoff.unwrap_or(default.max_backoff),
        }
    }
}

/// The shortest lease.
const SHORTEST_LEASE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;

    fn read(text: &str) -> Settings {
        Config::parse("squall.toml", text).unwrap().section(SECTION).unwrap().unwrap_or_default()
    }

    #[test]
    fn without_a_section_messages_are_in_a_file() {
        let settings = read("");

        assert!(!settings.has_server());
        assert_eq!(settings.database("messages.sqlite3").unwrap().to_string(), "messages.sqlite3");
        assert_eq!((settings.lease(), settings.retry()), (LEASE, RetryPolicy::default()));
    }

    #[test]
    fn a_server_is_shown_without_its_password() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://squall:hunter2@db1/squall").unwrap();
        let path = file.path().display();
        let settings = read(&format!("[messages]\ndatabase = [{{ file = '{path}' }}]\nlease = '1s'"));

        assert_eq!(settings.database("x").unwrap().to_string(), "postgres://squall@db1/squall");
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(settings.lease(), SHORTEST_LEASE);
    }
}
