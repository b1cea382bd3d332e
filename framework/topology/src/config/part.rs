use std::{fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// Names the newtype by which the reader of the configuration knows a part.
pub(super) const NAME: &str = "$squall::part";
/// The key that chooses.
pub(crate) const TAG: &str = "type";

/// A part of the configuration whose shape its `type` chooses: `{ type = "webhook", url = "…" }`.
///
/// `T` is a trait object of typetag (plain `#[typetag::deserialize]`, without `tag`) or an enum as serde derives it.
/// serde's own internal tags buffer the table, and with it the positions of everything inside are lost; a `Part`
/// keeps them, so that a fault inside is shown at its very value. It reads only from a
/// [`Config`](super::Config).
///
/// ```
/// use serde::Deserialize;
/// use squall_topology::config::{Config, Part};
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "lowercase")]
/// enum Output { File { path: String }, Null }
///
/// #[derive(Deserialize)]
/// struct Report { output: Part<Output> }
///
/// let mut config = Config::parse("squall.toml", "[report]\noutput = { type = 'file', path = 'a.txt' }")?;
/// let report: Report = config.section("report")?.expect("it is there");
/// assert!(matches!(&*report.output, Output::File { path } if path == "a.txt"));
/// # Ok::<(), squall_topology::config::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part<T>(pub T);

impl<T> Deref for Part<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, Wrapped(PhantomData))
    }
}

struct Wrapped<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Wrapped<T> {
    type Value = Part<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table with a `type`, read from a squall configuration")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part<T>, D::Error> {
        T::deserialize(deserializer).map(Part)
    }

    fn visit_none<E: Error>(self) -> Result<Part<T>, E> {
        Err(E::custom("missing part"))
    }
}
