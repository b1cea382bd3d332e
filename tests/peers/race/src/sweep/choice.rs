//! What can be set.

use crate::storm::Setup;

/// One thing to set, and what to try for it.
pub(super) type Choice = Vec<Value>;

/// One value of one thing.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Tasks of each bolt.
    Tasks(usize),
    /// Settings of the topology.
    Settings(Vec<(&'static str, String)>),
    /// A flag of the Java virtual machine.
    Java(&'static str),
}

impl Value {
    /// Sets it.
    pub(super) fn apply(&self, setup: &mut Setup) {
        match self {
            Self::Tasks(tasks) => setup.tasks = *tasks,
            Self::Settings(settings) => {
                for (key, value) in settings {
                    setup.settings.insert((*key).to_owned(), value.clone());
                }
            }
            Self::Java(flag) => setup.java = vec![(*flag).to_owned()],
        }
    }
}

/// For the cases without a fixed rate.
pub(super) fn of_flows(case: &str, is_tracked: bool) -> Vec<Choice> {
    let mut all = Vec::new();
    if case == "word-count" {
        all.push(vec![Value::Tasks(2)]);
    }
    all.push(set("topology.producer.batch.size", &["16", "100", "1000"]));
    if is_tracked {
        all.push(set("topology.max.spout.pending", &["250", "1000", "4000", "16000"]));
        all.push(parks("spout", &["100", "20"]));
    }
    all.push(parks("bolt", &["100"]));
    all.push(vec![Value::Java("-XX:+UseParallelGC")]);
    all
}

/// For latency at a fixed rate.
pub(super) fn of_rates() -> Vec<Choice> {
    vec![
        parks("spout", &["100", "50", "20"]),
        parks("bolt", &["100", "50", "20"]),
        vec![Value::Java("-XX:+UseParallelGC"), Value::Java("-XX:+UseZGC")],
    ]
}

fn set(key: &'static str, values: &[&str]) -> Choice {
    values.iter().map(|value| Value::Settings(vec![(key, (*value).to_owned())])).collect()
}

/// Parks for so many microseconds instead of waiting ever longer. Zero would spin: there are more tasks than
/// processors.
fn parks(component: &str, micros: &[&str]) -> Choice {
    let (strategy, park) = match component {
        "spout" => ("topology.spout.wait.strategy", "topology.spout.wait.park.microsec"),
        _ => ("topology.bolt.wait.strategy", "topology.bolt.wait.park.microsec"),
    };
    let park = |value: &&str| {
        Value::Settings(vec![
            (strategy, "org.apache.storm.policy.WaitStrategyPark".to_owned()),
            (park, (*value).to_owned()),
        ])
    };
    micros.iter().map(park).collect()
}
