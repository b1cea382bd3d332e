//! Colours: only for eyes, and only if their owner did not refuse them.

use std::ffi::OsString;

use anstyle::{AnsiColor, Style};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ColorChoice};

/// What went wrong.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// What deserves a look.
pub(super) const ODD: Style = AnsiColor::Yellow.on_default();

/// What is as it should be.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();

/// What only explains.
pub(super) const FAINT: Style = Style::new().dimmed();

/// The flag, of every command.
pub(super) fn arg() -> Arg {
    Arg::new("color")
        .long("color")
        .global(true)
        .value_name("WHEN")
        .value_parser(PossibleValuesParser::new(["auto", "always", "never"]))
        .default_value("auto")
        .hide_possible_values(true)
        .help("Colours: auto, always or never; auto heeds NO_COLOR and CLICOLOR_FORCE")
}

/// Says for the whole process what the flag says. It is looked for before the line is read, for the help has colours too.
pub(super) fn choose(args: &[OsString]) -> ColorChoice {
    let wanted = args.iter().enumerate().find_map(|(at, arg)| match arg.to_str()? {
        "--color" => args.get(at + 1)?.to_str(),
        arg => arg.strip_prefix("--color="),
    });
    let (ours, claps) = match wanted {
        Some("always") => (anstream::ColorChoice::Always, ColorChoice::Always),
        Some("never") => (anstream::ColorChoice::Never, ColorChoice::Never),
        _ => (anstream::ColorChoice::Auto, ColorChoice::Auto),
    };
    ours.write_global();
    claps
}

/// A text in a style; where there are no colours, the style is taken out again.
pub(super) fn in_style(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
