//! Calls side by side: prices are asked of a service that is slow, and now and then busy.
//!
//! One task has 32 requests under way, answers leave in the order of their tuples, a request that hangs is given up,
//! and one that was refused is made again.
//!
//! ```sh
//! cargo run -p squall-examples --example async_calls
//! ```

use std::{
    cell::Cell,
    collections::VecDeque,
    error::Error as StdError,
    rc::Rc,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use squall::{RetryPolicy, prelude::*};
use tokio::time::sleep;

const ARTICLES: u32 = 500;
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Priced {
    article: u32,
    cents: u32,
}

struct Articles(VecDeque<u32>);

impl Spout for Articles {
    type Id = ();
    type Out = Emit<u32>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u32>, ()>) -> Result<Next> {
        let Some(article) = self.0.pop_front() else { return Ok(Next::End) };
        out.track(()).emit(article);
        Ok(Next::Emitted)
    }
}

/// Stands for a client of the service. All calls of a task share it.
#[derive(Default)]
struct Prices {
    requests: Rc<Cell<u32>>,
}

impl Prices {
    async fn ask(&self, article: u32) -> Result<u32> {
        let request = self.requests.replace(self.requests.get() + 1);
        match request % 100 {
            13 => Err(Error::retryable("the service is busy")),
            57 => std::future::pending().await,
            _ => {
                sleep(Duration::from_millis(u64::from(article * 7 % 20))).await;
                Ok(article * 3)
            }
        }
    }
}

impl ConcurrentBolt for Prices {
    type In = u32;
    type Out = Emit<Priced>;

    async fn execute(&self, article: u32, out: &mut Output<Emit<Priced>>) -> Result<()> {
        if article == 404 {
            return Err(Error::permanent("there is no article 404"));
        }
        let cents = self.ask(article).await?;
        out.emit(Priced { article, cents });
        Ok(())
    }
}

struct Print(Arc<Mutex<Vec<u32>>>);

impl Bolt for Print {
    type In = Priced;
    type Out = ();

    async fn execute(&mut self, priced: Priced, _: &mut Output<()>) -> Result<()> {
        assert_eq!(priced.cents, priced.article * 3);
        self.0.lock().map_err(|_| Error::permanent("the list is lost"))?.push(priced.article);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn StdError>> {
    let printed = Arc::new(Mutex::new(Vec::new()));
    let policy = RetryPolicy { attempts: 5, backoff: Duration::from_millis(10), ..RetryPolicy::default() };
    let mut t = TopologyBuilder::new("prices");
    let articles = t.spout("articles", || Articles((0..ARTICLES).collect())).output();
    let priced = t
        .concurrent_bolt("prices", Prices::default)
        .concurrency(32)
        .ordered()
        .timeout(PATIENCE)
        .retry(policy)
        .shuffle(articles)
        .output();
    let list = Arc::clone(&printed);
    t.bolt("print", move || Print(Arc::clone(&list))).shuffle(priced);

    let began = Instant::now();
    let report = squall::run(t.build()?)?;

    let calls = report.component("prices").and_then(|prices| prices.calls.clone()).unwrap_or_default();
    println!("{ARTICLES} articles in {:?}: {calls:?}", began.elapsed());
    let printed = printed.lock().map_err(|_| "the list is lost")?;
    assert!(printed.is_sorted());
    assert_eq!((printed.len() as u32, report.roots().failed), (ARTICLES - 1, 1));
    assert!(calls.retried >= 9 && calls.timed_out >= 4);
    Ok(())
}
