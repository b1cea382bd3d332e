//! Schema changes, forward only.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, MigrationType, Migrator};
use sqlx::{AnyConnection, Row as _, SqlSafeStr};

use super::place::Place;
use super::{Dialect, Error, ErrorKind, half_done};

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
    /// The statements in a dialect, each ended by a semicolon, and without one within.
    ///
    /// MariaDB and MySQL commit each change of a table by itself. If a process dies between two of them, the next one runs
    /// all statements of the step again, and passes over what is there already: whatever changes rows must bear that.
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
    if place.dialect() == Dialect::Mysql {
        lock(place, connection).await?;
        half_done::finish(place, migrations, connection).await?;
    }
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Error::of(place, &error),
        other => Error::new(place, ErrorKind::Schema, other),
    })
}

/// Keeps other processes from migrating the same database, as long as the connection lives.
///
/// The lock that the migrator would ask MariaDB for has no time limit, which it does not understand: it grants nothing.
async fn lock(place: &Place, connection: &mut AnyConnection) -> Result<(), Error> {
    // Such a name is for the whole server, and at most 64 characters long.
    let row = sqlx::query("SELECT GET_LOCK(CONCAT('squall ', LEFT(DATABASE(), 57)), 60) AS granted")
        .fetch_one(connection)
        .await
        .map_err(|error| Error::of(place, &error))?;
    match row.try_get("granted") {
        Ok(Some(1_i64)) => Ok(()),
        Ok(_) => Err(Error::new(place, ErrorKind::Locked, "the migrations of another process do not end")),
        Err(error) => Err(Error::of(place, &error)),
    }
}
