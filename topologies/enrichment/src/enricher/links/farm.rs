//! A farm of web servers that lead astray, on loopback, and names that lead to them.
//!
//! A server answers the path of a request by the words in it; see [`answer`].

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use squall_connect::http::{Guard, Lookup};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

/// One web server.
pub(super) struct Farm {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    server: JoinHandle<()>,
}

struct State {
    asked: Mutex<Vec<String>>,
    open: AtomicUsize,
    most: AtomicUsize,
    gate: Semaphore,
    arrived: Notify,
}

impl Farm {
    pub(super) async fn start() -> Self {
        Self::at("127.0.0.1:0").await
    }

    pub(super) async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            asked: Mutex::default(),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            arrived: Notify::new(),
        });
        let shared = Arc::clone(&state);
        let server = tokio::spawn(async move {
            loop {
                let (caller, _) = listener.accept().await.unwrap();
                let state = Arc::clone(&shared);
                // A caller that hangs up is none of its business.
                tokio::spawn(async move { serve(caller, &state).await.ok() });
            }
        });
        Self { address, state, server }
    }

    /// An address there, with the IP written out.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// An address there, by a name.
    pub(super) fn at_name(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.address.port())
    }

    /// The first lines of all requests so far, as `GET /path`.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Requests for `/gate` that were there at once, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    /// Waits until so many requests for `/gate` are there.
    pub(super) async fn until_open(&self, count: usize) {
        loop {
            let arrived = self.state.arrived.notified();
            if self.state.open.load(Ordering::SeqCst) >= count {
                return;
            }
            arrived.await;
        }
    }

    /// Lets one of them go.
    pub(super) fn let_one_go(&self) {
        self.state.gate.add_permits(1);
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut caller: TcpStream, state: &State) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(caller.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(!head.to_ascii_lowercase().contains("authorization:"), "{head}");
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        state.asked.lock().unwrap().push(format!("{method} {path}"));
        answer(&mut caller, state, method, path).await?;
    }
}

/// Answers a path:
///
/// | path | answer |
/// |---|---|
/// | `/ok…` | 200 |
/// | `/status/404` | that status |
/// | `/to/302?URL` | that redirect, as it stands |
/// | `/chain/9` | to `/chain/8`, and so on; `/chain/0` is 200 |
/// | `/part` | to a part of `/ok` |
/// | `/a`, `/b` | to each other |
/// | `/self` | to itself |
/// | `/grows/x` | to `/grows/xx`, and so on |
/// | `/nohead/405`, `/nohead/hangs-up` | HEAD is refused so, GET leads to `/ok` |
/// | `/silent` | nothing, ever |
/// | `/drips` | a head that drips |
/// | `/huge` | 200 to GET, with a body that never ends; HEAD is refused |
/// | `/headers` | headers that never end |
/// | `/garbage` | no HTTP |
/// | `/no-location`, `/location/BYTES`, `/long` | a redirect without, with that, or with too long a location |
/// | `/meta` | 200 with a page that would lead on |
/// | `/gate` | 200, when it is let go |
async fn answer(caller: &mut TcpStream, state: &State, method: &str, path: &str) -> io::Result<()> {
    let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    let is_head = method == "HEAD";
    match first {
        "status" => plain(caller, rest.parse().unwrap()).await,
        "to" => {
            let Some((status, location)) = rest.split_once('?') else { return plain(caller, 200).await };
            redirect(caller, status, location).await
        }
        "chain" if rest != "0" => {
            redirect(caller, "301", &format!("/chain/{}", rest.parse::<u32>().unwrap() - 1)).await
        }
        "a" => redirect(caller, "307", "/b").await,
        "b" => redirect(caller, "308", "/a").await,
        "self" => redirect(caller, "302", "/self#again").await,
        "grows" => redirect(caller, "302", &format!("/grows/{rest}x")).await,
        "nohead" if is_head && rest == "hangs-up" => Err(io::ErrorKind::ConnectionReset.into()),
        "nohead" if is_head => plain(caller, rest.parse().unwrap()).await,
        "nohead" => redirect(caller, "302", "/ok").await,
        "part" => redirect(caller, "302", "/ok#part").await,
        "long" => redirect(caller, "302", &"x".repeat(5000)).await,
        "no-location" => plain(caller, 302).await,
        "location" => redirect(caller, "302", rest).await,
        "meta" => {
            let page = "<meta http-equiv=refresh content='0;url=/ok'>";
            let body = if is_head { "" } else { page };
            caller
                .write_all(
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", page.len()).as_bytes(),
                )
                .await
        }
        "gate" => {
            let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
            state.most.fetch_max(open, Ordering::SeqCst);
            state.arrived.notify_waiters();
            state.gate.acquire().await.unwrap().forget();
            state.open.fetch_sub(1, Ordering::SeqCst);
            plain(caller, 200).await
        }
        "silent" | "drips" | "huge" | "headers" | "garbage" => misbehave(caller, first, is_head).await,
        _ => plain(caller, 200).await,
    }
}

/// Answers that do not come to an end, or are none.
async fn misbehave(caller: &mut TcpStream, how: &str, is_head: bool) -> io::Result<()> {
    match how {
        "silent" => std::future::pending().await,
        "drips" => loop {
            caller.write_all(b"HTTP/1.1 200 OK\r\nx: ").await?;
            for _ in 0.. {
                caller.write_all(b"y").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        },
        "huge" if is_head => plain(caller, 405).await,
        "huge" => {
            caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                caller.write_all(&[b'x'; 65_536]).await?;
            }
        }
        "headers" => {
            caller.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            for number in 0_u64.. {
                caller.write_all(format!("x-{number}: {}\r\n", "y".repeat(1000)).as_bytes()).await?;
            }
            Ok(())
        }
        "garbage" => {
            caller.write_all(b"SSH-2.0-OpenSSH_9\r\n\r\n").await?;
            Err(io::ErrorKind::ConnectionReset.into())
        }
        _ => plain(caller, 200).await,
    }
}

async fn plain(caller: &mut TcpStream, status: u16) -> io::Result<()> {
    caller.write_all(format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n").as_bytes()).await
}

async fn redirect(caller: &mut TcpStream, status: &str, location: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status} So\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    caller.write_all(head.as_bytes()).await
}

/// Names and their addresses: each question has the next answer of the list, the last one again and again.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: BTreeMap<&'static str, Vec<Vec<&'static str>>>,
    asked: Mutex<BTreeMap<String, usize>>,
}

impl Names {
    pub(super) fn of<const N: usize>(names: [(&'static str, Vec<Vec<&'static str>>); N]) -> Arc<dyn Guard> {
        Arc::new(Self { by_name: names.into(), asked: Mutex::default() })
    }
}

impl Guard for Names {
    fn allows(&self, _: IpAddr) -> bool {
        // Who decides is the gate.
        false
    }

    fn resolve(&self, name: &str) -> Lookup {
        let mut asked = self.asked.lock().unwrap();
        let nth = asked.entry(name.to_owned()).or_default();
        let answer = self.by_name.get(name).map(|answers| {
            answers[(*nth).min(answers.len() - 1)].iter().map(|ip| ip.parse().unwrap()).collect()
        });
        *nth += 1;
        Box::pin(std::future::ready(answer.ok_or_else(|| io::Error::other("no such name"))))
    }
}
