//! Steps of a schema that a process left half done.
//!
//! MariaDB and MySQL commit every change of a table by itself. A process that dies between two of them leaves a step of
//! which some statements are done and others are not, and a note that it began.

use sqlx::{AnyConnection, Row as _};

use super::place::Place;
use super::{Dialect, Error, Migration, kind};

/// Finishes what somebody began, as whoever holds the lock. Its statements are run once more, one by one; those that
/// were done say that there is such a thing already.
pub(super) async fn finish(
    place: &Place,
    migrations: &[Migration],
    connection: &mut AnyConnection,
) -> Result<(), Error> {
    let fault = |error: sqlx::Error| Error::of(place, &error);
    for version in begun(connection).await.map_err(fault)? {
        // One of a newer release is for that release to finish.
        let Some(step) = migrations.iter().find(|step| step.version == version) else { continue };
        tracing::warn!(database = %place, version, name = step.name, "A change of the schema was cut off; it goes on.");
        let statements = (step.sql)(Dialect::Mysql).split(';').filter(|sql| !sql.trim().is_empty());
        for statement in statements {
            match sqlx::raw_sql(statement).execute(&mut *connection).await {
                Err(error) if !kind::is_done_already(&error) => return Err(fault(error)),
                _ => {}
            }
        }
        let done = "UPDATE _sqlx_migrations SET success = TRUE WHERE version = ?";
        sqlx::query(done).bind(version).execute(&mut *connection).await.map_err(fault)?;
    }
    Ok(())
}

/// The steps that began and did not end; of a database that nobody has used before there are none.
async fn begun(connection: &mut AnyConnection) -> Result<Vec<i64>, sqlx::Error> {
    let is_used = "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '_sqlx_migrations'";
    if sqlx::query(is_used).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let begun = "SELECT version FROM _sqlx_migrations WHERE success = FALSE ORDER BY version";
    sqlx::query(begun).fetch_all(connection).await?.iter().map(|row| row.try_get("version")).collect()
}
