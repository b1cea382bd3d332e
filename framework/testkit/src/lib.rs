//! Feeder spouts, trackers, mocks and virtual time for tests of topologies.
