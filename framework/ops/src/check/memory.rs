//! `memory`: the share of what the process may have that it has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Bound, Check, Probe, Reading, View};
use crate::metrics::Proc;
use crate::show::Bytes;

pub(super) fn check() -> Check {
    Check::new("memory", Bound::Above(0.9), Memory::new("/".into()))
        .unit("ratio")
        .lasting(Duration::from_secs(30))
        .what_to_do(
            "give the process more memory, or lower `inbox` and `max_pending`; beyond the limit it is killed",
        )
        .runbook("#memory")
        .pages()
}

/// Looks at the memory of the process, and at its limit.
struct Memory {
    /// Where `/proc` and `/sys` are.
    root: PathBuf,
}

impl Memory {
    fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The least of what the machine has and what the control groups of the process allow, in bytes.
    fn limit(&self) -> Option<f64> {
        let info = fs::read_to_string(self.root.join("proc/meminfo")).unwrap_or_default();
        let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let total = total.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        let total = total.map(|kibibytes| kibibytes * 1024.0);
        total.into_iter().chain(self.of_groups()).reduce(f64::min)
    }

    /// The limits of the group and of all around it; those of the first version of control groups too.
    fn of_groups(&self) -> Vec<f64> {
        let mounted = self.root.join("sys/fs/cgroup");
        let groups = fs::read_to_string(self.root.join("proc/self/cgroup")).unwrap_or_default();
        let mut limits = Vec::new();
        for line in groups.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(kind), Some(path)) = (parts.next(), parts.next()) else { continue };
            let (top, file) = match kind {
                "" => (mounted.clone(), "memory.max"),
                kind if kind.split(',').any(|kind| kind == "memory") => {
                    (mounted.join("memory"), "memory.limit_in_bytes")
                }
                _ => continue,
            };
            let own = top.join(path.trim_start_matches('/'));
            let around = own.ancestors().take_while(|group| group.starts_with(&top));
            limits.extend(around.filter_map(|group| number(&group.join(file))));
        }
        limits
    }
}

/// The number in a file; `max`, and what is as good as that, is none.
fn number(file: &Path) -> Option<f64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

impl Probe for Memory {
    fn probe(&mut self, _: View<'_>) -> Vec<Reading> {
        let used = Proc::read().kibibytes("VmRSS:");
        let (Some(used), Some(limit)) = (used, self.limit().filter(|limit| *limit > 0.0)) else {
            return Vec::new();
        };
        let share = used / limit;
        let sentence = format!(
            "the process has {} of memory, {:.0} % of the {} that it may have",
            Bytes(used),
            share * 100.0,
            Bytes(limit),
        );
        vec![Reading::new(share).sentence(sentence)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::History;
    use crate::seen::Seen;

    /// A machine with these files.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Memory) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let memory = Memory::new(root.path().to_owned());
        (root, memory)
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:        1024 kB\nMemFree:  1 kB\n");

    #[test]
    fn without_groups_the_machine_is_the_limit() {
        assert_eq!(machine(&[MEMINFO]).1.limit(), Some(1_048_576.0));
        assert_eq!(machine(&[]).1.limit(), None);
    }

    #[test]
    fn the_tightest_group_around_the_process_counts() {
        let group = ("proc/self/cgroup", "0::/a/b\n");
        let (own, around) = ("sys/fs/cgroup/a/b/memory.max", "sys/fs/cgroup/a/memory.max");

        let limit = |files: &[(&str, &str)]| machine(files).1.limit();
        assert_eq!(limit(&[MEMINFO, group, (own, "max\n"), (around, "5000\n")]), Some(5_000.0));
        assert_eq!(limit(&[MEMINFO, group, (own, "400\n"), (around, "5000\n")]), Some(400.0));
        assert_eq!(limit(&[MEMINFO, group, (own, "max\n")]), Some(1_048_576.0));
    }

    #[test]
    fn the_first_version_of_groups_is_read_too() {
        let groups = ("proc/self/cgroup", "3:cpu:/x\n2:hugetlb,memory:/c\n");
        let limit = ("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "700\n");

        assert_eq!(machine(&[MEMINFO, groups, limit]).1.limit(), Some(700.0));
        // Without a limit it says a number that no machine has.
        let limit = ("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(machine(&[MEMINFO, groups, limit]).1.limit(), Some(1_048_576.0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_that_has_more_than_it_should_is_found() {
        let (seen, history) = (Seen::nothing(), History::default());
        let share = |kibibytes: &str| {
            let (_root, mut memory) = machine(&[("proc/meminfo", &format!("MemTotal: {kibibytes} kB\n"))]);
            memory.probe(View { seen: &seen, history: &history }).remove(0)
        };

        // A mebibyte is less than this process has, a tebibyte more.
        let (little, much) = (share("1024"), share("1073741824"));

        assert!(check().bound().is_broken_by(little.value), "{}", little.value);
        assert!(!check().bound().is_broken_by(much.value), "{}", much.value);
        assert!(little.sentence.unwrap().ends_with("% of the 1.0 MiB that it may have"));
    }
}
