//! What becomes of work that is under way when the program ends, in words.

use std::time::Duration;

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::storage::Parting;

use super::Confirm;

/// Lines of a list at most; the rest is counted.
const LINES: usize = 6;

/// Work with storage that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What it is called.
    pub title: String,
    /// What becomes of it.
    pub parting: Parting,
}

/// All that is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// The practice lab runs: it ends with the program.
    pub lab: bool,
    /// Guests are on the move: of the lab, or those that are counted here.
    pub moves: bool,
    /// Moves that the hosts carry themselves, without those of the lab.
    pub carried: usize,
    /// Those of them that a policy of this program watches over.
    pub watched_over: usize,
    /// Moves through this program, without those of the lab.
    pub relayed: usize,
    /// Moves that have not begun, without those of the lab.
    pub waiting: usize,
    /// Work with storage.
    pub storage: Vec<Work>,
}

/// The question before the program ends; `in_time` is how long it waits for what is to be taken back.
#[must_use]
pub fn question(work: &UnderWay, in_time: Duration) -> Confirm {
    let heading = if work.moves {
        gettext("Quit while guests are on the move?")
    } else {
        gettext("Quit while storage is being worked on?")
    };
    let lab = work.lab.then(|| {
        gettext("The practice lab stops with the window, and its guests and storage with it.")
    });
    let carried = (work.carried > 0).then(|| {
        ngettext_f(
            "The migration goes on without Vireo: the hosts carry it themselves. Vireo finds it again at its next start.",
            "The {n} migrations go on without Vireo: the hosts carry them themselves. Vireo finds them again at its next start.",
            work.carried,
            &[],
        )
    });
    let watched_over = (work.watched_over > 0).then(|| {
        ngettext_f(
            "What is to be done by itself when it does not finish rests until then.",
            "What is to be done by itself when {n} of them do not finish rests until then.",
            work.watched_over,
            &[],
        )
    });
    let relayed = (work.relayed > 0).then(|| {
        ngettext_f(
            "{n} direct migration runs through this program and is aborted. Its guest stays where it is.",
            "{n} direct migrations run through this program and are aborted. Their guests stay where they are.",
            work.relayed,
            &[],
        )
    });
    let waiting = (work.waiting > 0).then(|| {
        ngettext_f(
            "{n} migration waits for its turn and does not begin. Its guest stays where it is.",
            "{n} migrations wait for their turn and do not begin. Their guests stay where they are.",
            work.waiting,
            &[],
        )
    });
    let groups = [Parting::TakenBack, Parting::MayStay, Parting::Stopped, Parting::HostEnds];
    let storage = groups.into_iter().filter_map(|parting| list(work, parting, in_time));
    let parts = [lab, relayed, carried, watched_over, waiting].into_iter().flatten().chain(storage);
    let body = parts.collect::<Vec<_>>().join("\n\n");
    Confirm { heading, body, action: gettext("Quit") }
}

/// What all of it has in common, and a line for each.
fn list(work: &UnderWay, parting: Parting, in_time: Duration) -> Option<String> {
    let all: Vec<&str> = work
        .storage
        .iter()
        .filter(|work| work.parting == parting)
        .map(|work| work.title.as_str())
        .collect();
    if all.is_empty() {
        return None;
    }
    let seconds = in_time.as_secs().to_string();
    let mut lines = vec![match parting {
        Parting::TakenBack => {
            gettext("Given up; what was made so far is taken back, and originals stay:")
        }
        Parting::MayStay => gettext_f(
            "Taken back if its host is through within {n} seconds; else it stays:",
            &[("n", &seconds)],
        ),
        Parting::Stopped => {
            gettext("Stopped after the step that each host is at; what was done until then stays:")
        }
        Parting::HostEnds => {
            gettext("The host ends what it is at without Vireo, and begins nothing more:")
        }
    }];
    lines.extend(all.iter().take(LINES).map(|title| format!("• {title}")));
    let more = all.len().saturating_sub(LINES);
    if more > 0 {
        lines.push(ngettext_f("• and {n} more", "• and {n} more", more, &[]));
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_TIME: Duration = Duration::from_secs(10);

    fn work(title: &str, parting: Parting) -> Work {
        Work { title: title.into(), parting }
    }

    #[test]
    fn moves_that_go_on_and_moves_that_do_not_are_both_told() {
        let moving = UnderWay { moves: true, carried: 1, relayed: 2, ..UnderWay::default() };
        assert!(!question(&moving, IN_TIME).body.contains("rests until then"));
        let moving = UnderWay { watched_over: 1, ..moving };
        let said = question(&moving, IN_TIME);
        assert_eq!(said.heading, "Quit while guests are on the move?");
        assert!(said.body.contains("2 direct migrations run through this program"), "{said:?}");
        assert!(said.body.contains("The migration goes on without Vireo"), "{said:?}");
        assert!(said.body.contains("rests until then"), "{said:?}");
    }

    #[test]
    fn each_job_is_told_below_what_becomes_of_it() {
        let storage = vec![
            work("Wiping a", Parting::HostEnds),
            work("Upload of b", Parting::TakenBack),
            work("Setting up c", Parting::Stopped),
            work("Copy of d", Parting::MayStay),
            work("Download of e", Parting::TakenBack),
        ];
        let said = question(&UnderWay { storage, ..UnderWay::default() }, IN_TIME);
        assert_eq!(said.heading, "Quit while storage is being worked on?");
        assert_eq!(
            said.body,
            "Given up; what was made so far is taken back, and originals stay:\n\
             • Upload of b\n• Download of e\n\n\
             Taken back if its host is through within 10 seconds; else it stays:\n• Copy of d\n\n\
             Stopped after the step that each host is at; what was done until then stays:\n\
             • Setting up c\n\n\
             The host ends what it is at without Vireo, and begins nothing more:\n• Wiping a"
        );
    }

    #[test]
    fn a_long_list_is_counted() {
        let storage = (0..9).map(|n| work(&format!("Wiping {n}"), Parting::HostEnds)).collect();
        let said = question(&UnderWay { lab: true, storage, ..UnderWay::default() }, IN_TIME);
        assert!(said.body.starts_with("The practice lab stops"), "{said:?}");
        assert!(said.body.ends_with("• Wiping 5\n• and 3 more"), "{said:?}");
    }
}
