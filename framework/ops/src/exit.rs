//! Exit codes, as scripts and service units see them.

/// Everything was done, or a signal ended the run and it drained.
pub const OK: u8 = 0;

/// A topology failed, or something for which there is no better code went wrong.
pub const FAILURE: u8 = 1;

/// The command line was not understood.
pub const USAGE: u8 = 2;

/// Nobody knows how a process is: what `squall check` says where other commands have another code.
pub const PLUGIN_UNKNOWN: u8 = 3;

/// A port, a folder, a file or a database that is needed is not to be had (`EX_UNAVAILABLE` of `sysexits.h`).
pub const UNAVAILABLE: u8 = 69;

/// The configuration is wrong (`EX_CONFIG` of `sysexits.h`): starting again will not help.
pub const CONFIG: u8 = 78;

/// A second SIGHUP after the terminal was closed ended the process at once: 128 + 1.
pub const HUNG_UP: u8 = 129;

/// A second SIGINT ended the process at once, before everything was drained: 128 + 2.
pub const INTERRUPTED: u8 = 130;

/// A second SIGTERM ended the process at once, before everything was drained: 128 + 15.
pub const TERMINATED: u8 = 143;
