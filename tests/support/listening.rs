//! A daemon of our own that listens on TCP or TLS and wants a user name and a password, as far-away
//! hosts do.

use std::fs::Permissions;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Who may log in, and how.
pub const USER: &str = "ali";
pub const PASSWORD: &str = "sesame";

/// Long enough for a loaded machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// As root it runs as somebody else: root's `libvirtd` would be this computer's own.
const NOBODY: u32 = 65534;

/// A `libvirtd` with its own directories; gone with them when dropped.
pub struct Listening {
    pub directory: PathBuf,
    pub port: u16,
    daemon: Child,
}

impl Listening {
    /// Listens on TCP; passwords go over it by a mechanism that encrypts, which libvirt insists on.
    pub fn on_tcp() -> Self {
        Self::start("tcp", "digest-md5")
    }

    /// Listens on TLS, with a certificate for 127.0.0.1 and `localhost`.
    pub fn on_tls() -> Self {
        Self::start("tls", "scram-sha-256")
    }

    fn start(transport: &str, mechanism: &str) -> Self {
        let directory = place();
        let port = free_port();
        for below in ["run", "config", "cache", "data", "state", "sasl"] {
            std::fs::create_dir_all(directory.join(below)).unwrap();
        }
        let at = |name: &str| directory.join(name).display().to_string();
        let other = if transport == "tcp" { "tls" } else { "tcp" };
        let mut settings = format!(
            "listen_{transport} = 1\nlisten_{other} = 0\nlisten_addr = \"127.0.0.1\"\n\
             {transport}_port = \"{port}\"\nauth_{transport} = \"sasl\"\n\
             log_outputs = \"3:file:{}\"\n",
            at("log")
        );
        if transport == "tls" {
            certify(&directory);
            settings += &format!(
                "ca_file = \"{}\"\ncert_file = \"{}\"\nkey_file = \"{}\"\n",
                at("cacert.pem"),
                at("servercert.pem"),
                at("serverkey.pem")
            );
        }
        let passwords = at("sasl/passwords");
        write(&directory, "libvirtd.conf", &settings);
        write(
            &directory,
            "sasl/libvirt.conf",
            &format!("mech_list: {mechanism}\nsasldb_path: {passwords}\n"),
        );
        let add =
            format!("printf %s {PASSWORD} | saslpasswd2 -p -c -f '{passwords}' -a libvirt {USER}");
        run(Command::new("sh").args(["-c", &add]));
        let daemon = spawn(&directory);
        let listening = Self { directory, port, daemon };
        listening.wait();
        listening
    }

    fn wait(&self) {
        let until = Instant::now() + DEADLINE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "nothing listens: {log}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        end_probes(&self.directory);
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Ends the QEMUs that the daemon was asking what they can do: they outlive it.
fn end_probes(directory: &Path) {
    let place = directory.to_str().unwrap();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let probe = String::from_utf8_lossy(&line).contains(&format!("{place}/"));
        if let Some(pid) = pid.filter(|_| probe).and_then(Pid::from_raw) {
            // It may have ended by itself meanwhile.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn spawn(directory: &Path) -> Child {
    let mut daemon = Command::new("libvirtd");
    daemon
        .args(["--listen", "--config"])
        .arg(directory.join("libvirtd.conf"))
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", directory)
        .env("SASL_CONF_PATH", directory.join("sasl"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for (variable, below) in [
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
    ] {
        daemon.env(variable, directory.join(below));
    }
    if rustix::process::geteuid().is_root() {
        give(directory);
        daemon.uid(NOBODY).gid(NOBODY);
    }
    daemon.spawn().unwrap()
}

/// Gives a directory and all below it to the one who runs the daemon.
fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path()));
    }
}

/// A free place; short, and right below `/tmp`, where another user gets to.
fn place() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let place = PathBuf::from(format!("/tmp/vr-{}-{number}", std::process::id()));
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(&place, Permissions::from_mode(0o755)).unwrap();
    place
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

pub fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a certificate authority, and certificates for the daemon and for a client.
pub fn certify(directory: &Path) {
    let openssl = |arguments: &str| {
        run(Command::new("openssl").args(arguments.split(' ')).current_dir(directory));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("req -x509 {key} -subj /CN=Practice -keyout cakey.pem -out cacert.pem"));
    for (who, name, usage) in [
        ("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ("client", "practice", "extendedKeyUsage=clientAuth"),
    ] {
        openssl(&format!(
            "req -x509 {key} -subj /CN={name} -addext {usage} -addext basicConstraints=critical,CA:FALSE \
             -CA cacert.pem -CAkey cakey.pem -keyout {who}key.pem -out {who}cert.pem"
        ));
    }
}
