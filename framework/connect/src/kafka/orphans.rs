//! [`Orphans`]: when a member joins its group anew, for the sake of partitions that nobody reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long the part of a member's id is that the broker adds to its name: a dash and a UUID.
const ADDED: usize = 1 + 36;

/// The most often that the patience is doubled.
const DOUBLED: u32 = 6;

/// What a group has assigned, while it moves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// How many partitions the topic has.
    pub(super) partitions: i32,
    /// Those of each member, by its id.
    pub(super) members: BTreeMap<String, BTreeSet<i32>>,
}

impl View {
    /// What was assigned to nobody.
    fn orphans(&self) -> Vec<i32> {
        let assigned: BTreeSet<i32> = self.members.values().flatten().copied().collect();
        (0..self.partitions).filter(|partition| !assigned.contains(partition)).collect()
    }

    /// How many members have less to lose than the one of this name.
    fn rank(&self, name: &str) -> Option<u32> {
        let (me, mine) = self.members.iter().find(|(id, _)| is_of(id, name))?;
        let before = self.members.iter().filter(|(id, has)| (has.len(), *id) < (mine.len(), me));
        u32::try_from(before.count()).ok()
    }
}

/// Whether a member has this name, which is what the broker calls its instance.
pub(super) fn is_of(id: &str, name: &str) -> bool {
    id.len() == name.len() + ADDED && id.starts_with(name) && id.as_bytes().get(name.len()) == Some(&b'-')
}

/// Partitions that a member is to bring back to the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) partitions: Vec<i32>,
    /// For how long this was seen.
    pub(super) since: Duration,
}

/// Sees when partitions belong to nobody, and decides when the member of this name joins anew, so that the group assigns
/// all of them again.
///
/// Partitions on their way from one member to another belong to nobody for a while, too, and the group is at rest
/// meanwhile: what they wait for takes less than a session's timeout. What stands longer, somebody has to change: first
/// whoever loses the least by it, and the next one if he does not. If it does not help, it is done ever more seldom.
#[derive(Debug)]
pub(super) struct Orphans {
    name: String,
    patience: Duration,
    /// What stands, and since when.
    standing: Option<(View, Instant)>,
    /// How often it has joined anew since all had somebody.
    tries: u32,
}

impl Orphans {
    pub(super) fn new(name: String, session_timeout: Duration) -> Self {
        Self { name, patience: session_timeout, standing: None, tries: 0 }
    }

    /// The member's name, with which its id begins.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes in how the group stands now, if it is at rest; tells when the member is to join anew.
    pub(super) fn look(&mut self, view: Option<View>, now: Instant) -> Option<Unread> {
        let before = self.standing.take();
        let view = view?;
        let rank = view.rank(&self.name)?;
        let partitions = view.orphans();
        if partitions.is_empty() {
            self.tries = 0;
            return None;
        }
        let begin = before.filter(|(before, _)| *before == view).map_or(now, |(_, begin)| begin);
        let since = now.saturating_duration_since(begin);
        if since < self.patience_of(rank) {
            self.standing = Some((view, begin));
            return None;
        }
        self.tries = self.tries.saturating_add(1);
        Some(Unread { partitions, since })
    }

