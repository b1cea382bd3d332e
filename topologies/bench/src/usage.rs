//! What this process uses of the machine, as Linux tells it in `/proc/self`.

use std::{fs, io, thread, time::Duration};

/// A clock tick of `/proc/self/stat`: 10 ms on every Linux that user space can see.
const TICK: Duration = Duration::from_millis(10);

/// The processor time of all threads of this process so far, ended ones included.
///
/// Its resolution is 10 ms.
///
/// # Errors
///
/// There is no `/proc/self/stat` to be read: this is not Linux.
pub fn cpu() -> io::Result<Duration> {
    cpu_of("self")
}

/// The same of another process.
pub(crate) fn cpu_of(process: &str) -> io::Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path)?;
    let ticks = parse_ticks(&stat).ok_or_else(|| strange(&path))?;
    Ok(TICK * ticks)
}

/// The memory of this process that is resident, in bytes.
///
/// # Errors
///
/// There is no `/proc/self/status` to be read: this is not Linux.
pub fn resident() -> io::Result<u64> {
    resident_of("self")
}

/// The same of another process.
pub(crate) fn resident_of(process: &str) -> io::Result<u64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path)?;
    parse_resident(&status).ok_or_else(|| strange(&path))
}

/// The processors that this process may use, and what they are called.
pub fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        line.split_once(':').map(|(_, name)| name.trim().to_owned())
    });
    match model {
        Some(model) => format!("{cores} cores of {model}"),
        None => format!("{cores} cores"),
    }
}

/// User and system time: the 14th and 15th field. The second field, the name in brackets, may contain anything.
fn parse_ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11);
    let user: u32 = times.next()?.parse().ok()?;
    let system: u32 = times.next()?.parse().ok()?;
    Some(user + system)
}

fn parse_resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn strange(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{path} does not look as on Linux"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_with_brackets_and_blanks_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 31 11 0 0 20 0 1 0 100 1000 10";

        assert_eq!(parse_ticks(stat), Some(42));
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        assert_eq!(parse_resident("VmPeak:\t 9 kB\nVmRSS:\t    12 kB\n"), Some(12_288));
    }
}
