//! A check of one's own: what is measured, what is too much, who must act, and what to do. It is then on the pages, in
//! `/health`, in `squall check` and in the alerts, beside those that every topology has.
//!
//! A shop takes orders; nobody ships any. The check counts what lies there. The example asks `squall check`, as Nagios
//! would, until it says that somebody has to act; then an order is shipped for each that came, and all is well again.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use squall::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput, TopologyBuilder};
use squall_ops::{App, Bound, Check, CheckView, Cli, Launch, Prepared, Reading, StartError, exit};

/// What lies there, and whether anybody ships.
#[derive(Default)]
struct Shelf {
    orders: AtomicU64,
    somebody_ships: AtomicBool,
    is_closed: AtomicBool,
}

/// Ten orders, and then the shop waits until it is closed.
struct Orders(Arc<Shelf>, u64);

impl Spout for Orders {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.1 == 10 {
            return Ok(if self.0.is_closed.load(Relaxed) { Next::End } else { Next::Idle });
        }
        self.1 += 1;
        out.track(self.1).emit(self.1);
        Ok(Next::Emitted)
    }
}

struct Keep(Arc<Shelf>);

impl Bolt for Keep {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _order: u64, _: &mut Output<()>) -> Result<()> {
        self.0.orders.fetch_add(1, Relaxed);
        Ok(())
    }
}

/// The check: a number, its bound, its unit, how long it may be wrong, who must act, and what to do.
fn backlog(shelf: Arc<Shelf>) -> Check {
    let lies_there = move |_: CheckView<'_>| {
        if shelf.somebody_ships.load(Relaxed) {
            shelf.orders.store(0, Relaxed);
        }
        vec![Reading::new(shelf.orders.load(Relaxed) as f64).about("shop", "keep")]
    };
    Check::new("backlog", Bound::Above(9.0), lies_there)
        .unit("orders")
        .lasting(Duration::from_secs(1))
        .what_to_do("find somebody who ships")
        .pages()
}

struct Shop(Arc<Shelf>);

impl App for Shop {
    fn name(&self) -> &'static str {
        "shop"
    }

    fn about(&self) -> &'static str {
        "Takes orders, and ships none"
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> std::result::Result<Prepared, StartError> {
        let (orders, kept) = (Arc::clone(&self.0), Arc::clone(&self.0));
        let mut shop = TopologyBuilder::new("shop");
        let came = shop.spout("orders", move || Orders(Arc::clone(&orders), 0)).output();
        shop.bolt("keep", move || Keep(Arc::clone(&kept))).shuffle(came);
        if let (false, Some(url)) = (launch.is_dry(), launch.base_url()) {
            let shelf = Arc::clone(&self.0);
            thread::spawn(move || watch(&url, &shelf));
        }
        Ok(Prepared::new(shop.build()?).check(backlog(Arc::clone(&self.0))))
    }
}

/// What Nagios does: ask again and again, and look at the exit code.
fn watch(url: &str, shelf: &Shelf) {
    let args = ["own_check", "check", "--url", url, "--topology", "shop", "--check", "backlog"];
    let until = |code: u8| {
        while Cli::new(vec![]).main_from(args) != code.into() {
            thread::sleep(Duration::from_millis(500));
        }
    };
    until(2); // CRITICAL: somebody has to act
    shelf.somebody_ships.store(true, Relaxed);
    until(0); // OK
    shelf.is_closed.store(true, Relaxed);
}

fn main() -> ExitCode {
    let shelf = Arc::new(Shelf::default());
    let shop = Cli::new(vec![Box::new(Shop(Arc::clone(&shelf)))]);
    let code = shop.main_from(["own_check", "run", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, exit::OK.into());
    assert!(shelf.is_closed.load(Relaxed), "the check was broken, and then held again");
    code
}
