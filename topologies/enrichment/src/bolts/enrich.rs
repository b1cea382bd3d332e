//! Enrichers are asked.

use std::fmt;

use squall::ConcurrentBolt;
use squall::prelude::*;
use squall_topology::{BoltDeclarer, Concurrent};

use crate::{Activity, Answer, Declared, Named, Question, Web};

/// Asks one enricher, whichever it is, many questions at once. How many, for how long and how often is what it declares:
/// see [`declare`](Self::declare).
///
/// An answer leaves with the number of its question, in any order. One that does not come in time, or could not be
/// asked for, fails the root of its question; who wants the answer asks again.
pub struct Enrich {
    named: Named,
    web: Web,
}

impl Enrich {
    /// Asks `named`.
    pub fn new(named: Named) -> Self {
        Self { named, web: Web::default() }
    }

    /// Declares the component that asks `named`, under its name and on so many tasks: with the concurrency that it
    /// declares, which is that of the process and divided among the tasks, its timeout and its retries.
    pub fn declare(
        t: &mut TopologyBuilder,
        named: &Named,
        tasks: usize,
        questions: Stream<Question>,
    ) -> Stream<Answer> {
        let asked = named.clone();
        let bolt = t.concurrent_bolt(named.name().as_str(), move || Self::new(asked.clone()));
        as_declared(bolt, named.declared(), tasks).shuffle(questions).output()
    }
}

/// What an enricher declares, of the bolt that asks it.
fn as_declared<In: Send + 'static, Out: Outputs>(
    bolt: BoltDeclarer<'_, In, Out, Concurrent>,
    declared: Declared,
    tasks: usize,
) -> BoltDeclarer<'_, In, Out, Concurrent> {
    bolt.tasks(tasks)
        .concurrency(declared.concurrency.div_ceil(tasks.max(1)))
        .timeout(declared.timeout)
        .retry(declared.retry)
}

impl ConcurrentBolt for Enrich {
    type In = Question;
    type Out = Emit<Answer>;

    async fn execute(&self, question: Question, out: &mut Output<Emit<Answer>>) -> Result<()> {
        out.emit(self.named.answer(&question, &self.web).await?);
        Ok(())
    }
}

impl fmt::Debug for Enrich {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Enrich").field(&self.named).finish()
    }
}

/// Asks one enricher about activities that pass by, and passes them on with its answer: a pipeline of enrichers, one
/// behind the other.
pub struct EnrichPassing {
    named: Named,
    web: Web,
}

impl EnrichPassing {
    /// Asks `named`.
    pub fn new(named: Named) -> Self {
        Self { named, web: Web::default() }
    }

    /// Declares it as [`Enrich::declare`] does.
    pub fn declare(
        t: &mut TopologyBuilder,
        named: &Named,
        tasks: usize,
        activities: Stream<Activity>,
    ) -> Stream<Activity> {
        let asked = named.clone();
        let bolt = t.concurrent_bolt(named.name().as_str(), move || Self::new(asked.clone()));
        as_declared(bolt, named.declared(), tasks).shuffle(activities).output()
    }
}

impl ConcurrentBolt for EnrichPassing {
    type In = Activity;
    type Out = Emit<Activity>;

    async fn execute(&self, mut activity: Activity, out: &mut Output<Emit<Activity>>) -> Result<()> {
        if let Some(question) = self.named.question(&activity) {
            let answer = self.named.answer(&question, &self.web).await?;
            activity.enrichments.insert(answer.name, answer.outcome);
        }
        out.emit(activity);
        Ok(())
    }
}

impl fmt::Debug for EnrichPassing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnrichPassing").field(&self.named).finish()
    }
}
