//! The binary that has crash points.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Builds it, the first time; the rest of the packages is there already.
pub(crate) fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let usual = Path::new(env!("CARGO_BIN_EXE_squall"));
        let mut build = Command::new(env!("CARGO"));
        // Of the packages as they were built for this test: of fewer, the dependencies would be built anew.
        build.args([
            "build",
            "--workspace",
            "--bin",
            "squall-crash",
            "--features",
            "squall-app/crash-points",
        ]);
        // What cargo tells a test of its package would have other packages be built anew.
        let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in names.filter(|name| told.iter().any(|told| name.starts_with(told))) {
            build.env_remove(name);
        }
        // In whatever profile and folder this test was built.
        let folder = usual.parent().unwrap();
        if folder.ends_with("release") {
            build.arg("--release");
        }
        build
            .arg("--target-dir")
            .arg(folder.parent().unwrap())
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let built = build.output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        usual.with_file_name("squall-crash")
    })
}
