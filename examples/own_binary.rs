//! A binary of one's own: everything that `squall` can do, with a topology of one's own.
//!
//! ```sh
//! cargo run -p squall-examples --example own_binary -- --help
//! cargo run -p squall-examples --example own_binary -- run --set primes.below=100
//! cargo run -p squall-examples --example own_binary -- graph primes --format mermaid
//! cargo run -p squall-examples --example own_binary -- run --listen 127.0.0.1:8090 --set primes.below=1000000000
//! cargo run -p squall-examples --example own_binary -- ctl rebalance primes sieve=4
//! cargo run -p squall-examples --example own_binary -- tap primes sieve
//! ```

use std::process::ExitCode;

use serde::Deserialize;
use squall::cli::{App, Flags, Launch, Prepared, Section, StartError};
use squall::prelude::*;

/// `[primes]` of the configuration.
#[derive(Clone, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Primes {
    /// Numbers from here on are not looked at.
    below: u64,
}

impl Default for Primes {
    fn default() -> Self {
        Self { below: 1000 }
    }
}

struct Numbers {
    next: u64,
    below: u64,
}

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.next >= self.below {
            return Ok(Next::End);
        }
        out.track(self.next).emit(self.next);
        self.next += 1;
        Ok(Next::Emitted)
    }
}

/// Lets primes through.
struct Sieve;

impl Bolt for Sieve {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        let is_prime = (2..).take_while(|by| by * by <= number).all(|by| !number.is_multiple_of(by));
        if is_prime {
            out.emit(number);
        }
        Ok(())
    }
}

/// The topology, as the command line sees it.
struct PrimesApp;

impl App for PrimesApp {
    fn name(&self) -> &'static str {
        "primes"
    }

    fn about(&self) -> &'static str {
        "Finds primes"
    }

    fn sections(&self) -> Vec<Section> {
        vec![Section::of::<Primes>("primes")]
    }

    fn is_finite(&self, _: Flags<'_>) -> bool {
        true
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> std::result::Result<Prepared, StartError> {
        let below = launch.config().section::<Primes>("primes")?.unwrap_or_default().below;
        let mut t = TopologyBuilder::new(self.name());
        let numbers = t.spout("numbers", move || Numbers { next: 2, below }).output();
        t.bolt("sieve", || Sieve).tasks(2).shuffle(numbers);
        let found = move |primes: u64| format!("{primes} primes below {below}");
        Ok(Prepared::new(t.build()?)
            .summary(move |report| found(report.component("sieve").map_or(0, |sieve| sieve.emitted))))
    }
}

fn main() -> ExitCode {
    squall::cli::main(vec![Box::new(PrimesApp)])
}
