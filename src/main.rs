//! Command line, then run.

fn main() {
    vireo::logging::init();
}
