//! Far-away hosts as they really are: SASL passwords over TCP and TLS, certificates, and OpenSSH on
//! both ends. What they ask reaches the user, and the answers go back.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::Bench;
use support::listening::{Listening, PASSWORD, USER, certify, free_port, run, write};
use vireo::backend::{Answer, Request, RequestBody, askpass};
use vireo::lab::{Lab, LabConfig};
use vireo::model::{Event, FailureKind, HostId, JobId, Question};

const HOST: HostId = HostId(1);
const AGAIN: HostId = HostId(2);

/// The next question for a host, after those already answered.
fn asked(bench: &mut Bench, host: HostId, before: &[JobId]) -> (JobId, Question) {
    bench.wait("question", |event| match event {
        Event::Asked { host: id, job, question } if *id == host && !before.contains(job) => {
            Some((*job, question.clone()))
        }
        _ => None,
    })
}

fn answer(bench: &Bench, job: JobId, texts: &[&str]) {
    let answer = Answer(Some(texts.iter().map(|&text| text.to_owned()).collect()));
    bench.backend.submit(Request { job, body: RequestBody::Answer(answer) }).unwrap();
}

/// Opens a host and gives its user name and a password.
fn log_in(bench: &mut Bench, host: HostId, uri: &str, password: &str) {
    bench.open(host, uri);
    let (job, question) = asked(bench, host, &[]);
    let secret: Vec<_> = question.fields.iter().map(|field| field.secret).collect();
    assert_eq!(secret, [false, true], "a name and a password: {question:?}");
    answer(bench, job, &[USER, password]);
}

/// A wrong password is told as such; the right one opens the host and its further connections.
fn wants_a_password(uri: &str) {
    let mut bench = Bench::new();
    log_in(&mut bench, HOST, uri, "wrong");
    assert_eq!(bench.failed(HOST).kind, FailureKind::Authentication);
    log_in(&mut bench, AGAIN, uri, PASSWORD);
    bench.connected(AGAIN);
    assert!(bench.listed(AGAIN).is_empty(), "a host without guests");
    // The statistics have a connection of their own, for which nobody is asked again.
    bench.wait("figures", |event| matches!(event, Event::Sampled(_)).then_some(()));
    let again = |event: &&Event| matches!(event, Event::Asked { host: AGAIN, .. });
    assert_eq!(bench.told.iter().filter(again).count(), 1);
    let told = format!("{:?}", bench.told);
    assert!(!told.contains(PASSWORD), "a password is in what is told");
}

#[test]
fn a_password_goes_over_tcp() {
    let daemon = Listening::on_tcp();
    wants_a_password(&format!("qemu+tcp://127.0.0.1:{}/session", daemon.port));
}

#[test]
fn a_password_goes_over_tls_when_both_certificates_fit() {
    let daemon = Listening::on_tls();
    let known = daemon.directory.display();
    let uri = |pki: &str| format!("qemu+tls://localhost:{}/session?pkipath={pki}", daemon.port);
    wants_a_password(&uri(&known.to_string()));

    let stranger = tempfile::tempdir().unwrap();
    certify(stranger.path());
    let mut bench = Bench::new();
    bench.open(HOST, &uri(stranger.path().to_str().unwrap()));
    let failure = bench.failed(HOST);
    assert_eq!(failure.kind, FailureKind::Authentication, "{failure:?}");
    assert!(failure.message.contains("certificate"), "{failure:?}");
    bench.open(AGAIN, &uri("/nowhere"));
    let failure = bench.failed(AGAIN);
    assert_eq!(failure.kind, FailureKind::Authentication, "{failure:?}");
    assert!(failure.message.contains("/nowhere"), "which file is missing: {failure:?}");
}

/// An OpenSSH server of our own, for the user who runs the test.
struct SshServer {
    port: u16,
    process: Child,
}

