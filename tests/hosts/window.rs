//! The same by mouse, in the program's window: nobody writes XML, and every failure on the way says what to do.

use vireo::model::{GuestAction, GuestState};

use crate::driver::{Desktop, Program, Role};
use crate::stage::{Window, remember};
use crate::storage_tab::{NETWORK, Storage};

use super::{A, B, Hosts};

const TARGET: &str = "/var/lib/libvirt/images/team";

pub(crate) fn tutorial(hosts: &mut Hosts) {
    let desktop = Desktop::start();
    let known = [&hosts.a, &hosts.b].map(|host| (host.name.to_owned(), host.uri()));
    remember(&desktop, &known, "poll-interval=uint32 1\n");
    let none: [&str; 0] = [];
    let window = Window(Program::start_with(&desktop, &crate::program(), none, &[]));
    for host in ["host-a", "host-b"] {
        window.wait(host, || window.row(host));
    }
    let tab = Storage::open(&window, "host-a");
    an_export_that_is_not_there(&tab);
    set_up(&window, &tab);
    hosts.say("window: pool on both hosts by the wizard, proved shared");
    tab.press("New Volume…");
    let dialog = tab.dialog("New Volume");
    tab.fill(&dialog, "Name", "disk.qcow2");
    tab.press("Create");
    tab.volume("disk.qcow2");
    hosts.define(A, "team", &format!("{TARGET}/disk.qcow2"), "qcow2");
    move_it(hosts, &window);
    in_use_and_away(hosts, &window, &tab);
    rescued_by_post_copy(hosts, &window);
    torn_in_post_copy(hosts, &window);
    window.leave();
    hosts.say("window: done, and all of it taken back");
}

/// The wizard says what is wrong and what to do, and takes back what it did.
fn an_export_that_is_not_there(tab: &Storage<'_, '_>) {
    let wizard = tab.wizard();
    tab.choose_kind(&wizard, NETWORK);
    tab.name_it(&wizard, "team");
    tab.fill(&wizard, "Server", "server");
    tab.fill(&wizard, "Export (path, volume or share)", "/srv/nfs/nothing");
    tab.put_it(&wizard, TARGET);
    tab.press("Create");
    tab.wait_text(&wizard, "team could not be set up everywhere");
    tab.wait_text(&wizard, "server:/srv/nfs/nothing");
    tab.press("Undo");
    tab.wait_text(&wizard, "team was taken back");
    tab.answer(&wizard, "Close");
}

fn set_up(window: &Window<'_>, tab: &Storage<'_, '_>) {
    let wizard = tab.wizard();
    tab.choose_kind(&wizard, NETWORK);
    tab.name_it(&wizard, "team");
    tab.fill(&wizard, "Server", "server");
    tab.press("Discover");
    let found = window.wait("what was found", || wizard.find(Role::List, "Found"));
    let export = "server:/srv/nfs/images";
    let row = || found.children().into_iter().find(|row| row.name().contains(export));
    window.left_click(&window.wait(export, row));
    tab.put_it(&wizard, TARGET);
    tab.tick(&wizard, "host-b");
    tab.press("Create");
    tab.wait_text(&wizard, "team is set up and proved shared");
    tab.press("Done");
    tab.choose_pool("team");
    window.wait_text("● host-b: Proved shared");
}

/// There and back: live, then while it stands still.
fn move_it(hosts: &mut Hosts, window: &Window<'_>) {
    window.show_page("Hosts and Guests");
    window.select_row("team");
    window.action("win.guest.run");
    hosts.until(A, "team", GuestState::Running);
    let mut beats = hosts.lives(A, "team");
    for offline in [false, true] {
        window.show_page("Hosts and Guests");
        let dialog = window.migrate_dialog("team");
        if offline {
            window.tick(&dialog, "Offline migration");
        }
        window.start_move(&dialog);
        for at in [B, A] {
            hosts.until(at, "team", GuestState::Running);
            let now = hosts.lives(at, "team");
            assert!(now > beats, "it began anew: {beats}, {now}");
            beats = now;
            if at == B {
                window
                    .wait_card("team: host-a → host-b", &["Arrived at host-b", "runs on host-b."]);
                window.show_page("Hosts and Guests");
                window.select_row("team");
                window.action("win.guest.bring-back");
            }
        }
        hosts.say(if offline {
            "window: offline there and back"
        } else {
            "window: live there and back"
        });
    }
}

