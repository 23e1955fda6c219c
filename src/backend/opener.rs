//! Opens connections within a bounded time. libvirt's own call can take minutes and cannot be
//! cancelled, so it runs on a thread that may be left behind.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::host::Host;
use super::libvirt::{Connect, connection};
use super::shared::Shared;
use crate::model::{Failure, FailureKind, Question};

/// The longest a connection may take to open, questions to the user not counted.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The longest until a TCP port answers.
const PROBE: Duration = Duration::from_secs(5);

const LOOK: Duration = Duration::from_millis(50);

/// What opened a host, kept in memory alone while it is open: its statistics and its migrations
/// have connections of their own, and the user is asked once.
#[derive(Default)]
pub(crate) struct Credentials {
    accepted: Mutex<Vec<(Question, Vec<String>)>>,
    asking: AtomicUsize,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    fn known(&self, question: &Question) -> Option<Vec<String>> {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.iter().find(|(asked, _)| asked == question).map(|(_, answers)| answers.clone())
    }

    fn accept(&self, given: Vec<(Question, Vec<String>)>) {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.retain(|(old, _)| !given.iter().any(|(new, _)| new == old));
        accepted.extend(given);
    }

    fn forget(&self) {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Asks the user, while the clock of whoever opens the connection stands still.
    fn ask(&self, host: &Host, question: &Question) -> Option<Vec<String>> {
        self.asking.fetch_add(1, Ordering::SeqCst);
        let answer = host.shared.questions.ask(host, question);
        self.asking.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn is_asking(&self) -> bool {
        self.asking.load(Ordering::SeqCst) > 0
    }
}

/// Opens a connection to a host.
///
/// # Errors
///
/// [`FailureKind::TimedOut`] after `limit`, [`FailureKind::Cancelled`] when the user gave up a
/// question or the host was closed, else libvirt's.
pub(crate) fn open(host: &Arc<Host>, limit: Duration) -> Result<Connect, Failure> {
    let (sender, opened) = sync_channel(1);
    let opener = Arc::clone(host);
    super::spawn("vireo-open", move || {
        // When nobody waits any more, the connection is closed right here.
        let _ = sender.send(open_blocking(&opener));
    })?;
    let mut left = limit;
    loop {
        let looked = Instant::now();
        match opened.recv_timeout(LOOK) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::own(FailureKind::Other, "opening the connection failed"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if host.is_closed() {
            return Err(Failure::own(FailureKind::Cancelled, "closed meanwhile"));
        }
        if !host.credentials.is_asking() {
            left = left.saturating_sub(looked.elapsed());
        }
        if left.is_zero() {
            let message = format!("no answer from {} within {} s", host.uri, limit.as_secs());
            return Err(Failure::own(FailureKind::TimedOut, message));
        }
    }
}

/// A connection for a call that may take minutes: on the host's own it would take one of the four
/// places (libvirt-rust.md §3). libvirt's test driver keeps its guests in the connection.
///
/// # Errors
///
/// Those of [`open`]. [`FailureKind::LinkLost`] where nothing listens any more.
pub(crate) fn long_connection(host: &Arc<Host>) -> Result<Connect, Failure> {
    if host.is_in_process() { host.connect() } else { open(host, LIMIT).map_err(gone_away) }
}

/// A host that is connected had a daemon: where nothing listens now, it went away. Which of the two
/// links tells it first is chance.
fn gone_away(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Refused => Failure { kind: FailureKind::LinkLost, ..failure },
        _ => failure,
    }
}

fn open_blocking(host: &Arc<Host>) -> Result<Connect, Failure> {
    probe(&host.uri)?;
    let attempt = Arc::new(Attempt { host: Arc::clone(host), state: Mutex::default() });
    host.shared.opening.begin(&attempt);
    let result = connection::open(&host.uri, &mut |question| attempt.answer(question));
    host.shared.opening.end(&attempt);
    let Given { answers, given_up } = std::mem::take(&mut *attempt.state());
    match result {
        Ok(connect) => {
            host.credentials.accept(answers);
            Ok(connect)
        }
        Err(failure) if given_up => Err(Failure { kind: FailureKind::Cancelled, ..failure }),
        Err(failure) => {
            if failure.kind == FailureKind::Authentication {
                host.credentials.forget();
            }
            Err(failure)
        }
    }
}

/// One attempt to open a connection, and what was answered on the way.
#[derive(Debug)]
struct Attempt {
    host: Arc<Host>,
    state: Mutex<Given>,
}

#[derive(Default)]
struct Given {
    answers: Vec<(Question, Vec<String>)>,
    given_up: bool,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Given({})", self.answers.len())
    }
}

impl Attempt {
    fn state(&self) -> MutexGuard<'_, Given> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_answered(&self, question: &Question) -> bool {
        self.state().answers.iter().any(|(asked, _)| asked == question)
    }

