//! Parts that a `type` chooses, and secrets.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{collections::BTreeMap, fmt::Debug, fs};

use serde::Deserialize;
use squall_topology::config::{Config, ConfigError, Part, Secret};

#[typetag::deserialize]
trait Destination: Debug {
    fn address(&self) -> String;
}

#[derive(Debug, Deserialize)]
struct Webhook {
    url: String,
    #[serde(default)]
    token: Option<Secret>,
    #[serde(default, with = "squall_topology::settings::duration::optional")]
    timeout: Option<std::time::Duration>,
}

#[typetag::deserialize(name = "webhook")]
impl Destination for Webhook {
    fn address(&self) -> String {
        format!("{} {:?} {:?}", self.url, self.token, self.timeout)
    }
}

#[derive(Debug, Deserialize)]
struct Inbox;

#[typetag::deserialize(name = "inbox")]
impl Destination for Inbox {
    fn address(&self) -> String {
        "inbox".to_owned()
    }
}

type Destinations = BTreeMap<String, Box<dyn Destination>>;

fn parse(text: &str) -> Config {
    Config::parse("squall.toml", text).unwrap()
}

fn destinations(text: &str) -> Result<Destinations, ConfigError> {
    parse(text).parts("destinations")
}

fn said(error: &ConfigError) -> Vec<String> {
    error.errors.iter().map(|fault| format!("{} {}", fault.place(), fault.message())).collect()
}

#[test]
fn a_part_is_chosen_by_its_type() {
    let found = destinations(
        "[destinations.hook]\ntype = 'webhook'\nurl = 'http://127.0.0.1:9000/'\ntimeout = '5s'\n\
         [destinations.here]\ntype = 'inbox'\n",
    )
    .unwrap();
    assert_eq!(found["hook"].address(), "http://127.0.0.1:9000/ None Some(5s)");
    assert_eq!(found["here"].address(), "inbox");
    assert!(destinations("").unwrap().is_empty());
}

#[test]
fn a_fault_inside_a_part_is_shown_at_its_very_value() {
    let error = destinations(
        "[destinations.hook]\ntype = 'webhook'\nurl = 'http://x/'\ntimeout = 'soon'\ntimout = 1\n\
         [destinations.other]\ntype = 'webhook'\nurl = 7\n",
    )
    .unwrap_err();
    let fault = error.errors[0].to_string();
    let expected = " --> squall.toml:4:11\n  |\n4 | timeout = 'soon'\n  |           ^^^^^^";
    assert!(fault.ends_with(expected), "{fault}");
    let fault = &error.errors[1];
    assert_eq!((fault.place().as_str(), fault.message()), ("squall.toml:5:1", "unknown key `timout`"));
    assert_eq!(fault.help(), Some("did you mean `timeout`?"));
    let fault = &error.errors[2];
    let expected = ("squall.toml:8:7", "expected a string in quotes, found `7`");
    assert_eq!((fault.place().as_str(), fault.message()), expected);
    assert_eq!(error.errors.len(), 3);
}

#[test]
fn an_unknown_or_missing_type_lists_what_there_is() {
    let error = destinations(
        "[destinations.a]\ntype = 'webhok'\nurl = 1\n[destinations.b]\nurl = ''\n[destinations]\nc = 3\n\
         d = { type = 3 }\ne = { type = 'webhook' }\n[destinations.f]\ntype = 'inbox'\nurl = ''\n",
    )
    .unwrap_err();
    let expected = [
        "squall.toml:2:8 unknown type `webhok`",
        "squall.toml:4:1 missing key `type`",
        "squall.toml:7:5 expected a table with a `type`",
        "squall.toml:8:14 expected the name of a `type` in quotes",
        "squall.toml:9:5 missing key `url`",
        "squall.toml:12:1 unknown key `url`",
    ];
    assert_eq!(said(&error), expected);
    assert_eq!(error.errors[0].help(), Some("did you mean `webhook`?"));
    assert_eq!(error.errors[1].expected(), "expected one of `inbox`, `webhook`");
}

#[test]
fn a_part_may_be_an_enum_and_lie_deep() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Sink {
        File { path: String, gzip: Option<bool> },
        Table(Table),
        Null,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Table {
        columns: Vec<String>,
    }
    #[derive(Debug, Deserialize)]
    struct Job {
        sinks: Vec<Part<Sink>>,
    }
    let text = "[job]\nsinks = [{ type = 'file', path = 'a' }, { type = 'null' }, { type = 'table', columns = ['x'] }]";
    let job: Job = parse(text).section("job").unwrap().unwrap();
    let file = Sink::File { path: "a".to_owned(), gzip: None };
    let table = Sink::Table(Table { columns: vec!["x".to_owned()] });
    assert_eq!(job.sinks, [Part(file), Part(Sink::Null), Part(table)]);

    let text = "[job]\nsinks = [\n{ type = 'file', path = 'a', gzip = 'no' },\n{ type = 'null', path = 'a' },\n\
                { type = 'table', columns = ['x', 3] },\n{ type = 'fiel' } ]";
    let error = parse(text).section::<Job>("job").unwrap_err();
    let expected = [
        "squall.toml:3:37 expected true or false, found the string \"no\"",
        "squall.toml:4:18 unknown key `path`",
        "squall.toml:5:35 expected a string in quotes, found `3`",
        "squall.toml:6:10 unknown type `fiel`",
    ];
    assert_eq!(said(&error), expected);
}

