//! The practice lab from the window: started and stopped away from the main thread.

use std::sync::Arc;

use relm4::{ComponentSender, adw};

use crate::backend::RequestBody;
use crate::i18n::gettext;
use crate::lab::{Interruption, Lab, LabError};
use crate::model::{ConnectionSpec, HostId};
use crate::ui::{error_details, labels, widgets};

use super::{App, AppInput, AppOutcome};

/// Where the lab stands.
pub(super) enum LabState {
    /// There is none.
    Off,
    /// It starts, and a toast says so.
    Starting(adw::Toast),
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
    pub(super) fn start_lab(&mut self, sender: &ComponentSender<Self>) {
        if !matches!(self.lab, LabState::Off) {
            return;
        }
        let toast = widgets::toast(&gettext("The practice lab starts…"));
        toast.set_timeout(0);
        self.toasts.add_toast(toast.clone());
        self.lab = LabState::Starting(toast);
        self.enable_actions();
        let config = self.lab_config.clone();
        sender.spawn_oneshot_command(move || {
            AppOutcome::LabStarted(Lab::start(config).map(Box::new).map_err(Arc::new))
        });
    }

    pub(super) fn lab_started(
        &mut self,
        result: Result<Box<Lab>, Arc<LabError>>,
        sender: &ComponentSender<Self>,
    ) {
        if let LabState::Starting(toast) = &self.lab {
            toast.dismiss();
        }
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
                let title = gettext("The practice lab could not start");
                let (body, label) = (labels::lab::error(&error), gettext("Details"));
                error_details::show(&self.window, &title, &body, &label, &error.to_string());
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
}

/// Ctrl-C and its relatives end the program as the menu does, but ask nothing.
pub(super) fn end_on_signals(sender: &ComponentSender<App>) {
    let input = sender.input_sender().clone();
    if let Err(error) = Interruption::call(move || input.emit(AppInput::Leave(false))) {
        tracing::warn!(%error, "signals end the program without stopping the lab");
    }
}

fn spec(host: &crate::lab::LabHost) -> ConnectionSpec {
    ConnectionSpec { uri: host.uri.clone(), name: Some(host.name.clone()), autoconnect: false }
}
