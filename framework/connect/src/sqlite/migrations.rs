//! Schema changes, forward only.

use std::borrow::Cow;
use std::path::Path;

use sqlx::migrate::{MigrateError, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqliteConnection};

use super::{Error, ErrorKind};

/// One step of a schema, applied once, in the order of the versions.
///
/// A step that was released is never edited: the next step changes what it did. Steps should only add, so that the
/// release before can still read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub version: i64,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The statements, each ended by a semicolon.
    pub sql: &'static str,
}

pub(super) async fn apply(
    path: &Path,
    migrations: &[Migration],
    connection: &mut SqliteConnection,
) -> Result<(), Error> {
    let steps = migrations.iter().map(|step| {
        let name = Cow::Borrowed(step.name);
        sqlx::migrate::Migration::new(
            step.version,
            name,
            MigrationType::Simple,
            step.sql.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    // Steps that a newer release applied only added something.
    migrator.set_ignore_missing(true);
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Error::of(path, &error),
        other => Error::new(path, ErrorKind::Schema, other),
    })
}
