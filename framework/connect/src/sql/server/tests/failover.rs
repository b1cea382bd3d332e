//! From the address that takes no writes to the one that does.

use std::fs::File;

use squall_services::{Port, Postgres};

use super::rig::{COUNT, Rig, Times, Write, back, open};
use crate::sql::ErrorKind;

#[tokio::test]
async fn of_several_addresses_the_one_that_takes_writes_is_used() {
    for one in Rig::own() {
        let two = one.another();
        let urls = [one.fresh_database(), two.fresh_database()];
        let urls = [&*urls[0], &*urls[1]];
        // Each has its own rows, as if one were the copy of the other.
        drop(open(&urls[1..]).await.unwrap());
        let nobody = urls[0].replace(&port(urls[0]), &Port::reserve().number().to_string());

        one.read_only(true);
        let database = open(&[&nobody, urls[0], urls[1]]).await.unwrap();
        database.write(Write(COUNT)).await.unwrap();
        assert_eq!(two.query(urls[1], "SELECT times FROM words WHERE word = 'one'"), [["1"]]);

        one.read_only(false);
        drop(open(&urls[..1]).await.unwrap());
        two.stop_hard();
        assert_eq!(database.write(Write(COUNT)).await.unwrap_err().kind(), ErrorKind::Away);
        assert_eq!(back(&database).await, Some(0), "these are the rows of the other server");
        database.write(Write(COUNT)).await.unwrap();
        assert_eq!(one.query(urls[0], "SELECT times FROM words WHERE word = 'one'"), [["1"]]);
    }
}

fn port(url: &str) -> String {
    url.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_server_that_takes_no_writes_any_more_is_left() {
    for rig in Rig::own() {
        let (database, _) = rig.open().await;
        // The connection on which it will notice.
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(0));

        rig.read_only(true);
        let write = database.write(Write(COUNT)).await.unwrap_err();
        let next = database.write(Write(COUNT)).await.unwrap_err();
        rig.read_only(false);

        assert_eq!(write.kind(), ErrorKind::ReadOnly, "{write}");
        assert_eq!(next.kind(), ErrorKind::Away, "{next}");
        assert_eq!(back(&database).await, Some(0));
        database.write(Write(COUNT)).await.unwrap();
    }
}

#[tokio::test]
async fn a_standby_is_used_once_it_is_promoted() {
    let (Some(primary), Some(standby)) = (Postgres::start(), Postgres::start()) else { return };
    let urls = [primary.fresh_database(), standby.fresh_database()];
    let urls = [&*urls[0], &*urls[1]];
    drop(open(&urls[1..]).await.unwrap());
    standby.stop_hard();
    File::create(standby.folder().join("data/standby.signal")).unwrap();
    standby.start_again();

    let refused = open(&urls[1..]).await.unwrap_err();
    let database = open(&[urls[1], urls[0]]).await.unwrap();
    database.write(Write(COUNT)).await.unwrap();
    primary.stop_hard();
    let away = database.write(Write(COUNT)).await.unwrap_err();
    assert_eq!(standby.query(urls[1], "SELECT pg_promote()"), [["t"]]);

    assert_eq!(refused.kind(), ErrorKind::ReadOnly, "{refused}");
    assert_eq!(away.kind(), ErrorKind::Away, "{away}");
    assert_eq!(back(&database).await, Some(0), "these are the rows of the standby");
    database.write(Write(COUNT)).await.unwrap();
}