    fn patience_of(&self, rank: u32) -> Duration {
        self.patience.saturating_mul(rank.saturating_add(1)).saturating_mul(1 << self.tries.min(DOUBLED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

    /// As a broker makes them.
    fn id(name: &str) -> String {
        format!("{name}-0123abcd-0000-4000-8000-0123456789ab")
    }

    fn view(partitions: i32, members: &[(&str, &[i32])]) -> Option<View> {
        let members = members.iter().map(|(name, has)| (id(name), has.iter().copied().collect())).collect();
        Some(View { partitions, members })
    }

    fn orphans(name: &str) -> Orphans {
        Orphans::new(name.to_owned(), PATIENCE)
    }

    /// After how many seconds the member joins anew, if this stands and is seen each second.
    fn joins_after(orphans: &mut Orphans, view: &Option<View>) -> Option<u64> {
        let begin = Instant::now();
        (0..10_000)
            .find(|second| orphans.look(view.clone(), begin + SECOND * *second).is_some())
            .map(u64::from)
    }

    #[test]
    fn what_nobody_reads_is_brought_back_after_a_session_and_not_before() {
        let stands = view(4, &[("a-0", &[0, 1]), ("b-0", &[])]);
        let (mut orphans, begin) = (orphans("b-0"), Instant::now());

        assert_eq!(orphans.look(stands.clone(), begin), None);
        assert_eq!(orphans.look(stands.clone(), begin + PATIENCE - SECOND), None);
        let unread = Unread { partitions: vec![2, 3], since: PATIENCE };
        assert_eq!(orphans.look(stands, begin + PATIENCE), Some(unread));
    }

    #[test]
    fn what_was_seen_once_only_is_no_reason_however_late_it_is() {
        let stands = view(1, &[("a-0", &[])]);

        assert_eq!(orphans("a-0").look(stands, Instant::now() + PATIENCE * 1_000), None);
    }

    #[test]
    fn whoever_has_the_least_goes_first_and_of_those_the_first_by_name() {
        let stands = view(9, &[("a-0", &[0, 1, 2]), ("b-0", &[3]), ("c-0", &[4, 5]), ("d-0", &[6])]);

        let after = |name| joins_after(&mut orphans(name), &stands);
        assert_eq!(["b-0", "d-0", "c-0", "a-0"].map(after), [Some(30), Some(60), Some(90), Some(120)]);
    }

    #[test]
    fn a_change_starts_the_patience_anew() {
        let one = view(4, &[("a-0", &[0, 1]), ("b-0", &[])]);
        let changed = [
            view(4, &[("a-0", &[0, 2]), ("b-0", &[])]),
            view(4, &[("a-0", &[0, 1]), ("b-0", &[]), ("c-0", &[])]),
            view(4, &[("c-0", &[0, 1]), ("b-0", &[])]),
            view(5, &[("a-0", &[0, 1]), ("b-0", &[])]),
            view(4, &[("a-0", &[0, 1]), ("b-0", &[2, 3])]),
            // It is moving.
            None,
        ];
        for other in changed {
            let (mut orphans, begin) = (orphans("b-0"), Instant::now());
            assert_eq!(orphans.look(one.clone(), begin), None);
            assert_eq!(orphans.look(other, begin + PATIENCE - SECOND), None);
            assert_eq!(orphans.look(one.clone(), begin + PATIENCE), None);
            assert_eq!(orphans.look(one.clone(), begin + PATIENCE * 2 - SECOND), None);
            assert!(orphans.look(one.clone(), begin + PATIENCE * 2).is_some());
        }
    }

    #[test]
    fn nobody_acts_while_all_have_somebody() {
        let stands = view(4, &[("a-0", &[0, 1, 2, 3]), ("b-0", &[])]);

        assert_eq!(joins_after(&mut orphans("b-0"), &stands), None);
        assert_eq!(joins_after(&mut orphans("a-0"), &view(0, &[("a-0", &[])])), None);
    }

    #[test]
    fn whoever_is_not_in_the_group_does_not_act() {
        let stands = view(4, &[("a-0", &[0, 1]), ("b-0", &[])]);

        assert_eq!(joins_after(&mut orphans("c-0"), &stands), None);
        assert_eq!(joins_after(&mut orphans("b"), &stands), None);
    }

    #[test]
    fn a_name_that_another_one_begins_with_is_not_his() {
        assert!(is_of(&id("worker-1"), "worker-1"));
        assert!(!is_of(&id("worker-1-1"), "worker-1"));
        assert!(!is_of(&id("worker-1"), "worker-1-1"));
        assert!(!is_of(&id("worker-11"), "worker-1"));
        assert!(!is_of("worker-1", "worker-1"));
    }

    #[test]
    fn what_does_not_help_is_done_ever_more_seldom_until_it_helps() {
        let stands = view(4, &[("a-0", &[0, 1]), ("b-0", &[])]);
        let mut orphans = orphans("b-0");
        let mut after = || joins_after(&mut orphans, &stands).unwrap();

        let times: Vec<_> = (0..9).map(|_| after()).collect();
        assert_eq!(times, [30, 60, 120, 240, 480, 960, 1920, 1920, 1920]);
        let healed = view(4, &[("a-0", &[0, 1]), ("b-0", &[2, 3])]);
        assert_eq!(orphans.look(healed, Instant::now()), None);
        assert_eq!(joins_after(&mut orphans, &stands), Some(30));
    }
}
