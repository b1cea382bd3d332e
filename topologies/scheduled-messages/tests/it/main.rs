//! What scheduled messages promise, over real HTTP and real files.

#[cfg(test)]
mod inbox;
#[cfg(test)]
mod interface;
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
