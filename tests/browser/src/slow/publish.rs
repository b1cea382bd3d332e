//! [`Publish`]: slow on purpose.

use std::time::Duration;

use squall::{Bolt, Emit, Error, Output, Result};
use tokio::time::sleep;

use super::Notice;

/// How long it waits for an answer: the timer rounds it up by a millisecond.
const ANSWER: Duration = Duration::from_millis(4);

/// Every so many notices, the first attempt is refused.
const BUSY: u64 = 800;

/// Waits for each notice until somebody has taken it.
pub(crate) struct Publish;

impl Bolt for Publish {
    type In = Notice;
    type Out = Emit<Notice>;

    async fn execute(&mut self, notice: Notice, out: &mut Output<Emit<Notice>>) -> Result<()> {
        sleep(ANSWER).await;
        if notice.number % BUSY == BUSY - 1 && out.delivery().attempt == 1 {
            return Err(Error::retryable("the receiver is busy: 503"));
        }
        out.emit(notice);
        Ok(())
    }
}
