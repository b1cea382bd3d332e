//! `squall schema`: the configuration, described for editors.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use squall_topology::schema::{self, Schema, SchemaGenerator};
use squall_topology::{AdminSettings, EngineSettings};

use super::Cli;
use super::print::print;
use crate::check::AllSettings;
use crate::settings::{Loaded, Mode, Settings};
use crate::{App, Section, StartError, exit};

/// Prints the JSON Schema of the whole file, or writes it to one.
pub(super) fn schema(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let mut settings = Settings::new(args)?;
    let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
    let mode = Mode { listen: None, named: false, dry: true };
    let ready = settings.prepare(&mut Loaded::empty(), &cli.apps, &all, mode)?;
    let mut generator = schema::generator();
    let topologies: Map<String, Value> = ready
        .iter()
        .map(|(app, prepared)| {
            let mut schema = schema::topology(&mut generator, &prepared.plan);
            schema.insert("description".to_owned(), format!("{}.", app.about()).into());
            (app.name().to_owned(), schema.to_value())
        })
        .collect();
    let text = format!("{:#}\n", whole(cli, &mut generator, topologies).to_value());
    match args.get_one::<PathBuf>("output") {
        None => print(&text)?,
        Some(file) => fs::write(file, text).map_err(|error| {
            StartError::unavailable(format!("cannot write the schema to {}: {error}", file.display()))
        })?,
    }
    Ok(exit::OK.into())
}

fn whole(cli: &Cli, generator: &mut SchemaGenerator, topologies: Map<String, Value>) -> Schema {
    let mut sections = vec![Section::of::<EngineSettings>("engine"), Section::of::<AdminSettings>("admin")];
    sections.push(Section::of::<AllSettings>("checks"));
    sections.extend(cli.apps.iter().flat_map(|app| app.sections()));
    let mut properties: Map<String, Value> = sections
        .iter()
        .map(|section| (section.name().to_owned(), section.schema(generator).to_value()))
        .collect();
    properties.insert(
        "topology".to_owned(),
        json!({
            "type": "object",
            "description": "The numbers of the topologies, by name.",
            "properties": topologies,
        }),
    );
    let mut whole = Schema::default();
    let object = whole.ensure_object();
    object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    object.insert("title".to_owned(), json!(format!("The configuration of {}", cli.name)));
    object.insert("type".to_owned(), json!("object"));
    object.insert("properties".to_owned(), Value::Object(properties));
    schema::tighten(&mut whole);
    whole
}
