//! The thread of a server.

use tokio::runtime::Builder;
use tokio::sync::oneshot;

type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// A thread that runs something until this is dropped.
pub(crate) struct Thread {
    work: Option<oneshot::Sender<Work>>,
    /// With it, the thread ends.
    _end: oneshot::Sender<()>,
}

impl Thread {
    pub(crate) fn start() -> Self {
        let (work, given) = oneshot::channel::<Work>();
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
                tokio::spawn(async move {
                    if let Ok(work) = given.await {
                        work.await;
                    }
                });
                drop(ended.await);
            });
        });
        Self { work: Some(work), _end: end }
    }

    /// A socket that any runtime may take over.
    pub(crate) fn listen(&self) -> std::net::TcpListener {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    }

    pub(crate) fn run(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.work.take().unwrap().send(Box::pin(work)));
    }
}
