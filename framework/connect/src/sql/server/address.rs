//! Where a server is.

use sqlx::ConnectOptions;
use sqlx::any::AnyConnectOptions;

use crate::sql::place::Place;
use crate::sql::{Dialect, Error, ErrorKind};

/// What may stand behind the `?` of a URL. What is not known would be left out without a word: a mistyped `sslmode`
/// would mean no TLS, and a mistyped `password` would be logged by the driver.
const POSTGRES_PARAMETERS: &[&str] =
    &["sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "host", "options"];
const MYSQL_PARAMETERS: &[&str] = &["ssl-mode", "sslmode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];

/// One of the places where a database may be found.
#[derive(Clone)]
pub(in crate::sql) struct Address {
    options: AnyConnectOptions,
    place: Place,
}

impl Address {
    /// Reads a URL, the `number`th; what is wrong with it is told without it, because there may be a password anywhere.
    fn parse(number: usize, url: &str) -> Result<Self, Error> {
        let wrong = |why: String| misnamed(number, why);
        let options: AnyConnectOptions = url
            .parse()
            .map_err(|_| wrong("it is no URL; in a password, write other signs as %40".to_owned()))?;
        let url = &options.database_url;
        let (dialect, parameters) = match url.scheme() {
            "postgres" | "postgresql" if cfg!(feature = "postgres") => {
                (Dialect::Postgres, POSTGRES_PARAMETERS)
            }
            "mysql" | "mariadb" if cfg!(feature = "mysql") => (Dialect::Mysql, MYSQL_PARAMETERS),
            _ => return Err(wrong("it begins with none of postgres:// and mysql://".to_owned())),
        };
        let database = url.path().strip_prefix('/').unwrap_or_default();
        if url.cannot_be_a_base() || database.is_empty() || database.contains(['/', '@', ':']) {
            let form = "it is not of the form postgres://user:password@host:port/database";
            return Err(wrong(format!("{form}; in a password, write other signs as %40")));
        }
        if url.query_pairs().any(|(name, _)| !parameters.contains(&&*name)) {
            let known = parameters.join(", ");
            return Err(wrong(format!("it has an unknown parameter behind the `?`; known are {known}")));
        }
        let place = Place::new(dialect, shown(&options));
        Ok(Self { options: options.disable_statement_logging(), place })
    }

    pub(super) fn options(&self) -> &AnyConnectOptions {
        &self.options
    }

    /// The address without its password.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }
}

/// What of a URL may be seen by everybody.
fn shown(options: &AnyConnectOptions) -> String {
    let mut url = options.database_url.clone();
    if url.set_password(None).is_err() {
        // Without a host there is no password either.
        return format!("{}://{}", url.scheme(), url.path());
    }
    // A password may also stand among the parameters.
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Reads the addresses of one database.
pub(in crate::sql) fn addresses(
    urls: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<(Place, Vec<Address>), Error> {
    let mut addresses: Vec<Address> = Vec::new();
    for (number, url) in (1..).zip(urls) {
        let address = Address::parse(number, url.as_ref())?;
        if addresses.first().is_some_and(|first| first.place.dialect() != address.place.dialect()) {
            let why = "it is of another kind than the first";
            return Err(misnamed(number, why));
        }
        addresses.push(address);
    }
    let Some(first) = addresses.first() else {
        return Err(misnamed(1, "there is none"));
    };
    let names: Vec<_> = addresses.iter().map(|address| address.place.to_string()).collect();
    let place = Place::new(first.place.dialect(), names.join(", "));
    Ok((place, addresses))
}

fn misnamed(number: usize, why: impl ToString) -> Error {
    Error::new(&Place::new(Dialect::Postgres, format!("address {number}")), ErrorKind::Address, why)
}

#[cfg(test)]
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod tests {
    use crate::sql::{ErrorKind, Options};

    #[test]
    fn what_is_wrong_with_an_address_is_told_without_its_password() {
        let wrong = [
            "postgres://squall:hush/hush@db/squall",
            "postgres://squall:hush?hush@db/squall",
            "postgres://squall:hush#hush@db/squall",
            "postgres:squall:hush@db/squall",
            "postgres://squall:hush@db/",
            "postgres://squall:hush@db/squall?passwort=hush",
            "sqlite://squall:hush@db/squall",
        ];
        for url in wrong {
            let error = Options::servers(["postgres://db/squall", url]).unwrap_err();

            assert_eq!(error.kind(), ErrorKind::Address, "{url}");
            assert!(error.to_string().starts_with("cannot use address 2 of the database: it "), "{error}");
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgres://squall:hush@db:5433/squall?sslmode=require&options=-cfoo=hush";

        let options = Options::servers([url]).unwrap();

        assert_eq!(options.to_string(), "postgres://squall@db:5433/squall");
        assert_eq!(format!("{options:?}"), "Options(`postgres://squall@db:5433/squall`)");
    }

    #[test]
    fn addresses_of_one_database_are_of_one_kind() {
        let error = Options::servers(["postgres://db/squall", "mysql://db/squall"]).unwrap_err();

        assert!(error.to_string().contains("address 2"), "{error}");
        assert!(Options::servers([""; 0]).is_err());
    }
}
