use std::{sync::Arc, task::Poll};

use super::{Convert, Route, Sending, Target, fail, poll_targets};
use crate::{
    Chosen, CustomGrouping, Reason, Tuple,
    batch::{Batch, Run},
    inbox::Sender,
    panics::drop_caught,
    probe::Probe,
};

/// Makes the grouping of one emitting task.
pub(crate) type MakeGrouping<T> = Arc<dyn Fn() -> Box<dyn CustomGrouping<T>> + Send + Sync>;

/// `custom` and `direct`: user code names the tasks.
pub(crate) struct Custom<T, In> {
    targets: Vec<Target<In>>,
    make: MakeGrouping<T>,
    grouping: Made<T>,
    /// What errors call it: `the direct grouping of stream `jobs``.
    what: String,
    convert: Convert<T, In>,
    chosen: Chosen,
    inputs: Vec<In>,
}

/// The grouping, from its first tuple to its first panic.
struct Made<T> {
    grouping: Option<Box<dyn CustomGrouping<T>>>,
    /// A call that panicked never comes back to say that it is over.
    is_working: bool,
}

impl<T: 'static> Made<T> {
    /// Runs in the middle of a batch, where panics are caught.
    fn choose(&mut self, make: &MakeGrouping<T>, tuple: &T, tasks: usize, chosen: &mut Chosen) {
        if std::mem::replace(&mut self.is_working, true) {
            drop_caught(self.grouping.take());
        }
        let grouping = match &mut self.grouping {
            Some(made) => made,
            empty => {
                let made = empty.insert(make());
                made.prepare(tasks);
                made
            }
        };
        grouping.choose(tuple, tasks, chosen);
        self.is_working = false;
    }
}

impl<T> Drop for Made<T> {
    fn drop(&mut self) {
        drop_caught(self.grouping.take());
    }
}

impl<T, In> Custom<T, In> {
    pub(crate) fn new(
        senders: Vec<Sender<In>>,
        make: MakeGrouping<T>,
        what: String,
        convert: Convert<T, In>,
    ) -> Self {
        Self {
            targets: senders.into_iter().map(Target::new).collect(),
            make,
            grouping: Made { grouping: None, is_working: false },
            what,
            convert,
            chosen: Chosen::default(),
            inputs: Vec::new(),
        }
    }
}

impl<T: Tuple, In: Send + 'static> Custom<T, In> {
    fn give(&mut self, value: T, run: &mut Run, probe: &Probe) {
        let tasks = self.targets.len();
        self.chosen.clear();
        self.grouping.choose(&self.make, &value, tasks, &mut self.chosen);
        if let Some(wrong) = self.chosen.tasks().iter().find(|task| **task >= tasks) {
            let message = format!("{} chose task {wrong} of {tasks}, counted from 0", self.what);
            return fail(run.claim(), probe.verdict(Reason::Explicit, &message), probe);
        }
        self.copy(value);
        // User code is done with the tuple: from here on nothing panics between two copies.
        for (at, input) in self.chosen.tasks().iter().zip(self.inputs.drain(..)) {
            if let Some(target) = self.targets.get_mut(*at) {
                target.filling.push(input, &run.anchor);
            }
        }
        run.claim().ack();
    }

    /// One input for each chosen task.
    fn copy(&mut self, value: T) {
        // A panic may have left some of the last tuple.
        self.inputs.clear();
        let Some(further) = self.chosen.tasks().len().checked_sub(1) else { return };
        for _ in 0..further {
            self.inputs.extend(self.convert.one(value.clone()));
        }
        self.inputs.extend(self.convert.one(value));
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for Custom<T, In> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        batch.each(probe, "a custom grouping", |value, run| self.give(value, run, probe));
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        poll_targets(&mut self.targets, cx)
    }
}
