//! The same move as a `virsh` command, for those who want to know, to note it down, or to script it.

use super::{Compression, Coverage, DiskCopy, MigrationOptions, Residence, Transport};
use crate::model::GuestUuid;

/// What the command is about besides the options.
#[derive(Clone, Copy, Debug)]
pub struct VirshMove<'a> {
    /// Our connection to the source.
    pub source_uri: &'a str,
    /// Our connection to the destination.
    pub destination_uri: &'a str,
    /// The guest's name.
    pub name: &'a str,
    /// The guest's UUID, taken where virsh would misread the name.
    pub uuid: GuestUuid,
}

/// Command lines for a POSIX shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirshCommand {
    /// The move itself.
    pub migrate: String,
    /// What virsh can only be told while the move runs, from another terminal.
    pub meanwhile: Option<String>,
}

/// The file name that stands for the destination XML, next to where the command is run.
const XML_FILE: &str = "destination.xml";

/// The `virsh` commands that do what Vireo would do with these options.
#[must_use]
pub fn command(of: VirshMove<'_>, options: &MigrationOptions) -> VirshCommand {
    let guest = guest_argument(of);
    let mut words: Vec<String> = ["virsh", "-c", of.source_uri, "migrate"].map(String::from).into();
    words.extend(flags(options).into_iter().map(String::from));
    words.extend(values(options).into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]));
    words.extend(["--domain".to_owned(), guest.clone(), "--desturi".to_owned()]);
    words.push(destination(of, options).to_owned());
    let meanwhile = options.max_downtime_ms.map(|ms| {
        let ms = ms.to_string();
        let verb = "migrate-setmaxdowntime";
        line(&["virsh", "-c", of.source_uri, verb, "--domain", &guest, "--downtime", &ms])
    });
    VirshCommand { migrate: line(&words.iter().map(String::as_str).collect::<Vec<_>>()), meanwhile }
}

/// virsh takes a number for an id and 36 characters for a UUID before it looks for a name
/// (`virshLookupDomainInternal`).
fn guest_argument(of: VirshMove<'_>) -> String {
    let misread = of.name.parse::<u64>().is_ok() || of.name.parse::<GuestUuid>().is_ok();
    if misread { of.uuid.to_string() } else { of.name.to_owned() }
}

fn destination<'a>(of: VirshMove<'a>, options: &'a MigrationOptions) -> &'a str {
    match options.transport {
        Transport::Direct => of.destination_uri,
        Transport::PeerToPeer | Transport::Tunnelled => {
            options.destination_uri.as_deref().unwrap_or(of.destination_uri)
        }
    }
}

fn flags(options: &MigrationOptions) -> Vec<&'static str> {
    let mut flags = Vec::new();
    match options.coverage {
        Coverage::Live => flags.push("--live"),
        Coverage::Stopped => {}
        Coverage::Definition => flags.extend(["--offline"]),
    }
    match options.transport {
        Transport::PeerToPeer => flags.push("--p2p"),
        Transport::Direct => {}
        Transport::Tunnelled => flags.extend(["--p2p", "--tunnelled"]),
    }
    match options.residence {
        Residence::UntilShutDown => {}
        Residence::Permanent => flags.extend(["--persistent", "--undefinesource"]),
    }
    match options.disks {
        DiskCopy::None => {}
        DiskCopy::Full => flags.push("--copy-storage-all"),
        DiskCopy::Incremental => flags.push("--copy-storage-inc"),
    }
    let switches = [
        (options.postcopy, "--postcopy"),
        (options.auto_converge, "--auto-converge"),
        (options.compression != Compression::None, "--compressed"),
        (options.parallel.is_some(), "--parallel"),
        (options.allow_unsafe, "--unsafe"),
        (options.tls, "--tls"),
        (options.abort_on_error, "--abort-on-error"),
    ];
    flags.extend(switches.into_iter().filter_map(|(on, flag)| on.then_some(flag)));
    flags
}

fn values(options: &MigrationOptions) -> Vec<(&'static str, String)> {
    let method = match options.compression {
        Compression::None => None,
        Compression::Xbzrle => Some("xbzrle"),
        Compression::Zlib => Some("zlib"),
        Compression::Zstd => Some("zstd"),
    };
    let xml = options.destination_xml.as_ref().map(|_| XML_FILE.to_owned());
    let persistent = xml.clone().filter(|_| options.residence == Residence::Permanent);
    let values = [
        ("--comp-methods", method.map(String::from)),
        ("--parallel-connections", options.parallel.map(|count| count.to_string())),
        ("--bandwidth", options.bandwidth_mibps.map(|limit| limit.to_string())),
        ("--postcopy-bandwidth", options.postcopy_bandwidth_mibps.map(|limit| limit.to_string())),
        ("--dname", options.new_name.clone()),
        ("--migrateuri", options.migrate_uri.clone()),
        ("--listen-address", options.listen_address.clone()),
        ("--xml", xml),
        ("--persistent-xml", persistent),
    ];
    values.into_iter().filter_map(|(flag, value)| Some((flag, value?))).collect()
}

