//! What commands say to programs: objects that say which kind they are.

use clap::{Arg, ArgAction, ArgMatches};
use serde::Serialize;
use serde_json::Value;

use super::print::print;
use crate::{Flags, StartError};

/// The flag of every command that reads something.
pub fn arg() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Prints JSON, for programs")
}

/// Whether a program asked.
pub fn is_wanted(args: &ArgMatches) -> bool {
    Flags::new(args).is_set("json")
}

/// Prints an object, with its kind as `format`: `squall.NAME.v1`.
///
/// What is in an object of a kind stays; more may come. Something else is another kind.
///
/// # Errors
///
/// It cannot be written to standard output: exit code 69.
pub fn print_object(name: &str, object: impl Serialize) -> Result<(), StartError> {
    print(&format!("{:#}\n", of_kind(name, object)?))
}

/// The same as one line of many.
///
/// ```
/// use squall_ops::cli::json;
///
/// assert_eq!(json::line("word", serde_json::json!({"n": 7}))?, "{\"format\":\"squall.word.v1\",\"n\":7}\n");
/// # Ok::<_, squall_ops::StartError>(())
/// ```
///
/// # Errors
///
/// It is nothing that JSON knows.
pub fn line(name: &str, object: impl Serialize) -> Result<String, StartError> {
    Ok(format!("{}\n", of_kind(name, object)?))
}

fn of_kind(name: &str, object: impl Serialize) -> Result<Value, StartError> {
    let mut object = serde_json::to_value(object).map_err(StartError::failed)?;
    if let Value::Object(members) = &mut object {
        members.insert("format".to_owned(), format!("squall.{name}.v1").into());
    }
    Ok(object)
}
