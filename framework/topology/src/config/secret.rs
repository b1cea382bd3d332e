use std::{borrow::Cow, collections::BTreeMap, fmt, fs::File, io::Read, path::Path};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use super::{
    fault::Fault,
    tree::{Node, Value},
};

/// Names the newtype by which the reader of the configuration knows a secret.
pub(super) const NAME: &str = "$squall::secret";
/// The longest secret, in bytes.
const MAX_LEN: usize = 64 * 1024;
const HOW: &str = "write { env = \"NAME\" } or { file = \"path\" }";

/// What the name of a secret has in it, without signs and in small letters.
const NAMES: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "apikey",
    "credential",
    "privatekey",
    "keypem",
    "signature",
    "cookie",
];

/// A secret: a password, a token, a key.
///
/// The configuration says only where it is, `{ env = "NAME" }` or `{ file = "path" }` (relative to the folder the
/// process runs in; one newline at its end does not count; at most 64 KiB); one that stands in the configuration
/// itself is refused. It is never printed: `Debug`, `Display` and `Serialize` give `***`.
///
/// ```
/// use squall_topology::config::{Config, Secret};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Api { token: Secret }
///
/// let environment = [("API_TOKEN".to_owned(), "hunter2".to_owned())];
/// # let file = tempfile::NamedTempFile::new().unwrap();
/// # std::fs::write(file.path(), "[api]\ntoken = { env = 'API_TOKEN' }").unwrap();
/// # let path = file.path();
/// let mut config = Config::load(Some(path), environment, &[])?; // [api]  token = { env = "API_TOKEN" }
/// let api: Api = config.section("api")?.expect("it is there");
/// assert_eq!(api.token.expose(), "hunter2");
/// assert_eq!(format!("{api:?}"), "Api { token: *** }");
/// # Ok::<(), squall_topology::config::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret that came from elsewhere.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Whether what is called so looks like a secret: what is shown to people has stars in place of it.
    ///
    /// ```
    /// use squall_topology::Secret;
    ///
    /// assert!(Secret::is_named_by("X-Api-Key") && Secret::is_named_by("accessToken"));
    /// assert!(!Secret::is_named_by("key"));
    /// ```
    #[must_use]
    pub fn is_named_by(name: &str) -> bool {
        let bare: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let bare = bare.to_lowercase();
        NAMES.iter().any(|secret| bare.contains(secret))
    }

    /// Reads a secret from a file; one newline at its end does not count.
    ///
    /// ```
    /// use squall_topology::Secret;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("token");
    /// std::fs::write(&path, "hunter2\n").unwrap();
    /// assert_eq!(Secret::read(&path).unwrap().expose(), "hunter2");
    /// ```
    ///
    /// # Errors
    ///
    /// A sentence with the path: the file cannot be read, is empty, longer than 64 KiB, or not UTF-8 text.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let secret = from_file(path)?;
        if secret.is_empty() { Err(format!("the secret in `{shown}` is empty")) } else { Ok(Self(secret)) }
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, Resolved)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one_of = |key: &str, about: &str| {
            json_schema!({
                "type": "object",
                "properties": { key: { "type": "string", "description": about } },
                "required": [key],
                "additionalProperties": false,
            })
        };
        let (env, file) = (
            one_of("env", "The environment variable that holds it."),
            one_of("file", "The file that holds it."),
        );
        json_schema!({ "oneOf": [env, file] })
    }
}

/// Takes what [`resolve`] found. Other formats get here as well and have nothing to offer.
struct Resolved;

impl<'de> Visitor<'de> for Resolved {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret, which only a squall configuration can give")
    }

    fn visit_string<E: Error>(self, secret: String) -> Result<Secret, E> {
        Ok(Secret(secret))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Secret, E> {
        // Not serde's message, which would show the text.
        Err(E::custom("a secret can only be read from a squall configuration"))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<Secret, D::Error> {
        Err(D::Error::custom("a secret can only be read from a squall configuration"))
    }
}

/// Fetches the secret that `node` points to.
pub(super) fn resolve(node: &Node, environment: &BTreeMap<String, String>) -> Result<String, Fault> {
    let table = match &node.value {
        Value::Table(table) => table,
        _ => return Err(Fault::new("a secret does not stand in the configuration").label(HOW)),
    };
    let [entry] = table.0.as_slice() else {
        return Err(Fault::new("a secret has one key, `env` or `file`").label(HOW));
    };
    let Value::String(place) = &entry.node.value else {
        return Err(Fault::new("expected a string in quotes").label(HOW).at(entry.node.span));
    };
    let secret = match entry.name(&["env", "file"]).as_str() {
        "env" => match environment.get(place) {
            Some(secret) => Ok(secret.clone()),
            None => Err(format!("the environment variable `{place}` is not set")),
        },
        "file" => from_file(Path::new(place)),
        _ => return Err(Fault::unknown_key(&entry.key, &["env", "file"]).at(entry.key_span)),
    };
    let problem = match secret {
        Ok(secret) if secret.is_empty() => format!("the secret in `{place}` is empty"),
        Ok(secret) if secret.len() > MAX_LEN => format!("the secret in `{place}` is longer than 64 KiB"),
        Ok(secret) => return Ok(secret),
        Err(problem) => problem,
    };
    Err(Fault::new(problem).at(entry.node.span))
}

fn from_file(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    // One byte more than fits shows that it is too long; a device without end is not read for ever.
    File::open(path)
        .and_then(|file| file.take(MAX_LEN as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot read the secret in `{shown}`: {error}"))?;
    if bytes.len() > MAX_LEN {
        return Err(format!("the secret in `{shown}` is longer than 64 KiB"));
    }
    let mut text =
        String::from_utf8(bytes).map_err(|_| format!("the secret in `{shown}` is not UTF-8 text"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
