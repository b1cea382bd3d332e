//! People who schedule messages, and change their minds at the last moment.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::asked::{Asked, Place, Told, Wish, old_text};
use crate::client::Client;

/// Authors at work at the same time.
const AUTHORS: usize = 6;

/// The pause before somebody is asked again who did not answer.
const PAUSE: Duration = Duration::from_millis(20);

/// Who is not served by then never will be.
const PATIENCE: Duration = Duration::from_secs(120);

const PATH: &str = "/api/v1/messages";

/// Schedules messages at whichever process answers, each until it is accepted, under a key of its own.
pub(crate) fn schedule(
    nodes: &[SocketAddr],
    numbers: Range<usize>,
    due_at: Timestamp,
    places: &[Place],
) -> Vec<Asked> {
    let next = AtomicUsize::new(numbers.start);
    let work = || {
        let mut clients: Vec<_> = nodes.iter().map(|node| Client::of(*node)).collect();
        let mut asked = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return asked;
            }
            let place = places[number % places.len()];
            let id = accepted(&mut clients, number, place.name(), &format!("a{}", number % 7), due_at);
            asked.push(Asked { number, place, id, wish: None, told: None });
        }
    };
    let mut asked: Vec<_> = thread::scope(|scope| {
        let authors: Vec<_> = (0..AUTHORS).map(|_| scope.spawn(work)).collect();
        authors.into_iter().flat_map(|author| author.join().unwrap()).collect()
    });
    asked.sort_by_key(|asked| asked.number);
    asked
}

/// Schedules one message, however often it has to be asked for; gives its id.
pub(crate) fn accepted(
    clients: &mut [Client],
    number: usize,
    destination: &str,
    account: &str,
    due_at: Timestamp,
) -> String {
    let draft = json!({
        "account": account, "destination": destination, "text": old_text(number), "due_at": due_at.to_string(),
    });
    let (key, draft) = (format!("Idempotency-Key: \"k-{number}\"\r\n"), draft.to_string());
    let start = Instant::now();
    for turn in number.. {
        let count = clients.len();
        match clients[turn % count].send("POST", PATH, &key, &draft) {
            Ok((200 | 201, message)) => return message["id"].as_str().unwrap().to_owned(),
            Ok((503, _)) | Err(_) => thread::sleep(PAUSE),
            Ok(other) => panic!("{draft}: {other:?}"),
        }
        assert!(start.elapsed() < PATIENCE, "nobody accepts {draft}");
    }
    unreachable!("there are numbers enough");
}

/// Half of the authors change their minds, each at an instant from `from` on, within `span`.
pub(crate) fn change_minds(
    nodes: &[SocketAddr],
    asked: &mut [Asked],
    from: Instant,
    span: Duration,
    dice: &mut Rng,
) {
    let mut wishes: Vec<_> = asked
        .iter_mut()
        .filter_map(|asked| {
            let wish = [None, None, Some(Wish::Edit), Some(Wish::Cancel)][dice.usize(..4)]?;
            asked.wish = Some(wish);
            Some((from + span.mul_f64(dice.f64()), dice.usize(..nodes.len()), asked))
        })
        .collect();
    wishes.sort_by_key(|(at, ..)| *at);
    let mut shares: Vec<Vec<_>> = (0..AUTHORS).map(|_| Vec::new()).collect();
    wishes.into_iter().enumerate().for_each(|(turn, wish)| shares[turn % AUTHORS].push(wish));
    thread::scope(|scope| {
        for share in shares {
            scope.spawn(move || {
                let mut clients: Vec<_> = nodes.iter().map(|node| Client::of(*node)).collect();
                for (at, node, asked) in share {
                    thread::sleep(at.saturating_duration_since(Instant::now()));
                    asked.told = Some(change(&mut clients[node], asked));
                }
            });
        }
    });
}

fn change(client: &mut Client, asked: &Asked) -> Told {
    let path = format!("{PATH}/{}", asked.id);
    let answer = match asked.wish {
        Some(Wish::Edit) => client.send("PATCH", &path, "", &json!({ "text": asked.new_text() }).to_string()),
        _ => client.send("POST", &format!("{path}/cancel"), "", ""),
    };
    let Ok((status, answer)) = answer else { return Told::Nothing };
    let said = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
    match (status, said("result"), said("type")) {
        (200, "updated", _) if asked.wish == Some(Wish::Edit) => Told::Edited,
        (200, "updated", _) => Told::Cancelled,
        (200, "stopped", _) => Told::Stopped,
        (409, _, "/problems/too-late") => Told::TooLate,
        (409, _, "/problems/already-sent") => Told::AlreadySent,
        (409, _, "/problems/not-possible") => Told::NotPossible,
        (503, ..) => Told::Nothing,
        _ => panic!("{asked:?}: {status} {answer}"),
    }
}

/// Schedules messages by one request for many, as often as it takes until each is accepted: no key makes two.
pub(crate) fn bulk(
    nodes: &[SocketAddr],
    numbers: Range<usize>,
    due_at: Timestamp,
    places: &[Place],
) -> Vec<Asked> {
    let lines: String = numbers
        .clone()
        .map(|number| {
            let draft = json!({
                "account": format!("a{}", number % 7), "destination": places[number % places.len()].name(),
                "text": old_text(number), "due_at": due_at.to_string(), "idempotency_key": format!("k-{number}"),
            });
            format!("{draft}\n")
        })
        .collect();
    let mut clients: Vec<_> = nodes.iter().map(|node| Client::of(*node)).collect();
    let start = Instant::now();
    for turn in 0.. {
        let client = turn % clients.len();
        if let Ok((200, answers)) = clients[client].send("POST", &format!("{PATH}/bulk"), "", &lines) {
            let answers: Vec<Value> = answers
                .as_str()
                .unwrap_or_default()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            if answers.len() == numbers.len() && answers.iter().all(|answer| answer["id"].is_string()) {
                return answers
                    .iter()
                    .zip(numbers)
                    .map(|(answer, number)| Asked {
                        number,
                        place: places[number % places.len()],
                        id: answer["id"].as_str().unwrap().to_owned(),
                        wish: None,
                        told: None,
                    })
                    .collect();
            }
        }
        thread::sleep(PAUSE);
        assert!(start.elapsed() < PATIENCE, "nobody accepts many at once");
    }
    unreachable!("there are turns enough");
}
