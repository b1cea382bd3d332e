//! [`Watch`]: what a member does about partitions of its group that nobody reads.

use std::time::{Duration, Instant};

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaResult,
};
use tracing::{debug, error, info, warn};

use super::{
    group::Group,
    member::Member,
    orphans::{Orphans, Unread},
    source_settings::SourceSettings,
};

/// At least so long is between questions.
const LEAST: Duration = Duration::from_secs(1);

/// So much longer than a question took it is until the next one.
const SHARE: u32 = 10;

/// The pause before it is asked again whether the group has let the member go.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks whether all partitions are read by somebody, and has the member join its group anew if they are not.
///
/// Members that are known by a name need it. One that dies while partitions move and comes back under its name is given
/// what it had, and the group sees no reason to go on: what was to go from one to another belongs to nobody from then on.
/// Where nobody has a name a death is reason enough.
pub(super) struct Watch {
    group: Group,
    orphans: Orphans,
    session_timeout: Duration,
    does: Does,
}

#[derive(Clone, Copy)]
enum Does {
    /// It looks at the group, at this time for the next time.
    Look(Instant),
    /// It leaves the group since then, and looks at this time whether it has.
    Leave { since: Instant, look: Instant },
}

impl Watch {
    /// That of a task's member, if it has a name.
    pub(super) fn of(settings: &SourceSettings, task: usize) -> KafkaResult<Option<Self>> {
        let Some(name) = settings.name(task) else { return Ok(None) };
        let session_timeout = settings.session_timeout;
        Ok(Some(Self {
            group: Group::of(settings)?,
            orphans: Orphans::new(name, session_timeout),
            session_timeout,
            does: Does::Look(Instant::now() + interval(session_timeout)),
        }))
    }

    /// Does what is due, on the thread that polls.
    pub(super) fn serve(&mut self, client: &BaseConsumer<Member>) {
        let now = Instant::now();
        match self.does {
            Does::Look(at) if at <= now => self.look(client, now),
            Does::Leave { since, look } if look <= now => self.leave(client, since, now),
            Does::Look(_) | Does::Leave { .. } => {}
        }
    }

    fn look(&mut self, client: &BaseConsumer<Member>, begin: Instant) {
        let settings = &client.context().settings;
        let unread = match self.group.view() {
            Ok(view) => self.orphans.look(view, Instant::now()),
            Err(error) => {
                debug!(topic = settings.topic, %error, "cannot ask what the group has assigned; asking later");
                None
            }
        };
        self.does = if let Some(Unread { partitions, since }) = unread {
            warn!(
                topic = settings.topic,
                ?partitions,
                ?since,
                "partitions belong to no member: this one leaves its group and joins it anew, so that all are assigned"
            );
            // What is here is given back in the poll that follows, and only then the library leaves the group. If it knew
            // by then what it is to subscribe to next it would not leave at all.
            client.unsubscribe();
            Does::Leave { since: Instant::now(), look: Instant::now() }
        } else {
            let pause = interval(self.session_timeout).max(begin.elapsed() * SHARE);
            Does::Look(Instant::now() + pause)
        };
    }

    /// Joins anew when the group has let the member go.
    fn leave(&mut self, client: &BaseConsumer<Member>, since: Instant, now: Instant) {
        let Member { settings, tally, .. } = &**client.context();
        // Where nobody answers, the group has put it out for its silence by then.
        let is_out = now.saturating_duration_since(since) > self.session_timeout
            || matches!(self.group.has(self.orphans.name()), Ok(false));
        if is_out {
            match client.subscribe(&[&settings.topic]) {
                Ok(()) => {
                    tally.add_rejoined();
                    info!(topic = settings.topic, "joins the group anew");
                    self.does = Does::Look(Instant::now() + interval(self.session_timeout));
                    return;
                }
                Err(error) => {
                    error!(topic = settings.topic, %error, "cannot join the group anew; trying again")
                }
            }
        }
        self.does = Does::Leave { since, look: Instant::now() + PAUSE.max(now.elapsed()) };
    }
}

/// How often the group is looked at: some times before a session is over.
fn interval(session_timeout: Duration) -> Duration {
    (session_timeout / 3).max(LEAST)
}
