use std::{borrow::Cow, fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{
    fault::Fault,
    mask,
    source::{Origin, Source, Span},
};

/// Everything that is wrong with a configuration.
///
/// `Display` shows each fault as a compiler would: what is wrong, where, the line with carets, what to do.
///
/// ```
/// use squall_topology::config::Config;
///
/// let error = Config::parse("squall.toml", "[admin\nlisten = 1").unwrap_err();
/// assert_eq!(error.errors[0].place(), "squall.toml:1:7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The faults, in the order of the file, then of environment and flags. Never empty.
    pub errors: Vec<Diagnostic>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// One fault of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    message: String,
    label: String,
    help: Option<String>,
    origin: Option<Origin>,
    /// Line and column, both from 1; only in a file.
    position: Option<(usize, usize)>,
    rendered: String,
}

impl Diagnostic {
    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What was expected; empty if the message says it.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.label
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The line in the file, from 1; `None` if the value comes from the environment or a flag.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.position.map(|(line, _)| line)
    }

    /// The column in the line, from 1, in characters.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.position.map(|(_, column)| column)
    }

    /// `squall.toml:7:15`, `environment variable SQUALL__ENGINE__THREADS` or `--set engine.threads`; empty if the
    /// fault has no place.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.origin, self.position) {
            (Some(origin), Some((line, column))) => format!("{origin}:{line}:{column}"),
            (Some(origin), None) => origin.to_string(),
            (None, _) => String::new(),
        }
    }

    pub(super) fn new(fault: &Fault, sources: &[Source], hidden: &[Span]) -> Self {
        let located = fault.span.and_then(|span| sources.get(span.source).map(|source| (span, source)));
        let message = message(fault, located, hidden);
        let rendered = match located {
            Some((span, source)) => {
                let here = hidden.iter().filter(|hidden| hidden.source == span.source);
                let here: Vec<_> = here.map(|hidden| hidden.range()).collect();
                render(fault, &message, source, span, &here)
            }
            None => Renderer::plain().render(&[title(&message)]),
        };
        let position = located.and_then(|(span, source)| match source.origin {
            Origin::File(_) => Some(source.position(span.start)),
            Origin::Variable(_) | Origin::Flag(_) => None,
        });
        Self {
            message,
            label: fault.label.clone(),
            help: fault.help.clone(),
            origin: located.map(|(_, source)| source.origin.clone()),
            position,
            rendered,
        }
    }
}

/// What is wrong, without what must not be shown: names, passwords and tokens in URLs, and the value itself if it comes from the
/// environment, where passwords are kept, or is a secret.
fn message(fault: &Fault, located: Option<(Span, &Source)>, hidden: &[Span]) -> String {
    let discreet = fault.discreet.as_deref().unwrap_or(&fault.message);
    match located {
        Some((_, Source { origin: Origin::Variable(_), text })) => {
            mask::without_quotes_of(discreet, text.trim_matches(['"', '\'']))
        }
        Some((span, _)) if hidden.contains(&span) => mask::without_secrets_of_urls(discreet),
        _ => mask::without_secrets_of_urls(&fault.message),
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered)
    }
}

fn title<'a>(text: impl Into<Cow<'a, str>>) -> Group<'a> {
    Group::with_title(Level::ERROR.primary_title(text))
}

/// Shows the line where the fault begins; a value over many lines has carets under its first. A value from the
/// environment is not shown.
fn render(fault: &Fault, message: &str, source: &Source, span: Span, hidden: &[Range<usize>]) -> String {
    let line = source.line(span.start);
    let text = source.redacted(line.clone(), hidden);
    let carets = span.start - line.start..span.end.min(line.end).max(span.start) - line.start;
    let mark = AnnotationKind::Primary.span(carets);
    let mark = if fault.label.is_empty() { mark } else { mark.label(fault.label.as_str()) };
    let snippet = Snippet::source(text).annotation(mark);
    let group = match &source.origin {
        Origin::File(path) => {
            let (number, _) = source.position(span.start);
            title(message).element(snippet.path(path.as_str()).line_start(number))
        }
        // One value has no lines to count; the name of the flag takes their place.
        origin @ Origin::Flag(_) => {
            title(format!("{origin}: {message}")).element(snippet.line_numbering(false))
        }
        origin @ Origin::Variable(_) if fault.label.is_empty() => title(format!("{origin}: {message}")),
        origin @ Origin::Variable(_) => title(format!("{origin}: {message}, {}", fault.label)),
    };
    let mut report = vec![group];
    if let Some(help) = &fault.help {
        report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
    }
    Renderer::plain().render(&report)
}
