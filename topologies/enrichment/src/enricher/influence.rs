//! The enrichers `influence` and `influence-service`.

mod person;
mod score;
mod service;
mod table;

pub use score::Score;
pub use service::InfluenceService;

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use squall_topology::settings::{Size, duration};

use self::table::{Table, Watched};
use super::{Answering, Asked, Calls, Declared, Enricher, Missing, Outcome, Web};
use crate::Activity;

/// Tells how much the author of an activity is listened to: a [`Score`], from a table.
///
/// The table is a file with a line of JSON a person, `{"key":"did:plc:…","followers":1200,"following":300,"posts":80,
/// "engagements":4100}`; numbers that are left out are 0, `"score"` takes the place of what would be computed, and other members
/// are passed over. `engagements` are the likes, reposts and replies to these `posts`. It is read again when it changes: put
/// a new one in its place with a rename. One that cannot be read changes nothing and is said in the log.
///
/// ```toml
/// [enrichment.enricher.influence]
/// type = "influence"
/// table = "people.ndjson"
/// size = "1GiB"           # a longer file is refused
/// reload = "10s"          # how often it is looked at
/// ```
///
/// The answer is `{"score":63.4}`; the reason of an author who is not in the table is `unknown_author`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Tells how much the author of an activity is listened to, from a table.")]
pub struct Influence {
    /// The file: a line of JSON a person.
    table: PathBuf,
    /// The longest file that is read; 1 GiB.
    #[serde(default = "gibibyte")]
    size: Size,
    /// How often it is looked at whether the file has changed; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default = "ten_seconds", with = "duration")]
    reload: Duration,
    /// How it is asked.
    #[serde(default)]
    calls: Calls,
    #[serde(skip)]
    #[schemars(skip)]
    open: Watched,
}

#[typetag::deserialize(name = "influence")]
impl Enricher for Influence {
    fn declared(&self) -> Declared {
        self.calls.over(Declared { cost: Duration::from_micros(1), ..Declared::default() })
    }

    fn open(&self) -> Result<(), String> {
        self.open.set(Table::read(&self.table, self.size)?);
        Ok(())
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_author().map(Asked::Author)
    }

    fn answer<'a>(&'a self, asked: &'a Asked, _: &'a Web) -> Answering<'a> {
        let Asked::Author(author) = asked else { return Answering::refused(asked) };
        let score = self.open.get(&self.table, self.size, self.reload).map(|table| table.score(author));
        match score {
            Ok(Some(score)) => Answering::now(Ok(Outcome::Found(score.json()))),
            Ok(None) => Answering::missing(Missing::UNKNOWN_AUTHOR),
            Err(why) => Answering::now(Err(squall::Error::retryable(why))),
        }
    }
}

fn gibibyte() -> Size {
    Size(1024 * 1024 * 1024)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

#[cfg(test)]
mod tests;
