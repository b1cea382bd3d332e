//! What is behind a source of Kafka.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use squall_connect::kafka::{KafkaSource, Lag};
use squall_ops::{Aging, Retention};

use super::{Backlog, Behind, Log};

/// What is behind a [`KafkaSource`]: of the partitions that this process has.
pub struct BehindKafka {
    source: KafkaSource,
    arrived: Mutex<Arrived>,
}

impl BehindKafka {
    /// What is behind this source.
    pub fn new(source: KafkaSource) -> Self {
        Self { source, arrived: Mutex::default() }
    }
}

impl Behind for BehindKafka {
    fn backlog(&self) -> Backlog {
        let lags = self.source.lags();
        let tally = self.source.tally();
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        Backlog {
            arrived: Some(arrived.look(&lags)),
            done: tally.done(),
            lost: tally.lost(),
            ..lags.iter().fold(Backlog::default(), |all, lag| all.and(of(lag)))
        }
    }
}

fn of(lag: &Lag) -> Backlog {
    let offset = |offset: i64| u64::try_from(offset).unwrap_or(0);
    let log = Log {
        name: format!("partition {}", lag.partition),
        retention: Retention {
            position: offset(lag.next),
            oldest: offset(lag.oldest),
            aging: lag.kept.zip(lag.age).map(|(kept, age)| Aging {
                left: kept.as_secs_f64() - age.as_secs_f64(),
                waiting: lag.records,
            }),
        },
        stopped: lag.stopped.as_ref().map(ToString::to_string),
    };
    Backlog { records: lag.records, age: lag.age, logs: vec![log], ..Backlog::default() }
}

/// Records that were written while their partition was here.
///
/// A partition that comes brings its backlog with it: that did not arrive now.
#[derive(Debug, Default)]
struct Arrived {
    ends: BTreeMap<i32, i64>,
    records: u64,
}

impl Arrived {
    fn look(&mut self, lags: &[Lag]) -> u64 {
        let mut ends = BTreeMap::new();
        for lag in lags {
            let before = self.ends.get(&lag.partition).copied().unwrap_or(lag.end);
            self.records += u64::try_from(lag.end - before).unwrap_or(0);
            // An end that was asked for may be told after a later one that came with a fetch.
            ends.insert(lag.partition, lag.end.max(before));
        }
        self.ends = ends;
        self.records
    }
}

impl fmt::Debug for BehindKafka {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BehindKafka").field(&self.backlog()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lag(partition: i32, lowest: i64, end: i64) -> Lag {
        Lag {
            partition,
            oldest: 0,
            end,
            next: lowest,
            lowest,
            committed: None,
            records: u64::try_from(end - lowest).unwrap(),
            age: Some(Duration::from_secs(1)),
            kept: None,
            under_way: 0,
            prefetched: 0,
            paused: false,
            draining: false,
            stopped: None,
        }
    }

    #[test]
    fn what_a_partition_brings_with_it_did_not_arrive_now() {
        let mut arrived = Arrived::default();

        assert_eq!(arrived.look(&[lag(0, 0, 100)]), 0);
        assert_eq!(arrived.look(&[lag(0, 10, 130), lag(1, 0, 5_000)]), 30);
        assert_eq!(arrived.look(&[lag(0, 10, 120), lag(1, 0, 5_000)]), 30, "what is told late counts once");
        assert_eq!(arrived.look(&[lag(0, 10, 130), lag(1, 0, 5_000)]), 30);
        assert_eq!(arrived.look(&[lag(1, 0, 5_007)]), 37, "the other one has gone");
        assert_eq!(arrived.look(&[lag(0, 900, 1_000), lag(1, 0, 5_007)]), 37, "and has come back");
    }

    #[test]
    fn a_partition_is_a_log_that_forgets() {
        let backlog = of(&Lag { oldest: 40, ..lag(3, 100, 900) });

        assert_eq!((backlog.records, backlog.age), (800, Some(Duration::from_secs(1))));
        assert_eq!(backlog.logs[0].name, "partition 3");
        assert_eq!(backlog.logs[0].retention, Retention { position: 100, oldest: 40, aging: None });
    }

    #[test]
    fn what_is_older_than_the_topic_keeps_it_may_go_at_any_moment() {
        let aging = |kept, age| of(&Lag { kept, age, ..lag(3, 100, 900) }).logs[0].retention.aging;
        let seconds = |seconds| Some(Duration::from_secs(seconds));

        assert_eq!(aging(seconds(60), seconds(20)), Some(Aging { left: 40.0, waiting: 800 }));
        assert_eq!(aging(seconds(60), seconds(75)), Some(Aging { left: -15.0, waiting: 800 }));
        assert_eq!(aging(seconds(60), None), None, "nothing is under way");
        assert_eq!(aging(None, seconds(20)), None);
    }
}
