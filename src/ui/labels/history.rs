//! Past moves in words: titles, what they took and what was foretold, parameters, events.

use std::time::Duration;

use relm4::gtk::glib;

use super::migration::{self, duration};
use super::{bytes, failure, forecast, repair};
use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::checks::CheckOutcome;
use crate::migration::journal::{
    Begun, CheckRecord, Chronicle, LeverRecord, PredictedRecord, Seen, Summary,
};
use crate::migration::repair::{Circumstances, RanThere, repair as mends};
use crate::migration::{
    Coverage, DiskCopy, MoveNames, Outcome, Policy, Predicted, Residence, Retry,
};
use crate::model::{Bytes, MigrationStep};

/// `busy: lab-a → lab-b`.
#[must_use]
pub fn title(begun: &Begun) -> String {
    let names = names(begun);
    let unknown = gettext("another host");
    let destination = names.destination.as_deref().unwrap_or(&unknown);
    gettext_f(
        "{guest}: {source} → {destination}",
        &[("guest", &names.guest), ("source", &names.source), ("destination", destination)],
    )
}

/// The names as they were when it began.
#[must_use]
pub fn names(begun: &Begun) -> MoveNames {
    MoveNames {
        guest: begun.guest.clone(),
        source: begun.source.name.clone(),
        destination: begun.destination.as_ref().map(|host| host.name.clone()),
    }
}

/// A time of day with its date, as the locale writes them.
#[must_use]
pub fn when(at: u64) -> String {
    let seconds = i64::try_from(at / 1000).unwrap_or(0);
    let local = glib::DateTime::from_unix_local(seconds).and_then(|time| time.format("%x %H:%M"));
    local.map(String::from).unwrap_or_default()
}

/// How it ended, and the style of that.
#[must_use]
pub fn outcome(summary: &Summary) -> (String, &'static str) {
    let Some(report) = summary.report() else {
        return (gettext("Not over, as far as this journal knows"), "dim-label");
    };
    let unknown = gettext("the other host");
    let names = names(&summary.begun);
    let destination = names.destination.as_deref().unwrap_or(&unknown);
    let class = match report.outcome {
        Outcome::Arrived => "success",
        Outcome::Cancelled => "dim-label",
        Outcome::GivenUp(..) => "warning",
        Outcome::Failed(_) => "error",
    };
    (migration::outcome(&report.outcome, destination), class)
}

/// Where the guest was when the hosts were asked last.
#[must_use]
pub fn place(summary: &Summary) -> Option<String> {
    let names = names(&summary.begun);
    let unknown = gettext("the other host");
    let destination = names.destination.as_deref().unwrap_or(&unknown);
    let place = summary.report()?.place;
    Some(migration::place(place, &names.guest, &names.source, destination))
}

/// What was mended, what is still to be mended, or what can be done.
#[must_use]
pub fn remedies(chronicle: &Chronicle) -> Vec<String> {
    let summary = &chronicle.summary;
    let names = names(&summary.begun);
    let mut texts: Vec<String> =
        summary.repaired.iter().map(|&done| repair::done(done, &names)).collect();
    let offered = circumstances(chronicle).as_ref().and_then(mends);
    texts.extend(offered.map(|offered| repair::reason(offered, &names)));
    match summary.report().map(|report| report.outcome) {
        Some(Outcome::Failed(explanation)) if texts.is_empty() => {
            texts.extend(failure::remedy(explanation.remedy));
        }
        Some(Outcome::GivenUp(_, why)) => {
            texts.push(forecast::no_end(&why, &names.guest));
            let ways = Retry::after(&why, &chronicle.options()).into_iter().map(forecast::retry);
            let ways = ways.collect::<Vec<_>>().join(" · ");
            texts.push(gettext_f("What may help: {ways}", &[("ways", &ways)]));
        }
        Some(Outcome::Failed(_) | Outcome::Arrived | Outcome::Cancelled) | None => {}
    }
    texts
}

fn circumstances(chronicle: &Chronicle) -> Option<Circumstances> {
    let end = chronicle.summary.end()?;
    let unseen =
        chronicle.gap || chronicle.summary.ended.as_ref().is_some_and(|end| end.unwitnessed);
    Some(Circumstances {
        source: end.source,
        destination: end.destination,
        arrived: end.result.is_ok(),
        permanent: chronicle.options().residence == Residence::Permanent,
        // What the journal knows may be old: whoever asks both hosts again knows more.
        fresh: false,
        ran_there: match (chronicle.ran_there(), unseen) {
            (true, _) => RanThere::Yes,
            (false, true) => RanThere::Unknown,
            (false, false) => RanThere::No,
        },
    })
}

