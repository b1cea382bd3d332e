//! Enrichers are asked.

use std::fmt;
use std::time::Duration;

use squall::prelude::*;
use squall::{Chosen, ConcurrentBolt, CustomGrouping, RetryPolicy};
use tokio::time::{sleep, timeout};

use super::ToEnricher;
use crate::{Answer, Missing, Named, OnFailure, Outcome, Question, Web};

/// Asks one enricher, whichever it is, many questions at once. How many, for how long and how often is what it declares:
/// see [`declare`](Self::declare).
///
/// An answer leaves with the number of its question, in any order. A question about which asking failed is asked again;
/// what becomes of one that was asked as often as it may be says [`OnFailure`]. A panic fails the root of its question,
/// and an error that [is permanent](Error::is_permanent) does for good.
pub struct Enrich {
    named: Named,
    web: Web,
}

impl Enrich {
    /// Asks `named`.
    pub fn new(named: Named) -> Self {
        Self { named, web: Web::default() }
    }

    /// Declares the component that asks the enricher `named`, which is in place `to` among all of them, under its name
    /// and on so many tasks: with the concurrency that it declares, which is that of the process and divided among the
    /// tasks, its timeout and its retries.
    pub fn declare(
        t: &mut TopologyBuilder,
        (to, named): (usize, &Named),
        tasks: usize,
        questions: Stream<ToEnricher>,
    ) -> Stream<Answer> {
        let declared = named.declared();
        let asked = named.clone();
        let mut bolt = t
            .concurrent_bolt(named.name().as_str(), move || Self::new(asked.clone()))
            .tasks(tasks)
            .concurrency(declared.concurrency.div_ceil(tasks.max(1)));
        bolt = match declared.on_failure {
            OnFailure::Hold => {
                bolt.timeout(declared.timeout).retry(RetryPolicy { attempts: u32::MAX, ..declared.retry })
            }
            // Its attempts are made in one call, which knows the last one.
            OnFailure::DeadLetter | OnFailure::PublishIncomplete => {
                bolt.timeout(all_attempts(declared.timeout, declared.retry))
            }
        };
        bolt.custom(questions.via(|asked| asked.question), move || InTurns { to, next: 0 }).output()
    }

    /// Asks as often as may be, and says what came of it in the end.
    async fn answer_in_time(&self, question: &Question) -> Result<Answer> {
        let declared = self.named.declared();
        let mut failures = 0;
        loop {
            let why = match timeout(declared.timeout, self.named.answer(question, &self.web)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if error.is_permanent() => return Err(error),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {:?}", declared.timeout),
            };
            failures += 1;
            let Some(pause) = declared.retry.delay(failures) else {
                return self.give_up(question, declared.on_failure, failures, &why);
            };
            sleep(pause).await;
        }
    }

    fn give_up(&self, question: &Question, how: OnFailure, attempts: u32, why: &str) -> Result<Answer> {
        let name = self.named.name().clone();
        match how {
            OnFailure::PublishIncomplete => {
                Ok(Answer { number: question.number, name, outcome: Outcome::Missing(Missing::UNAVAILABLE) })
            }
            OnFailure::Hold | OnFailure::DeadLetter => {
                Err(Error::permanent(format!("`{name}` was asked {attempts} times in vain, last: {why}")))
            }
        }
    }
}

impl ConcurrentBolt for Enrich {
    type In = Question;
    type Out = Emit<Answer>;

    #[expect(
        clippy::manual_async_fn,
        reason = "many wait at once: arguments of an `async fn` lie in it twice"
    )]
    fn execute(
        &self,
        question: Question,
        out: &mut Output<Emit<Answer>>,
    ) -> impl Future<Output = Result<()>> {
        async move {
            let answer = match self.named.declared().on_failure {
                OnFailure::Hold => self.named.answer(&question, &self.web).await?,
                OnFailure::DeadLetter | OnFailure::PublishIncomplete => {
                    // Most wait on the other way, which needs less room.
                    Box::pin(self.answer_in_time(&question)).await?
                }
            };
            out.emit(answer);
            Ok(())
        }
    }
}

/// The time that all attempts take together at most, the pauses between them included, and a second more: the limit of a
/// call that has limits of its own.
fn all_attempts(each: Duration, retry: RetryPolicy) -> Duration {
    // Pauses do not grow after the longest one, which the thirty-second doubling is at the latest.
    let pauses = (1..retry.attempts.min(32)).filter_map(|failures| retry.delay(failures));
    let pauses = pauses.map(|pause| pause.saturating_mul(2)).fold(Duration::ZERO, Duration::saturating_add);
    let further = retry.max_backoff.saturating_mul(retry.attempts.saturating_sub(32));
    let limit = each.saturating_mul(retry.attempts.max(1)).saturating_add(pauses).saturating_add(further);
    limit.saturating_add(Duration::from_secs(1))
}

/// The tasks of one enricher in turns, for the questions that are for it.
struct InTurns {
    to: usize,
    next: usize,
}

impl CustomGrouping<ToEnricher> for InTurns {
    fn choose(&mut self, asked: &ToEnricher, tasks: usize, chosen: &mut Chosen) {
        if asked.to == self.to {
            chosen.task(self.next % tasks);
            self.next = self.next.wrapping_add(1);
        }
    }
}

impl fmt::Debug for Enrich {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Enrich").field(&self.named).finish()
    }
}
