//! What the process shows when it asks itself.

use squall_topology::Secret;

use crate::StartError;

/// Makes a token that nobody knows but this process: 256 bits of chance, in figures that a header can carry.
///
/// # Errors
///
/// The operating system has none to give.
pub(crate) fn new() -> Result<Secret, StartError> {
    let mut chance = [0_u8; 32];
    getrandom::fill(&mut chance)
        .map_err(|error| StartError::failed(format!("cannot make a random token: {error}")))?;
    let token: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Secret::new(token))
}
