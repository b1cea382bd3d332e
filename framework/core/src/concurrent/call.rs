//! One call: its attempts, their time limit, and the pauses between them.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Poll, ready},
    time::Duration,
};

use crate::{
    ConcurrentBolt, Error, Output, Outputs, Reason, Result, RetryPolicy,
    delivery::Verdict,
    host::Host,
    panics::{Panicked, caught, caught_drop, drop_caught},
    port::Ports,
    probe::Probe,
    run_bolt::FOR_EVER,
};

/// What holds for every call of a task.
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
/// Many calls wait at once, so nothing lies in one twice, as the arguments of an `async fn` do.
pub(super) fn call<B: ConcurrentBolt>(
    bolt: Rc<B>,
    input: B::In,
    mut out: Output<B::Out>,
    terms: Rc<Terms>,
) -> impl Future<Output = Answer<B::Out>> {
    let mut kept = Some(input);
    async move {
        let Ports { host, probe, .. } = &*Rc::clone(&out.ports);
        let began = probe.counters.has_latency().then(|| host.now());
        let mut failures = 0;
        let failure = loop {
            let end = {
                let is_last = terms.is_last(failures);
                let execute = match caught(|| {
                    let input = if is_last { kept.take() } else { kept.clone() };
                    input.map(|input| bolt.execute(input, &mut out))
                }) {
                    Ok(execute) => pin!(execute),
                    Err(panicked) => break Some(terms.judged(Fault::Panicked(panicked), probe)),
                };
                attempt(execute, &**host, terms.limit()).await
            };
            let Err(fault) = end else { break None };
            failures += 1;
            let pause = terms.pause(failures, &fault);
            let (verdict, fault) = terms.judged(fault, probe);
            let Some(pause) = pause else { break Some((verdict, fault)) };
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
fn attempt(
    mut execute: Pin<&mut Option<impl Future<Output = Result>>>,
    host: &dyn Host,
    limit: Duration,
) -> impl Future<Output = Result<(), Fault>> {
    let until = host.now() + limit;
    let mut timer = None;
    poll_fn(move |cx| {
        let end = match execute.as_mut().as_pin_mut().map(|running| caught(|| running.poll(cx))) {
            Some(Ok(Poll::Ready(answer))) => answer.map_err(Fault::Refused),
            Some(Ok(Poll::Pending)) => {
                let timer = timer.get_or_insert_with(|| host.sleep_until(until));
                ready!(timer.as_mut().poll(cx));
                Err(Fault::TimedOut)
            }
            Some(Err(panicked)) => Err(Fault::Panicked(panicked)),
            // There was no input left to make it of.
            None => Ok(()),
        };
        match caught(|| execute.set(None)) {
            Ok(()) => Poll::Ready(end),
            Err(panicked) => Poll::Ready(Err(Fault::Panicked(panicked))),
        }
    })
}

impl Terms {
    /// How long an attempt may take.
    fn limit(&self) -> Duration {
        self.timeout.unwrap_or(self.stuck_after).min(FOR_EVER)
    }

    /// Whether there is no attempt behind the next one, whatever comes of it.
    fn is_last(&self, failures: u32) -> bool {
        self.retry.is_none_or(|policy| failures.saturating_add(1) >= policy.attempts)
    }

    /// The pause before the next attempt; `None` if there is none.
    fn pause(&self, failures: u32, fault: &Fault) -> Option<Duration> {
        match fault {
            Fault::Refused(error) if error.is_permanent() => None,
            Fault::Refused(_) | Fault::TimedOut => self.retry?.delay(failures),
            Fault::Panicked(_) => None,
        }
    }

    /// Reports a fault. Returns with it what the root fails with if the call is not made again.
    fn judged(&self, fault: Fault, probe: &Probe) -> (Verdict, Fault) {
        let verdict = match &fault {
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
        };
        (verdict, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Emit;

    /// Holds what it was given while it waits.
    struct Hold;

    impl ConcurrentBolt for Hold {
        type In = [u64; 128];
        type Out = Emit<u64>;

        async fn execute(&self, input: [u64; 128], out: &mut Output<Emit<u64>>) -> Result {
            std::future::ready(()).await;
            out.emit(input[0]);
            Ok(())
        }
    }

    fn size<A, B, C, D, F>(_: impl FnOnce(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_call_that_waits_has_its_execute_once_and_little_besides() {
        // An `async fn` has its argument and what it is bound to; the call keeps one more, for the next attempt.
        let inputs = 3 * size_of::<[u64; 128]>();

        let call = size(call::<Hold>);

        assert!((inputs..inputs + 300).contains(&call), "{call} bytes, of which the inputs are {inputs}");
    }
}
