//! One run of the load.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{
    book::{Book, Verdict},
    chaos::Chaos,
    crew::{Crew, Done},
    curve,
    input::Input,
    kill::{Kill, Place},
    outcome::{Outcome, is_drained},
    plan::Load,
    producer::Producer,
    reader,
    sample::{Sample, Sampler, sum},
    topics::Topics,
};
use crate::{
    Error,
    enrich::{enrichers, options::Options, web, wrong},
    usage,
};

/// The time between two looks at what is due.
const LOOK: Duration = Duration::from_millis(50);

/// Different events: a prime, so that every partition gets all of them.
const EVENTS: usize = 9_973;

/// Runs it, draws its curve if that is wanted, prints what came of it, and fails if anything is not as it should be.
pub(in crate::enrich) fn print(options: &Options, brokers: &str, to: &mut impl Write) -> Result<(), Error> {
    let load = Load::of(&options.load, options.quick);
    writeln!(std::io::stderr(), "load: seed {}; repeat it with --seed {}", load.seed, load.seed)?;
    let Scene { home, input, people, topics } = Scene::open(load.seed, brokers)?;

    let mut crew = Crew::start(&load, Arc::clone(&topics), home.path(), &people)?;
    crew.wait_until_they_listen()?;
    let began = Instant::now();
    let producer = Producer::start(Arc::clone(&input), &topics, load.schedule.clone())?;
    let sampler = Sampler::start(began, Arc::clone(&topics), producer.sent(), crew.shown());
    let drained = until_drained(&load, began, &mut crew, &sampler)?;
    let sent = producer.stop()?;
    crew.see_the_guest_off(began.elapsed())?;
    until_done(&topics, sent, &mut crew, load.patience)?;
    let samples = sampler.stop()?;
    let (acts, kills) = (std::mem::take(&mut crew.done), std::mem::take(&mut crew.kills));
    crew.end()?;

    let verdict = verdict(&input, &topics, sent, &kills)?;
    let run = Run { load, sent, samples, acts, verdict, drained };
    if let Some(file) = &options.load.svg {
        fs::write(file, curve::svg(&run))?;
    }
    let outcome = Outcome::of(&run);
    if options.json {
        writeln!(to, "{}", outcome.to_json())?;
    } else {
        writeln!(to, "{}\n{}", usage::machine(), outcome.to_text())?;
    }
    to.flush()?;
    outcome.judge(&run)
}

/// What every run begins with.
pub(super) struct Scene {
    /// Where the folders of the workers are.
    pub(super) home: TempDir,
    pub(super) input: Arc<Input>,
    /// A table of the authors.
    pub(super) people: PathBuf,
    pub(super) topics: Arc<Topics>,
}

impl Scene {
    /// Generates events, starts a web server for their links, and makes topics.
    pub(super) fn open(seed: u64, brokers: &str) -> Result<Self, Error> {
        let home = tempfile::tempdir()?;
        let input = Arc::new(Input::generate(seed, EVENTS, web::start()?)?);
        let people = home.path().join("people.ndjson");
        fs::write(&people, enrichers::people(&input.events().collect::<Vec<_>>())?)?;
        Ok(Self { home, input, people, topics: Arc::new(Topics::create(brokers)?) })
    }
}

/// What a run was, and what came of it.
pub(super) struct Run {
    pub(super) load: Load,
    /// Records that went in.
    pub(super) sent: u64,
    pub(super) samples: Vec<Sample>,
    pub(super) acts: Vec<Done>,
    pub(super) verdict: Verdict,
    /// When the backlog was gone, since the beginning.
    pub(super) drained: Duration,
}

/// Kills, joins and leaves until the backlog of the last spike is gone.
fn until_drained(load: &Load, began: Instant, crew: &mut Crew, sampler: &Sampler) -> Result<Duration, Error> {
    let mut chaos = Chaos::new(load.seed, load.workers, load.kill_every, load.join_every);
    let (over, mut looked) = (load.schedule.over(), Duration::ZERO);
    loop {
        let at = began.elapsed();
        while let Some(act) = chaos.due(at) {
            crew.act(at, act)?;
        }
        crew.look()?;
        let last = sampler.last()?;
        if let Some(sample) = last.as_ref().filter(|sample| sample.at > looked) {
            looked = sample.at;
            if is_drained(load, sample) {
                return Ok(sample.at);
            }
        }
        if at > over + load.patience {
            let left = last.map_or(0, |sample| sample.backlog);
            return Err(wrong(format!(
                "{left} records are still to be done {} s after the last spike",
                load.patience.as_secs()
            )));
        }
        thread::sleep(LOOK);
    }
}

/// Waits until the last record is done.
fn until_done(topics: &Topics, sent: u64, crew: &mut Crew, patience: Duration) -> Result<(), Error> {
    let until = Instant::now() + patience;
    loop {
        let done = sum(&topics.committed()?);
        if done == sent {
            return Ok(());
        }
        crew.look()?;
        if Instant::now() > until {
            return Err(wrong(format!("{sent} records went in, and {done} were done in the end")));
        }
        thread::sleep(LOOK);
    }
}

/// Reads what came out, and holds it against what went in.
pub(super) fn verdict(input: &Input, topics: &Topics, sent: u64, kills: &[Kill]) -> Result<Verdict, Error> {
    let mut book = Book::new(input, sent, kills);
    reader::read(topics, &topics.output, |seen| book.see(Place::Output, seen))?;
    reader::read(topics, &topics.dead, |seen| book.see(Place::Dead, seen))?;
    Ok(book.verdict())
}