impl SshServer {
    /// Lets in whoever has `key`.
    fn start(directory: &Path) -> Self {
        let port = free_port();
        let at = |name: &str| directory.join(name).display().to_string();
        for (file, passphrase) in [("hostkey", ""), ("key", PASSWORD)] {
            let quiet = ["-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f"];
            run(Command::new("ssh-keygen").args(quiet).arg(at(file)));
        }
        let settings = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUsePAM no\n\
             StrictModes no\nPasswordAuthentication no\nAuthorizedKeysFile {}\n",
            at("hostkey"),
            at("key.pub")
        );
        let settings = write(directory, "sshd_config", &settings);
        if rustix::process::geteuid().is_root() {
            std::fs::create_dir_all("/run/sshd").unwrap(); // where it locks its helpers in
        }
        let process = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(&settings)
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(at("sshd.log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { port, process };
        server.write_client(directory);
        server
    }

    /// The client as it is, but with files of its own: nothing of the user's is read or written.
    fn write_client(&self, directory: &Path) {
        let at = |name: &str| directory.join(name).display().to_string();
        let settings = format!(
            "IdentityFile {}\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile {}\n\
             GlobalKnownHostsFile none\nStrictHostKeyChecking ask\nConnectionAttempts 20\n",
            at("key"),
            at("known_hosts")
        );
        let settings = write(directory, "ssh_config", &settings);
        let script = format!("#!/bin/sh\nexec ssh -F '{}' \"$@\"\n", settings.display());
        let script = write(directory, "ssh", &script);
        std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn ssh_asks_for_the_hosts_key_and_the_passphrase() {
    if !Path::new("/usr/sbin/sshd").exists() {
        // Installing it would open this computer to the network: `scripts/setup` does so only
        // where nothing would start it.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no /usr/sbin/sshd on this computer");
        return;
    }
    let place = format!("/tmp/vq-{}", std::process::id());
    let config = LabConfig { hosts: 2, guests: Vec::new(), directory: Some(place.into()) };
    let lab = Lab::start(config).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let server = SshServer::start(directory.path());
    askpass::prepare(Path::new(env!("CARGO_BIN_EXE_vireo"))).unwrap();
    let mut bench = Bench::new();
    // The other way, `proxy=native`, takes root to the computer's own daemon.
    let uri = format!(
        "qemu+ssh://127.0.0.1:{}/session?command={}&socket={}&proxy=netcat",
        server.port,
        directory.path().join("ssh").display(),
        lab.directory().join("a/run/libvirt/libvirt-sock").display()
    );

    bench.open(HOST, &uri);
    let (first, question) = asked(&mut bench, HOST, &[]);
    let field = &question.fields[0];
    assert!(field.prompt.contains("authenticity of host"), "{field:?}");
    assert!(!field.secret, "yes or no: {field:?}");
    answer(&bench, first, &["yes"]);
    let (second, question) = asked(&mut bench, HOST, &[first]);
    let field = &question.fields[0];
    assert!(field.prompt.starts_with("Enter passphrase for key"), "{field:?}");
    assert!(field.secret);
    answer(&bench, second, &["wrong"]);
    let (third, _) = asked(&mut bench, HOST, &[first, second]);
    answer(&bench, third, &[PASSWORD]);
    bench.connected(HOST);
    assert_eq!(bench.listed(HOST).len(), 0);
    bench.wait("figures", |event| matches!(event, Event::Sampled(_)).then_some(()));
    let questions = bench.told.iter().filter(|event| matches!(event, Event::Asked { .. }));
    assert_eq!(questions.count(), 3, "its further connections ask for nothing");
    bench.submit(RequestBody::Close(HOST));

    // Another machine in its place.
    let known = std::fs::read_to_string(directory.path().join("known_hosts")).unwrap();
    let (name, _) = known.split_once(' ').unwrap();
    let other = std::fs::read_to_string(directory.path().join("key.pub")).unwrap();
    write(directory.path(), "known_hosts", &format!("{name} {other}"));
    bench.open(AGAIN, &uri);
    let failure = bench.failed(AGAIN);
    assert_eq!(failure.kind, FailureKind::Authentication, "{failure:?}");
}
