use super::*;

fn told(kind: FailureKind, text: &str) -> (Cause, Remedy) {
    let explained = explain(&Failure::own(kind, text));
    (explained.cause, explained.remedy)
}

#[test]
fn texts_of_libvirt() {
    let other = FailureKind::Other;
    let table: &[(&str, Cause, Remedy)] = &[
        (
            "operation failed: domain 'g1' already exists with uuid 6695eb01-f6a4-8304-79aa-97f2502e193f",
            GuestCause::NameTaken("g1".into()).into(),
            Remedy::Rename,
        ),
        (
            "operation failed: domain 'it's' already exists with uuid 6695eb01",
            GuestCause::NameTaken("it's".into()).into(),
            Remedy::Rename,
        ),
        (
            "Cannot access storage file '/run/x.qcow2' (as uid:0, gid:0): No such file or directory",
            DiskCause::FileMissing("/run/x.qcow2".into()).into(),
            Remedy::ShareOrCopyDisks,
        ),
        (
            "Cannot access storage file '/srv/x.qcow2' (as uid:107, gid:107): Permission denied",
            DiskCause::FileDenied("/srv/x.qcow2".into()).into(),
            Remedy::Host(HostRemedy::GrantAccess),
        ),
        (
            "Network not found: no network with matching name 'labnet'",
            NetworkCause::NetworkMissing("labnet".into()).into(),
            Remedy::Host(HostRemedy::PrepareNetwork),
        ),
        (
            "Unable to resolve address 'lab-nosuch' service '16509': Temporary failure in name resolution",
            NetworkCause::NameUnknown("lab-nosuch".into()).into(),
            Remedy::GiveAddress,
        ),
        (
            "unable to connect to server at '10.99.0.77:49152': No route to host",
            NetworkCause::AddressUnreachable("10.99.0.77:49152".into()).into(),
            Remedy::Host(HostRemedy::OpenPorts),
        ),
        (
            "Requested operation is not valid: cannot migrate domain with 1 snapshots",
            GuestCause::Snapshots(1).into(),
            Remedy::DeleteSnapshots,
        ),
        (
            "operation failed: guest CPU doesn't match specification: missing features: avx512f,pku",
            HostCause::CpuFeatures("avx512f,pku".into()).into(),
            Remedy::Host(HostRemedy::OtherHostOrCpu),
        ),
        (
            "internal error: unable to execute QEMU command 'migrate-set-capabilities': Postcopy is \
             not supported: Userfaultfd not available: Operation not permitted",
            WishCause::PostcopyForbidden.into(),
            Remedy::WithoutPostcopy,
        ),
        (
            "Storage pool not found: no storage pool with matching target path '/var/lib/libvirt/images'",
            DiskCause::PoolMissing("/var/lib/libvirt/images".into()).into(),
            Remedy::ShareOrCopyDisks,
        ),
        (
            "Cannot recv data: Host key verification failed.: Connection reset by peer",
            HostCause::HostKeyUnknown.into(),
            Remedy::UseDirect,
        ),
        (
            "Timed out during operation: cannot acquire state change lock (held by \
             monitor=remoteDispatchDomainMigratePerform3Params)",
            GuestCause::JobRunning.into(),
            Remedy::Wait,
        ),
        (
            "unsupported configuration: Target domain uuid a does not match source b",
            WishCause::XmlIncompatible(
                "unsupported configuration: Target domain uuid a does not match source b".into(),
            )
            .into(),
            Remedy::MendXml,
        ),
        (
            "Requested operation is not valid: cannot migrate domain: 0000:00:05.0: VFIO device doesn't support migration",
            GuestCause::Blocked("0000:00:05.0: VFIO device doesn't support migration".into())
                .into(),
            Remedy::RemoveDevice,
        ),
    ];
    for (text, cause, remedy) in table {
        assert_eq!(told(other, text), (cause.clone(), *remedy), "{text}");
    }
}

#[test]
fn without_a_known_text_the_class_speaks() {
    for (kind, remedy) in [
        (FailureKind::Unsafe, Remedy::ShareOrCopyDisks),
        (FailureKind::ChannelBroken, Remedy::Host(HostRemedy::CheckLink)),
        (FailureKind::PostcopyFailed, Remedy::KeepBoth),
        (FailureKind::GuestStopped, Remedy::StartAgain),
        (FailureKind::Other, Remedy::ReadDetails),
    ] {
        assert_eq!(told(kind, "Ein Fehler"), (Cause::Class(kind), remedy));
    }
    let cancelled = "operation aborted: job 'migration out' canceled by client";
    assert_eq!(
        told(FailureKind::Cancelled, cancelled),
        (Cause::Class(FailureKind::Cancelled), Remedy::Nothing)
    );
}

#[test]
fn firmware_is_no_disk() {
    let text = "internal error: qemu unexpectedly closed the monitor: qemu-system-x86_64: Could not \
                open '/usr/share/OVMF/OVMF_CODE_4M.fd': No such file or directory";
    let install = Remedy::Host(HostRemedy::Install);
    assert_eq!(told(FailureKind::Other, text), (HostCause::FirmwareMissing.into(), install));
    let medium = "Could not open '/usr/share/virtio-win/virtio-win.iso': No such file or directory";
    assert!(matches!(told(FailureKind::Other, medium).0, Cause::Disk(DiskCause::FileMissing(_))));
}

