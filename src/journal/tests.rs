use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::migration::journal::{HostRecord, VERSION};
use crate::model::{GuestState, MigrationEnd, MigrationStep, Presence, StateReason};

fn begun(at: u64, guest: &str) -> Begun {
    let host = |name: &str| HostRecord {
        name: name.into(),
        uuid: Some(name.into()),
        uri: format!("qemu+ssh://{name}/system"),
    };
    Begun {
        version: VERSION,
        at,
        guest: guest.into(),
        uuid: "6695eb01-f6a4-8304-79aa-97f2502e193f".into(),
        memory: 1,
        source: host("a"),
        destination: Some(host("b")),
        options: None,
        verdict: None,
        checks: Vec::new(),
        predicted: None,
        dirty_before: None,
    }
}

fn ended() -> Ended {
    let runs = Presence::There {
        state: GuestState::Running,
        reason: StateReason::RunningMigrated,
        persistent: true,
    };
    let end =
        MigrationEnd { result: Ok(()), stats: None, source: Presence::Absent, destination: runs };
    Ended::new(5000, 4000, &end)
}

fn step() -> Record {
    Record::of_step(7, &MigrationStep::SourcePaused)
}

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("vireo/moves")
    }

    fn start(&self) -> (Journals, async_channel::Receiver<JournalNews>) {
        Journals::start(self.path()).unwrap()
    }
}

#[test]
fn journals_are_written_listed_read_and_deleted() {
    let place = Place::new();
    let (journals, news) = place.start();
    assert_eq!(journals.list().unwrap(), [], "no directory is no journals");
    let first = journals.begin(begun(1000, "one"));
    let second = journals.begin(begun(2000, "two"));
    journals.append(&first, step());
    journals.end(&first, ended());
    journals.flush();
    let list = journals.list().unwrap();
    let names: Vec<_> = list.iter().map(|one| one.summary.begun.guest.as_str()).collect();
    assert_eq!(names, ["two", "one"], "the latest first");
    assert!(list[0].summary.ended.is_none() && list[1].summary.ended.is_some());
    assert_eq!(journals.read(&first).unwrap().steps.len(), 1);
    let Ok(JournalNews::Past(past)) = news.try_recv() else { panic!("nothing learned") };
    assert!(past.arrived && past.source == "a");
    assert_eq!(news.try_recv(), Ok(JournalNews::Changed));

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&place.path()), mode(&first.path(&place.path()))), (0o700, 0o600));

    let copy = place.directory.path().join("a copy.ndjson");
    journals.export(&first, &copy).unwrap();
    assert_eq!(std::fs::read(copy).unwrap(), std::fs::read(first.path(&place.path())).unwrap());
    let table = place.directory.path().join("figures.csv");
    journals.export_figures(&first, &table).unwrap();
    assert!(std::fs::read_to_string(table).unwrap().starts_with("ms,"));

    journals.delete(&second);
    journals.flush();
    assert_eq!(journals.list().unwrap().len(), 1);
}

#[test]
fn a_torn_last_line_loses_nothing_else() {
    let place = Place::new();
    let (journals, _news) = place.start();
    let id = journals.begin(begun(1000, "one"));
    journals.append(&id, step());
    journals.flush();
    drop(journals);
    let path = id.path(&place.path());
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "{\"record\":\"step\",\"ms\":1").unwrap();
    let (journals, _news) = place.start();
    journals.append(&id, step());
    journals.end(&id, ended());
    journals.flush();
    let read = journals.read(&id).unwrap();
    assert_eq!(read.steps.len(), 2);
    assert!(read.summary.ended.is_some());
    assert_eq!(journals.list().unwrap()[0].summary, read.summary);
}

#[test]
fn what_cannot_be_written_is_told_once() {
    let place = Place::new();
    // A file where the directory should be: as unwritable for root as for anybody else.
    std::fs::write(place.directory.path().join("vireo"), "in the way").unwrap();
    let (journals, news) = place.start();
    let id = journals.begin(begun(1000, "one"));
    journals.append(&id, step());
    journals.end(&id, ended());
    journals.flush();
    let told: Vec<_> = std::iter::from_fn(|| news.try_recv().ok()).collect();
    let complaints = told.iter().filter(|news| matches!(news, JournalNews::Trouble { .. }));
    assert_eq!(complaints.count(), 1, "{told:?}");
    // It is tried again with the next record.
    std::fs::remove_file(place.directory.path().join("vireo")).unwrap();
    journals.begin(begun(2000, "two"));
    journals.flush();
    assert_eq!(journals.list().unwrap().len(), 1);
}

#[test]
fn a_full_disk_tears_one_line_and_the_journal_goes_on() {
    let place = Place::new();
    let (journals, news) = place.start();
    // `/dev/full` takes no byte, as a full disk.
    std::fs::create_dir_all(place.path()).unwrap();
    let full = JournalId::of(&begun(1000, "full"));
    std::os::unix::fs::symlink("/dev/full", full.path(&place.path())).unwrap();
    journals.begin(begun(1000, "full"));
    let other = journals.begin(begun(2000, "two"));
    journals.append(&other, step());
    journals.flush();
    let Ok(JournalNews::Trouble { path, error }) = news.try_recv() else { panic!("not told") };
    assert_eq!(path, full.path(&place.path()));
    assert!(error.contains("No space left"), "{error}");
    assert_eq!(journals.read(&other).unwrap().steps.len(), 1);
}

#[test]
fn a_thousand_journals_are_listed_at_once_and_what_is_no_journal_is_left_out() {
    let place = Place::new();
    let (journals, _news) = place.start();
    let sample = MigrationStep::Sample(crate::model::MigrationSample::default());
    let mut text = String::new();
    for ms in 0..400 {
        text += &Record::of_step(ms * 250, &sample).encode();
    }
    std::fs::create_dir_all(place.path()).unwrap();
    for number in 0..1000 {
        let begun = begun(1000 + number, &format!("guest {number}"));
        let id = JournalId::of(&begun);
        let end = Record::Ended(Box::new(ended())).encode();
        let whole = Record::Begun(Box::new(begun)).encode() + &text + &end;
        std::fs::write(id.path(&place.path()), whole).unwrap();
    }
    std::fs::write(place.path().join("notes.txt"), "not a journal").unwrap();
    std::fs::write(place.path().join("0-empty.ndjson"), "").unwrap();
    std::fs::write(place.path().join("0-noise.ndjson"), [0xff, 0xfe, 0x00, b'\n']).unwrap();
    let begin = std::time::Instant::now();
    let list = journals.list().unwrap();
    let took = begin.elapsed();
    assert_eq!(list.len(), 1000);
    assert!(list.iter().all(|one| one.summary.ended.is_some()));
    assert_eq!(list[0].summary.begun.guest, "guest 999");
    assert!(took < Duration::from_secs(3), "{took:?}");
}
