//! Return listener.