    /// Answers with what opened the host before, else asks the user. What is asked again in one
    /// attempt was answered wrong.
    fn answer(&self, question: &Question) -> Option<Vec<String>> {
        let again = self.has_answered(question);
        let known = if again { None } else { self.host.credentials.known(question) };
        let answer = known.or_else(|| self.host.credentials.ask(&self.host, question));
        let mut state = self.state();
        match &answer {
            Some(answer) => {
                state.answers.retain(|(asked, _)| asked != question);
                state.answers.push((question.clone(), answer.clone()));
            }
            None => state.given_up = true,
        }
        answer
    }

    /// Whether ssh may be asking for this attempt, and how surely: its prompt names the host where
    /// it asks for a password, but not where it asks for a key's passphrase.
    fn fits(&self, prompt: &str) -> Option<u8> {
        let url = Url::parse(&self.host.uri).ok()?;
        let (_, "ssh") = url.scheme().split_once('+')? else { return None };
        let name = url.host_str().unwrap_or_default();
        Some(u8::from(!name.is_empty() && prompt.contains(name)))
    }
}

/// The attempts that are under way.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    attempts: Mutex<Vec<Arc<Attempt>>>,
}

impl Opening {
    fn attempts(&self) -> MutexGuard<'_, Vec<Arc<Attempt>>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, attempt: &Arc<Attempt>) {
        self.attempts().push(Arc::clone(attempt));
    }

    fn end(&self, attempt: &Arc<Attempt>) {
        self.attempts().retain(|other| !Arc::ptr_eq(other, attempt));
    }
}

/// Answers a question of ssh, for the attempt that it most likely belongs to; `None` when there is
/// none or the user gave up.
pub(crate) fn answer_ssh(shared: &Shared, question: &Question) -> Option<Vec<String>> {
    let prompt = &question.fields.first()?.prompt;
    let attempt = shared
        .opening
        .attempts()
        .iter()
        .filter_map(|attempt| {
            let fits = attempt.fits(prompt)?;
            Some(((fits, !attempt.has_answered(question)), attempt))
        })
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, attempt)| Arc::clone(attempt))?;
    attempt.answer(question)
}

/// Tries the port of a `tcp` or `tls` URI first, because libvirt would wait minutes for a host
/// that drops packets. (An `ssh` URI may name an alias that only ssh knows.)
fn probe(uri: &str) -> Result<(), Failure> {
    let Some((host, port)) = probed_address(uri) else { return Ok(()) };
    // A name that does not resolve is left to libvirt, whose message says so.
    let Ok(addresses) = (host.as_str(), port).to_socket_addrs() else { return Ok(()) };
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PROBE) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some((address, error)),
        }
    }
    let Some((address, error)) = last else { return Ok(()) };
    let kind = match error.kind() {
        std::io::ErrorKind::TimedOut => FailureKind::TimedOut,
        _ => FailureKind::Refused,
    };
    Err(Failure::own(kind, format!("unable to connect to server at '{address}': {error}")))
}

/// libvirt's ports for `tcp` and `tls`.
fn probed_address(uri: &str) -> Option<(String, u16)> {
    let url = Url::parse(uri).ok()?;
    let usual = match url.scheme().split_once('+') {
        Some((_, "tcp")) => 16509,
        Some((_, "tls")) => 16514,
        _ => return None,
    };
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some((host, url.port().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tcp_and_tls_are_tried_first() {
        let expected = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(probed_address("qemu+tcp://node1/system"), expected("node1", 16509));
        assert_eq!(probed_address("qemu+tls://[fe80::1]:99/system"), expected("fe80::1", 99));
        for uri in ["qemu:///system", "qemu+ssh://alias/system", "test:///default", "nonsense"] {
            assert_eq!(probed_address(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_port_that_refuses_is_told_at_once() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let failure = probe(&format!("qemu+tcp://127.0.0.1:{}/system", free.port())).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
    }

    #[test]
    fn where_a_connected_host_refuses_its_daemon_went_away() {
        let told = |kind| gone_away(Failure::own(kind, "x"));
        assert_eq!(told(FailureKind::Refused), Failure::own(FailureKind::LinkLost, "x"));
        assert_eq!(told(FailureKind::TimedOut), Failure::own(FailureKind::TimedOut, "x"));
    }
}
