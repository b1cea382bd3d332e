//! The spout of the latency cases.

use squall::prelude::*;

use super::{Schedule, metronome::Metronome};

/// Emits every tuple that is due; a tuple is the instant at which it was due.
#[derive(Debug)]
pub(crate) struct Scheduled {
    schedule: Schedule,
    emitted: u64,
    metronome: Option<Metronome>,
}

impl Scheduled {
    pub(crate) fn new(schedule: Schedule) -> Self {
        Self { schedule, emitted: 0, metronome: None }
    }

    async fn wait_for_a_beat(&mut self) -> Result<()> {
        let metronome = match self.metronome.take() {
            Some(metronome) => metronome,
            None => Metronome::start(self.schedule)?,
        };
        self.metronome.insert(metronome).beat().await;
        Ok(())
    }
}

impl Spout for Scheduled {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.emitted == self.schedule.len() {
            return Ok(Next::End);
        }
        loop {
            let due = self.schedule.due_by_now().min(self.schedule.len());
            let burst = (due - self.emitted).min(out.room() as u64);
            if burst == 0 {
                self.wait_for_a_beat().await?;
                continue;
            }
            for index in self.emitted..self.emitted + burst {
                out.track(index).emit(self.schedule.due(index));
            }
            self.emitted += burst;
            return Ok(Next::Emitted);
        }
    }
}
