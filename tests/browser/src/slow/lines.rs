//! [`Lines`]: numbered lines at a steady pace.

use std::collections::VecDeque;

use squall::{Delivery, Emit, Failure, Next, Result, Spout, SpoutOutput};

use super::Line;
use super::book::{Book, SharedBook};
use crate::pace::Pace;

const PER_SECOND: u32 = 700;

/// Every so many lines there is one that nobody understands.
const GARBLED: u64 = 1_500;

/// Numbers lines, and emits those that failed again.
pub(crate) struct Lines {
    pace: Pace,
    book: SharedBook,
    again: VecDeque<(u64, Delivery)>,
}

impl Lines {
    pub(crate) fn new(book: SharedBook) -> Self {
        Self { pace: Pace::per_second(PER_SECOND), book, again: VecDeque::new() }
    }
}

fn line(number: u64) -> Line {
    let text = if number % GARBLED == GARBLED - 1 { "%%%" } else { "all quiet on the coast" };
    Line { number, text: text.to_owned() }
}

impl Spout for Lines {
    type Id = u64;
    type Out = Emit<Line>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Line>, u64>) -> Result<Next> {
        if let Some((number, delivery)) = self.again.pop_front() {
            out.redeliver(number, delivery).emit(line(number));
            return Ok(Next::Emitted);
        }
        self.pace.next().await;
        let number = Book::enter(&self.book, Book::next_number);
        out.track(number).emit(line(number));
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, _: u64) {
        Book::enter(&self.book, Book::acked);
    }

    async fn failed(&mut self, number: u64, failure: Failure) {
        if failure.permanent {
            Book::enter(&self.book, |book| book.refused(number));
        } else {
            self.again.push_back((number, failure.delivery.after(failure.reason)));
        }
    }

    async fn close(&mut self) {
        let left = self.again.drain(..).map(|(number, _)| number);
        Book::enter(&self.book, |book| book.unfinished(left));
    }
}
