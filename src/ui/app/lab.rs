//! The practice lab from the window: started and stopped away from the main thread.

use std::sync::Arc;

use relm4::ComponentSender;

use crate::backend::RequestBody;
use crate::i18n::gettext;
use crate::lab::{Lab, LabConfig, LabError};
use crate::model::{ConnectionSpec, Failure, FailureKind, HostId};
use crate::ui::error_details;

use super::{App, AppOutcome};

/// Where the lab stands.
pub(super) enum LabState {
    /// There is none.
    Off,
    /// It starts.
    Starting,
    /// It runs, with these hosts.
    Running(Box<Lab>, Vec<HostId>),
    /// It stops.
    Stopping,
}

impl LabState {
    pub(super) const fn runs(&self) -> bool {
        matches!(self, Self::Running(..))
    }

    pub(super) fn has(&self, host: HostId) -> bool {
        matches!(self, Self::Running(_, hosts) if hosts.contains(&host))
    }
}

impl App {
    pub(super) fn start_lab(&mut self, config: LabConfig, sender: &ComponentSender<Self>) {
        if !matches!(self.lab, LabState::Off) {
            return;
        }
        self.lab = LabState::Starting;
        self.enable_actions();
        self.toast(&gettext("The practice lab starts…"));
        sender.spawn_oneshot_command(move || {
            AppOutcome::LabStarted(Lab::start(config).map(Box::new).map_err(Arc::new))
        });
    }

    pub(super) fn lab_started(
        &mut self,
        result: Result<Box<Lab>, Arc<LabError>>,
        sender: &ComponentSender<Self>,
    ) {
        match result {
            Ok(lab) if self.leaving => self.put_away(lab, Vec::new(), sender),
            Ok(lab) => {
                let specs: Vec<ConnectionSpec> = lab.hosts().iter().map(spec).collect();
                let hosts: Vec<HostId> =
                    specs.into_iter().map(|spec| self.add_passing(spec)).collect();
                hosts.iter().for_each(|&host| self.open(host));
                self.lab = LabState::Running(lab, hosts);
            }
            Err(error) => {
                self.lab = LabState::Off;
                let failure = Failure::own(FailureKind::ToolMissing, error.to_string());
                let title = gettext("The practice lab could not start");
                error_details::present(&self.window, &title, &failure);
            }
        }
        self.enable_actions();
    }

    pub(super) fn stop_lab(&mut self, sender: &ComponentSender<Self>) {
        match std::mem::replace(&mut self.lab, LabState::Stopping) {
            LabState::Running(lab, hosts) => self.put_away(lab, hosts, sender),
            other => self.lab = other,
        }
        self.enable_actions();
    }

    fn put_away(&mut self, lab: Box<Lab>, hosts: Vec<HostId>, sender: &ComponentSender<Self>) {
        for &host in &hosts {
            self.ask(RequestBody::Close(host));
        }
        self.remove_hosts(&hosts);
        sender.spawn_oneshot_command(move || {
            if let Err(error) = lab.stop() {
                tracing::warn!(%error, "the practice lab did not stop cleanly");
            }
            AppOutcome::LabStopped
        });
    }

    pub(super) fn lab_stopped(&mut self) {
        self.lab = LabState::Off;
        self.enable_actions();
    }

    /// Ends the backend and the lab away from the main thread, then the program.
    pub(super) fn close_everything(&mut self, sender: &ComponentSender<Self>) {
        if self.leaving {
            return;
        }
        self.leaving = true;
        self.keep_window_size();
        relm4::gtk::prelude::WidgetExt::set_visible(&self.window, false);
        let backend = self.backend.clone();
        let lab = match std::mem::replace(&mut self.lab, LabState::Stopping) {
            LabState::Running(lab, _) => Some(lab),
            LabState::Off | LabState::Starting | LabState::Stopping => None,
        };
        sender.spawn_oneshot_command(move || {
            backend.stop();
            if let Some(Err(error)) = lab.map(|lab| lab.stop()) {
                tracing::warn!(%error, "the practice lab did not stop cleanly");
            }
            AppOutcome::Ready
        });
    }
}

fn spec(host: &crate::lab::LabHost) -> ConnectionSpec {
    ConnectionSpec { uri: host.uri.clone(), name: Some(host.name.clone()), autoconnect: false }
}
