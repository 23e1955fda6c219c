//! The backend on libvirt's own test driver: lists, events, actions, errors, storms, many guests.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::time::{Duration, Instant};

use support::Bench;
use vireo::backend::{Answer, RequestBody};
use vireo::model::{
    ConnectionState, Event, FailureKind, GuestAction, GuestKey, GuestState, GuestUuid, HostId,
    Reply,
};

const HOST: HostId = HostId(1);

/// A test driver host of so many running guests, in a file.
fn many_guests(count: usize) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".xml").unwrap();
    writeln!(file, "<node><cpu><mhz>2000</mhz><model>i686</model><active>4</active></cpu>")
        .unwrap();
    for number in 0..count {
        writeln!(
            file,
            "<domain type='test'><name>g{number:05}</name>\
             <uuid>00000000-0000-4000-8000-{number:012x}</uuid><memory>262144</memory>\
             <vcpu>2</vcpu><os><type>hvm</type></os></domain>"
        )
        .unwrap();
    }
    writeln!(file, "</node>").unwrap();
    file
}

fn file_uri(file: &tempfile::NamedTempFile) -> String {
    format!("test://{}", file.path().display())
}

#[test]
fn guests_are_listed_and_the_host_describes_itself() {
    let mut bench = Bench::new();
    bench.open(HOST, "test:///default");
    bench.connected(HOST);
    let guests = bench.listed(HOST);
    assert_eq!(guests.len(), 1);
    let guest = &guests[0];
    assert_eq!((&*guest.name, guest.state), ("test", GuestState::Running));
    assert_eq!((guest.vcpus, guest.memory_max.0), (2, 8 << 30));
    assert!(guest.persistent && !guest.autostart && !guest.managed_save && !guest.migrating);
    let facts = bench.wait("facts", |event| match event {
        Event::HostDescribed { facts, .. } => Some(facts.clone()),
        _ => None,
    });
    assert_eq!((facts.driver.as_str(), facts.uri.as_str()), ("TEST", "test:///default"));
    assert!(facts.memory.0 > 0 && facts.cpus > 0);
}

#[test]
fn figures_come_while_somebody_watches() {
    let mut bench = Bench::new();
    bench.backend.set_interval(Duration::from_millis(50));
    let file = many_guests(1);
    bench.open(HOST, &file_uri(&file));
    let rated = |event: &Event| match event {
        Event::Sampled(samples) if samples.interval > Duration::ZERO => Some(samples.clone()),
        _ => None,
    };
    let samples = bench.wait("figures", rated);
    assert_eq!(samples.guests.len(), 1);
    assert_eq!(samples.guests[0].1.memory.0, 256 << 20);
    bench.submit(RequestBody::Watch(false));
    let guest = bench.guest(HOST, "g00000").key;
    let xml = bench.submit(RequestBody::GuestXml(guest));
    assert!(matches!(bench.finished(xml), Ok(Reply::GuestXml(xml)) if xml.contains("g00000")));
}

#[test]
fn an_action_is_told_as_done_and_as_a_change() {
    let mut bench = Bench::new();
    let file = many_guests(1);
    bench.open(HOST, &file_uri(&file));
    let guest = bench.guest(HOST, "g00000").key;
    let steps = [
        (GuestAction::Pause, GuestState::Paused),
        (GuestAction::Resume, GuestState::Running),
        (GuestAction::ForceOff, GuestState::ShutOff),
        (GuestAction::Run, GuestState::Running),
        (GuestAction::Save, GuestState::ShutOff),
        (GuestAction::Run, GuestState::Running),
        (GuestAction::ShutDown, GuestState::ShutOff),
    ];
    for (action, state) in steps {
        let job = bench.submit(RequestBody::Act { guest, action });
        assert_eq!(bench.finished(job), Ok(Reply::Done), "{action:?}");
        bench.until(guest, "change of state", |guest| guest.state == state);
    }
    let job = bench.submit(RequestBody::Act { guest, action: GuestAction::SetAutostart(true) });
    assert_eq!(bench.finished(job), Ok(Reply::Done));
    bench.until(guest, "autostart", |guest| guest.autostart);
}

#[test]
fn what_cannot_be_done_is_told_with_its_class() {
    let mut bench = Bench::new();
    let file = many_guests(1);
    bench.open(HOST, &file_uri(&file));
    let guest = bench.guest(HOST, "g00000").key;
    let job = bench.submit(RequestBody::Act { guest, action: GuestAction::Run });
    let failure = bench.finished(job).unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure:?}");
    let nobody = GuestKey { host: HOST, uuid: GuestUuid([7; 16]) };
    let job = bench.submit(RequestBody::GuestXml(nobody));
    assert_eq!(bench.finished(job).unwrap_err().kind, FailureKind::Gone);
    let job = bench.submit(RequestBody::GuestXml(GuestKey { host: HostId(9), ..guest }));
    assert_eq!(bench.finished(job).unwrap_err().kind, FailureKind::LinkLost);
}

#[test]
fn a_connection_that_does_not_open_says_why() {
    let mut bench = Bench::new();
    let cases = [
        ("test:///no/such/file.xml", FailureKind::Other),
        ("qemu:///system?socket=/nonexistent/sock", FailureKind::Refused),
        ("qemu+tcp://127.0.0.1:1/system", FailureKind::Refused),
        ("qemu+tcp://no-such-host.invalid/system", FailureKind::UnknownHost),
    ];
    for (number, (uri, kind)) in (1..).zip(cases) {
        bench.open(HostId(number), uri);
        let failure = bench.failed(HostId(number));
        assert_eq!(failure.kind, kind, "{uri}: {failure:?}");
    }
}

