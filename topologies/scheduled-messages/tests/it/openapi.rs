//! The document says what the server does.

use std::collections::BTreeSet;

use boon::{Compiler, Schemas};
use reqwest::Method;
use serde_json::{Map, Value, json};
use squall_scheduled_messages::{MessageId, Settlement};

use crate::client::{Answer, Caller, ask};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(caller: &Caller) -> Value {
    let document = caller.get("/api/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    document.body
}

/// Every operation: path, method, and what is said of it.
fn operations(document: &Value) -> Vec<(&str, &str, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation.as_object().unwrap()))
    });
    operations.collect()
}

/// Everything that is pointed to.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn every_path_answers_to_the_methods_that_are_described_and_to_no_other() {
    let caller = Caller::start().await;
    let document = document(&caller).await;
    let described: BTreeSet<_> =
        operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();

    for path in document["paths"].as_object().unwrap().keys() {
        for method in METHODS {
            let here = path.replace("{id}", &MessageId::new().to_string()).replace("{account}", "me");
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = ask(caller.request(verb, &here)).await;

            assert_eq!(answer.status != 405, described.contains(&(path.as_str(), method)), "{method} {path}");
            assert!(!answer.text.contains("There is nothing at"), "{method} {path}");
        }
    }
    caller.stop().await;
}

#[actix_web::test]
async fn whatever_is_pointed_to_is_there_and_every_schema_can_be_used() {
    let caller = Caller::start().await;
    let document = document(&caller).await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);

    assert!(!found.is_empty());
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
        }
    }
    for reference in &found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let schema = format!("#/components/schemas/{name}");
        assert!(found.contains(schema.as_str()), "{name} is described and not used");
        check(&document, &schema, &Value::Null).ok();
    }
    caller.stop().await;
}

/// Whether a value is as a schema of the document says; panics if the schema is none.
fn check(document: &Value, schema: &str, value: &Value) -> Result<(), String> {
    const HERE: &str = "http://squall.test/openapi.json";
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource(HERE, document.clone()).unwrap();
    let index = compiler.compile(&format!("{HERE}{schema}"), &mut schemas).unwrap();
    schemas.validate(value, index).map_err(|error| error.to_string())
}

/// Asserts that an answer is one that is described.
fn assert_described(document: &Value, path: &str, method: &str, answer: &Answer) {
    let status = answer.status;
    let described = &document["paths"][path][method]["responses"][status.to_string()];
    assert!(described.is_object(), "{method} {path} answered {status}: {}", answer.text);
    let kind = answer.kind();
    if answer.text.is_empty() {
        return assert!(described.get("content").is_none(), "{method} {path}");
    }
    assert!(described["content"][kind].is_object(), "{method} {path} answered {status} with {kind}");
    let escaped =
        |part: &str| part.replace('~', "~0").replace('/', "~1").replace('{', "%7B").replace('}', "%7D");
    let schema =
        format!("#/paths/{}/{method}/responses/{status}/content/{}/schema", escaped(path), escaped(kind));
    check(document, &schema, &answer.body)
        .unwrap_or_else(|error| panic!("{method} {path} {status}: {error}"));
}

/// A message that every operation is possible for that has an example.
async fn prepared(caller: &Caller, path: &str) -> MessageId {
    if path.starts_with("/api/v1/series/") {
        let series = json!({
            "account": "me", "destination": "inbox", "text": "Hello", "cron": "0 9 * * *", "zone": "Europe/Berlin",
        });
        let series = caller.post("/api/v1/series", series).await;
        return MessageId::parse(series.body["id"].as_str().unwrap()).unwrap();
    }
    if !path.ends_with("/resolve") {
        return caller.scheduled().await;
    }
    let (id, message) = caller.sent_off().await;
    caller.settle(&message, Settlement::Unconfirmed { error: "no answer".into() }).await;
    id
}

#[actix_web::test]
async fn examples_are_accepted_and_every_answer_is_as_it_is_described() {
    let caller = Caller::start().await;
    let document = document(&caller).await;

    for (path, method, operation) in operations(&document) {
        let id = prepared(&caller, path).await;
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let here = path.replace("{id}", &id.to_string()).replace("{account}", "me");
        let mut request = caller.request(verb.clone(), &here);
        if let Some((kind, body)) =
            operation.get("requestBody").and_then(|body| body["content"].as_object()?.iter().next())
        {
            let example = &body["example"];
            let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            request = request.header("content-type", kind).body(text);
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            if parameter["in"] == "header" {
                let example = parameter["example"].as_str().unwrap();
                request = request.header(parameter["name"].as_str().unwrap(), example);
            }
        }
        let done = ask(request).await;
        let expected_conflict = path.ends_with("/retry");
        assert_eq!(done.status < 300, !expected_conflict, "{method} {path}: {}", done.text);
        assert_described(&document, path, method, &done);

        let nobody = path.replace("{id}", &MessageId::new().to_string()).replace("{account}", "%00");
        let refused = ask(caller.request(verb, &nobody).header("squall-actor", "")).await;
        if refused.status >= 400 {
            assert_described(&document, path, method, &refused);
        }
    }
    caller.stop().await;
}