/// `Total time 12.3 s (foretold 10 s to 14 s) · pause 45 ms (foretold 40 ms to 90 ms)`.
#[must_use]
pub fn took(summary: &Summary) -> String {
    let Some(report) = summary.report() else { return String::new() };
    let said = foretold(summary).filter(|_| report.arrived());
    let total = beside(duration(report.total), said.map(|said| range(said.time)));
    let total = gettext_f("Total time {time}", &[("time", &total)]);
    let pause = report.downtime.filter(|_| report.arrived()).map(|pause| {
        let pause = beside(duration(pause), said.map(|said| range(said.pause)));
        gettext_f("pause {time}", &[("time", &pause)])
    });
    [Some(total), pause].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn foretold(summary: &Summary) -> Option<Predicted> {
    summary.begun.predicted.map(PredictedRecord::predicted)
}

/// A figure, and beside it what was foretold of it.
fn beside(figure: String, said: Option<String>) -> String {
    match said {
        None => figure,
        Some(said) => {
            let values = [("figure", figure.as_str()), ("said", said.as_str())];
            gettext_f("{figure} (foretold {said})", &values)
        }
    }
}

fn range((least, most): (Duration, Duration)) -> String {
    gettext_f("{least} to {most}", &[("least", &duration(least)), ("most", &duration(most))])
}

/// Everything it can be found by, in small letters.
#[must_use]
pub fn sought(summary: &Summary) -> String {
    let (outcome, _) = outcome(summary);
    let (date, uuid) = (when(summary.begun.at), &summary.begun.uuid);
    let words = words(summary).unwrap_or_default();
    format!("{} {outcome} {date} {uuid} {words}", title(&summary.begun)).to_lowercase()
}

/// What it took, beside what was foretold.
#[must_use]
pub fn figures(summary: &Summary) -> Vec<(String, String)> {
    let said = foretold(summary);
    let mut rows = vec![(gettext("Began"), when(summary.begun.at))];
    if let Some(report) = summary.report() {
        let time = said.map(|said| range(said.time));
        rows.push((gettext("Total time"), beside(duration(report.total), time)));
        if let Some(pause) = report.downtime.filter(|_| report.arrived()) {
            let said = said.map(|said| range(said.pause));
            rows.push((gettext("Real downtime"), beside(duration(pause), said)));
        }
        if let Some(sent) = report.sent {
            let said = said.map(|said| bytes(said.data));
            rows.push((gettext("Data sent"), beside(bytes(sent), said)));
        }
        rows.extend(report.passes.map(|passes| (gettext("Passes"), passes.to_string())));
    }
    if let Some(learned) = summary.ended.as_ref().and_then(|ended| ended.learned) {
        rows.extend(learned.speed.map(|speed| (gettext("Speed"), super::rate(speed))));
        let dirty = learned.dirty_during.map(super::rate);
        rows.extend(dirty.map(|rate| (gettext("Rewritten by the guest"), rate)));
        let set = learned.working_set.map(|set| bytes(Bytes(set)));
        rows.extend(set.map(|set| (gettext("Rewritten over and over"), set)));
    }
    rows
}

/// How it was asked for; what was left at its default is not worth a row.
#[must_use]
pub fn parameters(chronicle: &Chronicle) -> Vec<(String, String)> {
    let begun = &chronicle.summary.begun;
    let mut rows = Vec::new();
    let Some(options) = &begun.options else { return seen(&chronicle.seen()) };
    rows.push((gettext("What moves"), coverage(options.coverage)));
    rows.push((gettext("For how long"), residence(options.residence)));
    rows.push((gettext("Transport"), migration::transport(options.transport)));
    rows.push((gettext("Copy disks"), migration::disks(options.disks)));
    let limit = options.max_downtime_ms.map(|ms| duration(Duration::from_millis(ms)));
    rows.extend(limit.map(|limit| (gettext("Allowed pause"), limit)));
    let speed = options.bandwidth_mibps.map(|mib| super::rate(mib.saturating_mul(1 << 20)));
    rows.extend(speed.map(|speed| (gettext("Bandwidth limit"), speed)));
    let speed = options.postcopy_bandwidth_mibps;
    let speed = speed.map(|mib| super::rate(mib.saturating_mul(1 << 20)));
    rows.extend(speed.map(|speed| (gettext("Limit after post-copy"), speed)));
    let connections = options.parallel.map(|parallel| parallel.to_string());
    rows.extend(connections.map(|number| (gettext("Parallel connections"), number)));
    let policy = Some(options.policy).filter(|policy| *policy != Policy::None);
    let policy = policy.map(forecast::policy);
    rows.extend(policy.map(|policy| (gettext("When it does not finish"), policy)));
    let yes = gettext("Yes");
    for (title, on) in [
        (gettext("Post-copy allowed"), options.postcopy),
        (gettext("Slow the guest down"), options.auto_converge),
        (gettext("Even if unsafe"), options.allow_unsafe),
        (gettext("Encrypted"), options.tls),
        (gettext("Edited destination XML"), options.edited_xml),
    ] {
        rows.extend(on.then(|| (title, yes.clone())));
    }
    let texts = [
        (gettext("Compression"), Some(migration::compression(options.compression))),
        (gettext("Name at the destination"), options.new_name.clone()),
        (gettext("Destination's address"), options.destination_uri.clone()),
        (gettext("Migration address"), options.migrate_uri.clone()),
        (gettext("Listen address"), options.listen_address.clone()),
        (gettext("Checks before"), checks(begun)),
    ];
    rows.extend(texts.into_iter().filter_map(|(title, text)| Some((title, text?))));
    rows
}

/// What is known of how a move was asked for that somebody else began.
fn seen(seen: &Seen) -> Vec<(String, String)> {
    let mut rows = vec![(gettext("Begun by"), gettext("Somebody else; Vireo found it running"))];
    let before = seen.ran_before.map(duration);
    rows.extend(before.map(|time| (gettext("Had run before"), time)));
    rows.extend(seen.live.then(|| (gettext("What moves"), coverage(Coverage::Live))));
    rows.extend(seen.residence.map(|seen| (gettext("For how long"), residence(seen))));
    rows.push((gettext("Transport"), gettext("Not known: the hosts do not tell")));
    if seen.ran_before.is_some() {
        let disks = if seen.disks { gettext("Yes") } else { migration::disks(DiskCopy::None) };
        rows.push((gettext("Copy disks"), disks));
    }
    rows.extend(seen.postcopy.then(|| (gettext("Post-copy allowed"), gettext("Yes"))));
    if seen.throttle_percent > 0 {
        let percent = seen.throttle_percent.to_string();
        let slowed = gettext_f("Yes, by {percent} % at most", &[("percent", &percent)]);
        rows.push((gettext("Slow the guest down"), slowed));
    }
    rows
}

fn checks(begun: &Begun) -> Option<String> {
    let warned = begun.checks.iter().filter(|check| check.outcome == "warns").count();
    Some(match begun.verdict.as_deref()? {
        "ready" => gettext("Nothing was in the way"),
        "blocked" => gettext("Blocked, and tried all the same"),
        _ => ngettext_f("{n} thing to be careful of", "{n} things to be careful of", warned, &[]),
    })
}

/// What checks found before it began, the gravest first. What another version asked is called as it called it.
#[must_use]
pub fn checked(begun: &Begun) -> Vec<(String, String)> {
    let told = |record: &CheckRecord| {
        let Some(result) = record.result() else {
            return (3, (record.check.clone(), record.outcome.clone()));
        };
        let rank = match result.outcome {
            CheckOutcome::Blocks => 0,
            CheckOutcome::Warns => 1,
            CheckOutcome::Note | CheckOutcome::Passed => 2,
            CheckOutcome::CannotTell => 3,
        };
        let found = [Some(super::checks::outcome(result.outcome)), super::checks::values(&result)];
        let found: Vec<String> = found.into_iter().flatten().collect();
        (rank, (super::checks::title(&result), found.join(" · ")))
    };
    let mut told: Vec<_> = begun.checks.iter().map(told).collect();
    told.sort_by_key(|(rank, _)| *rank);
    told.into_iter().map(|(_, row)| row).collect()
}

fn coverage(coverage: Coverage) -> String {
    match coverage {
        Coverage::Live => gettext("The running guest"),
        Coverage::Stopped => gettext("The guest, stopped meanwhile"),
        Coverage::Definition => gettext("Its definition"),
    }
}

fn residence(residence: Residence) -> String {
    match residence {
        Residence::UntilShutDown => gettext("Until it is shut down"),
        Residence::Permanent => gettext("Permanently"),
    }
}

/// libvirt's own words, where it failed.
#[must_use]
pub fn words(summary: &Summary) -> Option<String> {
    let failed = summary.end()?.result.err()?;
    let names = names(&summary.begun);
    let unknown = gettext("the other host");
    let destination = names.destination.as_deref().unwrap_or(&unknown);
    Some(failure::words(&failed, &names.source, destination)).filter(|text| !text.is_empty())
}

/// What the user asked for while it ran.
#[must_use]
pub fn lever(lever: LeverRecord) -> String {
    match lever {
        LeverRecord::MaxDowntimeMs(ms) => gettext_f(
            "Asked for: a pause of {time}",
            &[("time", &duration(Duration::from_millis(ms)))],
        ),
        LeverRecord::BandwidthMibps(None) => gettext("Asked for: no bandwidth limit"),
        LeverRecord::BandwidthMibps(Some(mib)) => {
            let speed = super::rate(mib.saturating_mul(1 << 20));
            gettext_f("Asked for: a limit of {speed}", &[("speed", &speed)])
        }
        LeverRecord::PauseGuest => gettext("Asked for: pause the guest and finish"),
        LeverRecord::Postcopy => gettext("Asked for: post-copy"),
        LeverRecord::Cancel => gettext("Asked for: cancel"),
    }
}

/// Something that happened.
#[must_use]
pub fn step(step: &MigrationStep) -> String {
    match step {
        MigrationStep::Started { max_downtime: None } => gettext("libvirt was asked"),
        MigrationStep::Started { max_downtime: Some(limit) } => gettext_f(
            "libvirt was asked; a pause of {time} is allowed",
            &[("time", &duration(*limit))],
        ),
        MigrationStep::Pass(pass) => gettext_f("Pass {pass} began", &[("pass", &pass.to_string())]),
        MigrationStep::Sample(sample) => {
            gettext_f("{left} left", &[("left", &bytes(sample.memory_remaining))])
        }
        MigrationStep::SourcePaused => gettext("The guest was stopped at the source"),
        MigrationStep::Postcopy => gettext("Post-copy began"),
        MigrationStep::ArrivedAtDestination => gettext("The guest was at the destination"),
        MigrationStep::Stalled(time) => {
            gettext_f("Nothing had moved for {time}", &[("time", &duration(*time))])
        }
        MigrationStep::MaxDowntimeChanged(limit) => {
            gettext_f("A pause of {time} was allowed", &[("time", &duration(*limit))])
        }
        MigrationStep::BandwidthChanged(None) => gettext("The bandwidth limit was lifted"),
        MigrationStep::BandwidthChanged(Some(mib)) => {
            let speed = super::rate(mib.saturating_mul(1 << 20));
            gettext_f("The bandwidth was limited to {speed}", &[("speed", &speed)])
        }
        MigrationStep::Cancelling => gettext("It was cancelled"),
        MigrationStep::GivenUp(_) => gettext("The policy gave it up"),
        MigrationStep::LeverRefused(refused) => {
            gettext_f("A change was refused: {why}", &[("why", &failure::headline(refused))])
        }
    }
}

/// A name for a file; what a file system would not take is left out.
#[must_use]
pub fn file_name(begun: &Begun, ending: &str) -> String {
    let seconds = i64::try_from(begun.at / 1000).unwrap_or(0);
    let date =
        glib::DateTime::from_unix_local(seconds).and_then(|time| time.format("%Y-%m-%d-%H%M"));
    let date = date.map(String::from).unwrap_or_default();
    let plain = |letter: &char| !letter.is_control() && !"/\\:*?\"<>|".contains(*letter);
    let guest: String = begun.guest.chars().filter(plain).take(60).collect();
    format!("{guest}-{date}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::journal::HostRecord;

    #[test]
    fn any_guest_gives_a_name_that_a_file_can_have() {
        let host = HostRecord { name: "a".into(), uuid: None, uri: String::new() };
        let begun = |guest: &str| Begun {
            version: 1,
            at: 1_700_000_000_000,
            guest: guest.into(),
            uuid: String::new(),
            memory: 0,
            source: host.clone(),
            destination: None,
            options: None,
            verdict: None,
            checks: Vec::new(),
            predicted: None,
            dirty_before: None,
        };
        let name = file_name(&begun("../a/b\n\"c\" 🐦"), "csv");
        assert!(name.starts_with("..abc 🐦-2023-11-1"), "{name}");
        assert!(file_name(&begun(&"🐦".repeat(300)), "csv").len() < 255 + 20);
    }
}
