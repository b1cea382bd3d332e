//! Hours of the week, for people.

use crate::check::DAYS;

const DAY: usize = 24;

/// So many stretches are named; nobody reads more.
const MOST: usize = 12;

/// An hour of the week, in UTC: `mon 03:00`.
pub(crate) fn hour_name(hour: usize) -> String {
    let day = DAYS.get(hour / DAY).copied().unwrap_or_default();
    format!("{day} {:02}:00", hour % DAY)
}

/// Stretches of hours, each with the end of its last: `mon 03:00 to mon 05:00`.
pub(super) fn stretches(hours: &[usize]) -> String {
    let mut all: Vec<(usize, usize)> = Vec::new();
    for &hour in hours {
        match all.last_mut() {
            Some((_, end)) if *end == hour => *end += 1,
            _ => all.push((hour, hour + 1)),
        }
    }
    let name =
        |(from, end): &(usize, usize)| format!("{} to {}", hour_name(*from), hour_name(end % (7 * DAY)));
    let mut names: Vec<String> = all.iter().take(MOST).map(name).collect();
    if all.len() > MOST {
        names.push(format!("and {} more", all.len() - MOST));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_follow_each_other_are_one_stretch() {
        assert_eq!(stretches(&[3, 4, 30]), "mon 03:00 to mon 05:00, tue 06:00 to tue 07:00");
        assert_eq!(stretches(&[167]), "sun 23:00 to mon 00:00");
        let odd: Vec<usize> = (0..14).map(|hour| hour * 2).collect();
        assert!(stretches(&odd).ends_with(", and 2 more"));
    }
}
