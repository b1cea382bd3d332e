//! [`Process`]: what the operating system says of this process, under the names that every exporter uses.
//!
//! Read from `/proc`; where there is none, or a line of it cannot be read, the metric is left out.

use std::fs;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

use super::family::{Family, Values, counter, gauge};

/// What the operating system says of this process.
pub(super) struct Process(Vec<Desc>);

impl Process {
    pub(super) fn new() -> prometheus::Result<Self> {
        FAMILIES.iter().map(|family| family.desc(&[])).collect::<Result<_, _>>().map(Self)
    }
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.0.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let proc = Proc::read();
        FAMILIES.iter().map(|family| family.gather([(Vec::new(), &proc)].into_iter())).collect()
    }
}

const FAMILIES: &[Family<Proc>] = &[
    counter("process_cpu_seconds_total", "Time on processors, of the user and of the system.", |proc| {
        some(proc.cpu_seconds())
    }),
    gauge("process_start_time_seconds", "When the process was started, in seconds since 1970.", |proc| {
        some(proc.start_time_seconds())
    }),
    gauge("process_resident_memory_bytes", "Memory that is in use.", |proc| some(proc.kibibytes("VmRSS:"))),
    gauge("process_virtual_memory_bytes", "Memory that is reserved.", |proc| some(proc.kibibytes("VmSize:"))),
    gauge("process_threads", "Threads.", |proc| some(proc.status("Threads:"))),
    gauge("process_open_fds", "Files and sockets that are open.", |proc| some(proc.open_files)),
    gauge("process_max_fds", "Files and sockets that may be open.", |proc| some(proc.most_files())),
];

/// Units of time in `/proc`, a second: part of the kernel's interface on every platform that Rust has a target for.
const TICKS: f64 = 100.0;

/// Files of `/proc`, as they were at one moment; empty if they cannot be read.
pub(crate) struct Proc {
    /// The values of `stat` from the third one on; the name before may contain anything.
    stat: Vec<f64>,
    status: String,
    limits: String,
    system: String,
    pub(crate) open_files: Option<f64>,
}

impl Proc {
    pub(crate) fn read() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let stat = read("/proc/self/stat");
        let values = stat.rsplit_once(')').map_or("", |(_, values)| values).split_whitespace();
        // The folder is open itself while it is read.
        let open_files = fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64 - 1.0);
        Self {
            stat: values.map(|value| value.parse().unwrap_or(f64::NAN)).collect(),
            status: read("/proc/self/status"),
            limits: read("/proc/self/limits"),
            system: read("/proc/stat"),
            open_files,
        }
    }

    /// A value of `stat` by its number in the manual, which counts from 1.
    fn stat(&self, number: usize) -> Option<f64> {
        self.stat.get(number.checked_sub(3)?).copied()
    }

    pub(crate) fn status(&self, key: &str) -> Option<f64> {
        value(&self.status, key)
    }

    pub(crate) fn kibibytes(&self, key: &str) -> Option<f64> {
        self.status(key).map(|kibibytes| kibibytes * 1024.0)
    }

    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        Some((self.stat(14)? + self.stat(15)?) / TICKS)
    }

    pub(crate) fn start_time_seconds(&self) -> Option<f64> {
        Some(value(&self.system, "btime")? + self.stat(22)? / TICKS)
    }

    pub(crate) fn most_files(&self) -> Option<f64> {
        value(&self.limits, "Max open files")
    }
}

/// The first number behind `key`, at the start of a line.
fn value(text: &str, key: &str) -> Option<f64> {
    let behind = text.lines().find_map(|line| line.strip_prefix(key))?;
    behind.split_whitespace().next()?.parse().ok()
}

fn some(value: Option<f64>) -> Values<'static> {
    value.map(|value| ("", value)).into_iter().collect()
}
