//! [`Tested`]: what a bound would have raised, for programs.

use serde::Serialize;

use crate::instant::Moment;
use crate::threshold::Backtest;

/// What a bound would have raised.
#[derive(Serialize)]
pub(super) struct Tested {
    /// Minutes that were measured.
    minutes: usize,
    /// The share of them in which it would have stood raised.
    share: f64,
    /// The oldest first.
    raised: Vec<Raised>,
}

#[derive(Serialize)]
struct Raised {
    since: Moment,
    minutes: usize,
    worst: f64,
}

impl Tested {
    pub(super) fn new(test: &Backtest) -> Self {
        let raised = test.raises.iter().map(|raise| Raised {
            since: Moment(raise.at()),
            minutes: raise.minutes,
            worst: raise.worst,
        });
        Self { minutes: test.minutes, share: test.share(), raised: raised.collect() }
    }
}
