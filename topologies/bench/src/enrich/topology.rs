//! The real topology.

use std::{
    fs::{self, File},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use squall_connect::ndjson::{LineOutput, LineSource};
use squall_enrichment::{ParkSettings, Room, Sink, Source, Tally, plan};

use super::{Run, enrichers::Enrichment, events::Pace, written::Written, wrong};
use crate::{Error, usage};

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Bytes of lines under way: more than those of all that wait.
const UNDER_WAY: usize = 256 * 1024 * 1024;

/// Reads every event so many times, and writes it to a file.
pub(super) fn run(enrichment: &Enrichment, rounds: usize, pace: Pace) -> Result<Run, Error> {
    let path = enrichment.folder.path().join("written.ndjson");
    let activities = (enrichment.events.count() * rounds) as u64;
    let tally = Arc::new(Tally::default());
    let room = ParkSettings { activities: 150_000, ..ParkSettings::default() }.room();
    let began = Instant::now();
    let source = LineSource::new("generated events", enrichment.events.read(rounds, pace, began));
    let source = source.under_way(UNDER_WAY);
    let (output, residence) = match pace {
        Pace::AtOnce => (LineOutput::open(&path.to_string_lossy()).map_err(wrong)?, None),
        Pace::PerSecond(_) => {
            let (written, residence) = Written::new(File::create(&path)?, began);
            (LineOutput::stream("the file", written), Some(residence))
        }
    };
    let sink = Sink::finite(output, Arc::clone(&tally), source.clone());
    let plan = plan(&Source::Lines(source), &enrichment.enrichers, &room, &sink, &tally)?;
    let most = Most::watch(&room);
    let cpu = usage::cpu()?;
    let report = squall::run(plan)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu()?.saturating_sub(cpu));
    let (rss, parked) = most.end()?;
    fs::remove_file(&path)?;
    if (tally.written(), report.roots().acked) != (activities, activities) {
        let written = tally.written();
        return Err(wrong(format!(
            "{activities} events were to be written and {written} were, {} of them acked",
            report.roots().acked
        )));
    }
    let residence = residence.map(|all| all.lock().unwrap_or_else(PoisonError::into_inner).clone());
    Ok(Run { activities, seconds, cpu_s: cpu.as_secs_f64(), rss_mib: rss, parked, residence })
}

/// Looks at the memory and the room from time to time.
struct Most {
    is_over: Arc<AtomicBool>,
    watch: thread::JoinHandle<std::io::Result<(u64, usize)>>,
}

impl Most {
    fn watch(room: &Room) -> Self {
        let (is_over, room) = (Arc::new(AtomicBool::new(false)), room.clone());
        let until = Arc::clone(&is_over);
        let watch = thread::spawn(move || {
            let mut most = (0, 0);
            while !until.load(Ordering::Relaxed) {
                most = (usage::resident()?.max(most.0), room.waiting().max(most.1));
                thread::sleep(LOOK);
            }
            Ok(most)
        });
        Self { is_over, watch }
    }

    /// The most memory in MiB, and how many waited at most.
    fn end(self) -> Result<(f64, usize), Error> {
        self.is_over.store(true, Ordering::Relaxed);
        let (bytes, parked) = self.watch.join().map_err(|_| wrong("the watch on the memory panicked"))??;
        Ok((bytes as f64 / f64::from(1 << 20), parked))
    }
}
