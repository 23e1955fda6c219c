#![allow(clippy::print_stdout)] // how a build script speaks to cargo
//! Compiles what the program needs at run time from a checkout: the practice lab's guest, resources, settings schema,
//! translations.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let data = manifest.join("target/dev-data");
    println!("cargo::rustc-env=VIREO_DEV_LOCALEDIR={}", data.join("locale").display());
    println!("cargo::rerun-if-env-changed=VIREO_LOCALEDIR");
    practice_guest(&manifest.join("src/lab/guest"));
    schemas(&manifest.join("data"), &data.join("schemas"));
    translations(&manifest.join("po"), &data.join("locale"));
    if manifest.join("resources/vireo.gresource.xml").exists() {
        glib_build_tools::compile_resources(
            &["resources", "data"],
            "resources/vireo.gresource.xml",
            "vireo.gresource",
        );
    }
}

/// The guest of the practice lab: 32-bit, freestanding, so any C compiler for x86 will do, without a library.
fn practice_guest(source: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rerun-if-env-changed=CC");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("guest.elf");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(&compiler)
        .current_dir(source)
        .args(["-m32", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-nostdlib", "-static"])
        .args(["-fno-pic", "-no-pie", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"])
        .args(["-fcf-protection=none", "-mgeneral-regs-only"])
        .args(["-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-Wl,-T,link.ld"])
        .args(["boot.S", "guest.c", "hardware.c", "screen.c", "text.c", "-o"])
        .arg(&target)
        .status();
    if !compiled.is_ok_and(|status| status.success()) {
        println!(
            "cargo::error=the practice guest needs a C compiler that can make 32-bit x86 code: \
             install gcc and binutils (Debian, Ubuntu: build-essential), or name one in CC; {} failed",
            compiler.to_string_lossy()
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
    for language in languages.lines().filter(|line| !line.starts_with('#')) {
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
