//! A JSON Schema of the configuration, for editors that complete and check while one writes.
//!
//! Types derive [`JsonSchema`] beside `Deserialize`; descriptions are their doc comments. For what is written as a string
//! there are [`duration::Text`](crate::settings::duration::Text) and [`Size`](crate::settings::Size); what a `type`
//! chooses is described by [`part`] and [`parts`], a topology with its components by [`topology`].

use schemars::{json_schema, transform};
use serde_json::{Map, Value, json};
use squall_core::Kind as ComponentKind;

pub use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    config::part,
    plan::{ComponentPlan, Plan},
    settings::{ComponentSettings, TopologySettings},
    validate::useless,
};

/// One choice among the parts that a `type` names.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    name: &'static str,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Kind {
    /// The part that is read as `T` where `type` is `name`.
    #[must_use]
    pub const fn of<T: JsonSchema>(name: &'static str) -> Self {
        Self { name, schema: T::json_schema }
    }

    /// The `type` that chooses it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        let mut schema = (self.schema)(generator);
        let object = schema.ensure_object();
        object.insert("type".to_owned(), json!("object"));
        table(object, "properties", |properties| {
            properties.insert(part::TAG.to_owned(), json!({ "const": self.name }));
        });
        let mut required = vec![json!(part::TAG)];
        required.extend(object.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
        object.insert("required".to_owned(), Value::Array(required));
        schema
    }
}

/// A generator of schemas for configurations, draft 2020-12.
#[must_use]
pub fn generator() -> SchemaGenerator {
    let inline = |settings: &mut schemars::generate::SchemaSettings| settings.inline_subschemas = true;
    schemars::generate::SchemaSettings::draft2020_12().with(inline).into_generator()
}

/// The schema of one part, as [`Config`](crate::Config) reads a [`Part`](crate::Part).
///
/// ```
/// use squall_topology::schema::{self, JsonSchema, Kind};
///
/// #[derive(JsonSchema)]
/// struct File {
///     /// Where it lies.
///     path: String,
/// }
///
/// let schema = schema::part(&mut schema::generator(), &[Kind::of::<File>("file")]);
/// assert_eq!(schema.pointer("/oneOf/0/properties/type/const"), Some(&"file".into()));
/// assert_eq!(schema.pointer("/oneOf/0/properties/path/description"), Some(&"Where it lies.".into()));
/// ```
#[must_use]
pub fn part(generator: &mut SchemaGenerator, kinds: &[Kind]) -> Schema {
    let kinds: Vec<Schema> = kinds.iter().map(|kind| kind.schema(generator)).collect();
    json_schema!({ "oneOf": kinds })
}

/// The schema of a table of named parts, as [`Config::parts`](crate::Config::parts) reads it.
#[must_use]
pub fn parts(generator: &mut SchemaGenerator, kinds: &[Kind]) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": part(generator, kinds) })
}

/// The schema of `[topology.NAME]`: its components by name, each with what its kind has a use for.
#[must_use]
pub fn topology(generator: &mut SchemaGenerator, plan: &Plan) -> Schema {
    let mut schema = TopologySettings::json_schema(generator);
    let component = ComponentSettings::json_schema(generator);
    let components: Map<String, Value> = plan
        .components()
        .iter()
        .map(|planned| (planned.name.to_string(), of_component(&component, planned).to_value()))
        .collect();
    table(schema.ensure_object(), "properties", |properties| {
        table(properties, "component", |all| {
            all.insert("properties".to_owned(), Value::Object(components));
            all.insert("additionalProperties".to_owned(), json!(false));
        });
    });
    schema
}

fn of_component(schema: &Schema, component: &ComponentPlan) -> Schema {
    let kind = if component.kind() == ComponentKind::Spout { "spout" } else { "bolt" };
    let useless = useless(component);
    let mut schema = schema.clone();
    let object = schema.ensure_object();
    object.insert("description".to_owned(), json!(format!("The {kind} `{}`.", component.name)));
    table(object, "properties", |properties| {
        properties.retain(|key, _| useless.iter().all(|(setting, _)| setting != key));
    });
    schema
}

/// Makes a schema as strict as [`Config`](crate::Config) is: TOML has no null, and no key that nobody knows is taken.
pub fn tighten(schema: &mut Schema) {
    transform::transform_subschemas(&mut tighten, schema);
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            // What is said of the field goes before what is said of its type.
            let of_field = std::mem::replace(object, only);
            object.extend(of_field);
        }
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if object.contains_key("properties") && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// Edits the object at `key`, which is made if it is not there.
fn table(object: &mut Map<String, Value>, key: &str, edit: impl FnOnce(&mut Map<String, Value>)) {
    if let Value::Object(inner) = object.entry(key).or_insert_with(|| json!({})) {
        edit(inner);
    }
}
