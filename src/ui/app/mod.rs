//! The root: the inventory, the windows, who is told what. Only this module knows windows.
#![allow(missing_docs)] // relm4's macro writes `AppWidgets` without any

mod actions;
mod aftermath;
mod command;
mod events;
mod exported;
mod failures;
mod forecasts;
mod lab;
mod leaving;
mod messages;
mod moves;
mod pages;
mod records;
mod remembered;
mod rows;
mod site;
mod storage;
mod turns;
mod view;
mod windows;

pub use command::{AppCommand, Command, GuestCommand, HostCommand, Order};
pub use messages::{AppInit, AppInput, AppOutcome};
pub use pages::Page;
pub use storage::StorageDialogOutput;

use std::collections::HashMap;

use relm4::adw::prelude::*;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};

use crate::backend::{Backend, Request, RequestBody};
use crate::i18n::gettext;
use crate::lab::LabConfig;
use crate::migration::{MigrationPlan, Moves};
use crate::model::{ConnectionSpec, HostId, Inventory, JobId};
use crate::settings::Settings;
use crate::ui::grid::GridPage;
use crate::ui::history::HistoryPage;
use crate::ui::manager::{ManagerInput, ManagerPage, RowId};
use crate::ui::migrations::MigrationsPage;
use crate::ui::widgets;

use failures::Pending;
use lab::LabState;
use moves::Party;
use pages::Pages;
use records::Records;
use storage::Storage;
use windows::Windows;

/// The program.
pub struct App {
    backend: Backend,
    settings: Settings,
    inventory: Inventory,
    moves: Moves,
    records: Records,
    /// Moves that are being cancelled, and how each is to be begun anew.
    again: HashMap<JobId, MigrationPlan>,
    pending: HashMap<JobId, Pending>,
    selected: Vec<RowId>,
    next_host: u32,
    /// Hosts that are not remembered: the lab's, and those of the command line.
    passing: Vec<HostId>,
    lab: LabState,
    lab_config: LabConfig,
    windows: Windows,
    party: Party,
    storage: Storage,
    started: std::time::Instant,
    /// When that was, since the epoch: all times of moves are told so, across lives of the program.
    epoch: std::time::Duration,
    inhibited: Option<u32>,
    /// How many moves wait was told last in this.
    told_waiting: Option<adw::Toast>,
    leaving: bool,
    window: adw::ApplicationWindow,
    toasts: adw::ToastOverlay,
    actions: HashMap<&'static str, gtk::gio::SimpleAction>,
    manager: Controller<ManagerPage>,
    migrations: Controller<MigrationsPage>,
    grid: Controller<GridPage>,
    grid_watched: bool,
    history: Controller<HistoryPage>,
    stack: adw::ViewStack,
    moves_page: adw::ViewStackPage,
}

#[relm4::component(pub)]
impl Component for App {
    type Init = AppInit;
    type Input = AppInput;
    type Output = ();
    type CommandOutput = AppOutcome;

    view! {
        adw::ApplicationWindow {
            set_title: Some("Vireo"),
            set_icon_name: Some(crate::config::APP_ID),
            connect_close_request[sender] => move |_| {
                sender.input(AppInput::Leave(true));
                gtk::glib::Propagation::Stop
            },

            #[local_ref]
            toasts -> adw::ToastOverlay {
                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,

                    adw::HeaderBar {
                        pack_start: &view::icon_button("list-add-symbolic", &gettext("Add Connection"), "win.add-connection"),
                        #[name = "search_button"]
                        pack_start = &gtk::ToggleButton {
                            set_icon_name: "system-search-symbolic",
                            set_tooltip_text: Some(&gettext("Search")),
                        },
                        #[wrap(Some)]
                        #[name = "title"]
                        set_title_widget = &adw::ViewSwitcherTitle {
                            set_title: "Vireo",
                            set_stack: Some(&stack),
                        },
                        #[name = "menu_button"]
                        pack_end = &gtk::MenuButton {
                            set_icon_name: "open-menu-symbolic",
                            set_tooltip_text: Some(&gettext("Main Menu")),
                            set_primary: true,
                            set_menu_model: Some(&view::main_menu()),
                        },
                    },
                    #[name = "search_bar"]
                    gtk::SearchBar {
                        #[wrap(Some)]
                        #[name = "search_entry"]
                        set_child = &gtk::SearchEntry {
                            set_placeholder_text: Some(&gettext("Search guests by name")),
                            set_hexpand: true,
                            set_max_width_chars: 40,
                        },
                    },
                    append: &view::toolbar(),
                    #[local_ref]
                    stack -> adw::ViewStack {
                        set_vexpand: true,
                    },
                    #[name = "bottom"]
                    adw::ViewSwitcherBar {
                        set_stack: Some(&stack),
                    },
                },
            },
        }
    }

    fn init(
        init: AppInit,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let AppInit { backend, events, settings, journals, extra, lab, start_lab } = init;
        let (journals, news) = journals;
        let toasts = adw::ToastOverlay::new();
        let stack = adw::ViewStack::new();
        let pages = Pages::launch(journals.clone(), &stack, &sender);
        let mut model = Self {
            backend,
            settings,
            inventory: Inventory::default(),
            moves: Moves::default(),
            records: Records::start(journals, news, &sender),
            again: HashMap::new(),
            pending: HashMap::new(),
            selected: Vec::new(),
            next_host: 1,
            passing: Vec::new(),
            lab: LabState::Off,
            lab_config: lab,
            windows: Windows::default(),
            party: Party::default(),
            storage: Storage::default(),
            started: std::time::Instant::now(),
            epoch: std::time::UNIX_EPOCH.elapsed().unwrap_or_default(),
            inhibited: None,
            told_waiting: None,
            leaving: false,
            window: root.clone(),
            toasts: toasts.clone(),
            actions: actions::register(&root, &sender),
            manager: pages.manager,
            migrations: pages.migrations,
            grid: pages.grid,
            grid_watched: false,
            history: pages.history,
            stack: stack.clone(),
            moves_page: pages.moves_page,
        };
        let widgets = view_output!();
        view::wire(&widgets, &model, &root);
        aftermath::register(&root, &sender);
        events::follow(events, &sender);
        lab::end_on_signals(&sender);
        model.add_remembered(extra);
        if start_lab {
            model.start_lab(&sender);
        }
        model.enable_actions();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: AppInput, sender: ComponentSender<Self>, _: &Self::Root) {
        match message {
            AppInput::Happened(events) => self.happened(events, &sender),
            AppInput::Do(command) => self.command(command, &sender),
            AppInput::Confirmed(order) => self.carry_out(order, &sender),
            AppInput::Page(page) => self.page_said(page, &sender),
            AppInput::Plan(output) => self.plan_said(output),
            AppInput::Connect(output) => self.connect_said(output),
            AppInput::Answered(job, answer) => _ = self.send(job, RequestBody::Answer(answer)),
            AppInput::GuestWindow(guest, output) => self.guest_said(guest, output, &sender),
            AppInput::HostWindow(host, output) => self.host_said(host, output, &sender),
            AppInput::StorageDialog(output) => self.storage_dialog_said(output),
            AppInput::Leave(ask) => self.leave(ask, &sender),
        }
    }

    fn update_cmd(&mut self, outcome: AppOutcome, sender: ComponentSender<Self>, _: &Self::Root) {
        match outcome {
            AppOutcome::LabStarted(result) => self.lab_started(result, &sender),
            AppOutcome::LabStopped => self.lab_stopped(),
            AppOutcome::Remembered(remembered) => self.remembered(*remembered),
            AppOutcome::Journal(news) => self.journal_told(news),
            AppOutcome::DisksDue => self.disks_due(),
            AppOutcome::Ready => self.end(),
        }
    }
}

