//! [`Operations`]: what one owner brings to the interface.

use std::fmt;
use std::sync::Arc;

use actix_web::{Resource, web};

use super::Operation;

/// Puts something that handlers share on a resource.
type Share = Arc<dyn Fn(Resource) -> Resource + Send + Sync>;

/// The operations of one owner, a topology or the process itself, and what their handlers share.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use actix_web::http::Method;
/// use actix_web::{HttpResponse, web};
/// use squall_ops::openapi::{Operation, Operations};
///
/// async fn count(visits: web::Data<AtomicU64>) -> HttpResponse {
///     HttpResponse::Ok().json(visits.fetch_add(1, Ordering::Relaxed))
/// }
///
/// let visit = Operation::new(Method::POST, "/api/v1/visits", "visit", "Counts a visit.", |route| route.to(count))
///     .answers::<u64>(200, "How many there were before.");
/// let operations = Operations::new([visit]).share(AtomicU64::new(0));
/// assert_eq!(operations.iter().count(), 1);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Operations {
    list: Vec<Operation>,
    shared: Vec<Share>,
}

impl Operations {
    /// These operations.
    pub fn new(list: impl IntoIterator<Item = Operation>) -> Self {
        Self { list: list.into_iter().collect(), shared: Vec::new() }
    }

    /// Has their handlers share something, which they take as [`web::Data`] of its type. Other owners' do not see it.
    pub fn share<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        let data = web::Data::new(value);
        self.shared.push(Arc::new(move |resource| resource.app_data(web::Data::clone(&data))));
        self
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.list.iter()
    }

    /// Keeps only what `keeps` says.
    pub(super) fn retain(&mut self, keeps: impl FnMut(&Operation) -> bool) {
        self.list.retain(keeps);
    }

    /// Puts what is shared on a resource.
    pub(super) fn equip(&self, resource: Resource) -> Resource {
        self.shared.iter().fold(resource, |resource, share| share(resource))
    }
}

impl From<Vec<Operation>> for Operations {
    fn from(list: Vec<Operation>) -> Self {
        Self::new(list)
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(Operation::id)).finish()
    }
}
