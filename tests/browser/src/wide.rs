//! A topology with two hundred components: parcels leave ten harbours and pass through nineteen stages; here and there
//! some of them change to the next harbour.

use serde::{Deserialize, Serialize};
use squall::{
    Bolt, Emit, Invalid, Next, Output, Outputs, Plan, Result, Spout, SpoutOutput, Stream, TopologyBuilder,
};
use squall_ops::{App, Launch, Prepared, StartError};

use crate::pace::Pace;

const HARBOURS: [&str; 10] =
    ["aarhus", "bremen", "cadiz", "dover", "emden", "funchal", "genoa", "hamburg", "izmir", "jaffa"];

/// Those between the harbour and the last one.
const STAGES: [&str; 18] = [
    "decode", "check", "clean", "stamp", "locate", "route", "price", "tax", "weigh", "pack", "label", "load",
    "seal", "sail", "track", "land", "unload", "store",
];

const LAST: &str = "bill";

/// Of each harbour: a light load.
const PER_SECOND: u32 = 2;

/// One of so many parcels changes.
const CHANGES: u64 = 16;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Parcel {
    number: u64,
}

/// The topology `wide`.
pub(crate) struct Wide;

impl App for Wide {
    fn name(&self) -> &'static str {
        "wide"
    }

    fn about(&self) -> &'static str {
        "Sends parcels through two hundred components"
    }

    fn prepare(&self, _: &mut Launch<'_>) -> Result<Prepared, StartError> {
        Ok(Prepared::new(plan().map_err(StartError::failed)?))
    }
}

fn plan() -> Result<Plan, Invalid> {
    let mut t = TopologyBuilder::new("wide");
    let mut lanes: Vec<Lane> = HARBOURS
        .map(|harbour| {
            let parcels = t.spout(harbour, || Parcels { pace: Pace::per_second(PER_SECOND), number: 0 });
            Lane { onward: parcels.output(), change: None }
        })
        .into();
    for (stage, name) in STAGES.into_iter().enumerate() {
        lanes = next_stage(&mut t, stage, name, &lanes);
    }
    for (harbour, lane) in HARBOURS.into_iter().zip(&lanes) {
        t.bolt(format!("{harbour}-{LAST}"), || Bill).shuffle(lane.onward);
    }
    t.build()
}

/// What leads to the next stage of one harbour.
#[derive(Clone, Copy)]
struct Lane {
    onward: Stream<Parcel>,
    /// To the next stage of the next harbour.
    change: Option<Stream<Parcel>>,
}

fn next_stage(t: &mut TopologyBuilder, stage: usize, name: &str, lanes: &[Lane]) -> Vec<Lane> {
    let before = lanes.iter().cycle().skip(lanes.len().saturating_sub(1));
    let inputs = lanes.iter().zip(before).zip(HARBOURS).enumerate();
    let declare = |(index, ((own, before), harbour)): (usize, ((&Lane, &Lane), &str))| {
        let name = format!("{harbour}-{name}");
        // Two changes at once would bring a parcel back to where it was.
        if (stage + index).is_multiple_of(5) && stage + 2 < STAGES.len() {
            let fork = t.bolt(name, || Fork).shuffle(own.onward);
            let streams = if let Some(change) = before.change { fork.shuffle(change) } else { fork }.output();
            Lane { onward: streams.onward, change: Some(streams.change) }
        } else {
            let step = t.bolt(name, || Step).shuffle(own.onward);
            let step = if let Some(change) = before.change { step.shuffle(change) } else { step };
            Lane { onward: step.output(), change: None }
        }
    };
    inputs.map(declare).collect()
}

struct Parcels {
    pace: Pace,
    number: u64,
}

impl Spout for Parcels {
    type Id = u64;
    type Out = Emit<Parcel>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Parcel>, u64>) -> Result<Next> {
        self.pace.next().await;
        self.number += 1;
        out.track(self.number).emit(Parcel { number: self.number });
        Ok(Next::Emitted)
    }
}

/// Passes every parcel on.
struct Step;

impl Bolt for Step {
    type In = Parcel;
    type Out = Emit<Parcel>;

    async fn execute(&mut self, parcel: Parcel, out: &mut Output<Emit<Parcel>>) -> Result<()> {
        out.emit(parcel);
        Ok(())
    }
}

#[derive(Outputs)]
struct ForkOut {
    onward: Emit<Parcel>,
    change: Emit<Parcel>,
}

/// Passes most parcels on, and lets some change.
struct Fork;

impl Bolt for Fork {
    type In = Parcel;
    type Out = ForkOut;

    async fn execute(&mut self, parcel: Parcel, out: &mut Output<ForkOut>) -> Result<()> {
        if parcel.number.is_multiple_of(CHANGES) {
            out.change.emit(parcel);
        } else {
            out.onward.emit(parcel);
        }
        Ok(())
    }
}

/// Takes every parcel.
struct Bill;

impl Bolt for Bill {
    type In = Parcel;
    type Out = ();

    async fn execute(&mut self, _: Parcel, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}
