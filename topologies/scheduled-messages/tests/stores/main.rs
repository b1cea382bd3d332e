//! What every store promises: the same tests on SQLite, PostgreSQL and MariaDB, each a real one.
//!
//! Servers that are not installed are skipped where it can be seen (see `squall_services`).

#[cfg(test)]
mod bed;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod people;
#[cfg(test)]
mod races;
#[cfg(test)]
mod search;
#[cfg(test)]
mod series;
#[cfg(test)]
mod steps;

/// Makes a test of each function for each store.
#[cfg(test)]
macro_rules! on_every_store {
    ($($(#[$attribute:meta])* async fn $name:ident($bed:ident: &Bed) $body:block)*) => {
        $(async fn $name($bed: &Bed) $body)*

        mod sqlite {
            $($(#[$attribute])* #[tokio::test] async fn $name() { super::$name(&super::Bed::sqlite()).await; })*
        }

        mod postgres {
            $($(#[$attribute])* #[tokio::test] async fn $name() {
                if let Some(bed) = super::Bed::postgres() { super::$name(&bed).await; }
            })*
        }

        mod mariadb {
            $($(#[$attribute])* #[tokio::test] async fn $name() {
                if let Some(bed) = super::Bed::mariadb() { super::$name(&bed).await; }
            })*
        }
    };
}
#[cfg(test)]
use on_every_store;
