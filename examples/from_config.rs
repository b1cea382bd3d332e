//! Numbers from a configuration file: what the code says is the default, the file has the last word, and a fault is
//! shown where it stands.
//!
//! A program would read `squall.toml` with `Config::load`; here the text is part of the example.
//!
//! ```sh
//! cargo run -p squall-examples --example from_config
//! ```

use std::error::Error;

use squall::{
    config::{Config, ConfigError},
    prelude::*,
};

const GOOD: &str = r#"
[topology.numbers]
message_timeout = "5s"

[topology.numbers.component.square]
parallelism = 3
inbox = 64
restart = { policy = "transient", backoff = "20ms", budget = 5 }
"#;

const BAD: &str = r#"
[topology.numbers]
message_timeout = 5

[topology.numbers.component.square]
paralelism = 3

[topology.numbers.component.sqare]
inbox = 64
"#;

struct Numbers(u64);

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.0 == 10 {
            return Ok(Next::End);
        }
        self.0 += 1;
        out.track(self.0).emit(self.0);
        Ok(Next::Emitted)
    }
}

struct Square;

impl Bolt for Square {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(n * n);
        Ok(())
    }
}

/// The wiring is code; no file can break it.
fn numbers() -> std::result::Result<Plan, squall::Invalid> {
    let mut t = TopologyBuilder::new("numbers");
    let numbers = t.spout("numbers", || Numbers(0)).output();
    t.bolt("square", || Square).tasks(2).shuffle(numbers);
    t.build()
}

fn square(plan: &Plan) -> String {
    plan.component("square")
        .map_or_else(String::new, |it| format!("{} tasks, an inbox of {}", it.tasks, it.inbox))
}

/// Claims the section of this topology, and refuses whatever nobody claims.
fn settings(text: &str, plan: &Plan) -> std::result::Result<squall::TopologySettings, ConfigError> {
    let mut config = Config::parse("squall.toml", text)?;
    let settings = config.topology(plan.name(), &plan.component_names()).unwrap_or_default();
    // All faults at once: those of the section, and sections that do not exist.
    config.finish()?;
    Ok(settings)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut plan = numbers()?;
    println!("the code says: {}", square(&plan));

    plan.configure(&settings(GOOD, &plan)?)?;
    println!("the file says: {}", square(&plan));

    let report = squall::run(plan)?;
    println!("{} numbers were squared", report.roots().acked);

    if let Err(faults) = settings(BAD, &numbers()?) {
        println!("\nand this file is refused:\n\n{faults}");
    }
    Ok(())
}
