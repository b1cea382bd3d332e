//! The events, and what is asked about them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use squall_enrichment::{Activity, Enricher, Enrichers, Generator};
use squall_topology::Config;
use tempfile::TempDir;

use super::{events::Events, wait::Wait, web, wrong};
use crate::Error;

/// What the generator begins with.
const SEED: u64 = 1;

/// The events, the enrichers, and a folder for what is written.
pub(super) struct Enrichment {
    pub(super) events: Events,
    pub(super) enrichers: Enrichers,
    pub(super) folder: TempDir,
    wait: Option<Duration>,
}

impl Enrichment {
    /// Generates so many different events, starts a web server for their links, and writes a table of their authors.
    pub(super) fn open(events: usize) -> Result<Self, Error> {
        let web = web::start()?;
        let mut generator = Generator::new(SEED);
        let lines: Vec<_> = (0..events as u64)
            // 4 July 2026, when the feed was recorded whose mix it is.
            .map(|nth| generator.event(1_783_175_888_000_000 + nth))
            .map(|line| line.replace("https://news.example.com/", &format!("http://{web}/")))
            .collect();
        let folder = tempfile::tempdir()?;
        let mut enrichment =
            Self { events: Events::new(&lines)?, enrichers: Enrichers::default(), folder, wait: None };
        fs::write(enrichment.people(), people(&lines)?)?;
        enrichment.choose()?;
        Ok(enrichment)
    }

    /// The same, with one enricher more that takes so long.
    pub(super) fn waiting(mut self, time: Duration) -> Result<Self, Error> {
        self.wait = Some(time);
        self.choose()?;
        Ok(self)
    }

    fn people(&self) -> PathBuf {
        self.folder.path().join("people.ndjson")
    }

    /// The enrichers of the configuration, opened.
    fn choose(&mut self) -> Result<(), Error> {
        let mut config = Config::parse("squall.toml", &settings("", &self.people())).map_err(wrong)?;
        let mut chosen: BTreeMap<String, Box<dyn Enricher>> = config.parts("enricher").map_err(wrong)?;
        if let Some(time) = self.wait {
            chosen.insert("wait".to_owned(), Box::new(Wait(time)));
        }
        self.enrichers = Enrichers::new(chosen);
        self.enrichers.open().map_err(wrong)
    }
}

/// The tables of the enrichers, in the section that `prefix` names; authors are looked up in `people`.
pub(super) fn settings(prefix: &str, people: &Path) -> String {
    format!(
        "[{prefix}enricher.language]
type = 'language'
[{prefix}enricher.links]
type = 'links'
ports = 'any'
allow = ['127.0.0.1/32']
per_host = 64
[{prefix}enricher.influence]
type = 'influence'
table = '{}'
",
        people.display()
    )
}

/// A table of everybody who wrote one of these events.
pub(super) fn people(lines: &[String]) -> Result<String, Error> {
    let mut authors = BTreeSet::new();
    for line in lines {
        let activity = Activity::parse(1, line.as_str()).map_err(wrong)?;
        authors.extend(activity.shared_author());
    }
    let mut table = String::new();
    for (nth, author) in authors.iter().enumerate() {
        // Writing to a string cannot fail.
        writeln!(table, "{{\"key\":\"{author}\",\"followers\":{nth},\"posts\":100,\"engagements\":{nth}}}")
            .ok();
    }
    Ok(table)
}
