//! A connection, as an access sees it.

use std::time::Duration;
use std::{fmt, io};

use sqlx::any::AnyArguments;
use sqlx::{Any, AnyConnection, AssertSqlSafe, SqlSafeStr, SqlStr};

use super::place::Place;
use super::{Access, Dialect, Error, Row, Value, placeholders, value};

/// A connection to a database, lent to an [`Access`].
///
/// Statements are written with `?` for each value to be filled in, in every dialect; a `?` within quotes or a comment
/// is left alone. Each is prepared once per connection.
pub struct Connection<'c> {
    backend: &'c mut AnyConnection,
    place: &'c Place,
    /// How long an answer may take.
    silence: Option<Duration>,
    /// How many statements may still be run.
    left: usize,
    /// The first failure: what was done before it must not stay.
    failure: Option<Error>,
}

impl<'c> Connection<'c> {
    /// Lends a connection to an access.
    pub(super) fn lent_to<A: Access>(
        backend: &'c mut AnyConnection,
        place: &'c Place,
        silence: Option<Duration>,
    ) -> Self {
        let left = if A::SINGLE { 1 } else { usize::MAX };
        Self { backend, place, silence, left, failure: None }
    }

    /// Which SQL the database speaks.
    pub fn dialect(&self) -> Dialect {
        self.place.dialect()
    }

    /// Runs a statement and returns how many rows it wrote, whether or not they are other than before.
    ///
    /// # Errors
    ///
    /// The statement failed.
    pub async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, sqlx::Error> {
        let (sql, arguments) = self.prepared(sql.into_sql_str(), values)?;
        let query = sqlx::query_with::<Any, _>(sql, arguments);
        let done = within(self.silence, query.execute(&mut *self.backend)).await;
        Ok(self.noted(done)?.rows_affected())
    }

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    ///
    /// The statement failed.
    pub async fn fetch_all(
        &mut self,
        sql: impl SqlSafeStr,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let (sql, arguments) = self.prepared(sql.into_sql_str(), values)?;
        let query = sqlx::query_with::<Any, _>(sql, arguments);
        let rows = within(self.silence, query.fetch_all(&mut *self.backend)).await;
        Ok(self.noted(rows)?.into_iter().map(Row).collect())
    }

    /// Runs a statement and returns its first row, if there is one.
    ///
    /// # Errors
    ///
    /// The statement failed.
    pub async fn fetch_optional(
        &mut self,
        sql: impl SqlSafeStr,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<Row>, sqlx::Error> {
        // To the last row: a server that is left after the first may not have committed a `RETURNING` yet.
        Ok(self.fetch_all(sql, values).await?.into_iter().next())
    }

    fn prepared(
        &mut self,
        sql: SqlStr,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(SqlStr, AnyArguments), sqlx::Error> {
        let Some(left) = self.left.checked_sub(1) else {
            let second =
                sqlx::Error::InvalidArgument("a second statement in an access that is SINGLE".to_owned());
            return self.noted(Err(second));
        };
        self.left = left;
        self.place.count();
        let sql = match self.dialect() {
            Dialect::Postgres => AssertSqlSafe(placeholders::numbered(sql.as_str())).into_sql_str(),
            Dialect::Sqlite | Dialect::Mysql => sql,
        };
        let arguments = value::arguments(values);
        Ok((sql, self.noted(arguments)?))
    }

    /// Keeps a failure in mind.
    fn noted<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(error) = &result
            && self.failure.is_none()
        {
            self.failure = Some(Error::of(self.place, error));
        }
        result
    }

    /// What became of the access that returned `result`: an error of a statement outdoes what was made of it.
    pub(super) fn outcome<T>(self, result: Result<T, sqlx::Error>) -> Result<T, Error> {
        match self.failure {
            Some(failure) => Err(failure),
            None => result.map_err(|error| Error::of(self.place, &error)),
        }
    }
}

/// Waits for an answer, but not longer than it may take.
pub(super) async fn within<T>(
    silence: Option<Duration>,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let Some(silence) = silence else { return answer.await };
    match tokio::time::timeout(silence, answer).await {
        Ok(result) => result,
        Err(_) => {
            let detail = format!("no answer within {silence:?}");
            Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, detail)))
        }
    }
}

impl fmt::Debug for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("place", &self.place).finish_non_exhaustive()
    }
}
