use std::task::Poll;

use super::{Convert, HashOf, Route, Sending, Target, poll_targets, task_of};
use crate::{Tuple, batch::Batch, inbox::Sender, probe::Probe};

/// `partial_key`: two tasks may get the tuples of a key; each tuple goes to the one that this route has sent
/// less to. Even a key with half of all tuples then burdens no single task.
pub(crate) struct PartialKey<T, In> {
    targets: Vec<Target<In>>,
    /// Tuples given to each target.
    given: Vec<u64>,
    key: HashOf<T>,
    convert: Convert<T, In>,
}

impl<T, In> PartialKey<T, In> {
    pub(crate) fn new(senders: Vec<Sender<In>>, key: HashOf<T>, convert: Convert<T, In>) -> Self {
        let given = vec![0; senders.len()];
        Self { targets: senders.into_iter().map(Target::new).collect(), given, key, convert }
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for PartialKey<T, In> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        let (key, convert) = (&self.key, self.convert);
        let (targets, given) = (&mut self.targets, &mut self.given);
        batch.each(probe, "the key of a grouping", |value, run| {
            let (first, second) = candidates(key(&value), targets.len());
            let given_to = |task: usize| given.get(task).copied().unwrap_or(u64::MAX);
            let at = if given_to(second) < given_to(first) { second } else { first };
            if let (Some(input), Some(target)) = (convert.one(value), targets.get_mut(at)) {
                target.filling.push_claim(input, run);
                if let Some(count) = given.get_mut(at) {
                    *count += 1;
                }
            }
        });
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        poll_targets(&mut self.targets, cx)
    }
}

/// The two tasks of a key, different wherever there are two tasks. The first is the one that `fields`
/// chooses. The halves of a good hash are as good as two hashes.
fn candidates(hash: u64, tasks: usize) -> (usize, usize) {
    let first = task_of(hash, tasks);
    let Some(others) = tasks.checked_sub(1).filter(|others| *others > 0) else { return (first, first) };
    let second = first + 1 + task_of(hash.rotate_left(32), others);
    (first, if second < tasks { second } else { second - tasks })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::route::hash_key;

    #[test]
    fn the_two_tasks_of_a_key_differ_and_every_pair_occurs() {
        for tasks in 2..=9 {
            let pairs = (0..10_000_u32).map(|key| candidates(hash_key(&key), tasks));
            let pairs = pairs.collect::<std::collections::BTreeSet<_>>();
            assert!(pairs.iter().all(|(a, b)| a != b && *a < tasks && *b < tasks));
            assert_eq!(pairs.len(), tasks * (tasks - 1));
        }
        assert_eq!(candidates(hash_key("alone"), 1), (0, 0));
    }
}
