//! Scheduled messages: stored in one row, sent at their instant.
