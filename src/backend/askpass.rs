//! How ssh asks the user: libvirt starts ssh, ssh starts its askpass program, and that is this
//! program again, which asks the running one over a private socket.
//!
//! `main` calls [`answer_as_askpass`] before anything else, and [`prepare`] next, before it has a
//! second thread.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::libvirt::set_variable;
use super::opener;
use super::shared::Shared;
use crate::model::{Question, QuestionField};

/// Where a started askpass finds the running program.
const SOCKET: &str = "VIREO_ASKPASS_SOCKET";

/// How private places are called; the process id follows.
const PLACE: &str = "vireo-ask-";

/// Prompts are short; host keys take some lines.
const LONGEST_PROMPT: u64 = 16 * 1024;

/// How long a started askpass may take to say its prompt.
const PROMPT_LIMIT: Duration = Duration::from_secs(5);

/// The socket, until a backend serves it; and its directory, to be removed.
static WAITING: Mutex<Option<(UnixListener, PathBuf)>> = Mutex::new(None);

/// When ssh started this process to ask something: asks, prints the answer for ssh, and says how to
/// end. `None` when this is the program itself.
#[must_use]
pub fn answer_as_askpass() -> Option<ExitCode> {
    let socket = std::env::var_os(SOCKET)?;
    let prompt = std::env::args().nth(1).unwrap_or_default();
    Some(match ask(Path::new(&socket), &prompt) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn ask(socket: &Path, prompt: &str) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(prompt.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    // An answer ends with a newline; without one the user gave up.
    if !answer.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    io::stdout().write_all(answer.as_bytes())
}

/// Makes this program the askpass of every ssh that libvirt starts for it, even in a terminal,
/// where ssh would ask behind the window. `program` is this program's own file. To be called while
/// the process has one thread.
///
/// # Errors
///
/// When there is no private place for the socket; ssh then asks as it did.
pub fn prepare(program: &Path) -> io::Result<()> {
    let place = private_place()?;
    let socket = place.join("ask");
    let listener = UnixListener::bind(&socket)?;
    let script = place.join("askpass");
    let quote = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o700).open(&script)?;
    // libvirt hands few variables on to ssh, and none of our own: so it stands in a script.
    writeln!(file, "#!/bin/sh\n{SOCKET}={} exec {} \"$@\"", quote(&socket), quote(program))?;
    set_variable("SSH_ASKPASS", script.as_os_str());
    set_variable("SSH_ASKPASS_REQUIRE", "force".as_ref());
    *waiting() = Some((listener, place));
    Ok(())
}

fn waiting() -> std::sync::MutexGuard<'static, Option<(UnixListener, PathBuf)>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A new directory that only the user can enter.
fn private_place() -> io::Result<PathBuf> {
    let parent = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|directory| directory.is_dir())
        .unwrap_or_else(std::env::temp_dir);
    sweep(&parent);
    let number = uuid::Uuid::new_v4().simple();
    let place = parent.join(format!("{PLACE}{}-{number}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&place)?;
    Ok(place)
}

/// Removes what killed programs left.
fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.strip_prefix(PLACE)?.split('-').next()?.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            // What belongs to another user stays.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Serves the socket that [`prepare`] made, for the life of the process.
pub(super) fn serve(shared: &Arc<Shared>) {
    let Some((listener, place)) = waiting().take() else { return };
    shared.keep_until_stopped(place);
    let shared = Arc::clone(shared);
    let spawned = super::spawn("vireo-askpass", move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let shared = Arc::clone(&shared);
            let answering = super::spawn("vireo-ask", move || {
                if let Err(error) = answer(&shared, stream) {
                    tracing::debug!(%error, "ssh's question");
                }
            });
            if let Err(failure) = answering {
                tracing::warn!(?failure, "ssh cannot ask");
            }
        }
    });
    if let Err(failure) = spawned {
        tracing::warn!(?failure, "ssh cannot ask");
    }
}

fn answer(shared: &Arc<Shared>, mut stream: UnixStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PROMPT_LIMIT))?;
    let mut prompt = String::new();
    (&stream).take(LONGEST_PROMPT).read_to_string(&mut prompt)?;
    let answer = opener::answer_ssh(shared, &question(&prompt));
    match answer.as_deref() {
        Some([answer, ..]) => stream.write_all(format!("{answer}\n").as_bytes()),
        Some([]) | None => Ok(()),
    }
}

/// ssh asks for secrets, except when it wants a yes or no.
fn question(prompt: &str) -> Question {
    let secret = !prompt.contains("(yes/no");
    let field = QuestionField { prompt: prompt.trim().to_owned(), default: None, secret };
    Question { fields: vec![field] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_key_is_no_secret() {
        assert!(question("ali@node1's password: ").fields[0].secret);
        let key = "The authenticity of host 'node1' can't be established.\n\
             Are you sure you want to continue connecting (yes/no/[fingerprint])? ";
        assert!(!question(key).fields[0].secret);
    }

    #[test]
    fn an_answer_without_its_end_is_none() {
        let place = tempfile::tempdir().unwrap();
        let socket = place.path().join("ask");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut prompt = String::new();
            stream.read_to_string(&mut prompt).unwrap();
            prompt
        });
        assert!(ask(&socket, "Password: ").is_err());
        assert_eq!(server.join().unwrap(), "Password: ");
    }
}
