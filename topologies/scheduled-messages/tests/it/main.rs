//! What scheduled messages promise, over real HTTP and real files.

#[cfg(test)]
mod actions;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod client;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod interface;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod overview;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod running;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod series;
#[cfg(test)]
mod starting;
#[cfg(test)]
mod support;
#[cfg(test)]
mod suspensions;
