//! How things stand, seen from afar, and asked as often as the database can bear.

mod at_hand;
mod cached;
mod coming;
mod counts;
mod forecast;
mod people;

pub use at_hand::{AtHand, Overdue, Process};
pub use counts::Counts;
pub use forecast::{Forecast, Minute};
pub use people::ForPeople;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use squall_connect::sql::{Access, Connection, Error, Row};

use self::cached::Cached;
use super::dialect::now;
use super::{Store, fetch_one, row, values};
use crate::message::Message;

/// A minute, in microseconds.
const MINUTE: i64 = 60_000_000;

/// How things stand, each part as of its own instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Overview {
    /// What is due, and who works on it.
    pub now: AtHand,
    /// What comes in the next 24 hours.
    pub next: Forecast,
    /// How many messages there are.
    pub all: Counts,
}

/// The latest look at each part.
#[derive(Debug, Default)]
pub(super) struct Views {
    now: Cached<AtHand>,
    next: Cached<Forecast>,
    all: Cached<Counts>,
    coming: Cached<Vec<Message>>,
    people: Cached<ForPeople>,
}

/// What each part was at the last look, for those who cannot wait for the next one.
#[derive(Clone, Debug)]
pub(crate) struct LastViews {
    pub(crate) now: Option<AtHand>,
    pub(crate) next: Option<Forecast>,
    pub(crate) all: Option<Counts>,
    pub(crate) coming: Option<Vec<Message>>,
}

/// How things stand.
///
/// What costs the database more is asked less often: an answer serves for twenty times as long as it took to get, and
/// for a second at least. It says as of when it is.
impl Store {
    /// All of it.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn overview(&self) -> Result<Overview, Error> {
        Ok(Overview { now: self.at_hand().await?, next: self.forecast().await?, all: self.counts().await? })
    }

    /// What is due, and who works on it.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn at_hand(&self) -> Result<AtHand, Error> {
        self.inner.views.now.get(self.looking(at_hand::Look)).await
    }

    /// How many messages there are.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn counts(&self) -> Result<Counts, Error> {
        self.inner.views.all.get(self.looking(counts::Count)).await
    }

    /// What comes in the next 24 hours.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn forecast(&self) -> Result<Forecast, Error> {
        self.inner.views.next.get(self.looking(forecast::Look)).await
    }

    /// The five messages that come next, those included that are due already.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn coming(&self) -> Result<Vec<Message>, Error> {
        self.inner.views.coming.get(self.looking(coming::Look)).await
    }

    /// What waits for a person.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn for_people(&self) -> Result<ForPeople, Error> {
        self.inner.views.people.get(self.looking(people::Look)).await
    }

    pub(crate) fn last_views(&self) -> LastViews {
        let Views { now, next, all, coming, .. } = &self.inner.views;
        LastViews { now: now.last(), next: next.last(), all: all.last(), coming: coming.last() }
    }

    fn looking<A: Access>(
        &self,
        access: A,
    ) -> impl Future<Output = Result<A::Answer, Error>> + Send + use<A> {
        let database = self.inner.database.clone();
        async move { database.read(access).await }
    }
}

fn count(row: &Row, column: &str) -> Result<u64, sqlx::Error> {
    u64::try_from(row.int(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}

async fn clock(connection: &mut Connection<'_>) -> Result<Timestamp, sqlx::Error> {
    let sql = format!("SELECT {} AS now", now(connection.dialect()));
    let row = fetch_one(connection, sql, values![]).await?.ok_or(sqlx::Error::RowNotFound)?;
    row::instant(&row, "now")
}
