//! What the backend reports, always in the past tense.

use super::storage::{StorageEvent, StorageReply};
use super::{
    ConnectionState, Failure, Guest, GuestKey, GuestUuid, HostFacts, HostId, Inspection, JobId,
    MemoryWatch, MigrationEnd, MigrationStep, Question, Samples, Standing,
};

/// Something happened. Every event leaves the backend through one channel.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A connection changed its state.
    ConnectionChanged {
        /// Which.
        host: HostId,
        /// To what.
        state: ConnectionState,
    },
    /// A host described itself.
    HostDescribed {
        /// Which.
        host: HostId,
        /// What it said.
        facts: Box<HostFacts>,
    },
    /// A host's guests were read again, all of them: what is not in the list is gone.
    GuestsListed {
        /// Which host.
        host: HostId,
        /// Its guests.
        guests: Vec<Guest>,
    },
    /// Some guests of a host changed, appeared or went.
    GuestsChanged {
        /// Which host.
        host: HostId,
        /// The guests as they are now.
        changed: Vec<Guest>,
        /// Guests that are gone.
        removed: Vec<GuestUuid>,
    },
    /// Figures arrived.
    Sampled(Samples),
    /// A host's statistics hang (`true`) or answer again. Nothing else of it is held up.
    StatisticsStalled {
        /// Which host.
        host: HostId,
        /// Whether they hang.
        stalled: bool,
    },
    /// libvirt asks the user something before it opens a connection.
    Asked {
        /// For which host.
        host: HostId,
        /// What to answer with `RequestBody::Answer`, under this job.
        job: JobId,
        /// What it asks.
        question: Question,
    },
    /// A step of a migration.
    MigrationStepped {
        /// The migration.
        job: JobId,
        /// What happened.
        step: MigrationStep,
    },
    /// A migration was found running that this program did not start (or started in an earlier life).
    MigrationFound {
        /// The name it has from now on.
        job: JobId,
        /// The guest, at its source.
        guest: GuestKey,
    },
    /// A migration is over, and both hosts were asked where the guest is.
    MigrationEnded {
        /// The migration.
        job: JobId,
        /// How.
        end: MigrationEnd,
    },
    /// Both hosts answered about some guests of a survey, or did not.
    Surveyed(Vec<Surveyed>),
    /// Something happened to storage. For `StorageInventory`.
    Storage(StorageEvent),
    /// A request other than a migration was carried out, or failed. Nothing is told before libvirt returned.
    Finished {
        /// The request.
        job: JobId,
        /// Its outcome.
        result: JobResult,
    },
}

/// A guest, at its source, and a host it could go to.
pub type Route = (GuestKey, HostId);

/// What both hosts say about a route.
pub type Surveyed = (Route, Result<Box<Inspection>, Failure>);

/// The outcome of a request.
pub type JobResult = Result<Reply, Failure>;

/// What a successful request brings.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It was done.
    Done,
    /// The guest's XML, as asked for.
    GuestXml(String),
    /// What a guest's migration would start from.
    MigrationDefaults {
        /// Longest pause, in ms, as the hypervisor has it; `None` where it does not tell.
        max_downtime_ms: Option<u64>,
        /// The guest's XML in its migratable form, to be edited as destination XML.
        xml: String,
    },
    /// A connection was tried and works; the host described itself.
    Tested(Box<HostFacts>),
    /// Where both hosts of a move stand with its guest.
    Standing(Standing),
    /// What a guest wrote into just now.
    MemoryWatch(MemoryWatch),
    /// What both hosts say before a migration.
    Inspected(Box<Inspection>),
    /// What a request about storage brings.
    Storage(StorageReply),
}
