//! A live move through Vireo beside `virsh migrate` of the same guest.

use std::process::Command;
use std::time::Instant;

use vireo::lab::PracticeGuest;
use vireo::migration::MigrationOptions;
use vireo::migration::virsh::{VirshMove, command};
use vireo::model::{GuestState, HostId};

use crate::support::practice::{A, B, Practice, virsh};

use super::figures::Series;
use super::report::{Report, Row};

const GUEST: &str = "moving";

/// Moves the guest to and fro, each way once by Vireo and once by virsh, in turns.
pub fn measure(report: &mut Report) {
    let guest = PracticeGuest::new(GUEST, 128).rewriting(8, 4);
    let mut practice = Practice::with(&[guest]);
    let (mut ours, mut bare) = (Moves::default(), Moves::default());
    for pair in 0..super::repeats(12) {
        // Who moves it there in one pair moves it back in the next.
        let (there, back) = if pair % 2 == 0 { (true, false) } else { (false, true) };
        for (from, by_vireo) in [(A, there), (B, back)] {
            super::say(&format!("move {pair}, by Vireo: {by_vireo}"));
            if by_vireo { ours.vireo(&mut practice, from) } else { bare.virsh(&mut practice, from) }
        }
    }
    practice.assert_lives(GUEST);
    let rows = [
        Row::new("total time, ms", ours.total).beside(bare.total).goal_ratio(1.02),
        Row::new("downtime, ms", ours.downtime).beside(bare.downtime).goal_ratio(1.02),
    ];
    report.section("A live move", HOW, &rows);
}

const HOW: &str = "A guest of 128 MiB that rewrites 8 MiB at 4 MiB/s, between two practice hosts, \
    peer to peer, until it is shut down; by Vireo's backend (from the request to the event that \
    tells of the end, both hosts asked where the guest is) and, in turns, by the `virsh migrate` \
    that Vireo shows for it (the process from start to end). Downtime is what libvirt tells \
    afterwards of each.";

#[derive(Default)]
struct Moves {
    total: Series,
    downtime: Series,
}

impl Moves {
    fn vireo(&mut self, practice: &mut Practice, from: HostId) {
        practice.until(from, GUEST, |guest| guest.state == GuestState::Running && !guest.migrating);
        let begin = Instant::now();
        let end = practice.migrate(GUEST, from, MigrationOptions::default());
        self.total.push_ms(begin.elapsed());
        assert!(end.result.is_ok(), "{end:?}");
        let downtime = end.stats.and_then(|stats| stats.downtime).expect("figures of the move");
        self.downtime.push_ms(downtime);
    }

    fn virsh(&mut self, practice: &mut Practice, from: HostId) {
        practice.until(from, GUEST, |guest| guest.state == GuestState::Running && !guest.migrating);
        let uuid = practice.bench.guest(from, GUEST).key.uuid;
        let destination = practice.host(if from == A { B } else { A });
        let of = VirshMove {
            source_uri: &practice.host(from).uri,
            destination_uri: &destination.uri,
            name: GUEST,
            uuid,
        };
        let line = command(of, &MigrationOptions::default()).migrate;
        let begin = Instant::now();
        let output = Command::new("sh").args(["-c", &line]).output().expect("virsh");
        self.total.push_ms(begin.elapsed());
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let figures = virsh(destination, &["domjobinfo", GUEST, "--completed"]);
        let line = figures.lines().find_map(|line| line.strip_prefix("Total downtime:"));
        let downtime = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        self.downtime.push(downtime.unwrap_or_else(|| panic!("no downtime in {figures}")));
    }
}
