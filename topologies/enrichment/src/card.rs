//! The card on the overview: what there is to do, what goes out, and in which languages.

mod enricher;

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use squall_ops::show::{Bytes, Count, Percent, Rate, Seconds, Spark};
use squall_ops::{Card, Html, Problem};

use crate::overload::{curve, words};
use crate::pipeline::NAME;
use crate::{Language, Missing, Outlook, Overload, Sink, Tally};
use enricher::Told;

/// How many languages are named; the rest is one line.
const NAMED: usize = 5;

/// Points of the curve of the backlog: more are not seen.
const POINTS: usize = 120;

/// The card of a topology that counts in `tally` since `started`, and writes to `sink`.
pub(crate) fn card(tally: &Arc<Tally>, overload: &Overload, sink: &Sink, started: Instant) -> Card {
    let (tally, overload, sink) = (Arc::clone(tally), overload.clone(), sink.clone());
    Card::new("Enrichment", move || {
        let repeated = sink.repeated().map(Count);
        let shown = Shown { repeated, ..Shown::of(&tally, &overload.outlook(), started) };
        async move { Html::of(&shown) as Result<Html, Problem> }
    })
    .href(format!("/t/{NAME}"))
}

#[derive(Template)]
#[template(path = "card.html")]
struct Shown {
    topology: &'static str,
    per_s: Rate,
    written: Count,
    /// How many of these were in the table already.
    repeated: Option<Count>,
    enriched: Count,
    share: Option<Percent>,
    rejected: Count,
    load: Load,
    parked: Parked,
    lost: Option<String>,
    stopped: Vec<String>,
    enrichers: Vec<Told>,
    languages: Vec<Spoken>,
}

/// What there is to do.
struct Load {
    records: Count,
    /// When it is done, and how old it is.
    words: String,
    curve: Spark,
    caption: String,
    arriving: Rate,
    capacity: Rate,
    from: String,
}

/// What waits for answers.
struct Parked {
    now: Count,
    limit: Count,
    bytes: Bytes,
    share: f64,
    kind: &'static str,
    waited: Option<Seconds>,
}

/// How much of what has a language is in this one.
struct Spoken {
    name: String,
    share: Percent,
    /// The same against the most frequent one: what a bar shows.
    drawn: f64,
}

impl Shown {
    fn of(tally: &Tally, outlook: &Outlook, started: Instant) -> Self {
        let (written, enriched) = (tally.written(), tally.enriched());
        let without: u64 = Missing::OF_LANGUAGE.iter().map(|why| tally.missing(why)).sum();
        let with_text = enriched + without;
        // What is shown until the script tells what is so now.
        let per_s = written as f64 / started.elapsed().as_secs_f64().max(1.0);
        Self {
            topology: NAME,
            per_s: Rate(per_s),
            written: Count(written),
            repeated: None,
            enriched: Count(enriched),
            share: (with_text > 0).then(|| Percent(enriched as f64 / with_text as f64)),
            rejected: Count(tally.rejected()),
            load: Load::of(outlook),
            parked: Parked::of(outlook),
            lost: (outlook.lost_records > 0).then(|| format!("{} records", Count(outlook.lost_records))),
            stopped: outlook.stopped.clone(),
            enrichers: outlook.enrichers.iter().map(Told::of).collect(),
            languages: spoken(tally, enriched),
        }
    }
}

impl Load {
    fn of(outlook: &Outlook) -> Self {
        let backlog: Vec<_> = outlook.curve.iter().map(|point| point.backlog).collect();
        let peaks = curve::peaks(&backlog, POINTS);
        let peaks: Vec<_> = peaks.into_iter().map(|most| most as f32).collect();
        let most = Count(backlog.iter().copied().max().unwrap_or(0));
        let since = Seconds(backlog.len().saturating_sub(1) as f64);
        let age = outlook.backlog_age_s.round();
        let age = (age > 0.0).then(|| format!("; the oldest is {} old", Seconds(age)));
        let words = format!("{}{}", sentence(&words::drain(outlook)), age.unwrap_or_default());
        Self {
            records: Count(outlook.backlog_records),
            words,
            curve: Spark::of(&peaks),
            caption: format!("{most} at most in the last {since}"),
            arriving: Rate(outlook.in_per_s),
            capacity: Rate(outlook.capacity_per_s),
            from: outlook.capacity_from.to_string(),
        }
    }
}

