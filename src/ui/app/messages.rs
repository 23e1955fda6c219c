//! What the root of the program is told.

use std::sync::Arc;

use crate::backend::{Answer, Backend, Events};
use crate::journal::{JournalNews, Journals};
use crate::lab::{Lab, LabConfig, LabError};
use crate::model::{ConnectionSpec, Event, GuestKey, HostId, JobId};
use crate::settings::Settings;
use crate::ui::connect::ConnectOutput;
use crate::ui::guest::GuestOutput;
use crate::ui::host::HostOutput;
use crate::ui::migrate::MigrateOutput;

use super::command::{Command, Order};
use super::pages::Page;
use super::remembered::Remembered;
use super::storage::StorageDialogOutput;

/// What the program starts with.
#[derive(Debug)]
pub struct AppInit {
    /// The way to libvirt.
    pub backend: Backend,
    /// The way back.
    pub events: Events,
    /// What is remembered.
    pub settings: Settings,
    /// The journals, and what their writer tells.
    pub journals: (Journals, async_channel::Receiver<JournalNews>),
    /// Connections that are shown but not remembered: those of the command line.
    pub extra: Vec<ConnectionSpec>,
    /// What practice lab to start, now or when the user asks for it.
    pub lab: LabConfig,
    /// Start it at once.
    pub start_lab: bool,
}

/// What the root is told.
#[derive(Debug)]
pub enum AppInput {
    /// The backend reports.
    Happened(Vec<Event>),
    /// The user gave a command.
    Do(Command),
    /// The user confirmed it.
    Confirmed(Order),
    /// From a page of the main window.
    Page(Page),
    /// From a Migrate dialog.
    Plan(MigrateOutput),
    /// From the Add Connection dialog.
    Connect(ConnectOutput),
    /// The user answered a question of libvirt's.
    Answered(JobId, Answer),
    /// From a guest's window.
    GuestWindow(GuestKey, GuestOutput),
    /// From a host's window.
    HostWindow(HostId, HostOutput),
    /// From a dialog of storage.
    StorageDialog(StorageDialogOutput),
    /// The user, the session or a signal wants to end the program; the flag says whether to ask first.
    Leave(bool),
}

/// What came of work away from the main thread.
#[derive(Debug)]
pub enum AppOutcome {
    /// The lab runs, or does not.
    LabStarted(Result<Box<Lab>, Arc<LabError>>),
    /// The lab is gone.
    LabStopped,
    /// Journals of earlier moves were read.
    Remembered(Box<Remembered>),
    /// The writer of journals has something to tell.
    Journal(JournalNews),
    /// The disks of guests that changed are to be read again.
    DisksDue,
    /// Everything is closed; the program may end.
    Ready,
}
