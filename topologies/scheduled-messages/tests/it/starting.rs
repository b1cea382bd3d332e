//! A store that cannot be opened is one sentence.

use squall_connect::sql::Options;
use squall_scheduled_messages::Store;

#[tokio::test]
async fn a_folder_that_is_none_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();

    let error = Store::open(Options::file(file.join("messages.sqlite3"))).await.unwrap_err().to_string();

    assert!(
        error.contains("file/messages.sqlite3: its folder is missing or cannot be written to"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}

#[tokio::test]
async fn a_file_of_something_else_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("messages.sqlite3");
    std::fs::write(&file, "no database at all, ".repeat(100)).unwrap();

    let error = Store::open(Options::file(&file)).await.unwrap_err().to_string();

    assert!(error.contains("is not a SQLite database"), "{error}");
}
