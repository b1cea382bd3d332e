//! `disk`, `disk-bytes`: room on the file system of a folder, as a share and in bytes.
//!
//! The share warns in time, whatever the size; the bytes are what is needed to go on at all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::statvfs;

use super::{Bound, Check, Probe, Reading, View};
use crate::show::Bytes;

/// Less than this share of the room is little.
const SHARE: f64 = 0.05;

/// With less than this, in bytes, the next burst of data may not fit.
const BYTES: f64 = 512.0 * 1024.0 * 1024.0;

/// How long there must be too little: what is written and deleted again is no news.
const LASTING: Duration = Duration::from_secs(60);

/// The room for a folder; without one nothing is measured.
pub(super) fn checks(folder: Option<&Path>) -> [Check; 2] {
    let folder = folder.map(Path::to_owned);
    let what = "delete what is not needed, or give the file system more room";
    [
        Check::new("disk", Bound::Below(SHARE), Disk { folder: folder.clone(), value: Room::share })
            .unit("ratio")
            .lasting(LASTING)
            .what_to_do(what)
            .runbook("#disk"),
        Check::new("disk-bytes", Bound::Below(BYTES), Disk { folder, value: |room| room.free })
            .unit("bytes")
            .lasting(LASTING)
            .what_to_do(what)
            .runbook("#disk")
            .pages(),
    ]
}

/// The share of the room for a folder that is free, as a check that the configuration adds.
pub(super) fn added(name: String, folder: PathBuf, bound: Bound) -> Check {
    let disk = Disk { folder: Some(folder), value: Room::share };
    Check::new(name, bound, disk).unit("ratio").lasting(LASTING).runbook("#disk")
}

/// Looks at the file system of a folder.
struct Disk {
    folder: Option<PathBuf>,
    value: fn(&Room) -> f64,
}

/// Room on a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Room {
    /// What a process without privileges may still write.
    free: f64,
    /// What such processes may have in all.
    all: f64,
}

impl Room {
    /// Of the file system on which the folder lies, or will lie once it is made.
    fn of(folder: &Path) -> Option<Self> {
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let of = statvfs(there).ok()?;
        let bytes = |blocks: u64| blocks as f64 * of.f_frsize as f64;
        // What is kept back for root is neither free nor part of the whole.
        let (free, used) = (bytes(of.f_bavail), bytes(of.f_blocks.saturating_sub(of.f_bfree)));
        Some(Self { free, all: free + used })
    }

    fn share(&self) -> f64 {
        // A file system without a size, such as one that is mounted from elsewhere, is never full.
        if self.all > 0.0 { self.free / self.all } else { 1.0 }
    }
}

impl Probe for Disk {
    fn probe(&mut self, _: View<'_>) -> Vec<Reading> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let Some(room) = Room::of(folder) else { return Vec::new() };
        let sentence = format!(
            "{} are left where `{}` lies, {:.1} % of {}",
            Bytes(room.free),
            folder.display(),
            room.share() * 100.0,
            Bytes(room.all),
        );
        vec![Reading::new((self.value)(&room)).sentence(sentence)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::History;
    use crate::seen::Seen;

    fn measured(check: &Check) -> Option<Reading> {
        let (seen, history) = (Seen::nothing(), History::default());
        check.probe.lock().unwrap().probe(View { seen: &seen, history: &history }).pop()
    }

    #[test]
    fn the_room_of_a_folder_is_that_of_its_file_system_even_before_it_is_made() {
        let there = tempfile::tempdir().unwrap();
        let [share, bytes] = checks(Some(&there.path().join("not/there/yet")));

        let (share, bytes) = (measured(&share).unwrap(), measured(&bytes).unwrap());

        assert!((0.0..=1.0).contains(&share.value), "{}", share.value);
        // What the system itself says of it; others write meanwhile, but not half of the disk.
        let of = statvfs(there.path()).unwrap();
        let free = of.f_bavail as f64 * of.f_frsize as f64;
        assert!((bytes.value - free).abs() <= free / 2.0, "{} and {free}", bytes.value);
        assert!(bytes.sentence.unwrap().contains("are left where"), "a finding says how much is left");
    }

    #[test]
    fn a_share_counts_only_what_one_may_write() {
        assert_eq!(Room { free: 5.0, all: 20.0 }.share(), 0.25);
        assert_eq!(Room { free: 0.0, all: 20.0 }.share(), 0.0);
        assert_eq!(Room { free: 0.0, all: 0.0 }.share(), 1.0, "no file system of a size");
    }

    #[test]
    fn without_a_folder_nothing_is_measured() {
        for check in checks(None) {
            assert_eq!(measured(&check), None, "{}", check.name());
        }
    }

    #[test]
    fn too_little_room_breaks_the_bound_and_enough_does_not() {
        let [share, bytes] = checks(None);

        assert!(share.bound().is_broken_by(0.04) && !share.bound().is_broken_by(0.06));
        assert!(bytes.bound().is_broken_by(500e6) && !bytes.bound().is_broken_by(600e6));
    }
}