impl Parked {
    fn of(outlook: &Outlook) -> Self {
        let share = outlook.parked as f64 / outlook.parked_limit.max(1) as f64;
        Self {
            now: Count(outlook.parked),
            limit: Count(outlook.parked_limit),
            bytes: Bytes(outlook.parked_bytes as f64),
            share: share.min(1.0),
            kind: if share > 0.9 { "warn" } else { "info" },
            waited: outlook.waited_p99_ms.map(|ms| Seconds(ms / 1e3)),
        }
    }
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn spoken(tally: &Tally, enriched: u64) -> Vec<Spoken> {
    let mut counts: Vec<_> =
        Language::ALL.into_iter().map(|language| (tally.spoken(language), language)).collect();
    counts.retain(|(count, _)| *count > 0);
    counts.sort_by_key(|(count, _)| Reverse(*count));
    let most = counts.first().map_or(1, |(count, _)| *count) as f64;
    let share = |count: u64| Percent(count as f64 / enriched.max(1) as f64);
    let named = counts.iter().take(NAMED).map(|(count, language)| (format!("{language:?}"), *count));
    let rest: u64 = counts.iter().skip(NAMED).map(|(count, _)| count).sum();
    let rest = (rest > 0).then(|| ("Others".to_owned(), rest));
    named
        .chain(rest)
        .map(|(name, count)| Spoken { name, share: share(count), drawn: (count as f64 / most).min(1.0) })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Activity, Backlog, Enrichers, Outcome, Room};

    fn wrote(tally: &Tally, language: Option<Outcome>, times: usize) {
        let mut activity = Activity::parse(1, r#"{"text":"x"}"#).unwrap();
        language.into_iter().for_each(|outcome| activity.enrichments.insert("language", outcome));
        (0..times).for_each(|_| tally.wrote(&activity));
    }

    fn outlook(tally: &Arc<Tally>, backlog: Backlog) -> Outlook {
        let room = Room::new(100, 100_000);
        let overload = Overload::new(tally, &room, &Enrichers::default(), Some(1_000));
        overload.behind(move || backlog.clone());
        overload.outlook()
    }

    fn html(tally: &Tally, outlook: &Outlook) -> String {
        Html::of(&Shown::of(tally, outlook, Instant::now())).unwrap().to_string()
    }

    #[test]
    fn the_card_tells_what_was_written_and_in_which_languages() {
        let tally = Arc::new(Tally::default());
        wrote(&tally, Some(Language::German.json(0.5)), 3);
        wrote(&tally, Some(Language::English.json(0.5)), 6);
        wrote(&tally, Some(Outcome::Missing(Missing::NO_LETTERS)), 1);
        wrote(&tally, None, 2);
        tally.reject("line 7: <script>".to_owned());

        let outlook = outlook(&tally, Backlog::default());
        let html = html(&tally, &outlook);
        assert!(!html.contains("already"), "no table, no word about one: {html}");
        let shown = Shown { repeated: Some(Count(5)), ..Shown::of(&tally, &outlook, Instant::now()) };
        let into_table = Html::of(&shown).unwrap().to_string();
        assert!(into_table.contains("12 in all, 5 of them in the table already"), "{into_table}");

        assert!(html.contains("12 in all") && html.contains("9 (90 % of those with a text)"), "{html}");
        let (english, german) = (html.find("English").unwrap(), html.find("German").unwrap());
        assert!(english < german && html.contains("67 %") && html.contains("33 %"), "{html}");
        assert!(html.contains("#i-warn") && html.contains("no letters"), "{html}");
    }

    #[test]
    fn the_card_tells_what_there_is_to_do_and_when_it_is_done() {
        let tally = Arc::new(Tally::default());
        let backlog =
            Backlog { records: 40_000, age: Some(Duration::from_secs(90)), lost: 7, ..Backlog::default() };
        let mut outlook = outlook(&tally, backlog);

        let calm = html(&tally, &outlook);
        for words in
            ["40,000", "1 min 30 s", "Drained in about 40 s", "of 100, 0 B", "1,000", "polyline", "7 records"]
        {
            assert!(calm.contains(words), "{words} is not in {calm}");
        }

        (outlook.spare_per_s, outlook.predicted_drain_s) = (-3_200.0, None);
        outlook.stopped.push("partition 3: <gone>".to_owned());
        let growing = html(&tally, &outlook);
        assert!(growing.contains("Grows by 3,200 a second"), "{growing}");
        assert!(growing.contains("partition 3: ") && !growing.contains("<gone>"), "{growing}");
    }
}
