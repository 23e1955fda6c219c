#![allow(clippy::print_stdout)] // how a build script speaks to cargo
//! Compiles what the program needs at run time from a checkout: resources, settings schema, translations.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let data = manifest.join("target/dev-data");
    println!("cargo::rustc-env=VIREO_DEV_LOCALEDIR={}", data.join("locale").display());
    println!("cargo::rerun-if-env-changed=VIREO_LOCALEDIR");
    schemas(&manifest.join("data"), &data.join("schemas"));
    translations(&manifest.join("po"), &data.join("locale"));
    if manifest.join("resources/vireo.gresource.xml").exists() {
        glib_build_tools::compile_resources(
            &["resources"],
            "resources/vireo.gresource.xml",
            "vireo.gresource",
        );
    }
}

fn schemas(source: &Path, target: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
    std::fs::create_dir_all(target).unwrap_or_default();
    run(Command::new("glib-compile-schemas").arg("--targetdir").arg(target).arg(source));
}

fn translations(source: &Path, target: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
    let languages = std::fs::read_to_string(source.join("LINGUAS")).unwrap_or_default();
    for language in languages.split_whitespace() {
        let directory = target.join(language).join("LC_MESSAGES");
        std::fs::create_dir_all(&directory).unwrap_or_default();
        let (from, to) = (source.join(format!("{language}.po")), directory.join("vireo.mo"));
        run(Command::new("msgfmt").arg("-o").arg(to).arg(from));
    }
}

/// A tool that is missing or fails is a warning of the build, not its end: the program then runs untranslated.
fn run(command: &mut Command) {
    if !command.status().is_ok_and(|status| status.success()) {
        println!("cargo::warning={} failed", command.get_program().to_string_lossy());
    }
}
