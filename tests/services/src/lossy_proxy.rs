//! [`LossyProxy`]: stands between a client and a server, and loses what it is told to.

use crate::{
    Port,
    background::Background,
    conversation::{self, Protocol},
    seen::Seen,
    upstream::Upstream,
};
use fastrand::Rng;
use std::{
    collections::VecDeque,
    io::ErrorKind,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, sync::watch, time};

/// How long a listener may take to open or close.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the proxy loses of an exchange.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// The answer: the request reached the server, the server answered, and the client's connection is closed instead.
    Answer,
    /// The answer, and the client's connection stays open: only a timeout tells the client.
    AnswerInSilence,
    /// The request: the server never sees it, and the client's connection is closed.
    Request,
}

/// How many exchanges the proxy saw, and what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Exchanges {
    /// Requests that came from clients.
    pub requests: u64,
    /// Answers that were passed on.
    pub answered: u64,
    /// Answers that the server gave and the client did not get.
    pub answers_lost: u64,
    /// Requests that the server did not get.
    pub requests_lost: u64,
}

/// A proxy on loopback, on a thread of its own, that loses answers to requests that arrived.
///
/// ```
/// use squall_services::{Exchanges, Loss, LossyProxy, Receiver};
/// use std::{io::{Read, Write}, net::TcpStream};
///
/// let receiver = Receiver::start();
/// let proxy = LossyProxy::http(receiver.address());
/// let post = || {
///     let mut client = TcpStream::connect(proxy.address()).unwrap();
///     client.write_all(b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").unwrap();
///     let mut answer = String::new();
///     client.read_to_string(&mut answer).unwrap();
///     answer
/// };
/// assert!(post().starts_with("HTTP/1.1 200"));
///
/// proxy.lose_next(1, Loss::Answer);
/// assert_eq!(post(), "");
/// assert_eq!(receiver.raw_count(), 2);
/// let wanted = Exchanges { requests: 2, answered: 1, answers_lost: 1, requests_lost: 0 };
/// assert_eq!(proxy.exchanges(), wanted);
/// ```
#[derive(Debug)]
pub struct LossyProxy {
    port: Port,
    shared: Arc<Shared>,
    _background: Background,
}

/// What the proxy's thread and its owner share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) protocol: Protocol,
    pub(crate) upstream: Upstream,
    mode: watch::Sender<Mode>,
    /// Counts how often all connections were cut.
    cuts: watch::Sender<u64>,
    listens: Seen<bool>,
    plan: Seen<Plan>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Pass,
    Refuse,
    Swallow,
}

#[derive(Debug)]
struct Plan {
    exchanges: Exchanges,
    next: VecDeque<Loss>,
    share: f64,
    losses: Vec<Loss>,
    random: Rng,
    only: String,
}

