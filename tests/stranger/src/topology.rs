//! The word count.

use std::{collections::VecDeque, sync::Arc};

use squall::{
    prelude::*,
    serde::{Deserialize, Serialize},
};

use crate::{
    ledger::{Attempt, Ledger},
    text,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(crate = "squall::serde")]
struct Line {
    number: u32,
    text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(crate = "squall::serde")]
struct Word {
    line: u32,
    text: String,
}

/// Emits every line, and every line that failed again.
struct Lines {
    next: u32,
    replays: VecDeque<(u32, Delivery)>,
    ledger: Arc<Ledger>,
}

impl Spout for Lines {
    type Id = Attempt;
    type Out = Emit<Line>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Line>, Attempt>) -> Result<Next> {
        let (number, delivery) = match self.replays.pop_front() {
            Some(replay) => {
                self.ledger.replays();
                replay
            }
            None if self.next == text::LINES => return Ok(Next::End),
            None => {
                self.next += 1;
                (self.next - 1, Delivery::first())
            }
        };
        let id = Attempt { line: number, attempt: delivery.attempt };
        out.redeliver(id, delivery).emit(Line { number, text: text::line(number) });
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, id: Attempt) {
        self.ledger.acked(id);
    }

    async fn failed(&mut self, id: Attempt, failure: Failure) {
        self.replays.push_back((id.line, failure.delivery.after(failure.reason)));
    }
}

#[derive(Outputs)]
struct SplitOut {
    words: Emit<Word>,
}

struct Split;

impl Bolt for Split {
    type In = Line;
    type Out = SplitOut;

    async fn execute(&mut self, line: Line, out: &mut Output<SplitOut>) -> Result<()> {
        for word in line.text.split_whitespace() {
            out.words.emit(Word { line: line.number, text: word.to_owned() });
        }
        Ok(())
    }
}

struct Count {
    task: usize,
    ledger: Arc<Ledger>,
}

impl Bolt for Count {
    type In = Word;
    type Out = ();

    async fn execute(&mut self, word: Word, out: &mut Output<()>) -> Result<()> {
        let is_thousandth = self.ledger.is_thousandth(self.task);
        self.ledger.counted(Attempt { line: word.line, attempt: out.delivery().attempt }, word.text);
        if is_thousandth {
            self.ledger.panics_now(self.task);
            panic!("the thousandth tuple");
        }
        Ok(())
    }
}

pub fn word_count(ledger: &Arc<Ledger>) -> Result<Plan, squall::Invalid> {
    let mut t = TopologyBuilder::new("word-count");
    let (spout, count) = (Arc::clone(ledger), Arc::clone(ledger));
    let lines = move || Lines { next: 0, replays: VecDeque::new(), ledger: Arc::clone(&spout) };
    let lines = t.spout("lines", lines).output();
    let split = t.bolt("split", || Split).tasks(2).shuffle(lines).output();
    let count = async move |cx: &TaskContext| Ok(Count { task: cx.task, ledger: Arc::clone(&count) });
    t.bolt_with("count", count).tasks(4).fields(split.words, |word| &word.text);
    t.build()
}