#[test]
fn an_override_reaches_into_a_part() {
    let environment =
        [("SQUALL__DESTINATIONS__MY_HOOK__TYPE", "webhook"), ("SQUALL__DESTINATIONS__MY_HOOK__URL", "8")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let found: Destinations =
        Config::load(None, environment.clone(), &[]).unwrap().parts("destinations").unwrap();
    assert_eq!(found["my-hook"].address(), "8 None None");
    let sets = ["destinations.my_hook.timeout=5".to_owned()];
    let error = Config::load(None, environment, &sets).unwrap().parts::<Box<dyn Destination>>("destinations");
    let error = error.unwrap_err();
    assert_eq!(error.errors[0].place(), "--set destinations.my_hook.timeout");
}

#[derive(Debug, Deserialize, serde::Serialize)]
struct Api {
    key: Secret,
}

fn api(text: &str, environment: &[(&str, &str)]) -> Result<Api, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("squall.toml");
    fs::write(&path, text).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Ok(Config::load(Some(&path), environment, &[])?.section("api")?.unwrap())
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file_and_is_never_printed() {
    let by_variable = api("[api]\nkey = { env = 'API_KEY' }", &[("API_KEY", "hunter2")]).unwrap();
    assert_eq!(by_variable.key.expose(), "hunter2");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "hunter2\r\n").unwrap();
    let by_file = api(&format!("[api]\nkey = {{ file = '{}' }}", file.path().display()), &[]).unwrap();
    assert_eq!(by_file.key.expose(), "hunter2");
    let printed = format!("{by_file:?} {} {}", by_file.key, toml::to_string(&by_file).unwrap());
    assert_eq!(printed, "Api { key: *** } *** key = \"***\"\n");
}

#[test]
fn a_secret_in_the_configuration_itself_is_refused_and_not_shown() {
    let error = parse("[api]\nother = 1\nkey = 'hunter2'\n").section::<Api>("api").unwrap_err();
    let expected = "\
error: a secret does not stand in the configuration
 --> squall.toml:3:7
  |
3 | key = *********
  |       ^^^^^^^^^ write { env = \"NAME\" } or { file = \"path\" }";
    assert_eq!(error.errors[1].to_string(), expected);
    for text in [
        "api = { key = 'hunter2', other = 1 }",
        "api = { key = { value = 'hunter2' }, other = 1 }",
        "api = { key = { env = 'A', value = 'hunter2' } }",
        "api.key.value = 'hunter2'",
        "api.key = \"\"\"\n hunter2\n\"\"\"",
        "api = { key = { env = 'A' }, access_token = 'hunter2' }",
    ] {
        let error = api(text, &[("A", "hunter2")]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let error = api("[api]", &[("SQUALL__API__KEY", "hunter2")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    assert_eq!(error.errors[0].place(), "environment variable SQUALL__API__KEY");
    let config = Config::load(None, [("SQUALL__API__KEY".to_owned(), "hunter2".to_owned())], &[]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_secret_that_cannot_be_had_is_a_fault_at_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let by_file = || said(&api(&format!("api.key.file = '{}'", path.display()), &[]).unwrap_err()).remove(0);
    assert!(by_file().contains(":1:16 cannot read the secret in"), "{}", by_file());
    fs::write(&path, "\n").unwrap();
    assert!(by_file().contains("is empty"), "{}", by_file());
    fs::write(&path, "x".repeat(64 * 1024 + 1)).unwrap();
    assert!(by_file().contains("is longer than 64 KiB"), "{}", by_file());
    fs::write(&path, b"\xff").unwrap();
    assert!(by_file().contains("is not UTF-8"), "{}", by_file());
    let error = api("[api]\nkey = { env = 'NOBODY_SET_THIS' }", &[]).unwrap_err();
    let fault = &error.errors[0];
    assert_eq!(fault.message(), "the environment variable `NOBODY_SET_THIS` is not set");
    assert_eq!((fault.line(), fault.column()), (Some(2), Some(15)));
}

#[test]
fn other_formats_give_no_secret_and_do_not_show_it() {
    let error = toml::from_str::<Api>("key = 'hunter2'").unwrap_err();
    assert!(!error.message().contains("hunter2"), "{}", error.message());
}