/// Begins a move that will not finish, and switches it to post-copy when that is said.
fn switch_over(hosts: &mut Hosts, window: &Window<'_>, guest: &str) {
    hosts.define_restless(A, guest);
    hosts.act(A, guest, GuestAction::Run);
    hosts.lives(A, guest);
    window.show_page("Hosts and Guests");
    let dialog = window.migrate_dialog(guest);
    window.open_advanced(&dialog);
    window.toggle(&dialog, "Allow post-copy");
    window.wait_said(&dialog, "--postcopy");
    window.limit(&dialog, 6.0);
    window.start_move(&dialog);
    let card = format!("{guest}: host-a → host-b");
    window.wait_card(&card, &["At this rate it will not finish"]);
    hosts.a.run(&format!("virsh -q migrate-setspeed --postcopy {guest} 1"));
    window.click(Role::Button, "Switch to Post-Copy");
}

fn rescued_by_post_copy(hosts: &mut Hosts, window: &Window<'_>) {
    switch_over(hosts, window, "rescued");
    let card = "rescued: host-a → host-b";
    window.wait_card(card, &["Post-copy: the guest runs at the destination"]);
    window.wait_card(card, &["Arrived at host-b", "rescued runs on host-b."]);
    hosts.lives(B, "rescued");
    hosts.act(B, "rescued", GuestAction::ForceOff);
    hosts.say("window: a move that would not finish rescued by post-copy");
}

/// The link breaks while the memory is on two hosts: the page says so, and what can be done.
fn torn_in_post_copy(hosts: &mut Hosts, window: &Window<'_>) {
    switch_over(hosts, window, "torn");
    let card = "torn: host-a → host-b";
    window.wait_card(card, &["Post-copy: the guest runs at the destination"]);
    hosts.a.run("virsh -q qemu-monitor-command torn --hmp migrate_pause");
    window.wait_card(card, &["Post-copy was interrupted: the guest's memory is on two hosts"]);
    window.click(Role::Button, "Recover Post-Copy");
    window.agree("Recover the post-copy of torn?", "Recover Post-Copy");
    let crashes = "“Recover Post-Copy” was not done: libvirt at the destination would crash";
    window.wait_until("it to be mended, or why not", || {
        let said = window.card(card);
        said.contains("Repaired: post-copy was taken up again.") || said.contains(crashes)
    });
    hosts.b.run("virsh -q domstate torn");
    for host in [A, B] {
        hosts.host(host).try_to("virsh -q destroy torn");
    }
    hosts.until(A, "torn", GuestState::ShutOff);
    hosts.say("window: an interrupted post-copy told, with what can be done");
}

/// What the guest uses is kept from harm; when it is gone, so is the pool.
fn in_use_and_away(hosts: &mut Hosts, window: &Window<'_>, tab: &Storage<'_, '_>) {
    tab.volume_menu("disk.qcow2", "Delete…");
    let refusal = tab.dialog("Guests use this storage");
    tab.wait_text(&refusal, "disk.qcow2: team");
    tab.answer(&refusal, "Close");
    hosts.act(A, "team", vireo::model::GuestAction::ForceOff);
    hosts.until(A, "team", GuestState::ShutOff);
    for host in [A, B] {
        hosts.host(host).try_to("virsh -q undefine team");
        hosts.bench.wait_guests("it to go", |guests| {
            !guests.values().any(|guest| guest.key.host == host && &*guest.name == "team")
        });
    }
    let used =
        || tab.find_volume("disk.qcow2").is_some_and(|row| row.texts().contains(&"team".into()));
    window.wait_until("nobody to use it", || !used());
    tab.volume_menu("disk.qcow2", "Delete…");
    let question = tab.dialog("Delete 1 volume?");
    tab.answer(&question, "Delete");
    window.wait_until("it to go", || tab.find_volume("disk.qcow2").is_none());
    for host in [A, B] {
        hosts.host(host).run(&format!(
            "virsh -q pool-destroy team && virsh -q pool-undefine team && rmdir {TARGET}"
        ));
    }
}
