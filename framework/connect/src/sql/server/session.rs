//! A new connection to a server, with its settings made.

use std::time::Duration;

use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Row as _};
use tokio::time;

use super::Address;
use crate::sql::place::Place;
use crate::sql::{Dialect, Error, ErrorKind};

/// How long it may take to be let in.
const CONNECT_LIMIT: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 5 });

/// How long a statement may take, in seconds.
const STATEMENT_LIMIT: u64 = if cfg!(test) { 3 } else { 5 };

/// How long a lock is waited for, in seconds.
const LOCK_LIMIT: u64 = if cfg!(test) { 2 } else { 3 };

/// How long a migration waits for the one of another process, in seconds.
pub(in crate::sql) const MIGRATION_LOCK_LIMIT: u64 = 60;

/// Connects to a server that takes writes.
pub(super) async fn open(address: &Address) -> Result<AnyConnection, Error> {
    let place = address.place();
    let opening = async {
        let mut connection = address.options().connect().await?;
        let is_writable = match place.dialect() {
            Dialect::Postgres => postgres(&mut connection).await?,
            Dialect::Mysql => mysql(&mut connection).await?,
            // Addresses have no other dialect.
            Dialect::Sqlite => true,
        };
        Ok((connection, is_writable))
    };
    match time::timeout(CONNECT_LIMIT, opening).await {
        Ok(Ok((connection, true))) => Ok(connection),
        Ok(Ok((_, false))) => Err(Error::new(place, ErrorKind::ReadOnly, "it takes no writes now")),
        Ok(Err(error)) => Err(Error::of(place, &error)),
        Err(_) => {
            let detail = format!("it did not let us in within {CONNECT_LIMIT:?}");
            Err(Error::new(place, ErrorKind::Away, detail))
        }
    }
}

/// Lets a migration take its time.
pub(super) async fn prepare_for_migration(
    place: &Place,
    connection: &mut AnyConnection,
) -> Result<(), Error> {
    let settings = match place.dialect() {
        Dialect::Mysql => {
            format!("SET SESSION /*M! max_statement_time = 0, */ lock_wait_timeout = {MIGRATION_LOCK_LIMIT}")
        }
        Dialect::Postgres | Dialect::Sqlite => {
            format!("SET statement_timeout = 0; SET lock_timeout = '{MIGRATION_LOCK_LIMIT}s'")
        }
    };
    run(connection, settings).await.map_err(|error| Error::of(place, &error))
}

/// Makes the settings of a connection to PostgreSQL; returns whether the server takes writes.
async fn postgres(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // A process that has lost sight of the server must not keep its locks: a transaction that lies idle is ended.
    let settings = format!(
        "SET client_min_messages = warning; SET statement_timeout = '{STATEMENT_LIMIT}s'; SET lock_timeout = '{LOCK_LIMIT}s';
         SET idle_in_transaction_session_timeout = '10s'; SET TimeZone = 'UTC';
         SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED"
    );
    run(connection, settings).await?;
    let row = sqlx::query(
        "SELECT (pg_is_in_recovery() OR current_setting('transaction_read_only')::bool)::int AS closed",
    )
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<i64, _>("closed")? == 0)
}

/// Makes the settings of a connection to MariaDB or MySQL; returns whether the server takes writes.
///
/// `/*M!` is read by MariaDB only, `/*!50708` by MySQL only: they call the same limit differently.
async fn mysql(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let millis = STATEMENT_LIMIT * 1000;
    let settings = format!(
        "SET SESSION sql_mode = 'TRADITIONAL,PIPES_AS_CONCAT,ANSI_QUOTES', SESSION time_zone = '+00:00',
             /*M! SESSION max_statement_time = {STATEMENT_LIMIT}, SESSION idle_transaction_timeout = 10, */
             /*!50708 SESSION max_execution_time = {millis}, */
             SESSION innodb_lock_wait_timeout = {LOCK_LIMIT}, SESSION lock_wait_timeout = {LOCK_LIMIT};
         SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
    );
    run(connection, settings).await?;
    let row = sqlx::query("SELECT CAST(@@global.read_only AS CHAR) AS closed").fetch_one(connection).await?;
    Ok(matches!(row.try_get("closed")?, "0" | "OFF"))
}

async fn run(connection: &mut AnyConnection, settings: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(connection).await?;
    Ok(())
}
