//! Reads on a thread of its own, since reads of files and pipes block.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::thread;

use tokio::sync::mpsc;

use super::reader::{LineReader, LineResult};

/// Lines that are handed over at once: enough to pay for waking the spout.
const BATCH_LINES: usize = 256;

/// Bytes after which a batch is handed over, however few lines it has.
const BATCH_BYTES: usize = 256 * 1024;

/// Batches that wait between thread and spout: the next one is there when one is used up.
const BATCHES: usize = 2;

/// What the thread hands over.
enum Handed {
    Batch(Vec<LineResult>),
    /// Nothing follows; so many lines had nothing in them, and the last one of all has this number.
    End {
        blank: u64,
        last: u64,
    },
    /// Nothing follows, since reading failed.
    Broken(String),
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A line, or the reason why there is none.
    Line(LineResult),
    /// The end of the input, after so many blank lines.
    End {
        /// Lines with nothing in them.
        blank: u64,
        /// The number of the last line.
        last: u64,
    },
    /// Reading failed; the sentence says where.
    Broken(String),
}

/// An input that is being read ahead, a few batches at most.
///
/// The thread ends with the input, or when this is dropped and its read returns. One that waits for a terminal or
/// a pipe that stays silent ends with the process.
#[derive(Debug)]
pub(super) struct Reading {
    batches: mpsc::Receiver<Handed>,
    batch: VecDeque<LineResult>,
}

impl Reading {
    pub(super) fn start(name: &str, input: Box<dyn Read + Send>, limit: usize, skipped: u64) -> Self {
        let (sender, batches) = mpsc::channel(BATCHES);
        let reader = LineReader::new(input, limit).skipping(skipped);
        let file = name.to_owned();
        let started = thread::Builder::new().name("ndjson-reader".to_owned()).spawn({
            let sender = sender.clone();
            move || read_all(reader, &file, &sender)
        });
        if let Err(error) = started {
            // There is room: nothing was sent yet.
            sender.try_send(Handed::Broken(format!("cannot start a thread to read {name}: {error}"))).ok();
        }
        Self { batches, batch: VecDeque::new() }
    }

    /// What comes next. Cancel safe: what is not returned stays.
    pub(super) async fn step(&mut self) -> Step {
        loop {
            if let Some(line) = self.batch.pop_front() {
                return Step::Line(line);
            }
            match self.batches.recv().await {
                Some(Handed::Batch(batch)) => self.batch = batch.into(),
                Some(Handed::End { blank, last }) => return Step::End { blank, last },
                Some(Handed::Broken(why)) => return Step::Broken(why),
                None => return Step::Broken("the thread that reads the input ended early".to_owned()),
            }
        }
    }

    /// The next line, if it need not be waited for.
    pub(super) fn try_line(&mut self) -> Option<LineResult> {
        self.batch.pop_front()
    }
}

fn read_all<R: Read>(mut reader: LineReader<R>, name: &str, sender: &mpsc::Sender<Handed>) {
    let last = loop {
        let mut batch = Vec::new();
        let end = read_batch(&mut reader, &mut batch);
        if !batch.is_empty() && sender.blocking_send(Handed::Batch(batch)).is_err() {
            return;
        }
        match end {
            Ok(false) => {}
            Ok(true) => break Handed::End { blank: reader.blank(), last: reader.number() },
            Err(error) => {
                break Handed::Broken(format!("cannot read {name} after line {}: {error}", reader.number()));
            }
        }
    };
    // Fails when nobody reads any more: then nobody misses it.
    sender.blocking_send(last).ok();
}

/// Reads until the batch is full, the next line would have to be waited for, or (`true`) the input ends.
fn read_batch<R: Read>(reader: &mut LineReader<R>, batch: &mut Vec<LineResult>) -> io::Result<bool> {
    let mut bytes = 0;
    loop {
        let Some(line) = reader.next_line()? else { return Ok(true) };
        bytes += line.as_ref().map_or(0, |line| line.text().len());
        batch.push(line);
        if batch.len() >= BATCH_LINES || bytes >= BATCH_BYTES || reader.may_block() {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ndjson::Line;

    fn reading(input: impl Read + Send + 'static) -> Reading {
        Reading::start("the input", Box::new(input), 64, 0)
    }

    #[tokio::test]
    async fn every_line_comes_in_order_and_then_the_end() {
        let input: String = (1..=10_000).map(|number| format!("{number}\n\n")).collect();
        let mut reading = reading(io::Cursor::new(input));

        for number in 1..=10_000_u64 {
            assert_eq!(reading.step().await, Step::Line(Ok(Line::new(number * 2 - 1, number.to_string()))));
        }

        assert_eq!(reading.step().await, Step::End { blank: 10_000, last: 20_000 });
    }

    #[tokio::test]
    async fn a_line_of_a_pipe_comes_before_the_next_is_written() {
        let (input, mut output) = io::pipe().unwrap();
        let mut reading = reading(input);

        io::Write::write_all(&mut output, b"one\n").unwrap();
        assert_eq!(reading.step().await, Step::Line(Ok(Line::new(1, "one"))));
        io::Write::write_all(&mut output, b"two\n").unwrap();
        assert_eq!(reading.step().await, Step::Line(Ok(Line::new(2, "two"))));
        drop(output);

        assert_eq!(reading.step().await, Step::End { blank: 0, last: 2 });
    }

    #[tokio::test]
    async fn a_read_that_fails_says_after_which_line() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the cable is out"))
            }
        }
        let mut reading = reading(Read::chain(&b"one\n"[..], Fails));

        assert_eq!(reading.step().await, Step::Line(Ok(Line::new(1, "one"))));
        assert_eq!(
            reading.step().await,
            Step::Broken("cannot read the input after line 1: the cable is out".to_owned())
        );
    }
}
