//! Servers that go and come back.

use squall_services::Port;

use super::rig::{COUNT, Rig, Times, Write, Writes, back, open};
use crate::sql::ErrorKind;

#[tokio::test]
async fn a_killed_server_is_away_and_used_again_when_it_is_back() {
    for rig in Rig::own() {
        let (database, _) = rig.open().await;
        database.write(Write(COUNT)).await.unwrap();

        rig.stop_hard();
        let write = database.write(Write(COUNT)).await.unwrap_err();
        let read = database.read(Times("one")).await.unwrap_err();
        let again = database.write(Writes([COUNT, COUNT])).await.unwrap_err();
        rig.start_again();

        assert_eq!([write.kind(), read.kind(), again.kind()], [ErrorKind::Away; 3], "{write} {read} {again}");
        assert_eq!(back(&database).await, Some(1));
        database.write(Write(COUNT)).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_was_started_again_meanwhile_is_not_even_noticed() {
    for rig in Rig::own() {
        let (database, _) = rig.open().await;
        database.write(Write(COUNT)).await.unwrap();

        rig.stop_hard();
        rig.start_again();

        assert_eq!(database.read(Times("one")).await.unwrap(), Some(1));
        rig.stop_hard();
        rig.start_again();
        database.write(Writes([COUNT, COUNT])).await.unwrap();
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(3));
        rig.stop_hard();
        rig.start_again();
        database.write(Write(COUNT)).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_away_until_it_speaks() {
    for rig in Rig::own() {
        let (database, _) = rig.open().await;
        database.write(Write(COUNT)).await.unwrap();

        rig.freeze();
        let first = database.write(Writes([COUNT])).await.unwrap_err();
        // They would have to wait for a connection, if the first had not told.
        let calls = (0..100).map(|_| database.read(Times("one")));
        let others = futures_util::future::join_all(calls).await;
        rig.thaw();
        back(&database).await;
        rig.freeze();
        let again = database.write(Write(COUNT)).await.unwrap_err();
        rig.thaw();

        assert_eq!(again.kind(), ErrorKind::Away, "{again}");
        assert_eq!(first.kind(), ErrorKind::Away, "{first}");
        assert!(others.into_iter().all(|other| other.unwrap_err().kind() == ErrorKind::Away));
        // None of them got as far as to ask for it.
        assert_eq!(back(&database).await, Some(1));
        database.write(Writes([COUNT, COUNT])).await.unwrap();
    }
}

fn with_user(url: &str, user: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    format!("{scheme}://{user}@{}", rest.split_once('@').unwrap().1)
}

#[tokio::test]
async fn who_is_not_let_in_is_told_so_without_the_password() {
    for rig in Rig::shared() {
        let url = with_user(&rig.fresh_database(), "squall:hush");

        let error = open(&[&url]).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_one_sentence() {
    for rig in Rig::shared() {
        let url = rig.fresh_database() + "_not";

        let error = open(&[&url]).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Unopenable, "{error}");
    }
}

#[tokio::test]
async fn nobody_at_any_address_is_one_sentence_about_all_of_them() {
    let ports = [Port::reserve(), Port::reserve()];
    let urls = ports.each_ref().map(|port| format!("postgres://squall:hush@{}/squall", port.address()));

    let error = open(&[&urls[0], &urls[1]]).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Away, "{error}");
    for port in ports {
        assert!(error.to_string().matches(&port.address().to_string()).count() == 2, "{error}");
    }
    assert!(!error.to_string().contains("hush"), "{error}");
}
