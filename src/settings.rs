//! Remembered settings.
