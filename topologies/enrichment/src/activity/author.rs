//! Whose an event is.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Unparsed;
use super::fields::{object, string};

/// The longest identifier that is taken; that of a Jetstream has 32 bytes.
const LONGEST: usize = 512;

/// A member with an author, as an object.
#[derive(Deserialize)]
struct Author<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    did: Option<&'a RawValue>,
    #[serde(borrow)]
    handle: Option<&'a RawValue>,
}

/// The identifier in a `member` that is one, or is an object that has one.
pub(super) fn key(member: &str, value: &RawValue) -> Result<Option<String>, Unparsed> {
    let author = object::<Author<'_>>(member, Some(value))?;
    let Some(Author { id, did, handle }) = author else { return Ok(identifier(value)) };
    Ok([id, did, handle].into_iter().flatten().find_map(identifier))
}

/// A text, or a number as it stands: some sources number their people.
fn identifier(value: &RawValue) -> Option<String> {
    let json = value.get();
    let is_number = json.bytes().all(|byte| byte.is_ascii_digit());
    let key = if is_number { json.to_owned() } else { string(value)? };
    (!key.is_empty() && key.len() <= LONGEST).then_some(key)
}
