use std::collections::BTreeSet;

use serde_json::Value;

use super::Process;

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
async fn whatever_the_document_points_to_is_there_and_every_schema_is_used() {
    let process = Process::start();

    let document = process.get("/api/v1/openapi.json").await.json;

    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(format!("#/components/schemas/{name}").as_str()), "{name} is not used");
    }
}

#[actix_web::test]
async fn every_operation_has_a_name_of_its_own_and_says_what_its_parameters_are() {
    let process = Process::start();

    let document = process.get("/api/v1/openapi.json").await.json;

    let paths = document["paths"].as_object().unwrap().values();
    let operations: Vec<&Value> = paths.flat_map(|path| path.as_object().unwrap().values()).collect();
    let names: BTreeSet<&str> = operations.iter().map(|one| one["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len());
    assert!(names.is_superset(&["getInfo", "rebalance", "follow", "tap", "getMetrics"].into()), "{names:?}");
    for operation in operations {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{operation}");
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(!parameter["description"].as_str().unwrap().is_empty(), "{parameter}");
        }
    }
}
