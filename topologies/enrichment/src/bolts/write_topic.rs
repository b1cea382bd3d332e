//! Activities are written to a topic.

use std::sync::Arc;

use squall::ConcurrentBolt;
use squall::prelude::*;

use crate::{Activity, Ids, Tally, TopicOutput};

/// Writes activities to a topic, many at once: each is done when all replicas have it.
#[derive(Debug)]
pub struct WriteTopic {
    output: TopicOutput,
    ids: Ids,
    tally: Arc<Tally>,
}

impl WriteTopic {
    /// Writes to `output`, with `ids` as keys.
    pub fn new(output: TopicOutput, ids: Ids, tally: Arc<Tally>) -> Self {
        Self { output, ids, tally }
    }
}

impl ConcurrentBolt for WriteTopic {
    type In = Activity;
    type Out = ();

    async fn execute(&self, activity: Activity, _: &mut Output<()>) -> Result<()> {
        self.output.write(&activity, &self.ids).await?;
        self.tally.wrote(&activity);
        Ok(())
    }
}
