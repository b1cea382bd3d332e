//! Activities get their language.

use squall::prelude::*;

use crate::{Activity, Language, Missing, Outcome};

/// Adds the language of the text to what should have one, and passes on everything else as it is.
#[derive(Clone, Copy, Debug)]
pub struct Detect;

impl Bolt for Detect {
    type In = Activity;
    type Out = Emit<Activity>;

    async fn execute(&mut self, mut activity: Activity, out: &mut Output<Emit<Activity>>) -> Result<()> {
        if activity.wants_language() {
            let language = activity.text().map_or(Outcome::Missing(Missing::NoText), Language::detect);
            activity.enrichments.language = Some(language);
        }
        out.emit(activity);
        Ok(())
    }
}
