//! What the help of a command ends with.

use clap::Command;

/// Adds examples: what stands behind the name of the binary.
pub(super) fn with_examples(command: Command, product: &str, examples: &[&str]) -> Command {
    let lines: Vec<String> = examples.iter().map(|example| format!("  {product} {example}")).collect();
    let before = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    command.after_help(format!("{before}Examples:\n{}", lines.join("\n")))
}
