//! All who take part in one race.

use crate::{
    Result,
    child::{self, Child},
    contestant::Contestant,
    places::Places,
    plan::Times,
};

/// All who take part in one race, each with what it has done so far.
#[derive(Debug)]
pub(crate) struct Field<S> {
    starters: Vec<(Child, S)>,
}

/// The longest span of a warm-up in which nobody else breathes, in seconds.
const SPAN_S: f64 = 9.0;

impl<S> Field<S> {
    /// Starts everybody; then all stand still.
    pub(crate) fn start(
        case: &str,
        contestants: Vec<Contestant>,
        places: &Places,
        series: impl Fn(Contestant) -> S,
    ) -> Result<Self> {
        let mut starters = Vec::new();
        for contestant in contestants {
            eprintln!("{case}: {} starts", contestant.name());
            starters.push((contestant.start(case, places)?, series(contestant)));
        }
        starters.iter_mut().try_for_each(|(child, _)| child.halt())?;
        Ok(Self { starters })
    }

    /// Lets everybody warm up, one after the other, with `run` for each span of time.
    pub(crate) fn warm_up(
        &mut self,
        times: &Times,
        warms_up: impl Fn(&S) -> bool,
        run: impl Fn(&mut Child, f64) -> Result<()>,
    ) -> Result<()> {
        for at in 0..self.starters.len() {
            let Some((child, series)) = self.starters.get_mut(at) else { continue };
            if !warms_up(series) {
                // What is compiled beforehand only finds its pace.
                run(child, 0.0)?;
                continue;
            }
            let spans = (times.warm_up_s / SPAN_S).ceil().max(1.0);
            for _ in 0..spans as u64 {
                if let Some((child, _)) = self.starters.get_mut(at) {
                    run(child, times.warm_up_s / spans)?;
                }
                self.breathe()?;
            }
        }
        Ok(())
    }

    /// Lets everybody run once, in turn.
    pub(crate) fn turn(&mut self, run: impl Fn(&mut Child, &mut S) -> Result<()>) -> Result<()> {
        for at in 0..self.starters.len() {
            if let Some((child, series)) = self.starters.get_mut(at) {
                run(child, series)?;
            }
            self.breathe()?;
        }
        Ok(())
    }

    /// Another is the first from now on.
    pub(crate) fn rotate(&mut self) {
        if !self.starters.is_empty() {
            self.starters.rotate_left(1);
        }
    }

    /// What everybody has done.
    pub(crate) fn into_series(self) -> impl Iterator<Item = S> {
        self.starters.into_iter().map(|(_, series)| series)
    }

    fn breathe(&mut self) -> Result<()> {
        child::breathe(self.starters.iter_mut().map(|(child, _)| child))
    }
}
