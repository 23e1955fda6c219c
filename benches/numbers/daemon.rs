//! A real libvirt daemon: many defined guests, a slow link, and events.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vireo::backend::Backend;
use vireo::lab::{Lab, LabConfig, LabHost, PracticeGuest};

use super::figures::Series;
use super::raw::Raw;
use super::report::{Report, Row};
use super::started::Stage;
use super::{events, proxy};

/// Guests that run, on each host. Their names come first in the tree.
const RUNNING: usize = 4;
/// Defined guests of the first host.
const MANY: usize = 1_000;
/// Guests of the second host, which is behind a slow link.
const FAR: usize = 220;
/// Each way: a round trip of 20 ms.
const DELAY: Duration = Duration::from_millis(10);

/// Measures both hosts, and events on the first.
pub fn measure(stage: &Stage, report: &mut Report) {
    // Runs libvirt's event loop in this process, for the events of raw libvirt.
    let (backend, _events) = Backend::start().expect("libvirt");
    let place = PathBuf::from(format!("/tmp/vn-{}", std::process::id()));
    let config = LabConfig { hosts: 2, guests: Vec::new(), directory: Some(place.clone()) };
    let lab = Lab::start(config).expect("practice hosts");
    let [near, far] = lab.hosts() else { panic!("two hosts") };
    populate(&lab, near, MANY);
    populate(&lab, far, FAR - RUNNING);
    let link = place.join("link");
    proxy::start(&link, socket(far), DELAY);
    let far_uri = format!("qemu+unix:///session?socket={}", link.display());
    let mut rows = Vec::new();
    rows.extend(listed(stage, "1,000 defined guests", &near.uri, MANY + RUNNING, 0.4));
    rows.extend(listed(stage, "220 guests, 20 ms round trip", &far_uri, FAR, 0.6));
    rows.extend(events::rows(stage, &near.uri, MANY + RUNNING));
    report.section("A real libvirtd", HOW, &rows);
    backend.stop();
}

const HOW: &str = "Session daemons of the practice lab; 4 of each host's guests run (QEMU without \
    KVM), the others are shut off. The second host is behind a socket that passes everything on \
    10 ms later, each way. Start as above; raw does not ask guest by guest here. Events: 60 times \
    a guest is suspended or resumed with raw libvirt; from that call until the cells of its row \
    have the new state (a line of the program; AT-SPI of GTK 4.8 sends no event for it), beside \
    the callback of raw libvirt on another connection.";

/// Where a host's daemon listens.
fn socket(host: &LabHost) -> PathBuf {
    let (_, path) = host.uri.split_once("socket=").expect("a socket in the URI");
    Path::new(path).to_owned()
}

fn populate(lab: &Lab, host: &LabHost, defined: usize) {
    let raw = Raw::open(&host.uri);
    for number in 0..RUNNING {
        let guest = PracticeGuest::new(format!("{}-{number}", &host.name[4..]), 16);
        let xml = lab.guest_xml(&guest).expect("a disk");
        raw.define(&xml).create().expect("a guest that starts");
    }
    for number in 0..defined {
        raw.define(&format!(
            "<domain type='qemu'><name>guest-{number}</name><memory unit='MiB'>256</memory>\
             <vcpu>2</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>"
        ));
    }
}

fn listed(stage: &Stage, what: &str, uri: &str, guests: usize, goal: f64) -> Vec<Row> {
    let (mut mapped, mut listed, mut raw) = (Series::new(), Series::new(), Series::new());
    for _ in 0..super::repeats(5) {
        raw.push(Raw::start(uri).0.as_secs_f64());
        let uri = uri.to_owned();
        let program = stage.start(&[uri]);
        mapped.push(program.mapped().as_secs_f64());
        listed.push(program.listed(guests).as_secs_f64());
    }
    vec![
        Row::new(format!("{what}: window mapped, s"), mapped).goal(0.2),
        Row::new(format!("{what}: all listed, s"), listed).beside(raw).goal(goal),
    ]
}