/// One line for the shell. A zero byte, which no libvirt name can hold, is the only thing that cannot be quoted.
fn line(words: &[&str]) -> String {
    shlex::try_join(words.iter().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn of(name: &str) -> VirshMove<'_> {
        VirshMove {
            source_uri: "test:///default",
            destination_uri: "test:///default",
            name,
            uuid: GuestUuid([7; 16]),
        }
    }

    fn everything() -> Vec<MigrationOptions> {
        let plain = MigrationOptions::default;
        vec![
            plain(),
            MigrationOptions { coverage: Coverage::Stopped, ..plain() },
            MigrationOptions { coverage: Coverage::Definition, ..plain() }.settled(),
            MigrationOptions { transport: Transport::Direct, ..plain() },
            MigrationOptions { transport: Transport::Tunnelled, ..plain() },
            MigrationOptions { residence: Residence::Permanent, ..plain() },
            MigrationOptions { disks: DiskCopy::Full, ..plain() },
            MigrationOptions { disks: DiskCopy::Incremental, ..plain() },
            MigrationOptions {
                postcopy: true,
                postcopy_bandwidth_mibps: Some(50),
                auto_converge: true,
                ..plain()
            },
            MigrationOptions { compression: Compression::Xbzrle, ..plain() },
            MigrationOptions {
                compression: Compression::Zstd,
                parallel: Some(4),
                bandwidth_mibps: Some(100),
                allow_unsafe: true,
                tls: true,
                abort_on_error: true,
                new_name: Some("the new one".into()),
                migrate_uri: Some("tcp://10.0.0.2".into()),
                listen_address: Some("::".into()),
                destination_xml: Some("<domain/>".into()),
                residence: Residence::Permanent,
                ..plain()
            },
        ]
    }

    #[test]
    fn the_usual_move() {
        let line = command(
            VirshMove {
                source_uri: "qemu+ssh://root@a/system",
                destination_uri: "qemu+ssh://root@b/system",
                name: "web",
                uuid: GuestUuid([0; 16]),
            },
            &MigrationOptions::default(),
        );
        assert_eq!(
            line.migrate,
            "virsh -c qemu+ssh://root@a/system migrate --live --p2p --domain web --desturi \
             qemu+ssh://root@b/system"
        );
        assert_eq!(line.meanwhile, None);
    }

    #[test]
    fn the_pause_is_told_meanwhile() {
        let options =
            MigrationOptions { max_downtime_ms: Some(750), ..MigrationOptions::default() };
        assert_eq!(
            command(of("web"), &options).meanwhile.as_deref(),
            Some("virsh -c test:///default migrate-setmaxdowntime --domain web --downtime 750")
        );
    }

    #[test]
    fn any_name_comes_through_a_shell() {
        let names = [
            "two words",
            "it's",
            "say \"hi\"",
            "$HOME `id` $(id)",
            "a;b&c|d>e",
            "-dash",
            "--live",
            "Grüße",
            "🦜 bird",
            "back\\slash",
            "tab\there",
            "*?[x]",
            "!1",
            "#x",
            "~root",
            "",
        ];
        for name in names {
            let line = command(of(name), &MigrationOptions::default()).migrate;
            let words = shlex::split(&line).unwrap();
            let at = words.iter().position(|word| word == "--domain").unwrap();
            assert_eq!(words[at + 1], name, "{line}");
            let echoed = Command::new("sh")
                .arg("-c")
                .arg(line.replacen("virsh", "printf '%s\\0'", 1))
                .output()
                .unwrap();
            let seen = String::from_utf8(echoed.stdout).unwrap();
            assert!(seen.split('\0').any(|word| word == name), "{line}");
        }
    }

    #[test]
    fn a_name_virsh_would_misread_gives_way_to_the_uuid() {
        let uuid = GuestUuid([7; 16]).to_string();
        for name in ["12", "6695eb01-f6a4-8304-79aa-97f2502e193f"] {
            let line = command(of(name), &MigrationOptions::default()).migrate;
            assert!(line.contains(&uuid), "{line}");
            assert!(!line.contains(&format!("--domain {name}")), "{line}");
        }
    }

    #[test]
    fn virsh_knows_every_flag() {
        let help = Command::new("virsh").args(["help", "migrate"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        for options in everything() {
            let known: Vec<&str> = help.split([' ', '[', ']', '\n']).collect();
            for flag in flags(&options) {
                assert!(known.contains(&flag), "{flag}");
            }
            for (flag, _) in values(&options) {
                assert!(known.contains(&flag), "{flag}");
            }
        }
    }

    /// virsh takes a command line apart before it connects, so a source that cannot be reached tells
    /// whether it understood. (libvirt's test driver will not do: `virsh migrate` never returns there.)
    #[test]
    fn virsh_takes_every_command_line() {
        for options in everything() {
            let nowhere = "test+unix:///default?socket=/nonexistent/libvirt-sock";
            let of = VirshMove { source_uri: nowhere, ..of("two words") };
            let line = command(of, &options).migrate;
            let told = Command::new("sh").args(["-c", &line]).env("LC_ALL", "C").output().unwrap();
            let error = String::from_utf8(told.stderr).unwrap();
            assert!(error.contains("failed to connect"), "{line}\n{error}");
        }
    }
}
