//! The bolts of the throughput cases.

use std::sync::{Arc, atomic::Ordering};

use squall::prelude::*;

use super::Totals;
use crate::work::{self, Counts};

/// Passes every constant on, plus one.
#[derive(Debug)]
pub(crate) struct Identity;

impl Bolt for Identity {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, value: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(work::identity(value));
        Ok(())
    }
}

/// Drops every constant.
#[derive(Debug)]
pub(crate) struct Null {
    tuples: u64,
    totals: Arc<Totals>,
}

impl Null {
    pub(crate) fn new(totals: Arc<Totals>) -> Self {
        Self { tuples: 0, totals }
    }
}

impl Bolt for Null {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, value: u64, _out: &mut Output<()>) -> Result<()> {
        work::discard(value);
        self.tuples += 1;
        Ok(())
    }

    async fn drain(&mut self, _out: &mut Output<()>) -> Result<()> {
        self.totals.tuples.fetch_add(self.tuples, Ordering::Relaxed);
        Ok(())
    }
}

/// Splits lines into words.
#[derive(Debug)]
pub(crate) struct Split;

impl Bolt for Split {
    type In = String;
    type Out = Emit<String>;

    async fn execute(&mut self, line: String, out: &mut Output<Emit<String>>) -> Result<()> {
        for word in work::split(&line) {
            out.emit(word);
        }
        Ok(())
    }
}

/// Counts words.
#[derive(Debug)]
pub(crate) struct Count {
    counts: Counts,
    totals: Arc<Totals>,
}

impl Count {
    pub(crate) fn new(totals: Arc<Totals>) -> Self {
        Self { counts: Counts::default(), totals }
    }
}

impl Bolt for Count {
    type In = String;
    type Out = ();

    async fn execute(&mut self, word: String, _out: &mut Output<()>) -> Result<()> {
        self.counts.add(word);
        Ok(())
    }

    async fn drain(&mut self, _out: &mut Output<()>) -> Result<()> {
        self.totals.tuples.fetch_add(self.counts.total(), Ordering::Relaxed);
        self.totals.distinct.fetch_add(self.counts.distinct(), Ordering::Relaxed);
        Ok(())
    }
}
