//! Schema changes, forward only.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr};

use super::place::Place;
use super::{Dialect, Error, ErrorKind};

/// One step of a schema, applied once, in the order of the versions.
///
/// A step that was released is never edited: the next step changes what it did. Steps should only add, so that the
/// release before can still use the database.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub version: i64,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The statements in a dialect, each ended by a semicolon.
    pub sql: fn(Dialect) -> &'static str,
}

pub(super) async fn apply(
    place: &Place,
    migrations: &[Migration],
    connection: &mut AnyConnection,
) -> Result<(), Error> {
    let steps = migrations.iter().map(|step| {
        let name = Cow::Borrowed(step.name);
        let sql = (step.sql)(place.dialect()).into_sql_str();
        sqlx::migrate::Migration::new(step.version, name, MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    // Steps that a newer release applied only added something.
    migrator.set_ignore_missing(true);
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Error::of(place, &error),
        other => Error::new(place, ErrorKind::Schema, other),
    })
}
