//! The JSON Schema that editors get takes what the binary takes, and refuses what it refuses.

use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use crate::process::Folder;

/// The example that stands in the repository.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/squall.toml");

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn new(schema: Value) -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("squall.json", schema).unwrap();
        let index = compiler.compile("squall.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Why a configuration is refused, if it is.
    fn refuses(&self, config: &str) -> Option<String> {
        let config: Value = toml::from_str(config).unwrap();
        self.schemas.validate(&config, self.index).err().map(|error| error.to_string())
    }
}

fn printed() -> Value {
    let ended = Folder::new().output(&["schema"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn the_example_is_valid_for_the_binary_and_for_the_schema() {
    let example = fs::read_to_string(EXAMPLE).unwrap();

    assert_eq!(Schema::new(printed()).refuses(&example), None);
    let ended = Folder::with_config(&example).output(&["validate"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn what_the_binary_refuses_the_schema_refuses() {
    let schema = Schema::new(printed());
    for wrong in [
        "[engin]",
        "[engine]\nthread = 2",
        "[engine]\nthreads = 0",
        "[engine]\ndrain_deadline = 30",
        "[engine]\ndrain_deadline = \"30\"",
        "[engine]\ndrain_deadline = \"5 parsecs\"",
        "[admin]\nlisten = 8090",
        "[topology.enrichmnt]",
        "[topology.enrichment.component.langage]",
        "[topology.enrichment.component.language]\nmax_pending = 7",
        "[topology.enrichment.component.language]\nparallelism = 1025",
        "[topology.enrichment.component.language]\nrestart = { policy = \"somtimes\" }",
        "[topology.scheduled-messages.component.due]\ntick = \"1s\"",
        "[destinations.hook]\nurl = \"http://h/\"",
        "[destinations.hook]\ntype = \"webhok\"\nurl = \"http://h/\"",
        "[destinations.hook]\ntype = \"webhook\"",
        "[destinations.hook]\ntype = \"webhook\"\nurl = \"http://h/\"\ntimout = \"1s\"",
        "[enrichment]\ncapacity = 0",
        "[enrichment.source]\ntype = \"lines\"",
        "[enrichment.source]\ntype = \"generator\"\nrate = 0",
        "[enrichment.source]\ntype = \"jetstream\"\nurl = \"wss://h/\"\nsilence = 3",
        "[enrichment.sink]\ntype = \"files\"\ncap = 64",
        "[enrichment.sink]\ntype = \"fils\"",
        "[enrichment.dead_letters]\ncap = \"1MiB\"",
        "[enrichment.enricher.x]\ntype = \"lnks\"",
        "[enrichment.enricher.x]\ntype = \"links\"\nhops = 0",
        "[enrichment.enricher.x]\ntype = \"links\"\ncalls = { timeout = 3 }",
        "[enrichment.enricher.x]\ntype = \"influence-service\"\nurl = \"http://h/\"",
    ] {
        assert!(schema.refuses(wrong).is_some(), "the schema takes {wrong}");
        let ended = Folder::with_config(wrong).output(&["validate"]);
        assert_eq!(ended.code, Some(78), "the binary takes {wrong}");
    }
}

#[test]
fn whatever_an_editor_shows_is_explained() {
    let schema = printed();

    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for explained in [
        "/properties/engine/properties/drain_deadline",
        "/properties/topology/properties/enrichment",
        "/properties/topology/properties/enrichment/properties/component/properties/language/properties/parallelism",
        "/properties/destinations/additionalProperties/oneOf/0/properties/timeout",
        "/properties/enrichment/properties/sink",
        "/properties/enrichment/properties/sink/oneOf/0/properties/cap",
    ] {
        let described = schema.pointer(explained).unwrap_or_else(|| panic!("no {explained} in {schema:#}"));
        assert!(described["description"].is_string(), "{explained}: {described:#}");
    }
    let text = schema.to_string();
    for rust in ["[`", "::", "null", "None"] {
        assert!(!text.contains(rust), "{rust} in {schema:#}");
    }
}

#[test]
fn the_schema_can_be_written_to_a_file() {
    let folder = Folder::new();

    let ended = folder.output(&["schema", "--output", "squall.schema.json"]);

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let written = fs::read_to_string(folder.path().join("squall.schema.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), printed());
    assert!(!Path::new(folder.path()).join("squall-data").exists());
    let ended = folder.output(&["schema", "--output", "nowhere/squall.schema.json"]);
    assert_eq!(ended.code, Some(69), "{}", ended.stderr);
}
