//! Where the processes keep their messages.

use squall_services::{MariaDb, Postgres};

/// A database of its own, and how many processes share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) name: &'static str,
    /// `None` for SQLite.
    pub(crate) url: Option<String>,
    pub(crate) processes: usize,
}

impl Store {
    pub(crate) fn sqlite() -> Self {
        Self { name: "SQLite", url: None, processes: 1 }
    }

    pub(crate) fn postgres() -> Option<Self> {
        Some(Self { name: "PostgreSQL", url: Some(Postgres::shared()?.fresh_database()), processes: 2 })
    }

    pub(crate) fn mariadb() -> Option<Self> {
        Some(Self { name: "MariaDB", url: Some(MariaDb::shared()?.fresh_database()), processes: 2 })
    }

    /// The same store with an empty database.
    pub(crate) fn fresh(name: &str) -> Option<Self> {
        match name {
            "SQLite" => Some(Self::sqlite()),
            "PostgreSQL" => Self::postgres(),
            _ => Self::mariadb(),
        }
    }

    pub(crate) const NAMES: [&str; 3] = ["SQLite", "PostgreSQL", "MariaDB"];
}
