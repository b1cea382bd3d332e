//! A service of scores that cannot be relied on.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use fastrand::Rng;

/// How long whoever asks waits.
pub(crate) const DEADLINE: Duration = Duration::from_millis(150);

/// What it does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mood {
    /// Answers.
    Right,
    /// Answers, and answers once more, about somebody else.
    Twice,
    /// Says that it cannot.
    Refuses,
    /// Never says anything.
    Hangs,
    /// Answers when nobody waits any more.
    Late,
    /// Closes in the middle of its answer.
    Cut,
    /// Says something else.
    Other,
}

impl Mood {
    /// Half of the answers are of use.
    fn of(chance: u64) -> Self {
        match chance % 100 {
            0..30 => Self::Right,
            30..50 => Self::Twice,
            50..75 => Self::Refuses,
            75..82 => Self::Hangs,
            82..90 => Self::Late,
            90..95 => Self::Cut,
            _ => Self::Other,
        }
    }
}

/// The score of `did:plc:NUMBER`.
pub(crate) fn score(author: &str) -> f64 {
    let number: u64 = author.rsplit(':').next().unwrap().parse().unwrap();
    (number % 1000) as f64 / 10.0
}

/// A service on loopback, whose moods follow from a seed, from what is asked, and how often that was.
pub(crate) struct Service {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    seed: u64,
    asked: Mutex<HashMap<String, u64>>,
    moods: Mutex<HashMap<Mood, u64>>,
}

impl Service {
    pub(crate) fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { seed, asked: Mutex::default(), moods: Mutex::default() });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                thread::spawn(move || state.serve(caller));
            }
        });
        Self { address, state }
    }

    /// Its address, for authors that are asked for by `name`.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://{}/{name}/{{key}}", self.address)
    }

    /// How often it was in a mood.
    pub(crate) fn was(&self, mood: Mood) -> u64 {
        self.state.moods.lock().unwrap().get(&mood).copied().unwrap_or_default()
    }
}

impl State {
    fn serve(&self, mut caller: TcpStream) {
        let mut lines = BufReader::new(caller.try_clone().unwrap()).lines().map_while(Result::ok);
        while let Some(first) = lines.next() {
            // The head ends with an empty line.
            lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
            let path = first.split(' ').nth(1).unwrap().replace("%3A", ":");
            let mood = self.mood(&path);
            if mood == Mood::Late {
                thread::sleep(2 * DEADLINE);
            }
            if mood == Mood::Hangs || !matches!(caller.write_all(says(mood, &path).as_bytes()), Ok(())) {
                // Until the caller has gone.
                lines.by_ref().for_each(drop);
            }
            if mood == Mood::Cut {
                return;
            }
        }
    }

    fn mood(&self, path: &str) -> Mood {
        let times = {
            let mut asked = self.asked.lock().unwrap();
            let times = asked.entry(path.to_owned()).or_default();
            *times += 1;
            *times
        };
        let mut hash = DefaultHasher::new();
        (self.seed, path, times).hash(&mut hash);
        let mood = Mood::of(Rng::with_seed(hash.finish()).u64(..));
        *self.moods.lock().unwrap().entry(mood).or_default() += 1;
        mood
    }
}

/// The bytes of an answer about the author at the end of `path`.
fn says(mood: Mood, path: &str) -> String {
    let ok = |body: String| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let right = || ok(format!("{{\"score\":{}}}", score(path)));
    match mood {
        Mood::Right | Mood::Late | Mood::Hangs => right(),
        Mood::Twice => right() + &ok("{\"score\":99.95}".to_owned()),
        Mood::Refuses => "HTTP/1.1 503 Not Now\r\ncontent-length: 0\r\n\r\n".to_owned(),
        Mood::Cut => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"score\":".to_owned(),
        Mood::Other => ok("{\"score\":\"a lot\"}".to_owned()),
    }
}
