//! The parts of a word count, right as they stand. The cases beside this folder use them wrongly.

#![allow(dead_code, missing_docs, unused_imports)]

pub use serde::{Deserialize, Serialize};
pub use squall::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    pub weight: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reject {
    pub line: Line,
}

pub struct Lines;

impl Spout for Lines {
    type Id = u64;
    type Out = Emit<Line>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<Line>, u64>) -> Result<Next> {
        Ok(Next::End)
    }
}

#[derive(Outputs)]
pub struct SplitOut {
    pub words: Emit<Word>,
    pub rejects: Emit<Reject>,
}

#[derive(Clone)]
pub struct Split;

impl Bolt for Split {
    type In = Line;
    type Out = SplitOut;

    async fn execute(&mut self, line: Line, out: &mut Output<SplitOut>) -> Result<()> {
        out.words.emit(Word { text: line.text, weight: 1.0 });
        Ok(())
    }
}

pub struct Count;

impl Bolt for Count {
    type In = Word;
    type Out = ();

    async fn execute(&mut self, _: Word, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}

#[derive(Input)]
pub enum ReportIn {
    Word(Word),
    Reject(Reject),
}

pub struct Report;

impl Bolt for Report {
    type In = ReportIn;
    type Out = ();

    async fn execute(&mut self, _: ReportIn, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}

pub struct Checksum;

impl SyncBolt for Checksum {
    type In = Line;
    type Out = ();

    fn execute(&mut self, _: Line, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}
