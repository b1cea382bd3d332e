//! What to type in a shell for what a page does.

use serde_json::Value;
use squall_ops::cli::quoted;

use super::NAME;

/// The command that does what a form does, for a binary of this name; the command line reads all of them.
///
/// `verb` may be two words; `fields` is what the interface would be asked, whose fields are the flags; `words` come behind
/// them.
pub(crate) fn line(product: &str, verb: &str, fields: &Value, words: &[String]) -> String {
    let mut line = format!("{product} {NAME} {verb}");
    for (name, value) in fields.as_object().into_iter().flatten() {
        let flag = name.replace('_', "-");
        match value {
            Value::Null => continue,
            Value::Bool(_) => line.push_str(&format!(" --{flag}")),
            Value::String(text) => line.push_str(&format!(" --{flag} {}", quoted(text))),
            value => line.push_str(&format!(" --{flag} {}", quoted(&value.to_string()))),
        }
    }
    for word in words {
        line.push(' ');
        line.push_str(&quoted(word));
    }
    line
}
