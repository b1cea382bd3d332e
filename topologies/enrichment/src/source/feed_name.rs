//! What a feed is called where its cursor is kept.

use sha2::{Digest, Sha256};
use url::Url;

/// What the feed of this `kind` at `address` is called: its host and path, and a number for what is `wanted` of it.
///
/// A cursor is one of a server, and of what it leaves out. A name and a password, and whatever else an address asks with,
/// are no part of it. What is wanted in another order, or twice, is the same; a list of it may be longer than a table permits.
pub(super) fn feed_name(kind: &str, address: &Url, wanted: &[(String, String)]) -> String {
    let host = address.host_str().unwrap_or_default();
    let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
    let name = format!("{kind} {host}{port}{}", address.path());
    if wanted.is_empty() {
        return name;
    }
    let mut wanted: Vec<_> = wanted.iter().collect();
    wanted.sort();
    wanted.dedup();
    let listed: String = wanted.into_iter().map(|(of, what)| format!("{of}={what}\n")).collect();
    format!("{name}#{}", number(&listed))
}

/// The name of its file: of its kind, and with a number for the rest of the name.
pub(super) fn file_name(feed: &str) -> String {
    let kind = feed.split(' ').next().unwrap_or_default();
    format!("{kind}-{}.cursor", number(feed))
}

/// The first 64 bits of a SHA-256.
fn number(of: &str) -> String {
    Sha256::digest(of).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{JetstreamSettings, WikimediaSettings};
    use super::*;

    fn posts(url: &str, collections: &[&str]) -> String {
        let collections = collections.iter().map(|name| (*name).to_owned()).collect();
        JetstreamSettings { collections, ..JetstreamSettings::new(url) }.name()
    }

    #[test]
    fn feeds_at_other_addresses_or_of_other_events_have_names_and_files_of_their_own() {
        let url = "wss://a.example/subscribe";
        let names = [
            posts(url, &[]),
            posts(url, &["app.bsky.feed.post"]),
            posts(url, &["app.bsky.feed.post", "app.bsky.feed.like"]),
            JetstreamSettings { dids: vec!["did:plc:a".to_owned()], ..JetstreamSettings::new(url) }.name(),
            posts("wss://b.example/subscribe", &[]),
            posts("wss://a.example:8443/subscribe", &[]),
            posts("wss://a.example/other", &[]),
            WikimediaSettings::new("https://a.example/subscribe").name(),
            WikimediaSettings::new("https://a.example/v2/stream/recentchange").name(),
        ];

        for (at, name) in names.iter().enumerate() {
            for other in names.iter().skip(at + 1) {
                assert_ne!(name, other);
                assert_ne!(file_name(name), file_name(other));
            }
        }
        assert_eq!(names[0], "jetstream a.example/subscribe");
        assert!(file_name(&names[0]).starts_with("jetstream-"), "{}", file_name(&names[0]));
    }

    #[test]
    fn how_the_same_events_are_asked_for_changes_no_name_and_secrets_are_not_in_it() {
        let name = posts("wss://a.example/subscribe", &["a", "b"]);

        assert_eq!(posts("wss://a.example/subscribe", &["b", "a", "b"]), name);
        assert_eq!(posts("wss://a.example/subscribe?wantedCollections=a", &["b"]), name);
        assert_eq!(
            posts("ws://ada:hunter2@a.example:443/subscribe?token=x", &[]),
            "jetstream a.example:443/subscribe"
        );
        let size = squall_topology::settings::Size(9_000);
        let larger =
            JetstreamSettings { max_message: size, ..JetstreamSettings::new("wss://a.example/subscribe") };
        assert_eq!(larger.name(), "jetstream a.example/subscribe");
    }

    #[test]
    fn a_feed_of_many_people_has_a_name_that_a_table_takes() {
        let dids = (0..10_000).map(|number| format!("did:plc:{number}")).collect();
        let name = JetstreamSettings { dids, ..JetstreamSettings::new("wss://a.example/subscribe") }.name();

        assert!(name.len() < 100, "{name}");
    }
}
