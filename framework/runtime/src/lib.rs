//! Hosts a plan: task actors, their supervisor, threads, shutdown.
