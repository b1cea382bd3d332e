//! The scores of everybody, from a file.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, SystemTime};

use squall_topology::settings::Size;
use tokio::time::Instant;

use super::Score;
use super::person::Person;

/// The scores of everybody, as a file had them.
pub(super) struct Table {
    by_key: HashMap<Box<str>, Score>,
    stamp: Stamp,
}

/// By what it is seen that a file has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Which file it is: one that was put in the place of another may have the same age.
    file: u64,
}

impl Table {
    /// Reads a file.
    pub(super) fn read(path: &Path, most: Size) -> Result<Self, String> {
        let refuse = |why: &dyn fmt::Display| format!("cannot read the table {}: {why}", path.display());
        let file = File::open(path).map_err(|error| refuse(&error))?;
        let stamp = Stamp::of(&file).map_err(|error| refuse(&error))?;
        if stamp.length > most.bytes() {
            let length = Size(stamp.length);
            return Err(refuse(&format!("it has {length}, more than `size = \"{most}\"` allows")));
        }
        let mut by_key = HashMap::new();
        let mut lines = BufReader::new(file);
        let mut line = String::new();
        for number in 1_u64.. {
            line.clear();
            if lines.read_line(&mut line).map_err(|error| refuse(&format!("line {number}: {error}")))? == 0 {
                break;
            }
            if line.trim().is_empty() {
                continue;
            }
            let (key, score) = entry(&line).map_err(|why| refuse(&format!("line {number}: {why}")))?;
            by_key.insert(key, score);
        }
        Ok(Self { by_key, stamp })
    }

    /// The score of somebody.
    pub(super) fn score(&self, key: &str) -> Option<Score> {
        self.by_key.get(key).copied()
    }
}

fn entry(line: &str) -> Result<(Box<str>, Score), String> {
    let person: Person<'_> = serde_json::from_str(line).map_err(|error| {
        format!("{error}; expected an object such as {{\"key\":\"did:plc:a\",\"followers\":12}}")
    })?;
    let score = match person.score {
        None => Score::from(&person),
        Some(value) => Score::from_value(value)
            .ok_or_else(|| format!("`score` is {value}, expected a number from 0 to 100"))?,
    };
    Ok((person.key.into(), score))
}

impl Stamp {
    fn of(file: &File) -> std::io::Result<Self> {
        let metadata = file.metadata()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let file = 0;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok(), file })
    }
}

/// A table that is read again when its file changes.
#[derive(Default)]
pub(super) struct Watched(Arc<State>);

#[derive(Default)]
struct State {
    table: RwLock<Option<Arc<Table>>>,
    /// When the file was last looked at.
    looked: Mutex<Option<Instant>>,
    is_looking: AtomicBool,
}

impl Watched {
    pub(super) fn set(&self, table: Table) {
        self.0.set(table);
        *self.0.looked() = Some(Instant::now());
    }

    /// The table as it is now. Now and then somebody looks whether its file has changed, beside those who ask.
    pub(super) fn get(&self, path: &Path, most: Size, every: Duration) -> Result<Arc<Table>, String> {
        let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(table) = table else {
            return Err(format!("the table {} was not opened", path.display()));
        };
        if self.0.is_due(every) {
            let (state, path, seen) = (Arc::clone(&self.0), path.to_owned(), table.stamp);
            // A thread of its own: a table of a gigabyte takes seconds.
            drop(
                thread::Builder::new()
                    .name("squall-influence".into())
                    .spawn(move || state.look(&path, most, seen)),
            );
        }
        Ok(table)
    }
}

impl State {
    fn set(&self, table: Table) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(table));
    }

    fn looked(&self) -> MutexGuard<'_, Option<Instant>> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, every: Duration) -> bool {
        let mut looked = self.looked();
        let is_due = looked.is_none_or(|looked| looked.elapsed() >= every);
        if !is_due || self.is_looking.swap(true, Ordering::AcqRel) {
            return false;
        }
        *looked = Some(Instant::now());
        true
    }

    fn look(&self, path: &Path, most: Size, seen: Stamp) {
        let now = File::open(path).and_then(|file| Stamp::of(&file));
        if now.ok() != Some(seen) {
            match Table::read(path, most) {
                Ok(table) => self.set(table),
                Err(why) => tracing::warn!("{why}; what was read before goes on to hold."),
            }
        }
        self.is_looking.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Watched").field("people", &table.as_ref().map(|table| table.by_key.len())).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn written(folder: &tempfile::TempDir, text: &str) -> PathBuf {
        let (new, path) = (folder.path().join("new"), folder.path().join("people.ndjson"));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &path).unwrap();
        path
    }

    const MOST: Size = Size(1000);

    #[test]
    fn a_table_has_everybody_and_the_last_line_of_each_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(
            &folder,
            "{\"key\":\"a\",\"followers\":12,\"name\":\"Ada\"}\n\n{\"key\":\"b\",\"score\":63.42}\n{\"key\":\"b\\u0041\",\"score\":1}\n{\"key\":\"a\",\"score\":2}",
        );

        let table = Table::read(&path, MOST).unwrap();

        let value = |key| table.score(key).map(Score::value);
        assert_eq!(
            (value("a"), value("b"), value("bA"), value("c")),
            (Some(2.0), Some(63.4), Some(1.0), None)
        );
    }

    #[test]
    fn a_table_that_cannot_be_read_says_where_and_what_was_expected() {
        let folder = tempfile::tempdir().unwrap();
        for (text, what) in [
            ("{\"key\":\"a\"}\n{\"followers\":1}", "line 2: missing field `key`"),
            ("{\"key\":\"a\",\"score\":101}", "line 1: `score` is 101, expected a number from 0 to 100"),
            ("key,followers", "line 1: expected"),
            (&" ".repeat(1001), "it has 1001 B, more than `size = \"1000 B\"` allows"),
        ] {
            let error = Table::read(&written(&folder, text), MOST).err().unwrap();
            assert!(error.contains("people.ndjson") && error.contains(what), "{error}");
        }
        assert!(Table::read(&folder.path().join("none"), MOST).err().unwrap().contains("none"));
    }

    #[test]
    fn a_new_file_takes_the_place_of_the_old_one_and_a_broken_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let watched = Watched::default();
        let path = written(&folder, "{\"key\":\"a\",\"score\":1}");
        watched.set(Table::read(&path, MOST).unwrap());
        let value = || watched.get(&path, MOST, Duration::MAX).unwrap().score("a").map(Score::value);
        let look = || {
            let seen = watched.get(&path, MOST, Duration::MAX).unwrap().stamp;
            watched.0.look(&path, MOST, seen);
        };

        look();
        assert_eq!(value(), Some(1.0));
        written(&folder, "{\"key\":\"a\",\"score\":2}");
        look();
        assert_eq!(value(), Some(2.0));
        written(&folder, "broken");
        look();
        assert_eq!(value(), Some(2.0));
        std::fs::remove_file(&path).unwrap();
        look();
        assert_eq!(value(), Some(2.0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_file_is_looked_at_now_and_then_by_one_at_a_time() {
        let watched = Watched::default();
        let every = Duration::from_secs(10);

        assert!(watched.0.is_due(every) && !watched.0.is_due(every));
        tokio::time::advance(every).await;
        assert!(!watched.0.is_due(every), "the first has not come back");
        watched.0.is_looking.store(false, Ordering::Release);
        assert!(watched.0.is_due(every));
    }
}
