//! Counts words: typed streams, two outputs of one bolt, a grouping by key, last words at the drain.
//!
//! ```sh
//! cargo run -p squall-examples --example word_count
//! ```

use std::{collections::HashMap, error::Error};

use serde::{Deserialize, Serialize};
use squall::prelude::*;

const TEXT: [&str; 4] = ["the wind takes the sail", "and the rain takes the shore", "", "the tea is cold"];

#[derive(Clone, Serialize, Deserialize)]
struct Line {
    number: usize,
    text: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Count {
    word: String,
    times: u32,
}

/// Emits the text, one root a line.
struct Lines(usize);

impl Spout for Lines {
    type Id = usize;
    type Out = Emit<Line>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Line>, usize>) -> Result<Next> {
        let Some(text) = TEXT.get(self.0) else { return Ok(Next::End) };
        self.0 += 1;
        out.track(self.0).emit(Line { number: self.0, text: (*text).to_owned() });
        Ok(Next::Emitted)
    }
}

/// One field, one stream.
#[derive(Outputs)]
struct SplitOut {
    words: Emit<String>,
    blanks: Emit<usize>,
}

struct Split;

impl Bolt for Split {
    type In = Line;
    type Out = SplitOut;

    async fn execute(&mut self, line: Line, out: &mut Output<SplitOut>) -> Result<()> {
        if line.text.is_empty() {
            out.blanks.emit(line.number);
        }
        for word in line.text.split_whitespace() {
            out.words.emit(word.to_owned());
        }
        Ok(())
    }
}

/// Counts its share of the words, and tells the result when nothing more will come.
#[derive(Default)]
struct Counter(HashMap<String, u32>);

impl Bolt for Counter {
    type In = String;
    type Out = Emit<Count>;

    async fn execute(&mut self, word: String, _: &mut Output<Emit<Count>>) -> Result<()> {
        *self.0.entry(word).or_default() += 1;
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Emit<Count>>) -> Result<()> {
        self.0.drain().for_each(|(word, times)| out.emit(Count { word, times }));
        Ok(())
    }
}

/// One variant, one stream.
#[derive(Input)]
enum Finding {
    Count(Count),
    Blank(usize),
}

struct Print;

impl Bolt for Print {
    type In = Finding;
    type Out = ();

    async fn execute(&mut self, finding: Finding, _: &mut Output<()>) -> Result<()> {
        match finding {
            Finding::Count(Count { word, times }) if times > 1 => println!("{word}: {times}"),
            Finding::Count(_) => {}
            Finding::Blank(line) => println!("line {line} is blank"),
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut t = TopologyBuilder::new("word-count");
    let lines = t.spout("lines", || Lines(0)).output();
    let split = t.bolt("split", || Split).tasks(4).shuffle(lines).output();
    let counts = t.bolt("count", Counter::default).tasks(3).fields(split.words, |word| word).output();
    t.bolt("print", || Print).shuffle(counts).shuffle(split.blanks);

    let report = squall::run(t.build()?)?;

    println!("{} lines, {} acked", report.roots().emitted, report.roots().acked);
    Ok(())
}