#[test]
fn a_connection_can_be_tried_out() {
    let mut bench = Bench::new();
    let job = bench.submit(RequestBody::Test { host: HOST, uri: "test:///default".into() });
    assert!(matches!(bench.finished(job), Ok(Reply::Tested(facts)) if facts.driver == "TEST"));
    let uri = "qemu:///system?socket=/nonexistent/sock".into();
    let job = bench.submit(RequestBody::Test { host: HOST, uri });
    assert_eq!(bench.finished(job).unwrap_err().kind, FailureKind::Refused);
}

/// A host of the test driver that wants a user name and a password.
fn guarded() -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::with_suffix(".xml").unwrap();
    writeln!(file, "<node><auth><user password='sesame'>ali</user></auth></node>").unwrap();
    let uri = file_uri(&file);
    (file, uri)
}

#[test]
fn questions_reach_the_user_and_answers_libvirt() {
    let mut bench = Bench::new();
    let (_file, uri) = guarded();
    bench.open(HOST, &uri);
    let mut answered = Vec::new();
    loop {
        let before = answered.clone();
        let next = bench.wait("question or connection", move |event| match event {
            Event::Asked { job, question, .. } if !before.contains(job) => {
                Some(Some((*job, question.clone())))
            }
            Event::ConnectionChanged { state: ConnectionState::Connected, .. } => Some(None),
            _ => None,
        });
        let Some((job, question)) = next else { break };
        let answers = question
            .fields
            .iter()
            .map(|field| if field.secret { "sesame".to_owned() } else { "ali".to_owned() })
            .collect();
        answered.push(job);
        let body = RequestBody::Answer(Answer(Some(answers)));
        bench.backend.submit(vireo::backend::Request { job, body }).unwrap();
    }
    assert!(!answered.is_empty());
}

#[test]
fn a_question_that_is_given_up_is_no_error() {
    let mut bench = Bench::new();
    let (_file, uri) = guarded();
    bench.open(HOST, &uri);
    let job = bench.wait("question", |event| match event {
        Event::Asked { job, .. } => Some(*job),
        _ => None,
    });
    let body = RequestBody::Answer(Answer(None));
    bench.backend.submit(vireo::backend::Request { job, body }).unwrap();
    assert_eq!(bench.failed(HOST).kind, FailureKind::Cancelled);
}

#[test]
fn a_closed_host_says_nothing_more() {
    let mut bench = Bench::new();
    let (_file, uri) = guarded();
    bench.open(HOST, &uri);
    bench.wait("question", |event| matches!(event, Event::Asked { .. }).then_some(()));
    bench.submit(RequestBody::Close(HOST));
    let closed = Event::ConnectionChanged { host: HOST, state: ConnectionState::Disconnected };
    bench.wait("end", |event| (*event == closed).then_some(()));
    bench.open(HostId(2), "test:///default");
    bench.listed(HostId(2));
    assert_eq!(bench.told.iter().rfind(|event| concerns(event, HOST)), Some(&closed));
}

fn concerns(event: &Event, wanted: HostId) -> bool {
    match event {
        Event::ConnectionChanged { host, .. }
        | Event::HostDescribed { host, .. }
        | Event::GuestsListed { host, .. }
        | Event::GuestsChanged { host, .. } => *host == wanted,
        _ => false,
    }
}

#[test]
fn a_storm_of_changes_comes_as_few_events() {
    let mut bench = Bench::new();
    bench.submit(RequestBody::Watch(false));
    let file = many_guests(1000);
    bench.open(HOST, &file_uri(&file));
    let guests = bench.listed(HOST);
    let from = bench.told.len();
    let jobs: Vec<_> = guests
        .iter()
        .map(|guest| {
            bench.submit(RequestBody::Act { guest: guest.key, action: GuestAction::Pause })
        })
        .collect();
    bench.wait_guests("all paused", |guests| {
        guests.values().filter(|guest| guest.state == GuestState::Paused).count() == 1000
    });
    for job in jobs {
        assert_eq!(bench.finished(job), Ok(Reply::Done));
    }
    let changes = bench.told[from..]
        .iter()
        .filter(|event| matches!(event, Event::GuestsChanged { .. }))
        .count();
    assert!(changes < 100, "{changes} events for 1000 changes");
}

#[test]
fn five_thousand_guests_are_listed_soon_after_libvirt_read_them() {
    let file = many_guests(5000);
    let mut bench = Bench::new();
    let began = Instant::now();
    bench.open(HOST, &file_uri(&file));
    bench.connected(HOST);
    let opened = began.elapsed();
    assert_eq!(bench.listed(HOST).len(), 5000);
    let listed = began.elapsed() - opened;
    println!("5000 guests: open {opened:?}, list {listed:?}");
    assert!(listed < opened, "listing took {listed:?}, opening {opened:?}");
}

#[test]
fn many_hosts_open_at_once_and_the_end_is_quick() {
    let mut bench = Bench::new();
    let files: Vec<_> = (0..20).map(|_| many_guests(50)).collect();
    let began = Instant::now();
    for (number, file) in (1..).zip(&files) {
        bench.open(HostId(number), &file_uri(file));
    }
    for number in 1..=20 {
        assert_eq!(bench.listed(HostId(number)).len(), 50);
    }
    println!("20 hosts of 50 guests: {:?}", began.elapsed());
    let stopping = Instant::now();
    bench.backend.stop();
    assert!(stopping.elapsed() < Duration::from_secs(4), "{:?}", stopping.elapsed());
}
