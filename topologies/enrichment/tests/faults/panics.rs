//! An enricher that panics.

use std::collections::HashSet;
use std::sync::Mutex;

use serde::Deserialize;
use squall_enrichment::{Activity, Answering, Asked, Declared, Enricher, Json, Outcome, Web};

/// Panics the first time that it is asked about every fifth author, once while it looks and once while it waits.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Panics {
    #[serde(skip)]
    asked: Mutex<HashSet<String>>,
    #[serde(skip)]
    waited: Mutex<HashSet<String>>,
}

#[typetag::deserialize(name = "panics")]
impl Enricher for Panics {
    fn declared(&self) -> Declared {
        Declared::default()
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_author().map(Asked::Author)
    }

    fn answer<'a>(&'a self, asked: &'a Asked, _: &'a Web) -> Answering<'a> {
        let Asked::Author(author) = asked else { return Answering::refused(asked) };
        let first = self.asked.lock().unwrap().insert(author.to_string());
        assert!(!first || !author.ends_with('0'), "as told");
        // It is asked what it knows at once before it is waited for.
        Answering::later(async {
            let first = self.waited.lock().unwrap().insert(author.to_string());
            assert!(!first || !author.ends_with('5'), "as told");
            Ok(Outcome::Found(Json::of(&true).unwrap()))
        })
    }
}
