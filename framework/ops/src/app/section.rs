//! A section of the configuration that belongs to an app.

use squall_topology::schema::{JsonSchema, Schema, SchemaGenerator};

/// A section of the configuration that an app reads.
///
/// ```
/// use squall_ops::Section;
/// use squall_topology::schema::JsonSchema;
///
/// /// What is said to whom.
/// #[derive(JsonSchema)]
/// struct Greeting {
///     /// The words.
///     text: String,
/// }
///
/// assert_eq!(Section::of::<Greeting>("greeting").name(), "greeting");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Section {
    name: &'static str,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Section {
    /// The section `[name]`, read as `T`.
    #[must_use]
    pub const fn of<T: JsonSchema>(name: &'static str) -> Self {
        Self { name, schema: T::json_schema }
    }

    /// The section `[name]`, described by a function: see [`parts`](squall_topology::schema::parts).
    #[must_use]
    pub const fn described(name: &'static str, schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        Self { name, schema }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.schema)(generator)
    }
}
