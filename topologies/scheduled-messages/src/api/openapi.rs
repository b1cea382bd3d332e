//! The interface, described for programs: OpenAPI 3.1.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation::{Answer, Body, Header, Operation};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/openapi.json",
            "getDocument",
            "Describes this interface, as OpenAPI 3.1 has it.",
            |route| route.to(show),
        )
        .answers::<Value>(200, "This document."),
    ]
}

const ABOUT: &str = "Messages that are stored now and sent at their instant. The server listens on loopback unless it is \
                     told otherwise, and knows no passwords: whoever reaches it may do everything. Errors are problem \
                     documents, as RFC 9457 has them.";

async fn show() -> HttpResponse {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| document(&super::operations()).to_string());
    HttpResponse::Ok().content_type("application/json").body(document.as_str())
}

fn document(operations: &[Operation]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for operation in operations {
        let described = describe(operation, &mut generator);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.as_str().to_lowercase(), described);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Squall: scheduled messages",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": generator.take_definitions(true)},
    })
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let parameters: Vec<Value> = path_parameters(operation.path)
        .chain(operation.headers.iter().map(header))
        .chain(query_parameters(operation, generator))
        .collect();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses(operation, generator),
    });
    if let (Some(body), Some(described)) = (&operation.body, described.as_object_mut()) {
        described.insert("requestBody".to_owned(), request_body(body, generator));
    }
    described
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> + '_ {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(move |name| {
        let about = match name {
            "account" => "The name of an account, percent-encoded; `*` is all of them.",
            _ if path.starts_with(super::series::PATH) => "The id of a series.",
            _ => "The id of a message.",
        };
        json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string"}})
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
    let fields = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let parameters = fields.into_iter().map(|(name, field)| {
        json!({
            "name": name,
            "in": "query",
            "description": field.get("description").and_then(Value::as_str).unwrap_or(operation.summary),
            "schema": {"type": "string"},
        })
    });
    parameters.collect()
}

fn request_body(body: &Body, generator: &mut SchemaGenerator) -> Value {
    let example = serde_json::from_str(body.example).unwrap_or_else(|_| Value::from(body.example));
    let schema = (body.schema)(generator);
    json!({"required": true, "content": {body.media_type: {"schema": schema, "example": example}}})
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    for Answer { status, about, content } in &operation.answers {
        let mut response = json!({"description": about});
        if let (Some((media_type, describe)), Some(response)) = (content, response.as_object_mut()) {
            let schema = describe(generator);
            response.insert("content".to_owned(), json!({*media_type: {"schema": schema}}));
        }
        responses.insert(status.to_string(), response);
    }
    responses.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_good_answer() {
        let operations = crate::api::operations();
        let names: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();

        assert_eq!(names.len(), operations.len());
        for operation in &operations {
            assert!(operation.answers.iter().any(|answer| answer.status < 300), "{}", operation.id);
        }
    }
}
