//! What the help of a command ends with.

use clap::Command;

/// What stands for the name of the binary in the help of a command that does not know it.
const BINARY: &str = "{binary}";

/// Adds examples to the help of a command: what stands behind the name of the binary, which takes the place of
/// `product`.
///
/// A [`Command`](crate::Command) that is brought does not know the name, and says `{binary}`.
pub fn with_examples(command: Command, product: &str, examples: &[&str]) -> Command {
    let lines: Vec<String> = examples.iter().map(|example| format!("  {product} {example}")).collect();
    let before = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    command.after_help(format!("{before}Examples:\n{}", lines.join("\n")))
}

/// Puts the name of the binary into the help of a command that was brought, and of those below it.
pub(super) fn named(command: Command, product: &str) -> Command {
    let help = command.get_after_help().map(|help| help.to_string().replace(BINARY, product));
    let command = match help {
        Some(help) => command.after_help(help),
        None => command,
    };
    command.mut_subcommands(|below| named(below, product))
}
