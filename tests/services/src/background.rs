//! [`Background`]: a thread that serves until it is dropped.

use std::{
    panic,
    thread::{self, JoinHandle},
};
use tokio::{runtime::Builder, sync::oneshot};

/// A thread with a runtime of its own: neither the test's runtime, which may stand still, nor its virtual clock
/// touches what runs here.
#[derive(Debug)]
pub(crate) struct Background {
    /// Closed when this is dropped.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Runs `serve`, and what it spawns, until this is dropped.
    ///
    /// # Panics
    ///
    /// If there can be no thread or runtime.
    pub(crate) fn start<F>(name: &str, serve: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()>,
    {
        let (end, ended) = oneshot::channel();
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("{name}: there can be no runtime: {error}"),
        };
        let run = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve() => {}
                    _ = ended => {}
                }
            });
        };
        match thread::Builder::new().name(name.to_owned()).spawn(run) {
            Ok(thread) => Self { end: Some(end), thread: Some(thread) },
            Err(error) => panic!("{name}: there can be no thread: {error}"),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.end.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(panicked)) = ended
            && !thread::panicking()
        {
            panic::resume_unwind(panicked);
        }
    }
}
