//! Command line, then run.

use std::process::ExitCode;

use clap::Parser;
use vireo::backend::askpass;
use vireo::lab::{Interruption, Lab, LabConfig, LabError, run_until_signalled};
use vireo::{Opening, run};

/// Move KVM guests between hosts, and see it happen.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Start the practice lab: real libvirt hosts with small guests on this computer.
    #[arg(long)]
    lab: bool,
    /// Number of hosts in the practice lab, 2 to 8.
    #[arg(long, default_value_t = vireo::lab::LEAST_HOSTS)]
    hosts: usize,
    /// Only the practice lab, without a window, until Ctrl-C.
    #[arg(long, requires = "lab")]
    headless: bool,
    /// Where the practice lab lives, instead of the user's run-time directory.
    #[arg(long, value_name = "DIRECTORY")]
    lab_directory: Option<std::path::PathBuf>,
    /// Connect to this libvirt URI as well, without remembering it. Can be given several times.
    #[arg(long, short, value_name = "URI")]
    connect: Vec<String>,
}

fn main() -> ExitCode {
    if let Some(answered) = askpass::answer_as_askpass() {
        return answered;
    }
    vireo::logging::init();
    let arguments = Arguments::parse();
    let ended = if arguments.headless {
        run_headless(arguments).map_err(|error| error.to_string())
    } else {
        run(opening(arguments)).map_err(|error| error.to_string())
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut std::io::stderr(), &format!("vireo: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn lab_config(arguments: &Arguments) -> LabConfig {
    let (hosts, directory) = (arguments.hosts, arguments.lab_directory.clone());
    LabConfig { hosts, directory, ..LabConfig::default() }
}

fn opening(arguments: Arguments) -> Opening {
    let prepared = std::env::current_exe().and_then(|program| askpass::prepare(&program));
    if let Err(error) = prepared {
        tracing::warn!(%error, "ssh cannot ask in a window");
    }
    Opening { lab: lab_config(&arguments), start_lab: arguments.lab, connect: arguments.connect }
}

fn run_headless(arguments: Arguments) -> Result<(), LabError> {
    let interruption = Interruption::subscribe()?;
    let lab = Lab::start(lab_config(&arguments))?;
    for host in lab.hosts() {
        say(&mut std::io::stdout(), &format!("{} {} {}", host.name, host.host_uuid, host.uri));
    }
    say(&mut std::io::stdout(), "ready");
    run_until_signalled(lab, &interruption)
}

/// A line for whoever reads; a reader that went away is no reason to leave the lab running or half stopped.
fn say(out: &mut impl std::io::Write, line: &str) {
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
