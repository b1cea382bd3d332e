//! [`Faults`]: what is wrong with a form, for each of its fields.

use squall_ops::Problem;

/// What is wrong with a form: a sentence for the whole, and the rest of one for each field.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub(super) sentence: String,
    by_field: Vec<(String, String)>,
}

impl Faults {
    pub(super) fn of(problem: &Problem) -> Self {
        let by_field = problem
            .faults()
            .iter()
            .map(|fault| (fault.pointer.trim_start_matches('/').to_owned(), fault.detail.clone()))
            .collect();
        Self { sentence: problem.detail().to_owned(), by_field }
    }

    /// What is wrong with one field; empty if nothing is.
    pub(super) fn at(&self, field: &str) -> &str {
        let found = self.by_field.iter().find(|(name, _)| name == field);
        found.map_or("", |(_, detail)| detail.as_str())
    }

    /// What is wrong with none of these fields, so that nothing is lost that has no place in the form.
    pub(super) fn beside(&self, fields: &[&str]) -> Vec<&str> {
        let beside = self.by_field.iter().filter(|(name, _)| !fields.contains(&name.as_str()));
        beside.map(|(_, detail)| detail.as_str()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sentence.is_empty() && self.by_field.is_empty()
    }
}
