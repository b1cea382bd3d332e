//! One call: its attempts, their time limit, and the pauses between them.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use crate::{
    ConcurrentBolt, Error, Output, Outputs, Reason, RetryPolicy,
    delivery::Verdict,
    panics::{Panicked, caught, caught_drop, drop_caught},
    port::Ports,
    probe::Probe,
    run_bolt::FOR_EVER,
};

/// What holds for every call of a task.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) timeout: Option<Duration>,
    /// The limit of an attempt that has no other.
    pub(super) stuck_after: Duration,
    pub(super) retry: Option<RetryPolicy>,
}

/// A call that has come to its end, with its output.
pub(super) struct Answer<O> {
    pub(super) out: Output<O>,
    pub(super) failure: Option<(Verdict, Fault)>,
    /// From its begin to its answer, if that is measured.
    pub(super) took: Option<Duration>,
}

/// Why an attempt failed.
pub(super) enum Fault {
    Refused(Error),
    TimedOut,
    Panicked(Panicked),
}

/// Makes the call, again and again if its failure may pass and the policy allows. All user code of it is caught.
///
/// Many calls wait at once: the arguments of an `async fn` would lie in it twice.
pub(super) fn call<B: ConcurrentBolt>(
    bolt: Rc<B>,
    input: B::In,
    mut out: Output<B::Out>,
    terms: Terms,
) -> impl Future<Output = Answer<B::Out>> {
    let mut kept = Some(input);
    async move {
        let Ports { host, probe, .. } = &*Rc::clone(&out.ports);
        let began = probe.counters.has_latency().then(|| host.now());
        let mut failures = 0;
        let failure = loop {
            let is_last = terms.is_last(failures);
            let end = match caught(|| if is_last { kept.take() } else { kept.clone() }) {
                Ok(Some(input)) => attempt(&*bolt, input, &mut out, terms).await,
                Ok(None) => Ok(()),
                Err(panicked) => Err(Fault::Panicked(panicked)),
            };
            let Err(fault) = end else { break None };
            failures += 1;
            let verdict = terms.judge(&fault, probe);
            let Some(pause) = terms.pause(failures, &fault) else { break Some((verdict, fault)) };
            out.streams.discard(&verdict);
            host.sleep_until(host.now() + pause).await;
            if out.anchor.is_failed() {
                // The root has failed meanwhile: all further work on it is in vain.
                break Some((verdict, fault));
            }
            probe.counters.count_retried_call();
        };
        let took = began.map(|began| host.now().saturating_duration_since(began));
        drop_caught(kept);
        if let Err(panicked) = caught_drop(bolt) {
            probe.report(&format!("the `Drop` of a component {panicked}"));
        }
        Answer { out, failure, took }
    }
}

/// One execute under its time limit. Its answer and the end of its time are looked at in this order and in one turn:
/// whichever is seen first decides, and the other one is dropped unseen.
async fn attempt<B: ConcurrentBolt>(
    bolt: &B,
    input: B::In,
    out: &mut Output<B::Out>,
    terms: Terms,
) -> Result<(), Fault> {
    let host = Rc::clone(&out.ports.host);
    let began = host.now();
    let mut execute = match caught(|| bolt.execute(input, out)) {
        Ok(execute) => pin!(Some(execute)),
        Err(panicked) => return Err(Fault::Panicked(panicked)),
    };
    let mut timer = None;
    let end = poll_fn(|cx| {
        let Some(running) = execute.as_mut().as_pin_mut() else { return Poll::Pending };
        match caught(|| running.poll(cx)) {
            Ok(Poll::Ready(answer)) => return Poll::Ready(answer.map_err(Fault::Refused)),
            Ok(Poll::Pending) => {}
            Err(panicked) => return Poll::Ready(Err(Fault::Panicked(panicked))),
        }
        let timer = timer.get_or_insert_with(|| host.sleep_until(began + terms.limit()));
        timer.as_mut().poll(cx).map(|()| Err(Fault::TimedOut))
    })
    .await;
    match caught(|| execute.set(None)) {
        Ok(()) => end,
        Err(panicked) => Err(Fault::Panicked(panicked)),
    }
}

impl Terms {
    /// How long an attempt may take.
    fn limit(self) -> Duration {
        self.timeout.unwrap_or(self.stuck_after).min(FOR_EVER)
    }

    /// Whether there is no attempt behind the next one, whatever comes of it.
    fn is_last(self, failures: u32) -> bool {
        self.retry.is_none_or(|policy| failures.saturating_add(1) >= policy.attempts)
    }

    /// The pause before the next attempt; `None` if there is none.
    fn pause(self, failures: u32, fault: &Fault) -> Option<Duration> {
        match fault {
            Fault::Refused(error) if error.is_permanent() => None,
            Fault::Refused(_) | Fault::TimedOut => self.retry?.delay(failures),
            Fault::Panicked(_) => None,
        }
    }

    /// Reports a fault. Returns what the root fails with if the call is not made again.
    fn judge(self, fault: &Fault, probe: &Probe) -> Verdict {
        match fault {
            Fault::Refused(error) => probe.refusal(error),
            Fault::TimedOut => {
                probe.counters.count_timed_out_call();
                if self.timeout.is_none() {
                    probe.counters.count_stuck();
                }
                let limit = self.limit();
                let message = format!("a call took longer than its {limit:?} and was given up");
                probe.verdict(Reason::Timeout, &message)
            }
            Fault::Panicked(panicked) => probe.crash(panicked),
        }
    }
}
