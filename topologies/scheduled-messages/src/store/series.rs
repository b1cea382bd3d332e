//! The rows of series, and the messages that are made of them.
//!
//! Two processes may look for series at once. Each takes other rows, or waits for none: what it takes it changes in the
//! same transaction in which the messages are stored, so that an occurrence is made once or, if the process dies, not
//! yet.

mod change;
mod insert;
mod list;
mod make;
mod row;
mod schema;

use change::Apply;
pub(super) use change::find_next_anew;
pub use change::{SeriesChange, SeriesChanged};
pub use insert::SeriesInserted;
use insert::{Insert, Known};
pub use list::SeriesFilter;
use list::{Get, List};
use make::Make;
pub use make::{AHEAD, Making};
pub(super) use schema::SERIES;

use std::sync::Arc;

use jiff::Timestamp;
use squall_connect::sql::Error;

use super::{Happening, Request, Store, events};
use crate::message::MessageId;
use crate::series::{NewSeries, Series, SeriesId};

/// What people do with series, and the topology for them.
impl Store {
    /// Stores a series, and tells the spout; one whose request came before is left as it is.
    ///
    /// # Errors
    ///
    /// It could not be written; or nobody knows, and a request that is repeated tells.
    pub async fn insert_series(
        &self,
        series: NewSeries,
        request: Option<Request>,
        who: &str,
    ) -> Result<SeriesInserted, Error> {
        let insert = Insert { id: SeriesId::new(), series, request, who: who.to_owned() };
        let inserted = self.inner.database.write(insert).await?;
        self.inner.series_wake.ring(Timestamp::MIN);
        Ok(inserted)
    }

    /// What a request with the same key stored before, if there was one: never [`SeriesInserted::New`].
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn known_series(&self, request: Request) -> Result<Option<SeriesInserted>, Error> {
        self.inner.database.read(Known(request)).await
    }

    /// Looks a series up.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn series(&self, id: SeriesId) -> Result<Option<Series>, Error> {
        self.inner.database.read(Get(id)).await
    }

    /// Lists at most `limit` series.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn list_series(&self, filter: SeriesFilter, limit: u32) -> Result<Vec<Series>, Error> {
        self.inner.database.read(List { filter, limit }).await
    }

    /// What happened to a series after it was created, oldest first.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn series_trail(&self, id: SeriesId) -> Result<Vec<Happening>, Error> {
        self.inner.database.read(events::Trail(MessageId(id.0))).await
    }

    /// Changes a series, if it is still at `version`, and has not ended.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not changed; or nobody knows.
    pub async fn change_series(
        &self,
        id: SeriesId,
        change: SeriesChange,
        version: Option<i64>,
        who: &str,
    ) -> Result<SeriesChanged, Error> {
        let apply = Apply { id, change, version, who: who.to_owned() };
        let changed = self.inner.database.write(apply).await?;
        self.inner.series_wake.ring(Timestamp::MIN);
        Ok(changed)
    }

    /// Makes messages of the occurrences that are due within [`AHEAD`], and tells the spout of messages.
    ///
    /// # Errors
    ///
    /// Nobody knows whether they were made: what was not is made by the next call.
    pub async fn make_series(&self) -> Result<Making, Error> {
        let make = Make { ahead: AHEAD, tids: Arc::clone(&self.inner.tids), who: self.owner().to_owned() };
        let making = self.inner.database.write(make).await?;
        if let Some(at) = making.earliest {
            self.inner.wake.ring(at);
        }
        Ok(making)
    }

    /// Waits until a series is stored or changed by this process.
    pub(crate) async fn series_rung(&self) {
        self.inner.series_wake.rung().await;
    }
}
