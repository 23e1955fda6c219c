//! One host: what it says of itself and how busy it is, and its storage.
#![allow(missing_docs)] // relm4's macro writes `HostWindowWidgets` without any

mod overview;
pub mod storage;

use relm4::adw::prelude::*;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, SimpleComponent,
    adw, gtk,
};

use crate::i18n::gettext;
use crate::model::HostSample;
use crate::ui::views::HostView;

use overview::Overview;
use storage::{StorageInput, StorageOutput, StoragePage};

/// Narrowest width in pixels at which the window is whole.
const NARROWEST: i32 = 360;

/// The window.
pub struct HostWindow {
    view: HostView,
    overview: Overview,
    storage: Controller<StoragePage>,
    stack: adw::ViewStack,
}

/// The tabs of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostTab {
    /// What the host is.
    #[default]
    Overview,
    /// Its pools and volumes.
    Storage,
}

impl HostTab {
    const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Storage => "storage",
        }
    }
}

/// What the window starts with.
#[derive(Debug)]
pub struct HostInit {
    /// The main window.
    pub parent: gtk::Window,
    /// The host.
    pub view: HostView,
    /// Where it is.
    pub uri: String,
    /// What is shown first.
    pub tab: HostTab,
}

/// What the window is told.
#[derive(Debug)]
pub enum HostInput {
    /// The host changed.
    Show(Box<HostView>),
    /// It has new figures.
    Sampled(HostSample),
    /// For the storage tab.
    Storage(StorageInput),
    /// Show this tab.
    ShowTab(HostTab),
}

/// What the window asks for.
#[derive(Debug)]
pub enum HostOutput {
    /// From the storage tab.
    Storage(StorageOutput),
    /// The window was closed.
    Closed,
}

#[relm4::component(pub)]
impl SimpleComponent for HostWindow {
    type Init = HostInit;
    type Input = HostInput;
    type Output = HostOutput;

    view! {
        adw::Window {
            #[watch]
            set_title: Some(&model.view.name),
            set_default_size: (960, 680),
            set_width_request: NARROWEST,
            connect_close_request[sender] => move |_| {
                // The parent is gone only when the program ends.
                let _ = sender.output(HostOutput::Closed);
                gtk::glib::Propagation::Proceed
            },
            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,
                adw::HeaderBar {
                    #[wrap(Some)]
                    #[name = "title"]
                    set_title_widget = &adw::ViewSwitcherTitle {
                        #[watch]
                        set_title: &model.view.name,
                        set_stack: Some(&stack),
                    },
                },
                #[local_ref]
                stack -> adw::ViewStack {
                    set_vexpand: true,
                },
                #[name = "bottom"]
                adw::ViewSwitcherBar {
                    set_stack: Some(&stack),
                },
            }
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let overview = Overview::new(&init.uri);
        overview.show(&init.view);
        let storage =
            StoragePage::builder().launch(()).forward(sender.output_sender(), HostOutput::Storage);
        let stack = adw::ViewStack::new();
        let model = Self { view: init.view, overview, storage, stack: stack.clone() };
        model.add_tabs();
        let widgets = view_output!();
        widgets
            .title
            .bind_property("title-visible", &widgets.bottom, "reveal")
            .sync_create()
            .build();
        root.set_transient_for(Some(&init.parent));
        // On the window they are found by screen readers and scripts, too.
        root.insert_action_group("storage", Some(model.storage.model().actions()));
        model.stack.set_visible_child_name(init.tab.name());
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: HostInput, _: ComponentSender<Self>) {
        match message {
            HostInput::Show(view) => {
                self.view = *view;
                self.overview.show(&self.view);
            }
            HostInput::Sampled(sample) => self.overview.sampled(&self.view, sample),
            HostInput::Storage(input) => self.storage.emit(input),
            HostInput::ShowTab(tab) => self.stack.set_visible_child_name(tab.name()),
        }
    }
}

impl HostWindow {
    fn add_tabs(&self) {
        let overview = adw::PreferencesPage::new();
        overview.add(self.overview.group());
        let name = HostTab::Overview.name();
        let page = self.stack.add_titled(&overview, Some(name), &gettext("Overview"));
        page.set_icon_name(Some("computer-symbolic"));
        let widget = self.storage.widget();
        let page =
            self.stack.add_titled(widget, Some(HostTab::Storage.name()), &gettext("Storage"));
        page.set_icon_name(Some("drive-harddisk-symbolic"));
    }
}
