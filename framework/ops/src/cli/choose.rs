//! Topologies by their names.

use crate::{App, StartError};

/// Finds the topologies with these names, each once.
///
/// # Errors
///
/// One of them is unknown; the sentence says which are known, and which was probably meant.
pub(super) fn choose<'b>(
    known: &'b [Box<dyn App>],
    names: &[String],
) -> Result<Vec<&'b dyn App>, StartError> {
    let mut chosen: Vec<&dyn App> = Vec::new();
    for name in names {
        let Some(app) = known.iter().find(|app| app.name() == name) else {
            return Err(unknown(known, name));
        };
        if chosen.iter().all(|chosen| chosen.name() != name) {
            chosen.push(app.as_ref());
        }
    }
    Ok(chosen)
}

fn unknown(known: &[Box<dyn App>], name: &str) -> StartError {
    let names: Vec<&str> = known.iter().map(|app| app.name()).collect();
    let nearest = names
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), *known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    StartError::usage(match nearest {
        Some((_, nearest)) => format!("there is no topology `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no topology `{name}`; there are: {}", names.join(", ")),
    })
}
