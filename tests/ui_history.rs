//! The History page as a component, on journals of a directory of its own.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // helpers outside of test functions

mod kit;

use std::time::{Duration, Instant};

use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::prelude::*;

use vireo::journal::{JournalId, Journals};
use vireo::migration::checks::{Advice, CheckId, CheckOutcome, CheckResult, StorageCheck, Value};
use vireo::migration::journal::{
    Begun, CheckRecord, Ended, HostRecord, OptionsRecord, Record, VERSION,
};
use vireo::migration::{MigrationOptions, Policy, Predicted};
use vireo::model::{
    Bytes, CompletedStats, Failure, FailureKind, GuestState, MigrationEnd, MigrationSample,
    MigrationStep, NoEnd, Presence, StateReason,
};
use vireo::ui::history::{Export, HistoryInput, HistoryOutput, HistoryPage};

fn begun(number: u64, guest: &str) -> Begun {
    let host = |name: &str| HostRecord {
        name: name.into(),
        uuid: Some(name.into()),
        uri: format!("qemu+ssh://{name}/system"),
    };
    let options = MigrationOptions { bandwidth_mibps: Some(32), ..MigrationOptions::default() };
    let predicted = Predicted {
        time: (Duration::from_secs(10), Duration::from_secs(14)),
        pause: (Duration::from_millis(40), Duration::from_millis(90)),
        data: Bytes(1 << 30),
    };
    Begun {
        version: VERSION,
        at: 1_790_000_000_000 + number * 60_000,
        guest: guest.into(),
        uuid: "6695eb01-f6a4-8304-79aa-97f2502e193f".into(),
        memory: 1 << 30,
        source: host("alder"),
        destination: Some(host("birch")),
        options: Some(OptionsRecord::new(&options, str::to_owned)),
        verdict: Some("with care".into()),
        checks: Vec::new(),
        predicted: Some(predicted.into()),
        dirty_before: None,
    }
}

const RUNS: Presence = Presence::There {
    state: GuestState::Running,
    reason: StateReason::RunningMigrated,
    persistent: true,
};

fn arrived() -> MigrationEnd {
    let stats = CompletedStats {
        total: Duration::from_millis(12_300),
        downtime: Some(Duration::from_millis(45)),
        sent: Bytes(3 << 29),
        iterations: 3,
    };
    MigrationEnd { result: Ok(()), stats: Some(stats), source: Presence::Absent, destination: RUNS }
}

fn failed() -> MigrationEnd {
    let text = "operation failed: migration failed. Message from the source host: operation failed: \
                job 'migration out' failed: Channel error: Input/output error. Message from the \
                destination host: Cannot access storage file '/srv/big.qcow2' (as uid:107, gid:107): \
                No such file or directory";
    MigrationEnd {
        result: Err(Failure::own(FailureKind::Storage, text)),
        stats: None,
        source: RUNS,
        destination: Presence::Absent,
    }
}

fn write(journals: &Journals, begun: Begun, end: &MigrationEnd) -> JournalId {
    let id = journals.begin(begun);
    journals.append(&id, Record::of_step(3, &MigrationStep::Started { max_downtime: None }));
    let total = 1_u64 << 30;
    for reading in 0..48 {
        let (pass, within) = (1 + reading / 24, reading % 24);
        let left =
            if pass == 1 { total - total / 24 * within } else { total / 8 / 24 * (24 - within) };
        let sample = MigrationSample {
            elapsed: Duration::from_millis(reading * 250),
            memory_total: Bytes(total),
            memory_processed: Bytes(total / 24 * reading),
            memory_remaining: Bytes(left),
            iteration: pass,
            dirty_bps: if pass > 1 { 5 << 20 } else { 0 },
            ..MigrationSample::default()
        };
        let step = MigrationStep::Sample(sample);
        journals.append(&id, Record::of_step(reading * 250, &step));
    }
    journals.append(&id, Record::of_step(12_200, &MigrationStep::SourcePaused));
    journals.end(&id, Ended::new(1, 12_300, end));
    journals.flush();
    id
}

struct Page {
    page: Controller<HistoryPage>,
    window: gtk::Window,
    journals: Journals,
    heard: async_channel::Receiver<HistoryOutput>,
    place: tempfile::TempDir,
}

impl Page {
    fn new() -> Self {
        kit::init();
        let place = tempfile::tempdir().unwrap();
        let (journals, _news) = Journals::start(place.path().join("moves")).unwrap();
        let (said, heard) = async_channel::unbounded();
        let page =
            HistoryPage::builder().launch(journals.clone()).connect_receiver(move |_, output| {
                let _ = said.try_send(output); // a test that is over listens no more
            });
        let window = gtk::Window::builder()
            .default_width(900)
            .default_height(900)
            .child(page.widget())
            .build();
        Self { page, window, journals, heard, place }
    }

