//! [`Receiver`]: an HTTP server that records what comes.

use crate::{
    Answer, Port, Post,
    answer::Manner,
    background::Background,
    http::{Head, Reader},
    seen::Seen,
};
use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    time,
};

/// An HTTP server on loopback, on a thread of its own, that records every request and answers as it is told: 200 if
/// it is told nothing.
///
/// ```
/// use squall_services::{Answer, Receiver};
/// use std::{io::{Read, Write}, net::TcpStream, time::Duration};
///
/// let receiver = Receiver::start();
/// receiver.honour_keys(true);
/// receiver.answer_next([Answer::status(503)]);
/// for _ in 0..3 {
///     let mut client = TcpStream::connect(receiver.address()).unwrap();
///     let text = "POST /hook HTTP/1.1\r\nIdempotency-Key: k\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
///     client.write_all(text.as_bytes()).unwrap();
///     client.read_to_end(&mut Vec::new()).unwrap();
/// }
/// let posts = receiver.wait_for(3, Duration::from_secs(10));
/// assert_eq!(posts[0].text(), "hi");
/// // One refused, one taken, and one that repeats it.
/// assert_eq!((receiver.raw_count(), receiver.taken(), receiver.deduplicated()), (3, 1, 1));
/// ```
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    seen: Arc<Seen<State>>,
    _background: Background,
    _port: Port,
}

struct State {
    posts: Vec<Post>,
    honours_keys: bool,
    /// The bodies that were taken under each key.
    kept: HashMap<String, Vec<u8>>,
    next: VecDeque<Answer>,
    answer: Arc<dyn Fn(&Post) -> Answer + Send + Sync>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("posts", &self.posts.len()).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        let port = Port::reserve();
        let address = port.address();
        let listener = match std::net::TcpListener::bind(address) {
            Ok(listener) => listener,
            Err(error) => panic!("{address}: cannot be listened to: {error}"),
        };
        let state = State {
            posts: Vec::new(),
            honours_keys: false,
            kept: HashMap::new(),
            next: VecDeque::new(),
            answer: Arc::new(|_| Answer::status(200)),
        };
        let seen = Arc::new(Seen::new(state));
        let serving = Arc::clone(&seen);
        let background = Background::start("receiver", move || serve(listener, serving));
        Self { address, seen, _background: background, _port: port }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT` and `path`, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Whether it honours `Idempotency-Key`, which it does not at first: what repeats a key that was taken is answered
    /// with 200 and the header `idempotency-replayed`, and not taken again; with another body, with 422.
    pub fn honour_keys(&self, honours: bool) {
        self.seen.change(|state| state.honours_keys = honours);
    }

    /// Answers the next requests so, one after another, and then as before.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.seen.change(|state| state.next.extend(answers));
    }

    /// Answers so from now on.
    pub fn answer(&self, answer: Answer) {
        self.answer_with(move |_| answer.clone());
    }

    /// Answers each request as `answer` says from now on.
    pub fn answer_with(&self, answer: impl Fn(&Post) -> Answer + Send + Sync + 'static) {
        self.seen.change(|state| state.answer = Arc::new(answer));
    }

    /// All requests, in the order in which they were there.
    #[must_use]
    pub fn posts(&self) -> Vec<Post> {
        self.seen.look(|state| state.posts.clone())
    }

    /// How many requests came.
    #[must_use]
    pub fn raw_count(&self) -> usize {
        self.seen.look(|state| state.posts.len())
    }

    /// How many it took: what its readers see.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.seen.look(|state| state.posts.iter().filter(|post| post.taken).count())
    }

    /// How many it took, each key once, and each without a key.
    #[must_use]
    pub fn deduplicated(&self) -> usize {
        self.seen.look(|state| {
            let taken = state.posts.iter().filter(|post| post.taken);
            let (keyed, bare): (Vec<&Post>, Vec<&Post>) = taken.partition(|post| post.key().is_some());
            let keys: HashSet<Option<&str>> = keyed.into_iter().map(Post::key).collect();
            keys.len() + bare.len()
        })
    }

    /// Forgets all requests and keys.
    pub fn forget(&self) {
        self.seen.change(|state| {
            state.posts.clear();
            state.kept.clear();
        });
    }

    /// Blocks until `count` requests have come, and gives all that have.
    ///
    /// # Panics
    ///
    /// If they have not come within `patience`.
    #[must_use]
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<Post> {
        let enough = |state: &State| (state.posts.len() >= count).then(|| state.posts.clone());
        match self.seen.wait(patience, enough) {
            Some(posts) => posts,
            None => panic!("{} of {count} requests came within {patience:?}", self.raw_count()),
        }
    }

    /// Waits until `count` requests have come, for a test that must not block its thread.
    pub async fn arrived(&self, count: usize) {
        self.seen.until(|state| (state.posts.len() >= count).then_some(())).await;
    }
}

async fn serve(listener: std::net::TcpListener, seen: Arc<Seen<State>>) {
    let listener = listener.set_nonblocking(true).and_then(|()| TcpListener::from_std(listener));
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => panic!("the receiver cannot listen: {error}"),
    };
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let seen = Arc::clone(&seen);
                // A client that goes away in the middle is none of our business.
                tokio::spawn(async move { drop(converse(client, &seen).await) });
            }
            // Out of files, for instance: there may be some again.
            Err(_) => time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn converse(client: TcpStream, seen: &Seen<State>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (reading, mut writing) = client.into_split();
    let mut reader = Reader::new(reading);
    while let Some(head) = reader.head().await? {
        if head.header("expect").is_some() {
            writing.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = reader.body(head.of_request()?).await?.content;
        let closes = head.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let answer = record(seen, head, body);
        let is_silent = matches!(answer.manner, Manner::Never);
        let goes_on = write(&mut writing, answer).await?;
        if is_silent {
            // Until the client gives up.
            while reader.fill().await? {}
        }
        if closes || is_silent || !goes_on {
            break;
        }
    }
    Ok(())
}

/// Writes it; whether more may follow.
async fn write(writing: &mut OwnedWriteHalf, answer: Answer) -> std::io::Result<bool> {
    if !answer.delay.is_zero() {
        time::sleep(answer.delay).await;
    }
    match answer.manner {
        Manner::Proper(bytes) => {
            writing.write_all(&bytes).await?;
            Ok(true)
        }
        Manner::Garbage(bytes) => {
            writing.write_all(bytes).await?;
            Ok(false)
        }
        Manner::Close => Ok(false),
        Manner::Never => Ok(true),
    }
}

fn record(seen: &Seen<State>, head: Head, body: Vec<u8>) -> Answer {
    let at = SystemTime::now();
    let (method, path) = (head.word(0).to_owned(), head.word(1).to_owned());
    let mut post = Post { at, method, path, headers: head.headers, body, taken: false };
    seen.change(|state| {
        let repeats = post.key().and_then(|key| state.kept.get(key)).map(|body| *body == post.body);
        let answer = match repeats {
            Some(true) if state.honours_keys => {
                Answer::status(200).header("idempotency-replayed", "true").taking(false)
            }
            Some(false) if state.honours_keys => Answer::status(422),
            _ => state.next.pop_front().unwrap_or_else(|| (state.answer)(&post)),
        };
        post.taken = answer.takes();
        if let (true, Some(key)) = (post.taken, post.key())
            && let Entry::Vacant(first) = state.kept.entry(key.to_owned())
        {
            first.insert(post.body.clone());
        }
        state.posts.push(post);
        answer
    })
}
