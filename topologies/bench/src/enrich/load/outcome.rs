//! What came of a load, in figures.

use serde::Serialize;

use super::{chaos::Act, plan::Load, run::Run, sample::Sample};
use crate::{Error, enrich::wrong};

/// Commits lag behind what is done, and a member that was just killed behind that: so much of the base rate is no
/// backlog.
const BEHIND: f64 = 2.0;

/// Whether the last spike is over, and its backlog gone.
pub(super) fn is_drained(load: &Load, sample: &Sample) -> bool {
    sample.at > load.schedule.over() && sample.backlog as f64 <= BEHIND * f64::from(load.schedule.base)
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Outcome {
    case: &'static str,
    source: &'static str,
    sink: &'static str,
    /// Written a second while there was a backlog.
    activities_per_s: Option<f64>,
    /// Of the largest worker.
    rss_mib: f64,
    seed: u64,
    capacity_per_s: u32,
    base_per_s: u32,
    spikes_per_s: Vec<u32>,
    /// The most that was really sent in a second.
    sent_per_s: f64,
    records: u64,
    /// Records that were no activities.
    dead: u64,
    lost: u64,
    doubled: u64,
    /// What was written and not committed at the kills.
    doubled_at_most: u64,
    wrong: u64,
    missing: Vec<String>,
    kills: usize,
    joins: usize,
    leaves: usize,
    backlog: u64,
    /// After the last spike.
    drained_s: f64,
    /// The first that workers said after the last spike that was not `never`.
    predicted_s: Option<f64>,
    /// When they said it, after the last spike.
    predicted_at_s: Option<f64>,
}

impl Outcome {
    pub(super) fn of(run: &Run) -> Self {
        let Run { load, samples, verdict, .. } = run;
        let over = load.schedule.over();
        let behind = |sample: &Sample| sample.at.saturating_sub(over).as_secs_f64();
        let predicted = samples.iter().filter(|sample| sample.at > over && sample.at < run.drained);
        let mut predicted = predicted.filter_map(|sample| Some((behind(sample), sample.predicted_s?)));
        let predicted = predicted.find(|(_, seconds)| seconds.is_finite());
        let count = |is: fn(&Act) -> bool| run.acts.iter().filter(|(_, act)| is(act)).count();
        let missing = verdict.missing.iter().map(|((name, why), times)| format!("{name} {why} {times}"));
        let most = |of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap_or_default();
        Self {
            case: "load",
            source: "kafka",
            sink: "kafka",
            activities_per_s: written_per_s(run).map(f64::round),
            rss_mib: (most(|sample| sample.resident) >> 20) as f64,
            seed: load.seed,
            capacity_per_s: load.capacity,
            base_per_s: load.schedule.base,
            spikes_per_s: load.schedule.spikes.clone(),
            sent_per_s: rates(samples, |sample| sample.sent)
                .map(|(_, rate)| rate.round())
                .fold(0.0, f64::max),
            records: run.sent,
            dead: verdict.dead,
            lost: verdict.lost,
            doubled: verdict.doubled,
            doubled_at_most: verdict.at_stake,
            wrong: verdict.wrong,
            missing: missing.collect(),
            kills: count(|act| matches!(act, Act::Kill(_))),
            joins: count(|act| *act == Act::Join),
            leaves: count(|act| *act == Act::Leave),
            backlog: most(|sample| sample.backlog),
            drained_s: tenths(run.drained.saturating_sub(over).as_secs_f64()),
            predicted_s: predicted.map(|(_, seconds)| tenths(seconds)),
            predicted_at_s: predicted.map(|(at, _)| tenths(at)),
        }
    }

    pub(super) fn to_json(&self) -> String {
        // Names and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn to_text(&self) -> String {
        let predicted = match (self.predicted_s, self.predicted_at_s) {
            (Some(seconds), Some(at)) => format!("predicted at {at} s: {seconds} s more"),
            _ => "nobody had predicted when".to_owned(),
        };
        format!(
            "load, seed {}: {} records, {} of them no activities, at {} a second with spikes of {:?} ({} at most)\n\
             {} kills, {} joins, {} leaves; the largest worker had {} MiB\n\
             lost {}, doubled {} (of {} under way at the kills at most), wrong {}; missing: {}\n\
             backlog {} at most, {} a second written meanwhile (limit {}), drained {} s after the last spike; {predicted}",
            self.seed,
            self.records,
            self.dead,
            self.base_per_s,
            self.spikes_per_s,
            self.sent_per_s,
            self.kills,
            self.joins,
            self.leaves,
            self.rss_mib,
            self.lost,
            self.doubled,
            self.doubled_at_most,
            self.wrong,
            if self.missing.is_empty() { "nothing".to_owned() } else { self.missing.join(", ") },
            self.backlog,
            self.activities_per_s.unwrap_or_default(),
            self.capacity_per_s,
            self.drained_s,
        )
    }

    /// What came of it, in few words.
    pub(super) fn headline(&self) -> String {
        format!(
            "{} a second, with spikes of {}: lost {}, doubled {} of {}",
            self.base_per_s,
            self.spikes_per_s.iter().map(u32::to_string).collect::<Vec<_>>().join(" and "),
            self.lost,
            self.doubled,
            self.records,
        )
    }

    /// What was done to the workers, and how long they took.
    pub(super) fn subtitle(&self) -> String {
        let predicted = match (self.predicted_s, self.predicted_at_s) {
            (Some(seconds), Some(at)) => format!("{seconds} s predicted {at} s after it"),
            _ => "not predicted".to_owned(),
        };
        format!(
            "{} kills, {} joins, {} leaves; drained {} s after the last spike ({predicted}); {} MiB at most",
            self.kills, self.joins, self.leaves, self.drained_s, self.rss_mib,
        )
    }

    /// Whether all is as it should be.
    pub(super) fn judge(&self, run: &Run) -> Result<(), Error> {
        let mut faults = Vec::new();
        if self.lost > 0 || self.wrong > 0 {
            let named = run.verdict.named.join("\n  ");
            faults.push(format!("{} records are lost and {} wrong:\n  {named}", self.lost, self.wrong));
        }
        if self.doubled > self.doubled_at_most {
            faults.push(format!(
                "{} came out again, and {} at most were under way when somebody was killed",
                self.doubled, self.doubled_at_most
            ));
        }
        let most = run.load.memory >> 20;
        if self.rss_mib > most as f64 {
            faults.push(format!("a worker had {} MiB, and may have {most}", self.rss_mib));
        }
        if faults.is_empty() { Ok(()) } else { Err(wrong(faults.join("; "))) }
    }
}

/// Written a second, on the average, while there was more to do than came in two seconds.
fn written_per_s(run: &Run) -> Option<f64> {
    let busy = |sample: &&[Sample]| {
        let backlog = sample.first().map_or(0, |first| first.backlog);
        backlog as f64 > BEHIND * f64::from(run.load.schedule.base)
    };
    let (mut written, mut seconds) = (0.0, 0.0);
    for pair in run.samples.windows(2).filter(busy) {
        if let [before, after] = pair {
            written += after.written.saturating_sub(before.written) as f64;
            seconds += (after.at - before.at).as_secs_f64();
        }
    }
    (seconds > 0.0).then(|| written / seconds)
}

/// The rate of what is counted by `of`, over two seconds each, and when.
pub(super) fn rates(samples: &[Sample], of: fn(&Sample) -> u64) -> impl Iterator<Item = (f64, f64)> {
    samples.windows(5).filter_map(move |window| {
        let (first, last) = (window.first()?, window.last()?);
        let seconds = (last.at - first.at).as_secs_f64();
        (seconds > 0.0).then(|| {
            let middle = (first.at + last.at).as_secs_f64() / 2.0;
            (middle, of(last).saturating_sub(of(first)) as f64 / seconds)
        })
    })
}

pub(super) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::enrich::load::{book::Verdict, schedule::Schedule};

    /// A minute of 10 a second with a spike of 100 for ten seconds at its 20th, of which 20 a second are done.
    pub(in crate::enrich::load) fn run() -> Run {
        let schedule = Schedule {
            base: 10,
            spikes: vec![100],
            spike: Duration::from_secs(10),
            calm: Duration::from_secs(20),
        };
        let (mut samples, mut written) = (Vec::new(), 0);
        for half in 0..240 {
            let at = Duration::from_millis(500) * half;
            let sent = schedule.due(at);
            written = sent.min(written + 10);
            let backlog = sent - written;
            let predicted_s =
                Some(if schedule.rate(at) > 20 { f64::INFINITY } else { backlog as f64 / 10.0 });
            samples.push(Sample { at, sent, written, backlog, predicted_s, resident: 7 << 20 });
        }
        let load = Load {
            seed: 5,
            workers: 2,
            capacity: 20,
            schedule,
            kill_every: Duration::ZERO,
            join_every: Duration::ZERO,
            memory: 8 << 20,
            patience: Duration::ZERO,
        };
        let drained = samples.iter().find(|sample| is_drained(&load, sample)).unwrap();
        let drained = drained.at;
        let second = Duration::from_secs(1);
        Run {
            acts: vec![(second, Act::Kill(0)), (2 * second, Act::Join), (9 * second, Act::Leave)],
            sent: 1_000,
            verdict: Verdict { doubled: 3, at_stake: 3, ..Verdict::default() },
            load,
            samples,
            drained,
        }
    }

    #[test]
    fn it_is_drained_when_it_is_and_that_is_when_it_was_predicted() {
        let run = run();

        let outcome = Outcome::of(&run);

        // Of 800 that were behind, 10 a second more are done than come, until no more than two seconds are behind.
        assert!((77.0..79.0).contains(&outcome.drained_s), "{outcome:?}");
        assert!(outcome.predicted_s.is_some_and(|seconds| (78.0..80.5).contains(&seconds)), "{outcome:?}");
        assert_eq!(outcome.predicted_at_s, Some(0.5));
        assert_eq!((outcome.kills, outcome.joins, outcome.leaves), (1, 1, 1));
        assert_eq!((outcome.activities_per_s, outcome.sent_per_s), (Some(20.0), 100.0));
        assert!(outcome.judge(&run).is_ok());
        assert!(outcome.to_text().contains("lost 0, doubled 3"), "{}", outcome.to_text());
        assert!(
            outcome
                .to_json()
                .starts_with(r#"{"case":"load","source":"kafka","sink":"kafka","activities_per_s":20.0,"#)
        );
    }

    #[test]
    fn nothing_is_let_pass() {
        let judged = |change: fn(&mut Run)| {
            let mut run = run();
            change(&mut run);
            Outcome::of(&run).judge(&run).map_err(|error| error.sentence())
        };

        assert!(judged(|run| run.verdict.lost = 1).unwrap_err().contains("1 records are lost"));
        assert!(judged(|run| run.verdict.wrong = 1).unwrap_err().contains("1 wrong"));
        assert!(judged(|run| run.verdict.doubled = 4).unwrap_err().contains("4 came out again"));
        assert!(judged(|run| run.load.memory = 6 << 20).unwrap_err().contains("a worker had 7 MiB"));
    }
}
