//! The same work in a loop: what one would write for one program only.

use std::{
    fs,
    io::{BufRead, BufReader},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use futures_util::FutureExt;
use squall_connect::ndjson::LineOutput;
use squall_enrichment::{Activity, Web};

use super::{
    Run,
    enrichers::Enrichment,
    events::{Pace, Reader},
    wrong,
};
use crate::{Error, usage};

/// Lines that a thread takes at once.
const BATCH: usize = 256;

/// Reads every event so many times, and writes it to a file.
pub(super) fn run(enrichment: &Enrichment, rounds: usize) -> Result<Run, Error> {
    let path = enrichment.folder.path().join("by-hand.ndjson");
    let activities = (enrichment.events.count() * rounds) as u64;
    let (began, cpu) = (Instant::now(), usage::cpu()?);
    let input = Mutex::new(BufReader::new(enrichment.events.read(rounds, Pace::AtOnce, began)));
    let output = Mutex::new(LineOutput::open(&path.to_string_lossy()).map_err(wrong)?);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let written = thread::scope(|scope| {
        let work = || one_thread(enrichment, &input, &output);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ends = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(wrong("a thread of the loop panicked"))));
        ends.sum::<Result<u64, Error>>()
    })?;
    locked(&output).finish().map_err(wrong)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu()?.saturating_sub(cpu));
    let rss_mib = usage::resident()? as f64 / f64::from(1 << 20);
    fs::remove_file(&path)?;
    if written != activities {
        return Err(wrong(format!("{activities} events were read and {written} written by hand")));
    }
    Ok(Run { activities, seconds, cpu_s: cpu.as_secs_f64(), rss_mib, parked: 0, residence: None })
}

/// Returns how many events it has written.
fn one_thread(
    enrichment: &Enrichment,
    input: &Mutex<BufReader<Reader>>,
    output: &Mutex<LineOutput>,
) -> Result<u64, Error> {
    let (web, mut written, mut out) = (Web::default(), 0, String::new());
    loop {
        let mut lines = Vec::with_capacity(BATCH);
        {
            let input = &mut *locked(input);
            for line in input.lines().take(BATCH) {
                lines.push(line?);
            }
        }
        if lines.is_empty() {
            return Ok(written);
        }
        for line in lines {
            written += 1;
            out.clear();
            enriched(enrichment, &web, written, line)?.push_json(&mut out).map_err(wrong)?;
            out.push('\n');
            locked(output).write_line(out.as_bytes()).map_err(wrong)?;
        }
    }
}

fn enriched(enrichment: &Enrichment, web: &Web, number: u64, line: String) -> Result<Activity, Error> {
    let mut activity = Activity::parse(number, line).map_err(wrong)?;
    for named in enrichment.enrichers.iter() {
        let Some(question) = named.question(&activity) else { continue };
        let answer = named.answer(&question, web).now_or_never();
        let answer = answer.ok_or_else(|| wrong(format!("`{}` has to wait", named.name())))?;
        let answer = answer.map_err(|error| wrong(error.to_string()))?;
        activity.enrichments.insert(answer.name, answer.outcome);
    }
    Ok(activity)
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
