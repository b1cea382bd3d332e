//! [`Usage`]: what the process takes of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::metrics::Proc;
use crate::show::{Bytes, Count, Percent, Seconds, or_dash};

/// What the process takes of the machine.
pub(super) struct Usage {
    pub(super) facts: Vec<Fact>,
}

/// A number of the process.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) unit: &'static str,
    pub(super) note: String,
}

impl Usage {
    /// As it is now; where the operating system does not tell, a dash says so.
    pub(super) fn now() -> Self {
        let proc = Proc::read();
        let time = proc.start_time_seconds().map(|start| (now() - start).max(1.0));
        let cpu = proc.cpu_seconds();
        let share = cpu.zip(time).map(|(cpu, time)| Percent(cpu / time));
        let count = |value: Option<f64>| or_dash(value.map(|value| Count(value as u64)));
        let bytes = |key| or_dash(proc.kibibytes(key).map(Bytes));
        let fact = |name, value, unit, note| Fact { name, value, unit, note };
        let most = format!("at most {}", count(proc.most_files()));
        Self {
            facts: vec![
                fact(
                    "Processor",
                    or_dash(share),
                    "of a core",
                    format!("mean; {} in all", or_dash(cpu.map(Seconds))),
                ),
                fact("Memory", bytes("VmRSS:"), "", format!("at most {} so far", bytes("VmHWM:"))),
                fact("Open files", count(proc.open_files), "", most),
                fact("Threads", count(proc.status("Threads:")), "", String::new()),
            ],
        }
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
