//! The HTTP interface: `/api/v1/series`.

mod draft;

pub use draft::{ScheduleDraft, SeriesDraft, SeriesEdit};