    fn show(&self) {
        self.window.present();
    }

    #[track_caller]
    fn until(&self, text: &str) {
        kit::until(text, || kit::shows(&self.window, text));
    }

    fn list(&self) -> gtk::ListView {
        kit::inside(&self.window)
    }

    fn rows(&self) -> u32 {
        self.list().model().map_or(0, |model| model.n_items())
    }
}

#[gtk::test]
fn a_past_move_is_found_looked_at_and_exported() {
    let page = Page::new();
    page.show();
    page.until("No Past Migrations");
    write(&page.journals, begun(1, "web"), &arrived());
    let asked = |check: CheckId, outcome, here: &str, there: &str| {
        CheckRecord::of(&CheckResult {
            check,
            about: "vda".into(),
            outcome,
            here: Value::Text(here.into()),
            there: Value::Text(there.into()),
            advice: Advice::Nothing,
            mend: None,
        })
    };
    let checks = [
        asked(StorageCheck::There.into(), CheckOutcome::CannotTell, "/srv", "/srv"),
        asked(StorageCheck::Shared.into(), CheckOutcome::Warns, "nas & co", "san"),
    ];
    let checks = checks.into_iter().flatten().collect();
    write(&page.journals, Begun { checks, ..begun(2, "big") }, &failed());
    page.page.emit(HistoryInput::Changed);
    page.until("web: alder → birch");
    page.until(
        "Total time 12.3 s (foretold 10.0 s to 14.0 s) · pause 45 ms (foretold 40 ms to 90 ms)",
    );
    page.until("Failed: /srv/big.qcow2 does not exist at the destination");
    kit::picture(&page.window, "history");

    page.page.emit(HistoryInput::Sought("arrived".into()));
    kit::until("one row", || page.rows() == 1);
    page.page.emit(HistoryInput::Sought("nowhere".into()));
    page.until("Nothing Found");
    // libvirt's own words, which stand in nobody's row.
    page.page.emit(HistoryInput::Sought("as uid:107".into()));
    kit::until("the failed one", || page.rows() == 1);
    page.page.emit(HistoryInput::Sought("BIRCH".into()));
    kit::until("both rows", || page.rows() == 2);

    page.list().emit_by_name::<()>("activate", &[&0_u32]);
    page.until("Put the disks on storage that both hosts see");
    let words = "From birch: Cannot access storage file '/srv/big.qcow2'";
    page.until(words);
    let texts = kit::texts(&page.window);
    let text = texts.iter().find(|text| text.contains(words)).unwrap();
    assert!(text.find("From birch").unwrap() < text.find("From alder").unwrap(), "{text}");
    for text in ["big runs on alder.", "32.0 MiB/s", "1 thing to be careful of"] {
        page.until(text);
    }
    page.until("Same disk on both hosts: vda");
    page.until("Be careful · Here: nas & co · Destination: san");
    kit::picture(&page.window, "history-details");

    let table = page.place.path().join("figures.csv");
    page.page.emit(HistoryInput::FileChosen(Export::Figures, table.clone()));
    kit::until("the table", || !page.heard.is_empty());
    let Ok(HistoryOutput::Said(said)) = page.heard.try_recv() else { panic!("not told") };
    assert!(said.contains("figures.csv"), "{said}");
    assert_eq!(std::fs::read_to_string(table).unwrap().lines().count(), 49);
    let nowhere = page.place.path().join("no/such/place");
    page.page.emit(HistoryInput::FileChosen(Export::Journal, nowhere));
    kit::until("the failure", || !page.heard.is_empty());
    let Ok(HistoryOutput::Said(said)) = page.heard.try_recv() else { panic!("not told") };
    assert!(said.contains("could not be written: No such file"), "{said}");

    kit::click(&page.window, "Delete…");
    kit::until("the wish", || !page.heard.is_empty());
    let Ok(HistoryOutput::Delete { journal, title }) = page.heard.try_recv() else { panic!() };
    assert_eq!(title, "big: alder → birch");
    page.journals.delete(&journal);
    page.journals.flush();
    page.page.emit(HistoryInput::Changed);
    kit::until("the list again", || page.list().is_mapped() && page.rows() == 1);
}

