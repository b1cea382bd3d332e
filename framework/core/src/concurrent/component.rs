//! [`ConcurrentComponent`]: a declared [`ConcurrentBolt`].

use std::{fmt, rc::Rc, sync::Arc, time::Duration};

use super::{CallOptions, Concurrent, calls::Calls};
use crate::{
    AnyInbox, Component, ConcurrentBolt, Factory, Host, Kind, LocalFuture, Outputs, Result, Task,
    TaskContext, Wiring, inbox::Inbox, task::bolt_task,
};

/// A declared concurrent bolt.
pub struct ConcurrentComponent<B> {
    factory: Arc<dyn Factory<B>>,
}

impl<B: ConcurrentBolt> ConcurrentComponent<B> {
    /// A bolt made by `factory`.
    pub fn new(factory: impl Factory<B>) -> Self {
        Self { factory: Arc::new(factory) }
    }
}

impl<B> fmt::Debug for ConcurrentComponent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConcurrentComponent")
    }
}

impl<B: ConcurrentBolt> Component for ConcurrentComponent<B> {
    fn kind(&self) -> Kind {
        Kind::Bolt
    }

    fn streams(&self) -> &'static [&'static str] {
        B::Out::names()
    }

    fn inbox(&self, capacity: usize, readers: usize) -> Option<AnyInbox> {
        Some(AnyInbox::new(Inbox::<B::In>::new(capacity, readers)))
    }

    fn hands_over(&self) -> bool {
        false
    }

    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task> {
        let factory = Arc::new(Calling {
            factory: Arc::clone(&self.factory),
            options: wiring.calls.clone(),
            stuck_after: wiring.stuck_after,
        });
        bolt_task::<Concurrent<B>>(factory, None, wiring, host)
    }
}

/// Builds the bolt of a task together with its set of calls.
struct Calling<B> {
    factory: Arc<dyn Factory<B>>,
    options: CallOptions,
    stuck_after: Duration,
}

impl<B: ConcurrentBolt> Factory<Concurrent<B>> for Calling<B> {
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<Concurrent<B>>> {
        Box::pin(async {
            let bolt = self.factory.build(context).await?;
            Ok(Concurrent { bolt: Rc::new(bolt), calls: Calls::new(&self.options, self.stuck_after) })
        })
    }
}
