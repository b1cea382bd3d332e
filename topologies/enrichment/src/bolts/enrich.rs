//! Enrichers are asked.

use std::fmt;

use squall::ConcurrentBolt;
use squall::prelude::*;

use crate::{Activity, Answer, Named, Question, Web};

/// Asks one enricher, whichever it is, many questions at once. How many, for how long and how often is what it declares:
/// see [`asked_as_declared`].
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
