//! Command line, HTTP listener and what operators see.
