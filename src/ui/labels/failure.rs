//! What a failure means, where it comes from, what to do.
