//! The card on the overview: what goes out, and in which languages.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use squall_ops::show::{Count, Percent, Rate};
use squall_ops::{Card, Html, Problem};

use crate::pipeline::NAME;
use crate::{Language, Missing, Tally};

/// How many languages are named; the rest is one line.
const NAMED: usize = 5;

/// The card of a topology that counts in `tally` since `started`.
pub(crate) fn card(tally: &Arc<Tally>, started: Instant) -> Card {
    let tally = Arc::clone(tally);
    Card::new("Enrichment", move || {
        let shown = Shown::of(&tally, started);
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
    enriched: Count,
    share: Option<Percent>,
    missing: Vec<(Count, String)>,
    rejected: Count,
    languages: Vec<Spoken>,
}

/// How much of what has a language is in this one.
struct Spoken {
    name: String,
    share: Percent,
    /// The same against the most frequent one: what a bar shows.
    drawn: f64,
}

impl Shown {
    fn of(tally: &Tally, started: Instant) -> Self {
        let (written, enriched) = (tally.written(), tally.enriched());
        let missing: Vec<_> =
            Missing::OF_LANGUAGE.into_iter().map(|why| (tally.missing(&why), why)).collect();
        let with_text = enriched + missing.iter().map(|(count, _)| count).sum::<u64>();
        // What is shown until the script tells what is so now.
        let per_s = written as f64 / started.elapsed().as_secs_f64().max(1.0);
        Self {
            topology: NAME,
            per_s: Rate(per_s),
            written: Count(written),
            enriched: Count(enriched),
            share: (with_text > 0).then(|| Percent(enriched as f64 / with_text as f64)),
            missing: missing
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, why)| (Count(count), format!("Without: {}", why.to_string().replace('_', " "))))
                .collect(),
            rejected: Count(tally.rejected()),
            languages: spoken(tally, enriched),
        }
    }
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
    use super::*;
    use crate::{Activity, Outcome};

    fn wrote(tally: &Tally, language: Option<Outcome>, times: usize) {
        let mut activity = Activity::parse(1, r#"{"text":"x"}"#).unwrap();
        language.into_iter().for_each(|outcome| activity.enrichments.insert("language", outcome));
        (0..times).for_each(|_| tally.wrote(&activity));
    }

    #[test]
    fn the_card_tells_what_was_written_and_in_which_languages() {
        let tally = Tally::default();
        wrote(&tally, Some(Language::German.json(0.5)), 3);
        wrote(&tally, Some(Language::English.json(0.5)), 6);
        wrote(&tally, Some(Outcome::Missing(Missing::NO_LETTERS)), 1);
        wrote(&tally, None, 2);
        tally.reject("line 7: <script>".to_owned());

        let html = Html::of(&Shown::of(&tally, Instant::now())).unwrap().to_string();

        assert!(html.contains("12 in all") && html.contains("9 (90 % of those with a text)"), "{html}");
        let (english, german) = (html.find("English").unwrap(), html.find("German").unwrap());
        assert!(english < german && html.contains("67 %") && html.contains("33 %"), "{html}");
        assert!(html.contains("#i-warn"), "{html}");
    }
}