impl App {
    fn page_said(&mut self, page: Page, sender: &ComponentSender<Self>) {
        match page {
            Page::Tree(output) => self.tree_said(output, sender),
            Page::Moves(output) => self.moves_said(output, sender),
            Page::History(output) => self.history_said(output, sender),
            Page::Grid(output) => self.grid_said(output, sender),
        }
    }

    /// Hands a request to the backend under its own job.
    fn ask(&mut self, body: RequestBody) -> JobId {
        let job = self.backend.next_job();
        self.send(job, body);
        job
    }

    /// Hands a request to the backend and remembers what it is for.
    fn ask_for(&mut self, pending: Pending, body: RequestBody) {
        let job = self.ask(body);
        self.pending.insert(job, pending);
    }

    /// Whether the backend took it; a refusal is told.
    fn send(&mut self, job: JobId, body: RequestBody) -> bool {
        let taken = self.backend.submit(Request { job, body }).is_ok();
        if !taken {
            self.toast(&gettext("Too much is asked at once. Try again in a moment."));
        }
        taken
    }

    fn toast(&self, text: &str) {
        self.toasts.add_toast(widgets::toast(text));
    }

    /// The hosts of the last time, and those that were named on the command line. They are opened
    /// when the window is on its way to the screen: the processors belong to it until then.
    fn add_remembered(&mut self, extra: Vec<ConnectionSpec>) {
        let mut opening = Vec::new();
        for spec in self.settings.connections() {
            let host = self.add_host(spec.clone());
            if spec.autoconnect {
                opening.push((host, spec));
            }
        }
        for spec in extra {
            opening.push((self.add_passing(spec.clone()), spec));
        }
        let backend = self.backend.clone();
        gtk::glib::idle_add_local_once(move || {
            for (host, spec) in opening {
                let job = backend.next_job();
                if backend.submit(Request { job, body: RequestBody::Open { host, spec } }).is_err()
                {
                    tracing::error!(host = host.0, "not opened: too much is asked at once");
                }
            }
        });
    }

    /// A host that is not remembered.
    fn add_passing(&mut self, spec: ConnectionSpec) -> HostId {
        let host = self.add_host(spec);
        self.passing.push(host);
        host
    }

    fn add_host(&mut self, spec: ConnectionSpec) -> HostId {
        let host = HostId(self.next_host);
        self.next_host += 1;
        let change = self.inventory.add_host(host, spec);
        self.show(&[change]);
        host
    }

    /// Opens a connection.
    fn open(&mut self, host: HostId) {
        let spec = self.inventory.host(host).map(|entry| entry.spec.clone());
        if let Some(spec) = spec {
            self.ask(RequestBody::Open { host, spec });
        }
    }

    /// Writes down the connections that are to be remembered.
    fn remember(&self) {
        let kept = self.inventory.hosts().filter(|(id, _)| !self.passing.contains(id));
        let specs: Vec<ConnectionSpec> = kept.map(|(_, host)| host.spec.clone()).collect();
        if let Err(error) = self.settings.set_connections(&specs) {
            tracing::warn!(%error, "connections not remembered");
        }
    }

    fn tell_tree(&self, input: ManagerInput) {
        self.manager.emit(input);
    }
}
