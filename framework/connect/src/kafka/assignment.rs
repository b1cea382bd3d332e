//! Which partitions a member has, as the broker keeps it: in the bytes that the members agree on.

/// The partitions of a topic in a member's assignment; `None` if this is none.
///
/// It begins with a version; then each topic comes with its partitions. What newer versions add comes after that.
pub(super) fn partitions_of(topic: &str, assignment: &[u8]) -> Option<Vec<i32>> {
    // Whoever was given nothing may have no bytes at all.
    if assignment.is_empty() {
        return Some(Vec::new());
    }
    let mut bytes = Bytes(assignment);
    if bytes.i16()? < 0 {
        return None;
    }
    let mut partitions = Vec::new();
    for _ in 0..bytes.count()? {
        let is_it = bytes.text()? == topic.as_bytes();
        for _ in 0..bytes.count()? {
            let partition = bytes.i32().filter(|partition| *partition >= 0)?;
            if is_it {
                partitions.push(partition);
            }
        }
    }
    Some(partitions)
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }

    /// How many elements follow: never more than could be there.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.i32()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.i16()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn assignment(topics: &[(&str, &[i32])]) -> Vec<u8> {
        let count = |count: usize| i32::try_from(count).unwrap().to_be_bytes();
        let mut bytes = 1_i16.to_be_bytes().to_vec();
        bytes.extend(count(topics.len()));
        for (topic, partitions) in topics {
            bytes.extend(i16::try_from(topic.len()).unwrap().to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes.extend(count(partitions.len()));
            partitions.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
        }
        // No user data.
        bytes.extend((-1_i32).to_be_bytes());
        bytes
    }

    #[test]
    fn the_partitions_of_the_topic_are_found_among_those_of_others() {
        let bytes = assignment(&[("letters", &[7]), ("numbers", &[0, 3]), ("signs", &[1, 2])]);

        assert_eq!(partitions_of("numbers", &bytes), Some(vec![0, 3]));
        assert_eq!(partitions_of("letters", &bytes), Some(vec![7]));
        assert_eq!(partitions_of("others", &bytes), Some(vec![]));
        assert_eq!(partitions_of("numbers", &assignment(&[])), Some(vec![]));
        assert_eq!(partitions_of("numbers", &[]), Some(vec![]));
    }

    #[test]
    fn what_ends_too_early_is_none() {
        let bytes = assignment(&[("letters", &[7]), ("numbers", &[0, 3])]);

        // Without the length of the user data, it is whole.
        for end in 1..bytes.len() - 4 {
            assert_eq!(partitions_of("numbers", &bytes[..end]), None, "{end} bytes");
        }
        assert_eq!(partitions_of("numbers", &bytes[..bytes.len() - 4]), Some(vec![0, 3]));
    }

    #[test]
    fn counts_beyond_the_bytes_and_numbers_below_zero_are_none() {
        let with = |place: usize, number: i32| {
            let mut bytes = assignment(&[("numbers", &[0, 3])]);
            bytes[place..place + 4].copy_from_slice(&number.to_be_bytes());
            partitions_of("numbers", &bytes)
        };

        let (topics, partitions) = (2, 2 + 4 + 2 + "numbers".len());
        for place in [topics, partitions] {
            assert_eq!(with(place, i32::MAX), None);
            assert_eq!(with(place, -1), None);
        }
        assert_eq!(with(partitions + 4, -1), None, "the number of a partition");
        assert_eq!(with(partitions + 4, 1), Some(vec![1, 3]));
    }

    #[test]
    fn random_bytes_are_an_assignment_or_none() {
        let seed = env::var("SQUALL_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        println!("again with SQUALL_SEED={seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..20_000 {
            let mut bytes = assignment(&[("letters", &[7]), ("numbers", &[0, 3])]);
            for _ in 0..rng.usize(1..8) {
                let place = rng.usize(..bytes.len());
                bytes[place] = rng.u8(..);
            }
            bytes.truncate(rng.usize(..=bytes.len()));
            let most = bytes.len() / 4;
            let found = partitions_of("numbers", &bytes);
            assert!(found.is_none_or(|found| found.len() <= most && found.iter().all(|one| *one >= 0)));
        }
    }
}
