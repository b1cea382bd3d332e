//! The interface, described for programs: OpenAPI 3.1.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Body};
use super::api::Part;
use super::parameter::{Header, InPath};
use super::{Operation, ProblemShape};
use crate::problem::MEDIA_TYPE;

/// What the document says of itself.
#[derive(Clone, Debug)]
pub(super) struct Info {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) about: String,
}

/// What every operation may answer, because the server looks before the operation does.
const ANYWHERE: [(&str, &str, &str); 3] = [
    ("401", "NoToken", "A token is needed, in the header `Authorization`."),
    ("421", "UnknownHost", "The header `Host` names a host that this server does not go by."),
    ("431", "LargeHeaders", "The headers are too large."),
];

/// What every operation that changes something may answer besides.
const UNSAFE: (&str, &str, &str) =
    ("403", "NotAllowed", "Nothing may be changed here, or not by a page of another site.");

/// The document about these parts.
pub(super) fn of(info: &Info, parts: &[Part]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for part in parts {
        for operation in part.operations.iter() {
            let described = describe(operation, &part.tag, &mut generator);
            let path = paths.entry(operation.path).or_insert_with(|| json!({}));
            if let Some(methods) = path.as_object_mut() {
                methods.insert(operation.method.as_str().to_lowercase(), described);
            }
        }
    }
    let tags: Vec<_> =
        parts.iter().map(|part| json!({"name": part.tag, "description": part.about})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": info.title,
            "version": info.version,
            "description": info.about,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        // Without a token where none is set; then everything is open.
        "security": [{}, {"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "Any user, and the token as the password."}
            },
            "responses": common_responses(&mut generator),
            "schemas": plain(generator.take_definitions(true).into()),
        },
    })
}

/// The schemas without links that only the documentation of the code can follow.
fn plain(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| match member {
            Value::String(text) if name == "description" => *text = without_links(text),
            member => *member = plain(member.take()),
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| *item = plain(item.take())),
        _ => {}
    }
    schema
}

/// Of words in square brackets the words are left, of a path behind them nothing.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (words, after))) =
        rest.split_once('[').and_then(|(before, link)| Some((before, link.split_once(']')?)))
    {
        plain.push_str(before);
        plain.push_str(words);
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        rest = target.filter(|(path, _)| path.contains("::")).map_or(after, |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

fn common_responses(generator: &mut SchemaGenerator) -> Value {
    let schema = generator.subschema_for::<ProblemShape>();
    let responses = ANYWHERE.into_iter().chain([UNSAFE]).map(|(_, name, about)| {
        (name.to_owned(), json!({"description": about, "content": {MEDIA_TYPE: {"schema": schema}}}))
    });
    Value::Object(responses.collect())
}

fn describe(operation: &Operation, tag: &str, generator: &mut SchemaGenerator) -> Value {
    let parameters: Vec<Value> = path_parameters(operation)
        .chain(operation.headers.iter().map(header))
        .chain(query_parameters(operation, generator))
        .collect();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": responses(operation, generator),
    });
    if let (Some(body), Some(described)) = (&operation.body, described.as_object_mut()) {
        described.insert("requestBody".to_owned(), request_body(body, generator));
    }
    described
}

fn path_parameters(operation: &Operation) -> impl Iterator<Item = Value> + '_ {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(move |name| {
        let known = operation.in_path.iter().find(|parameter| parameter.name == name);
        let InPath { about, kind, .. } =
            known.copied().unwrap_or(InPath { name: "", about: operation.summary, kind: "string" });
        let schema = match kind {
            "integer" => json!({"type": kind, "minimum": 0}),
            // Without a sign there is another path.
            _ => json!({"type": kind, "minLength": 1}),
        };
        json!({"name": name, "in": "path", "required": true, "description": about, "schema": schema})
    })
}

fn header(header: &Header) -> Value {
    json!({
        "name": header.name,
        "in": "header",
        "description": header.about,
        "schema": {"type": "string"},
        "example": header.example,
    })
}

/// Every field of the type that the query is read into.
fn query_parameters(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<Value> {
    let Some(schema) = operation.query.map(|describe| describe(generator)) else { return Vec::new() };
    let member = |name: &str| schema.get(name).cloned().unwrap_or_default();
    let required = member("required");
    let is_required =
        |name: &String| required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let fields = member("properties").as_object().cloned().unwrap_or_default();
    let parameters = fields.into_iter().map(|(name, field)| {
        let about = field.get("description").and_then(Value::as_str).unwrap_or(operation.summary);
        json!({
            "name": name,
            "in": "query",
            "required": is_required(&name),
            "description": about,
            "schema": given(field.clone()),
        })
    });
    parameters.collect()
}

/// The schema of a field that is given: a query has no null.
fn given(mut field: Value) -> Value {
    let Some(members) = field.as_object_mut() else { return field };
    members.remove("description");
    members.remove("default");
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            members.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(ways)) = members.get_mut("anyOf") {
        ways.retain(|way| way.get("type").is_none_or(|kind| kind != "null"));
        if let [way] = ways.as_slice() {
            return way.clone();
        }
    }
    field
}

fn request_body(body: &Body, generator: &mut SchemaGenerator) -> Value {
    let example = serde_json::from_str(body.example).unwrap_or_else(|_| Value::from(body.example));
    let schema = (body.schema)(generator);
    json!({
        "required": !body.is_optional,
        "content": {body.media_type: {"schema": schema, "example": example}},
    })
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let unsafe_only = (!operation.method.is_safe()).then_some(UNSAFE);
    for (status, name, _) in ANYWHERE.into_iter().chain(unsafe_only) {
        responses.insert(status.to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
    for Answer { status, about, content } in &operation.answers {
        let key = status.to_string();
        let Some((media_type, describe)) = content else {
            responses.insert(key, json!({"description": about}));
            continue;
        };
        let schema = describe(generator);
        let one = json!({"schema": schema});
        // Another media type of the same answer comes beside the first; of the same one, the last is meant.
        let known = responses.get_mut(&key).and_then(|response| response.get_mut("content")?.as_object_mut());
        match known {
            Some(known) if !known.contains_key(*media_type) => {
                known.insert((*media_type).to_owned(), one);
            }
            _ => {
                responses.insert(key, json!({"description": about, "content": {*media_type: one}}));
            }
        }
    }
    responses.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_code_are_not_told_to_programs() {
        let schema = json!({"description": "It is [paused](crate::Running::pause) by [`Who`] (at once).", "enum": ["[a]"]});

        assert_eq!(
            plain(schema),
            json!({"description": "It is paused by `Who` (at once).", "enum": ["[a]"]})
        );
    }
}
