//! [`Book`]: what became of every line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use squall::Roots;

/// The book of a process: the topology may start anew in it, and goes on with the next number.
pub(crate) type SharedBook = Arc<Mutex<Book>>;

/// What became of every line.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Book {
    /// Lines that were given a number, which begins with 0.
    numbered: u64,
    /// Lines that were acked.
    acked: u64,
    /// Numbers of lines that were given up: nobody understands them.
    refused: BTreeSet<u64>,
    /// Numbers of lines without an outcome at the end: they failed, and there was no time for another attempt.
    unfinished: BTreeSet<u64>,
}

impl Book {
    /// Enters something.
    pub(crate) fn enter<T>(book: &Mutex<Self>, entry: impl FnOnce(&mut Self) -> T) -> T {
        entry(&mut book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered - 1
    }

    pub(crate) fn acked(&mut self) {
        self.acked += 1;
    }

    pub(crate) fn refused(&mut self, number: u64) {
        self.refused.insert(number);
    }

    pub(crate) fn unfinished(&mut self, numbers: impl Iterator<Item = u64>) {
        self.unfinished.extend(numbers);
    }

    /// Writes it down, and says in a line what is in it.
    pub(crate) fn close(book: &Mutex<Self>, roots: &Roots, file: &Path) -> String {
        #[derive(Serialize)]
        struct Closed<'a> {
            #[serde(flatten)]
            book: &'a Book,
            roots: &'a Roots,
        }

        let book = book.lock().unwrap_or_else(PoisonError::into_inner);
        let text = serde_json::to_string(&Closed { book: &book, roots }).map_err(|error| error.to_string());
        let written = text.and_then(|text| fs::write(file, text).map_err(|error| error.to_string()));
        match written {
            Ok(()) => format!(
                "{} lines numbered, {} acked, {} refused, {} unfinished",
                book.numbered,
                book.acked,
                book.refused.len(),
                book.unfinished.len(),
            ),
            Err(error) => format!("cannot write {}: {error}", file.display()),
        }
    }
}
