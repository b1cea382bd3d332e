//! Enrichment of activities.
