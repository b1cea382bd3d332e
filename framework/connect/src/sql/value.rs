//! What is filled in for a `?`.

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;
use sqlx::error::BoxDynError;

/// What is filled in for a `?` of a statement: a number, a text, bytes, or the null of one of them.
///
/// Those are the types that all three dialects have; what is true or false is the number 1 or 0.
///
/// ```
/// use squall_connect::sql::Value;
///
/// let values: Vec<Value> = vec!["ada".into(), 36_u32.into(), true.into(), None::<i64>.into()];
/// assert_eq!(values[2], Value::from(1_i64));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number: `BIGINT`.
    Int(Option<i64>),
    /// A text: `TEXT`.
    Text(Option<String>),
    /// Bytes: `BLOB`, in PostgreSQL `BYTEA`.
    Bytes(Option<Vec<u8>>),
}

impl Value {
    fn add_to(self, arguments: &mut AnyArguments) -> Result<(), BoxDynError> {
        match self {
            Self::Int(value) => arguments.add(value),
            Self::Text(value) => arguments.add(value),
            Self::Bytes(value) => arguments.add(value),
        }
    }
}

/// Lines values up behind each other.
pub(super) fn arguments(values: impl IntoIterator<Item = Value>) -> Result<AnyArguments, sqlx::Error> {
    let mut arguments = AnyArguments::default();
    for value in values {
        value.add_to(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

macro_rules! from {
    ($variant:ident: $($type:ty),+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )+};
}

from!(Int: i64, i32, u32, bool);
from!(Text: String, &str);
from!(Bytes: Vec<u8>);
