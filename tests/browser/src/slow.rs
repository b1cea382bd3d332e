//! A topology in which one bolt is too slow: lines come in faster than one task of `publish` gets them out.
//!
//! ```text
//! lines ─→ parse ─→ publish ─→ archive
//! ```
//!
//! Some 700 lines come in a second, and a task of `publish` manages some 200: with one task it is the bottleneck, with
//! two it still is, with eight it is none. Every line has a number. `archive` writes each number that arrived to
//! `slow-archive.txt` in the data directory, and at the end `slow-book.json` beside it says which ones there should be.

mod archive;
mod book;
mod lines;
mod parse;
mod publish;

use archive::Archive;
use book::{Book, SharedBook};
use lines::Lines;
use parse::Parse;
use publish::Publish;

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use squall::{Invalid, Plan, TopologyBuilder};
use squall_ops::{App, Launch, Prepared, StartError};

/// Less than a second of the load: what comes after it waits in `parse`, which so shows as one who waits.
const INBOX: usize = 256;

const MAX_PENDING: usize = 1_024;

/// A line as it came in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    number: u64,
    text: String,
}

/// A line that was understood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    number: u64,
    words: usize,
}

/// The topology `slow`.
pub(crate) struct Slow;

impl App for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn about(&self) -> &'static str {
        "Publishes lines, which takes too long"
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let folder = launch.data_dir()?.to_owned();
        let book = launch.keep("slow-book", |_| Ok(SharedBook::default()))?;
        let plan = plan(&book, folder.join("slow-archive.txt")).map_err(StartError::failed)?;
        let file = folder.join("slow-book.json");
        Ok(Prepared::new(plan).summary(move |report| Book::close(&book, report.roots(), &file)))
    }
}

fn plan(book: &SharedBook, archive: PathBuf) -> Result<Plan, Invalid> {
    let mut t = TopologyBuilder::new("slow");
    let book = Arc::clone(book);
    let lines = t.spout("lines", move || Lines::new(Arc::clone(&book))).max_pending(MAX_PENDING).output();
    let notices = t.bolt("parse", || Parse).shuffle(lines).output();
    let published = t.bolt("publish", || Publish).inbox(INBOX).shuffle(notices).output();
    t.bolt_with("archive", async move |_| Archive::open(&archive)).shuffle(published);
    t.build()
}
