//! An enricher that takes its time.

use std::time::Duration;

use squall_enrichment::{Activity, Answering, Asked, Declared, Enricher, Json, Outcome, Web};

/// How long the enricher takes in the case `parked`: two cores can park 100,000 in that time and let as many go.
pub(super) const TIME: Duration = Duration::from_secs(4);

/// Answers after some time, to everybody.
#[derive(Debug)]
pub(super) struct Wait(pub(super) Duration);

impl Enricher for Wait {
    fn declared(&self) -> Declared {
        Declared { concurrency: 100_000, timeout: 10 * self.0, ..Declared::default() }
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        Some(Asked::Author(activity.shared_author().unwrap_or_default()))
    }

    fn answer<'a>(&'a self, _: &'a Asked, _: &'a Web) -> Answering<'a> {
        Answering::later(async move {
            tokio::time::sleep(self.0).await;
            Ok(Outcome::Found(Json::of(&true)?))
        })
    }

    // It is in no configuration, so the attribute that would name it there is not.
    fn typetag_deserialize(&self) {}
}
