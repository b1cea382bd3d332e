//! The page of the inbox.

use askama::Template;
use jiff::SignedDuration;
use squall_ops::{Html, Page as OwnPage, Problem};

use super::{Deliveries, Delivery, KEPT_DELIVERIES, PAGE};
use crate::api::unavailable;

/// How many deliveries the page shows.
const SHOWN: u32 = 100;

/// How much of a text the page shows, in characters.
const EXCERPT: usize = 1000;

/// The page of the inbox, within the frame of all pages.
pub(crate) fn page(deliveries: &Deliveries) -> OwnPage {
    let deliveries = deliveries.clone();
    OwnPage::new(PAGE, "Inbox", move |_| show(deliveries.clone())).key('i')
}

async fn show(deliveries: Deliveries) -> Result<Html, Problem> {
    let newest = deliveries.newest(SHOWN).await.map_err(|error| unavailable(&error))?;
    Html::of(&Page::new(&newest))
}

/// The page; the template escapes whatever is put into it.
#[derive(Template)]
#[template(path = "inbox.html")]
struct Page {
    entries: Vec<Entry>,
    shown: u32,
    kept: u32,
}

struct Entry {
    id: String,
    account: String,
    text: String,
    is_cut: bool,
    received_at: String,
    late: String,
    copies: u32,
}

impl Page {
    fn new(deliveries: &[Delivery]) -> Self {
        let entries = deliveries.iter().map(Entry::new).collect();
        Self { entries, shown: SHOWN, kept: KEPT_DELIVERIES }
    }
}

impl Entry {
    fn new(delivery: &Delivery) -> Self {
        let text: String = delivery.text.chars().take(EXCERPT).collect();
        Self {
            id: delivery.id.clone(),
            account: delivery.account.clone(),
            is_cut: text.len() < delivery.text.len(),
            text,
            received_at: format!("{:.3}", delivery.received_at),
            late: late(delivery.lateness()),
            copies: delivery.copies,
        }
    }
}

/// Says how late something came, to the three digits that matter.
fn late(lateness: SignedDuration) -> String {
    match lateness.as_millis() {
        ..0 => "before its instant".to_owned(),
        millis @ 0..10_000 => format!("{millis} ms after its instant"),
        _ => format!("{:#} after its instant", SignedDuration::from_secs(lateness.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(account: &str, text: &str) -> Delivery {
        Delivery {
            id: "1".into(),
            account: account.into(),
            text: text.into(),
            due_at: "2030-01-01T00:00:00Z".parse().unwrap(),
            received_at: "2030-01-01T00:00:00.0125Z".parse().unwrap(),
            copies: 1,
        }
    }

    #[test]
    fn what_arrived_is_shown_and_never_run() {
        let page = Page::new(&[delivery("<b>me", "<script>alert('x')</script>")]).render().unwrap();

        assert!(!page.contains("<script") && !page.contains("<b>me"), "{page}");
        assert!(page.contains("12 ms after its instant"), "{page}");
    }

    #[test]
    fn an_empty_inbox_says_so() {
        assert!(Page::new(&[]).render().unwrap().contains("Nothing arrived yet"));
    }

    #[test]
    fn a_long_text_is_cut() {
        let page = Page::new(&[delivery("me", &"x".repeat(60_000))]).render().unwrap();

        assert!(page.len() < 10_000);
    }
}
