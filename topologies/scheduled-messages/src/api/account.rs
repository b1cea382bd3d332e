//! Names of accounts.

use squall_ops::Problem;

use super::trouble::shown;
use crate::store::ALL;

/// The longest account, in characters.
const LIMIT: usize = 256;

/// Whether a text can be the name of an account; if not, the rest of a sentence about it.
pub(super) fn account(account: String) -> Result<String, String> {
    let length = account.chars().count();
    if length == 0 || length > LIMIT {
        return Err(format!("has {length} characters; expected 1 to {LIMIT}"));
    }
    if account.chars().any(char::is_control) {
        return Err("has control characters; expected none".to_owned());
    }
    // A decoder puts it where bytes were no text: two such names would become one.
    if account.contains(char::REPLACEMENT_CHARACTER) {
        return Err("has a sign that stands for what could not be read; expected UTF-8".to_owned());
    }
    if account == ALL {
        return Err("stands for all accounts; expected the name of one".to_owned());
    }
    Ok(account)
}

/// [`account`], or the sign for all of them.
pub(super) fn account_or_all(name: String) -> Result<String, String> {
    if name == ALL { Ok(name) } else { account(name) }
}

/// An account that a path names.
pub(super) fn in_path(name: &str) -> Result<String, Problem> {
    account_or_all(name.to_owned())
        .map_err(|fault| Problem::not_found(format!("There is no account `{}`: it {fault}.", shown(name))))
}
