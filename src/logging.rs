//! Log lines on standard error, chosen with `VIREO_LOG` (such as `vireo=debug`).

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings and worse, unless `VIREO_LOG` says otherwise. A second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_env("VIREO_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let started =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if started.is_err() {
        tracing::debug!("logging runs already");
    }
}