#[gtk::test]
fn what_the_policy_gave_up_and_what_somebody_else_began_say_what_is_known() {
    let page = Page::new();
    page.show();
    let options = MigrationOptions {
        policy: Policy::MinimalPause,
        bandwidth_mibps: Some(32),
        ..MigrationOptions::default()
    };
    let options = Some(OptionsRecord::new(&options, str::to_owned));
    let id = page.journals.begin(Begun { options, ..begun(2, "busy") });
    let cancelled = MigrationEnd {
        result: Err(Failure::own(FailureKind::Cancelled, "canceled by client")),
        stats: None,
        source: RUNS,
        destination: Presence::Absent,
    };
    let why = NoEnd {
        pass: 11,
        allowed: Duration::from_millis(500),
        needed: Some(Duration::from_millis(2010)),
        rewritten_bps: Some(40 << 20),
        sent_bps: Some(32 << 20),
    };
    page.journals.append(&id, Record::of_step(9000, &MigrationStep::GivenUp(why)));
    let mut ended = Ended::new(1, 9100, &cancelled);
    ended.given_up = Some(why.into());
    page.journals.end(&id, ended);
    write(&page.journals, Begun { options: None, verdict: None, ..begun(1, "web") }, &arrived());
    page.page.emit(HistoryInput::Changed);
    page.until("Given up by the policy “Minimal pause”");
    page.page.emit(HistoryInput::Sought("busy".into()));
    kit::until("one row", || page.rows() == 1);
    page.list().emit_by_name::<()>("activate", &[&0_u32]);
    page.until("500 ms of pause were allowed; 2.0 s would have done.");
    page.until("Start Again with a Pause of 2.1 s · Start Again Without a Limit");
    page.until("The policy gave it up");
    kit::picture(&page.window, "history-given-up");

    page.page.emit(HistoryInput::Changed);
    page.page.emit(HistoryInput::Sought(String::new()));
    kit::until("both rows", || page.rows() == 2);
    page.page.emit(HistoryInput::Sought("web".into()));
    kit::until("the other row", || page.rows() == 1);
    page.list().emit_by_name::<()>("activate", &[&0_u32]);
    page.until("Somebody else; Vireo found it running");
    for text in ["Not known: the hosts do not tell", "The running guest", "No, both hosts see them"]
    {
        page.until(text);
    }
}

#[gtk::test]
fn a_thousand_past_moves_open_without_a_stall() {
    let page = Page::new();
    let id = write(&page.journals, begun(0, "guest 0"), &arrived());
    let text = std::fs::read_to_string(page.journals.directory().join(format!(
        "{:015}-{}.ndjson",
        begun(0, "").at,
        begun(0, "").uuid
    )))
    .unwrap();
    page.show();
    page.until("guest 0: alder → birch");
    kit::settle(&page.window);
    for number in 1..1000 {
        let begun = begun(number, "guest 0");
        let at = format!("\"at\":{}", begun.at);
        let name = format!("{:015}-{}.ndjson", begun.at, begun.uuid);
        let text = text.replacen("\"at\":1790000000000", &at, 1).replacen(
            "guest 0",
            &format!("guest {number}"),
            1,
        );
        std::fs::write(page.journals.directory().join(name), text).unwrap();
    }
    let stalls = Stalls::watch();
    page.page.emit(HistoryInput::Changed);
    let list = page.list();
    let rows = || list.model().map_or(0, |model| model.n_items());
    let (most, seen) = (std::rc::Rc::new(std::cell::Cell::new(0)), list.model().unwrap());
    let counted = std::rc::Rc::clone(&most);
    seen.connect_items_changed(move |model, _, _, added| {
        // GTK makes rows for the first 200; further ones cost nothing until they are scrolled to.
        if model.n_items() <= 200 {
            counted.set(added.max(counted.get()));
        }
    });
    kit::until("all of them", || rows() == 1000);
    let opened = stalls.told();
    page.until("guest 999: alder → birch");
    stalls.0.take();
    page.page.emit(HistoryInput::Sought("guest 77".into()));
    kit::until("those found", || rows() == 11);
    page.page.emit(HistoryInput::Sought(String::new()));
    kit::until("all of them again", || rows() == 1000);
    let sought = stalls.told();
    println!("the main loop stood still for {opened:?} when opened, {sought:?} when sought");
    assert!((1..=11).contains(&most.get()), "{} rows are made at once", most.get());
    drop(id);
}

/// How long the main loop stood still: a beat of 1 ms comes that much late.
struct Stalls(std::rc::Rc<std::cell::Cell<Duration>>);

impl Stalls {
    fn watch() -> Self {
        let longest = std::rc::Rc::new(std::cell::Cell::new(Duration::ZERO));
        let (last, seen) = (std::cell::Cell::new(Instant::now()), std::rc::Rc::clone(&longest));
        gtk::glib::timeout_add_local(Duration::from_millis(1), move || {
            let now = Instant::now();
            seen.set(seen.get().max(now.duration_since(last.replace(now))));
            gtk::glib::ControlFlow::Continue
        });
        Self(longest)
    }

    #[track_caller]
    fn told(&self) -> Duration {
        let longest = self.0.take();
        assert!(longest < Duration::from_millis(STALL), "{longest:?}");
        longest
    }
}

/// Milliseconds. It is a tenth of that; but a machine that does other things as well takes the processor away.
const STALL: u64 = 300;
