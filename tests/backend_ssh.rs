//! ssh's questions reach the user and their answers ssh: with a program in ssh's place that asks
//! as ssh does and then talks to a practice host. One test, because it sets variables of the
//! process.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use support::Bench;
use vireo::backend::{Answer, Request, RequestBody, askpass};
use vireo::lab::{Lab, LabConfig};
use vireo::model::{Event, FailureKind, HostId, JobId};

/// Asks for `sesame` up to three times.
const SSH: &str = r#"#!/bin/sh
[ "$SSH_ASKPASS_REQUIRE" = force ] || { echo "not forced" >&2; exit 255; }
for attempt in 1 2 3; do
    answer=$("$SSH_ASKPASS" "ali@far's password: ") || break
    if [ "$answer" = sesame ]; then
        exec perl -MIO::Socket::UNIX -e '
            my $daemon = IO::Socket::UNIX->new(Peer => shift) or die "no daemon";
            my %other = (fileno(STDIN) => [*STDIN, $daemon], fileno($daemon) => [$daemon, *STDOUT]);
            my $all = ""; vec($all, $_, 1) = 1 for keys %other;
            while (select(my $ready = $all, undef, undef, undef) > 0) {
                for (grep { vec($ready, $_, 1) } keys %other) {
                    sysread($other{$_}[0], my $data, 65536) or exit;
                    syswrite($other{$_}[1], $data);
                }
            }' @SOCKET@
    fi
done
echo "ali@far: Permission denied (publickey,password)." >&2
exit 255
"#;

fn write_program(at: &Path, socket: &Path) {
    std::fs::write(at, SSH.replace("@SOCKET@", socket.to_str().unwrap())).unwrap();
    std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn asked(bench: &mut Bench, host: HostId, before: &[JobId]) -> JobId {
    bench.wait("question", |event| match event {
        Event::Asked { host: id, job, question } if *id == host && !before.contains(job) => {
            let field = &question.fields[0];
            assert_eq!((field.prompt.as_str(), field.secret), ("ali@far's password:", true));
            Some(*job)
        }
        _ => None,
    })
}

fn answer(bench: &Bench, job: JobId, text: Option<&str>) {
    let answer = Answer(text.map(|text| vec![text.to_owned()]));
    bench.backend.submit(Request { job, body: RequestBody::Answer(answer) }).unwrap();
}

#[test]
fn ssh_asks_in_a_window() {
    let place = format!("/tmp/vs-{}", std::process::id());
    let config = LabConfig { hosts: 2, guests: Vec::new(), directory: Some(place.into()) };
    let lab = Lab::start(config).unwrap();
    let ssh = lab.directory().join("ssh");
    write_program(&ssh, &lab.directory().join("a/run/libvirt/libvirt-sock"));
    askpass::prepare(Path::new(env!("CARGO_BIN_EXE_vireo"))).unwrap();
    let mut bench = Bench::new();
    let uri = format!("qemu+ssh://ali@far/session?command={}&proxy=native", ssh.display());

    let given_up = HostId(1);
    bench.open(given_up, &uri);
    let job = asked(&mut bench, given_up, &[]);
    answer(&bench, job, None);
    assert_eq!(bench.failed(given_up).kind, FailureKind::Cancelled);

    let host = HostId(2);
    bench.open(host, &uri);
    let first = asked(&mut bench, host, &[]);
    answer(&bench, first, Some("wrong"));
    let second = asked(&mut bench, host, &[first]);
    answer(&bench, second, Some("sesame"));
    bench.connected(host);
    // Its figures come over a connection of their own, for which nobody is asked again.
    bench.wait("figures", |event| matches!(event, Event::Sampled(_)).then_some(()));
    let questions = bench
        .told
        .iter()
        .filter(|event| matches!(event, Event::Asked { host: id, .. } if *id == host))
        .count();
    assert_eq!(questions, 2);

    bench.submit(RequestBody::Close(host));
    // As ssh does, it ends after libvirt has said the first word.
    let strict =
        "#!/bin/sh\nhead -c 1 >/dev/null\necho 'Host key verification failed.' >&2; exit 255";
    std::fs::write(&ssh, strict).unwrap();
    let refused = HostId(3);
    bench.open(refused, &uri);
    assert_eq!(bench.failed(refused).kind, FailureKind::Authentication);
}
