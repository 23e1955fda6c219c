//! The machine that measures.

use std::process::Command;

use relm4::gtk;

/// What it is, as a list.
pub fn described() -> String {
    let (cpu, cores) = cpu();
    let lines = [
        ("Processor", format!("{cpu}, {cores} cores")),
        ("Memory", memory()),
        ("Kernel", read("/proc/sys/kernel/osrelease")),
        ("libvirt", libvirt()),
        ("QEMU", first_line("qemu-system-x86_64", &["--version"])),
        ("GTK, libadwaita", format!("{}, {}", gtk(), adw())),
        ("Display", "Xvfb 1280×800, openbox, GSK_RENDERER=cairo, AT-SPI on".to_owned()),
        ("Load while it ran", read("/proc/loadavg")),
    ];
    lines.iter().map(|(what, is)| format!("* {what}: {is}\n")).collect()
}

fn cpu() -> (String, usize) {
    let text = read("/proc/cpuinfo");
    let models = text.lines().filter_map(|line| line.strip_prefix("model name"));
    let models: Vec<&str> = models.map(|rest| rest.trim_start_matches(['\t', ':', ' '])).collect();
    (models.first().copied().unwrap_or("unknown").to_owned(), models.len())
}

fn memory() -> String {
    let text = read("/proc/meminfo");
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok());
    format!("{:.1} GiB", kib.unwrap_or(0.0) / f64::from(1 << 20))
}

fn libvirt() -> String {
    let number = virt::connect::Connect::version().unwrap_or(0);
    format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000)
}

fn gtk() -> String {
    format!("{}.{}.{}", gtk::major_version(), gtk::minor_version(), gtk::micro_version())
}

/// libadwaita tells its version only where it was initialized, which takes a display.
fn adw() -> String {
    first_line("pkg-config", &["--modversion", "libadwaita-1"])
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().lines().next().unwrap_or("unknown").to_owned()
}
