//! What each kind of destination does with real servers, and with answers that get lost.

#[cfg(test)]
mod bluesky;
#[cfg(test)]
mod mastodon;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhook;
