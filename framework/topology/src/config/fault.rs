//! What is wrong with a value, in words for the person who wrote it.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::{source::Span, tree::normal};

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// What is wrong.
    pub(super) message: String,
    /// The same without the value that was found, where the message shows it.
    pub(super) discreet: Option<Box<str>>,
    /// What was expected; stands beside the carets.
    pub(super) label: String,
    /// What to do.
    pub(super) help: Option<String>,
    /// Where; `None` until it is known.
    pub(super) span: Option<Span>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), discreet: None, label: String::new(), help: None, span: None }
    }

    pub(super) fn discreetly(mut self, message: impl Into<Box<str>>) -> Self {
        self.discreet = Some(message.into());
        self
    }

    pub(super) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says which of the `known` names are expected and which one was probably meant.
    pub(super) fn expecting<S: AsRef<str>>(mut self, found: &str, known: &[S]) -> Self {
        self.label = match known {
            [] => "nothing is expected here".to_owned(),
            [one] => format!("expected `{}`", one.as_ref()),
            many => {
                let names: Vec<String> = many.iter().map(|name| format!("`{}`", name.as_ref())).collect();
                format!("expected one of {}", names.join(", "))
            }
        };
        self.help = closest(found, known).map(|name| format!("did you mean `{name}`?"));
        self
    }

    pub(super) fn unknown_key<S: AsRef<str>>(key: &str, known: &[S]) -> Self {
        Self::new(format!("unknown key `{key}`")).expecting(key, known)
    }

    /// A type that exists, but not in this build.
    pub(super) fn absent(name: &str, feature: &str) -> Self {
        let help = format!("build with `--features {feature}`, or choose another `type`");
        Self {
            help: Some(help),
            ..Self::new(format!("type `{name}` is not here: built without `{feature}`"))
        }
    }
}

/// The name that was probably meant.
fn closest<'a, S: AsRef<str>>(found: &str, known: &'a [S]) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(&normal(found), &normal(name));
    known
        .iter()
        .map(|name| (likeness(name.as_ref()), name.as_ref()))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.label.is_empty() {
            write!(f, ", {}", self.label)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = in_words(expected);
        Self::new(format!("expected {expected}, found {}", found_in_words(found)))
            .discreetly(format!("expected {expected}, found something else"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {length} values", in_words(expected)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown value `{variant}`"))
            .discreetly("unknown value")
            .expecting(variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown_key(field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing key `{field}`")).label(format!("`{field}` is needed here"))
    }
}

/// serde names Rust types; the person who writes the file knows TOML's.
fn in_words(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    let words = match text.as_str() {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number of at least 0",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "path string" => "a path in quotes",
        "string" | "a string" => "a string in quotes",
        "a map" => "a table",
        other if other.starts_with("a nonzero ") => "a whole number other than 0",
        other if other.starts_with("struct ") => "a table",
        other if other.starts_with("enum ") || other == "variant identifier" => "the name of a choice",
        other if other.starts_with("dyn ") => "a table with a `type`",
        other => other,
    };
    words.to_owned()
}

fn found_in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(yes) => format!("`{yes}`"),
        Unexpected::Unsigned(number) => format!("`{number}`"),
        Unexpected::Signed(number) => format!("`{number}`"),
        Unexpected::Str(text) => format!("the string \"{text}\""),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}
