//! [`Form`]: what a form of a page sent.

/// What a form of a page sent: its fields in their order, decoded.
///
/// ```
/// use squall_ops::Form;
///
/// let form = Form::of("id=1&id=2&reason=");
///
/// assert_eq!(form.get("id"), Some("1"));
/// assert_eq!(form.all("id").collect::<Vec<_>>(), ["1", "2"]);
/// assert_eq!(form.get("reason"), None, "it was left empty");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// What is written as in the address of a page. For tests of pages.
    pub fn of(fields: &str) -> Self {
        Self { fields: super::view::pairs(fields) }
    }

    /// The first field with this name; `None` also if it was left empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// All fields with this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All fields.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}