#[test]
fn a_file_that_is_there_is_not_called_missing() {
    for reason in ["Device or resource busy", "Input/output error", "Stale file handle"] {
        let text = format!("Cannot access storage file '/srv/x' (as uid:0, gid:0): {reason}");
        let (cause, remedy) = told(FailureKind::Storage, &text);
        assert_eq!(cause, DiskCause::FileUnreadable(text).into());
        assert_eq!(remedy, Remedy::ReadDetails);
    }
    let (cause, _) = told(FailureKind::Other, "Could not open '/dev/sdb': No medium found");
    assert!(matches!(cause, Cause::Disk(DiskCause::FileUnreadable(_))), "{cause:?}");
    let locked = "Could not open '/srv/x': Failed to get \"write\" lock";
    assert_eq!(told(FailureKind::Other, locked).0, DiskCause::ImageInUse.into());
}

#[test]
fn the_destinations_half_speaks_first() {
    let text = "operation failed: migration failed. Message from the source host: operation \
                failed: job 'migration out' failed: Channel error: Input/output error. Message \
                from the destination host: operation failed: job 'migration in' failed: Could \
                not open '/srv/a b.qcow2': No such file or directory";
    let explained = explain(&Failure::own(FailureKind::ChannelBroken, text));
    assert_eq!(explained.cause, DiskCause::FileMissing("/srv/a b.qcow2".into()).into());
    assert!(explained.text.starts_with("operation failed: job 'migration in' failed"));
    let source = explained.source_text.unwrap_or_default();
    assert_eq!(
        source,
        "operation failed: job 'migration out' failed: Channel error: Input/output error"
    );
}

#[test]
fn torn_halves_lose_nothing() {
    for text in ["", "Message from the source host:", "x. Message from the source host: y"] {
        let explained = explain(&Failure::own(FailureKind::Other, text));
        assert_eq!(explained.cause, Cause::Class(FailureKind::Other));
        assert!(explained.source_text.is_none());
    }
}

/// Sentences that say nothing a user could act on: faults of a daemon's own. They are shown as they
/// are, under the heading of an unknown error.
const UNKNOWN: &[&str] = &[
    "no domain XML passed",
    "failed to read from wakeup fd",
    "failed to wakeup migration tunnel",
    "Unable to create migration thread",
    "Unable to set FD %d blocking",
    "tunnelFD argument is required for tunnelled migration",
    "cannot pass pipe for tunnelled migration",
    "cannot create pipe for tunnelled migration",
    "finish step ignored that migration was cancelled",
    "Migration graphics data already present",
    "Migration lockstate data already present",
    "Migration persistent data already present",
    "Network migration data already present",
    "Migration capabilities can only be set by a migration job",
];

/// The sentences of one part of the list.
fn listed(part: &str) -> Vec<&'static str> {
    let list = include_str!("../../../tests/data/migration-messages.txt");
    let lines = list.lines().skip_while(|line| *line != format!("== {part}")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("== "));
    lines.filter_map(|line| line.rsplit_once('\t').map(|(_, text)| text)).collect()
}

/// As it would be said: something stands in each place.
fn filled(sentence: &str) -> String {
    let mut text = String::from("internal error: ");
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        text.push('7');
        let end = after.find(|letter: char| letter.is_ascii_lowercase() && !"lz".contains(letter));
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
    }
    text + rest
}

#[test]
fn every_sentence_that_ends_a_migration_is_explained_or_listed_as_unknown() {
    let all: Vec<_> = ["ends", "seen"].into_iter().flat_map(listed).collect();
    assert!(all.len() > 400, "{}", all.len());
    let mut unknown: Vec<_> = all
        .iter()
        .filter(|text| explain(&Failure::own(FailureKind::Other, filled(text))).is_unknown())
        .copied()
        .collect();
    unknown.sort_unstable();
    let mut expected = UNKNOWN.to_vec();
    expected.sort_unstable();
    assert_eq!(unknown, expected);
}

#[test]
fn every_explanation_has_a_remedy_of_its_own_or_says_to_read_on() {
    for text in ["ends", "seen"].into_iter().flat_map(listed) {
        let explained = explain(&Failure::own(FailureKind::Other, filled(text)));
        let nothing = explained.remedy == Remedy::Nothing;
        let cancelled = explained.cause == Cause::Class(FailureKind::Cancelled);
        assert_eq!(nothing, cancelled, "{text}: {explained:?}");
    }
}

#[test]
fn a_class_that_libvirts_code_gave_is_not_undone_by_a_text() {
    // A cut link is told with the words of a broken channel, too.
    let (cause, _) = told(FailureKind::LinkLost, "job 'migration out' failed: Channel error");
    assert_eq!(cause, Cause::Class(FailureKind::LinkLost));
    // A text that names something says more than the class.
    let (cause, _) = told(FailureKind::Unsupported, "Target domain uuid a does not match source b");
    assert!(matches!(cause, Cause::Wish(WishCause::XmlIncompatible(_))));
}
