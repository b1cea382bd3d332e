//! [`Held`]: a value that holds, and who said it.

use schemars::JsonSchema;
use serde::Serialize;
use squall_topology::config::Said;

use crate::settings::{Loaded, Settings};

/// A value that holds, and who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Held {
    /// Where it stands in the configuration: `engine.threads`.
    pub(crate) path: String,
    /// As the configuration writes it; stars if it must not be shown.
    pub(crate) value: String,
    /// `squall.toml:12`, `environment variable …`, `--set …`, `default`.
    pub(crate) place: String,
}

impl Held {
    /// What the configuration says, and what holds for the process where it says nothing.
    pub(crate) fn all(settings: &Settings<'_>, loaded: &Loaded) -> Vec<Self> {
        let said = loaded.config.said();
        let mut all: Vec<Self> = said.iter().map(Self::from).collect();
        let engine = ("engine", serde_json::to_value(&loaded.engine));
        let admin = ("admin", serde_json::to_value(&loaded.admin));
        for (section, values) in [engine, admin] {
            // The settings are plain tables: they always become one.
            let Ok(serde_json::Value::Object(values)) = values else { continue };
            let unsaid = values.into_iter().map(|(key, value)| (format!("{section}.{key}"), value));
            let unsaid = unsaid.filter(|(path, _)| !said.iter().any(|said| is_within(said.path(), path)));
            all.extend(unsaid.map(|(path, value)| Self::default_of(path, &value)));
        }
        for (path, value, flag) in flags(settings, loaded) {
            all.retain(|held| held.path != path);
            all.push(Self { path: path.to_owned(), value, place: flag.to_owned() });
        }
        all
    }

    fn default_of(path: String, value: &serde_json::Value) -> Self {
        let value = if value.is_null() { "not set".to_owned() } else { value.to_string() };
        Self { path, value, place: "default".to_owned() }
    }
}

impl From<&Said> for Held {
    fn from(said: &Said) -> Self {
        let [path, value, place] = [said.path(), said.value(), said.place()].map(str::to_owned);
        Self { path, value, place }
    }
}

/// What flags of their own say, which win over everything.
fn flags(settings: &Settings<'_>, loaded: &Loaded) -> Vec<(&'static str, String, &'static str)> {
    let flags = settings.flags();
    let quoted = |text: String| format!("\"{text}\"");
    let listen = flags.one::<std::net::SocketAddr>("listen").map(|listen| quoted(listen.to_string()));
    let data_dir = flags.one::<std::path::PathBuf>("data-dir");
    let data_dir = data_dir.map(|_| quoted(settings.wanted_data_dir(&loaded.engine).display().to_string()));
    let share_port = flags.is_set("share-port").then(|| "true".to_owned());
    let all = [
        ("admin.listen", listen, "--listen"),
        ("engine.data_dir", data_dir, "--data-dir"),
        ("admin.share_port", share_port, "--share-port"),
    ];
    all.into_iter().filter_map(|(path, value, flag)| Some((path, value?, flag))).collect()
}

fn is_within(path: &str, table: &str) -> bool {
    path.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