impl LossyProxy {
    /// A proxy before the HTTP/1.1 server `upstream`; it loses answer by answer, also on a connection that is kept
    /// alive.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn http(upstream: impl Into<Upstream>) -> Self {
        Self::start(Protocol::Http, upstream.into())
    }

    /// A proxy before any other server, a database for instance. A request is what comes from the client until the
    /// server says something; what the server then says first is the answer.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn tcp(upstream: impl Into<Upstream>) -> Self {
        Self::start(Protocol::Any, upstream.into())
    }

    fn start(protocol: Protocol, upstream: Upstream) -> Self {
        let plan = Plan {
            exchanges: Exchanges::default(),
            next: VecDeque::new(),
            share: 0.0,
            losses: Vec::new(),
            random: Rng::with_seed(0),
            only: String::new(),
        };
        let shared = Arc::new(Shared {
            protocol,
            upstream,
            mode: watch::Sender::new(Mode::Pass),
            cuts: watch::Sender::new(0),
            listens: Seen::new(false),
            plan: Seen::new(plan),
        });
        let port = Port::reserve();
        let address = port.address();
        let serving = Arc::clone(&shared);
        let background = Background::start("lossy proxy", move || serve(address, serving));
        let proxy = Self { port, shared, _background: background };
        proxy.wait_until_it_listens(true);
        proxy
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// `http://127.0.0.1:PORT` and `path`, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Loses `share` (0 to 1) of all exchanges at random, each by one of `losses`; the same ones for the same `seed`
    /// and the same order of exchanges.
    ///
    /// # Panics
    ///
    /// If `losses` is empty and the share is not 0.
    pub fn lose(&self, share: f64, seed: u64, losses: &[Loss]) {
        assert!(!losses.is_empty() || share <= 0.0, "a share of nothing can be lost: name the losses");
        self.shared.plan.change(|plan| {
            plan.share = share;
            plan.losses = losses.to_vec();
            plan.random = Rng::with_seed(seed);
        });
    }

    /// Loses the next `count` exchanges.
    pub fn lose_next(&self, count: usize, loss: Loss) {
        self.shared.plan.change(|plan| plan.next.extend(std::iter::repeat_n(loss, count)));
    }

    /// Loses only exchanges whose request has `part` in its first line, for instance `POST`; if it is not HTTP, in the
    /// bytes that come first, for instance `COMMIT`.
    pub fn only(&self, part: &str) {
        self.shared.plan.change(|plan| part.clone_into(&mut plan.only));
    }

    /// Refuses connections from now on, and closes those that there are.
    ///
    /// # Panics
    ///
    /// If its thread has ended.
    pub fn refuse(&self) {
        self.shared.mode.send_replace(Mode::Refuse);
        self.cut();
        self.wait_until_it_listens(false);
    }

    /// Lets nothing through from now on: connections open and stay open, and nothing comes. What is sent meanwhile
    /// arrives when it [passes](LossyProxy::pass) again, unless the client has gone away.
    ///
    /// # Panics
    ///
    /// If its thread has ended.
    pub fn swallow(&self) {
        self.shared.mode.send_replace(Mode::Swallow);
        self.wait_until_it_listens(true);
    }

    /// Lets all through again.
    ///
    /// # Panics
    ///
    /// If its thread has ended, or another program has taken its port.
    pub fn pass(&self) {
        self.shared.mode.send_replace(Mode::Pass);
        self.wait_until_it_listens(true);
    }

    /// Closes all connections that there are.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// What became of all exchanges so far.
    #[must_use]
    pub fn exchanges(&self) -> Exchanges {
        self.shared.plan.look(|plan| plan.exchanges)
    }

    fn wait_until_it_listens(&self, wanted: bool) {
        let listens = self.shared.listens.wait(PATIENCE, |listens| (*listens == wanted).then_some(()));
        let state = if wanted { "listen" } else { "stop to listen" };
        assert!(listens.is_some(), "{}: the proxy does not {state}", self.address());
    }
}

impl Shared {
    /// What to do with an exchange whose request begins so.
    pub(crate) fn decide(&self, beginning: &str) -> Option<Loss> {
        self.plan.change(|plan| {
            plan.exchanges.requests += 1;
            if !beginning.contains(&plan.only) {
                return None;
            }
            let next = plan.next.pop_front();
            let is_drawn = plan.share > 0.0 && plan.random.f64() < plan.share;
            next.or_else(|| plan.random.choice(plan.losses.iter().copied()).filter(|_| is_drawn))
        })
    }

    /// Counts what became of an exchange.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Exchanges)) {
        self.plan.change(|plan| count(&mut plan.exchanges));
    }

    /// Waits while everything is swallowed.
    pub(crate) async fn let_through(&self) {
        // The sender lives in `self`, so the channel cannot close meanwhile.
        drop(self.mode.subscribe().wait_for(|mode| *mode != Mode::Swallow).await);
    }
}

async fn serve(address: SocketAddr, shared: Arc<Shared>) {
    let mut mode = shared.mode.subscribe();
    loop {
        drop(mode.wait_for(|mode| *mode != Mode::Refuse).await);
        let listener = listen(address).await;
        shared.listens.change(|listens| *listens = true);
        tokio::select! {
            () = accept(listener, &shared) => {}
            refused = mode.wait_for(|mode| *mode == Mode::Refuse) => drop(refused),
        }
        shared.listens.change(|listens| *listens = false);
    }
}

/// Closing a listener takes the kernel a moment; somebody else's may take longer than anyone waits.
async fn listen(address: SocketAddr) -> TcpListener {
    let start = Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) if error.kind() == ErrorKind::AddrInUse && start.elapsed() < PATIENCE => {
                time::sleep(Duration::from_millis(2)).await;
            }
            Err(error) => panic!("{address}: cannot be listened to: {error}"),
        }
    }
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of files, for instance: there may be some again.
            time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = Arc::clone(shared);
        let mut cuts = shared.cuts.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                // Whatever a side does, the other sees it as the end of its connection.
                ended = conversation::hold(client, &shared) => drop(ended),
                cut = cuts.changed() => drop(cut),
            }
        });
    }
}
