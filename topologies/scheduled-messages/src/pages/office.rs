//! [`Office`]: what pages look at and change.

use std::fmt;
use std::time::Duration;

use squall_connect::sql::Error;
use squall_ops::Page;
use tokio::time::timeout;

use crate::api::action::Place;
use crate::flow::Flow;
use crate::inbox::Deliveries;
use crate::store::Store;

/// How long a page waits for a number that costs the database much; then it shows what was so before.
const PATIENCE: Duration = Duration::from_millis(400);

/// What pages look at and change. A clone is a handle to the same.
#[derive(Clone, Debug)]
pub(crate) struct Office {
    pub(crate) place: Place,
    pub(crate) flow: Flow,
    pub(crate) deliveries: Deliveries,
}

impl Office {
    pub(super) fn store(&self) -> &Store {
        &self.place.store
    }

    /// A page that shows, and does nothing.
    pub(super) fn page<F, R>(&self, path: &str, title: &str, render: F) -> Page
    where
        F: Fn(Self, squall_ops::View) -> R + Send + Sync + 'static,
        R: Future<Output = Result<squall_ops::Html, squall_ops::Problem>> + 'static,
    {
        let office = self.clone();
        Page::new(path, title, move |view| render(office.clone(), view))
    }
}

/// What is known soon enough to be shown; else what was known before, if anything was.
pub(super) async fn soon<T: fmt::Debug>(
    ask: impl Future<Output = Result<T, Error>>,
    before: impl FnOnce() -> Option<T>,
) -> Option<T> {
    match timeout(PATIENCE, ask).await {
        Ok(Ok(known)) => Some(known),
        // What was so before a database went away is not so any more.
        Ok(Err(error)) => {
            tracing::warn!(%error, "A page is shown without a part of it.");
            None
        }
        Err(_) => before(),
    }
}
