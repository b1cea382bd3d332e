//! The links of an event.

use linkify::{LinkFinder, LinkKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::string;
use crate::{Text, Texts};

/// How many links of an event are taken. People write two or three; who writes hundreds wants others to work.
const MOST: usize = 16;

/// Bytes of a text in which links are looked for.
const SAMPLE_BYTES: usize = 16 * 1024;

/// The `$type` of a link of AT Protocol.
const FACET: &str = "app.bsky.richtext.facet#link";

/// The links found so far, each once.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Text>);

/// One of `facets`.
#[derive(Deserialize)]
struct Facet<'a> {
    #[serde(borrow, default)]
    features: Vec<&'a RawValue>,
}

/// One of `facets[].features`.
#[derive(Deserialize)]
struct Feature {
    #[serde(rename = "$type", default)]
    kind: String,
    uri: Option<String>,
}

/// `embed`: a card with a link, or a quoted record with such a card beside it.
#[derive(Deserialize)]
struct Embed<'a> {
    #[serde(borrow)]
    external: Option<&'a RawValue>,
    #[serde(borrow)]
    media: Option<&'a RawValue>,
}

/// `embed.external`.
#[derive(Deserialize)]
struct External {
    uri: Option<String>,
}

/// An element of `urls`.
#[derive(Deserialize)]
struct Url {
    expanded_url: Option<String>,
    url: Option<String>,
}

impl Links {
    /// All of them.
    pub(super) fn found(self) -> Texts {
        self.0.into()
    }

    /// The links of `facets`. Returns whether there were any.
    pub(super) fn add_facets(&mut self, facets: Option<&RawValue>) -> bool {
        let before = self.0.len();
        for facet in read::<Vec<Facet<'_>>>(facets).unwrap_or_default() {
            for feature in facet.features {
                let feature = read::<Feature>(Some(feature)).filter(|feature| feature.kind == FACET);
                feature.and_then(|feature| feature.uri).iter().for_each(|uri| self.add(uri));
            }
        }
        self.0.len() > before
    }

    /// The link of `embed`.
    pub(super) fn add_embed(&mut self, embed: Option<&RawValue>) {
        let Some(Embed { external, media }) = read::<Embed<'_>>(embed) else { return };
        let within = read::<Embed<'_>>(media).and_then(|media| media.external);
        for external in [external, within].into_iter().flatten() {
            read::<External>(Some(external))
                .and_then(|external| external.uri)
                .iter()
                .for_each(|uri| self.add(uri));
        }
    }

    /// The links of an array of texts, or of objects with `expanded_url` or `url`.
    pub(super) fn add_list(&mut self, list: Option<&RawValue>) {
        for element in read::<Vec<&RawValue>>(list).unwrap_or_default() {
            let found = string(element).or_else(|| {
                let Url { expanded_url, url } = read(Some(element))?;
                expanded_url.or(url)
            });
            found.iter().for_each(|url| self.add(url));
        }
    }

    /// The links of such an array that is the `member` of an object.
    pub(super) fn add_list_within(&mut self, member: &str, object: Option<&RawValue>) {
        self.add_list(within(member, object));
    }

    /// The link that is the `member` of an object.
    pub(super) fn add_within(&mut self, member: &str, object: Option<&RawValue>) {
        within(member, object).and_then(string).iter().for_each(|url| self.add(url));
    }

    /// The links in a text, or in HTML.
    pub(super) fn add_text(&mut self, text: &str) {
        let sample = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text);
        if !sample.contains("://") {
            return;
        }
        let mut finder = LinkFinder::new();
        for link in finder.kinds(&[LinkKind::Url]).links(sample) {
            // One that the end of the sample cuts off is another one.
            if link.end() < sample.len() || sample.len() == text.len() {
                self.add(&link.as_str().replace("&amp;", "&"));
            }
        }
    }

    fn add(&mut self, link: &str) {
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| link.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if is_web && self.0.len() < MOST && !self.0.iter().any(|there| **there == *link) {
            self.0.push(link.into());
        }
    }
}

/// The `member` of an object.
fn within<'a>(member: &str, object: Option<&'a RawValue>) -> Option<&'a RawValue> {
    read::<std::collections::BTreeMap<String, &'a RawValue>>(object)?.remove(member)
}

/// Reads a value; one that has another shape is of no interest.
fn read<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}
