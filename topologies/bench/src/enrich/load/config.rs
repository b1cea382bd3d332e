//! The configuration of a worker.

use std::{path::Path, time::Duration};

use super::topics::{LARGEST, Topics};
use crate::enrich::enrichers;

/// Messages of a partition that a worker holds at most, from the first that is not done on.
const HELD: usize = 2_000;

/// How often it commits.
const COMMITS: Duration = Duration::from_millis(500);

/// After which silence a member counts as dead: one that is killed while it joins is waited for so long.
const SESSION: &str = "10s";

/// Less than half of that.
const DRAIN: &str = "4s";

/// Of a worker that takes `capacity` activities a second, if that is limited. One with an `instance` keeps its partitions when it is
/// started again; one without gives them back when it leaves.
pub(super) fn worker(
    topics: &Topics,
    people: &Path,
    capacity: Option<u32>,
    instance: Option<&str>,
) -> String {
    let Topics { brokers, input, output, dead, group, .. } = topics;
    let instance = instance.map(|instance| format!("instance = '{instance}'\n")).unwrap_or_default();
    let capacity = capacity.map(|capacity| format!("capacity = {capacity}\n")).unwrap_or_default();
    let commits = COMMITS.as_millis();
    let enrichers = enrichers::settings("enrichment.", people);
    format!(
        "[admin]
listen = '127.0.0.1:0'

[enrichment]
{capacity}
[enrichment.source]
type = 'kafka'
brokers = '{brokers}'
topic = '{input}'
group = '{group}'
{instance}max_messages = {HELD}
commit_interval = '{commits}ms'
session_timeout = '{SESSION}'
drain_timeout = '{DRAIN}'

[enrichment.sink]
type = 'kafka'
brokers = '{brokers}'
topic = '{output}'
options = {{ 'message.max.bytes' = '{LARGEST}' }}

[enrichment.dead_letters]
type = 'kafka'
brokers = '{brokers}'
topic = '{dead}'
options = {{ 'message.max.bytes' = '{LARGEST}' }}

{enrichers}"
    )
}
