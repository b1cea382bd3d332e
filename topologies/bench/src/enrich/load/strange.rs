//! Records that others choke on. Those that are activities come out; the others go where those go, and hold nobody up.

use super::input::{FIRST, Fate, Template};
use crate::Error;

/// Bytes of the longest text: broker and workers are told to take it.
const LONG: usize = 1024 * 1024;

/// Each of them once.
pub(super) fn all() -> Result<Vec<Template>, Error> {
    let texts = [
        r"a NUL\u0000in the middle of it".to_owned(),
        r"half an emoji \ud83d and the rest of the text".to_owned(),
        r"the other half \ude00 first".to_owned(),
        "\u{202e}صباح الخير يا أصدقائي\u{202c}".to_owned(),
        "😂👩‍👩‍👧‍👦🏳️‍🌈".to_owned(),
        "good morning to all of you ".repeat(LONG / 27),
    ];
    let through = texts.iter().map(|text| {
        let json = format!(r#"{{"id":"load-{FIRST}","author":"nobody","text":"{text}"}}"#);
        Template::through(&json, &["influence", "language"])
    });
    let dead = [
        format!(r#"{{"id":"load-{FIRST}","text":"cut off in the mid"#).into_bytes(),
        format!(r#"["load-{FIRST}"]"#).into_bytes(),
        format!("load-{FIRST} is no JSON").into_bytes(),
        format!("{{\"id\":\"load-{FIRST}\",\"text\":\"a raw \0\"}}").into_bytes(),
        [format!(r#"{{"id":"load-{FIRST}","text":""#).as_bytes(), b"\xff\xfe", br#""}"#].concat(),
    ];
    let dead = dead.into_iter().map(|bytes| Template::new(bytes, Fate::Dead));
    // In turn, so that a short run meets some of each.
    let (through, dead) = (through.collect::<Result<Vec<_>, _>>()?, dead.collect::<Result<Vec<_>, _>>()?);
    let longest = through.len().max(dead.len());
    Ok((0..longest).flat_map(|nth| [dead.get(nth), through.get(nth)]).flatten().cloned().collect())
}

#[cfg(test)]
mod tests {
    use squall_enrichment::Activity;

    use super::*;
    use crate::enrich::load::input::Input;

    #[test]
    fn what_has_to_come_out_is_an_activity_and_what_has_not_is_none() {
        let input = Input::generate(1, 3, ([127, 0, 0, 1], 80).into()).unwrap();
        let mut bytes = Vec::new();
        let mut strange = 0;
        for number in 0..2_003 * 11 {
            let template = input.template(number).unwrap();
            input.write(number, &mut bytes);
            let parsed = std::str::from_utf8(&bytes).ok().and_then(|json| Activity::parse(1, json).ok());

            assert_eq!(parsed.is_some(), template.fate != Fate::Dead, "{}", String::from_utf8_lossy(&bytes));
            strange += u32::from(bytes.starts_with(b"{\"id\"") || template.fate == Fate::Dead);
        }

        assert_eq!(strange, 11);
        assert_eq!(all().unwrap().len(), 11);
    }
}
