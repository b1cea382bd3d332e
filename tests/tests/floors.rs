//! The floors: a `use` points only downward, and the ground floor stands on nothing that does I/O.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::{
    collections::{BTreeSet, HashMap},
    env,
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep, Package, PackageId, TargetKind};

/// The folders of the workspace and their floors.
const FLOORS: [(&str, u32); 17] = [
    ("framework/core", 0),
    ("framework/derive", 0),
    ("framework/topology", 1),
    ("framework/windows", 1),
    ("framework/runtime", 2),
    ("framework/connect", 3),
    ("framework/ops", 4),
    ("framework/testkit", 3),
    ("framework/squall", 5),
    // It measures a topology, too.
    ("topologies/bench", 7),
    ("topologies/squall", 8),
    ("topologies/", 6),
    ("tests", 6),
    ("tests/browser", 6),
    ("tests/instructions", 6),
    // It knows nothing of the engine, and tests of every floor may use it.
    ("tests/services", 0),
    // They show what lies in the topologies, too.
    ("examples", 7),
];

/// What runs tasks, opens sockets or files. The ground floor must do without, even indirectly.
const NOT_ON_THE_GROUND: [&str; 9] =
    ["actix", "actix-rt", "actix-web", "async-std", "futures-executor", "mio", "reqwest", "sqlx", "tokio"];

/// What is built on this machine: of other platforms nothing may have been downloaded.
fn metadata() -> Metadata {
    let options = vec!["--filter-platform".to_owned(), host()];
    MetadataCommand::new().other_options(options).exec().expect("cargo knows its workspace")
}

fn host() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc says for which host it is");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn folder<'a>(metadata: &Metadata, package: &'a Package) -> &'a str {
    let folder =
        package.manifest_path.parent().and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok());
    folder.map_or("elsewhere", |folder| folder.as_str())
}

fn floor(folder: &str) -> Option<u32> {
    let stands_at = |place: &str| folder == place || (place.ends_with('/') && folder.starts_with(place));
    FLOORS.iter().find(|(place, _)| stands_at(place)).map(|(_, floor)| *floor)
}

/// A binary: nobody can use it.
fn is_a_roof(package: &Package) -> bool {
    !package.targets.iter().any(|target| target.kind.contains(&TargetKind::Lib))
}

#[test]
fn a_use_points_only_downward() {
    let metadata = metadata();
    let floors: HashMap<_, _> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let folder = folder(&metadata, package);
            let floor = floor(folder)
                .unwrap_or_else(|| panic!("`{folder}` stands on no floor: give it one in FLOORS"));
            (package.name.as_str(), floor)
        })
        .collect();

    let mut faults = Vec::new();
    for package in metadata.workspace_packages() {
        let own = floors[package.name.as_str()];
        for dependency in &package.dependencies {
            let Some(&other) = floors.get(dependency.name.as_str()) else { continue };
            // The binary on the roof gathers what lies beside it.
            let is_downward = other < own || (other == own && is_a_roof(package));
            if !is_downward {
                let (name, used) = (&package.name, &dependency.name);
                faults.push(format!(
                    "`{name}` on floor {own} uses `{used}` on floor {other} ({})",
                    dependency.kind
                ));
            }
        }
    }
    assert!(faults.is_empty(), "these point up or sideways:\n{}", faults.join("\n"));
}

#[test]
fn every_folder_with_a_floor_is_there() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    for (place, _) in FLOORS {
        let is_there = packages.iter().any(|package| {
            let folder = folder(&metadata, package);
            folder == place || (place.ends_with('/') && folder.starts_with(place))
        });
        assert!(is_there, "no package lies in `{place}`: take it out of FLOORS");
    }
}

#[test]
fn the_ground_floor_runs_nothing_and_opens_nothing() {
    let metadata = metadata();
    let nodes: HashMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let names: HashMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let core = metadata.packages.iter().find(|package| package.name.as_str() == "squall-core").unwrap();

    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut todo = vec![&core.id];
    while let Some(id) = todo.pop() {
        if seen.insert(id) {
            // What only tests use is built for nobody else.
            let is_normal =
                |used: &&NodeDep| used.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            let used = nodes[id].deps.iter().filter(is_normal);
            todo.extend(used.map(|used| &used.pkg));
        }
    }

    let names: BTreeSet<_> = seen.into_iter().map(|id| names[id]).collect();
    assert!(names.contains("serde"), "the walk went astray: {names:?}");
    let unwanted: Vec<_> = NOT_ON_THE_GROUND.iter().filter(|name| names.contains(**name)).collect();
    assert!(unwanted.is_empty(), "squall-core stands on {unwanted:?}");
}
