//! Add a New Storage Pool: name and type, its fields, the hosts, and then it is tried on all of them.
#![allow(missing_docs)] // relm4's macro writes `PoolWizardWidgets` without any

mod advanced;
mod agreeing;
mod choices;
mod discovery;
pub mod draft;
mod fields_page;
pub mod hosts;
mod hosts_page;
mod kind_page;
mod leaving;
mod messages;
mod options;
mod result_page;
mod setting;
mod steps;
mod twin;
mod ways;
mod words;

pub use messages::{Agreement, Edit, Setting, WizardInit, WizardInput, WizardOutput};
pub use setting::{Course, HostSetting, Stage};
pub use twin::Twin;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gio};
use relm4::{ComponentParts, ComponentSender, RelmWidgetExt, SimpleComponent};

use crate::i18n::gettext;
use crate::model::storage::PoolSource;
use crate::model::{Failure, HostId, PoolUuid, SecretUuid};
use crate::storage::PoolField;
use crate::ui::views::storage::PoolHost;
use crate::ui::widgets::dialog;

use discovery::Looking;
use draft::PoolDraft;
use fields_page::FieldsPage;
use hosts_page::HostsPage;
use kind_page::KindPage;
use result_page::ResultPage;
use steps::Step;

/// Narrowest width in pixels at which the wizard is whole.
const NARROWEST: i32 = 360;

/// The wizard. Its root is the window, which the parent makes transient and presents.
pub struct PoolWizard {
    hosts: Vec<PoolHost>,
    draft: PoolDraft,
    /// The pool is there on another host, and the draft has its name alone.
    twin: Option<Twin>,
    wanted: Vec<HostId>,
    step: Step,
    /// The user wanted to go on, so that faults are shown.
    tried: bool,
    looking: Looking,
    course: Course,
    kind_page: KindPage,
    fields_page: FieldsPage,
    hosts_page: HostsPage,
    result_page: ResultPage,
    actions: gio::SimpleActionGroup,
    window: adw::Window,
}

#[relm4::component(pub)]
impl SimpleComponent for PoolWizard {
    type Init = WizardInit;
    type Input = WizardInput;
    type Output = WizardOutput;

    view! {
        adw::Window {
            set_modal: true,
            set_title: Some(&model.window_title()),
            set_default_size: (560, 680),
            set_width_request: NARROWEST,
            set_default_widget: Some(&next),
            insert_action_group: ("wizard", Some(&model.actions)),
            connect_close_request[sender] => move |_| {
                sender.input(WizardInput::Dismissed);
                gtk::glib::Propagation::Stop
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,
                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        set_title: &model.window_title(),
                        #[watch]
                        set_subtitle: &model.subtitle(),
                    },
                    pack_start = &gtk::Button {
                        #[watch]
                        set_label: &model.leave_title(),
                        set_action_name: Some("wizard.cancel"),
                    },
                },
                #[name = "stack"]
                gtk::Stack {
                    set_vexpand: true,
                    set_transition_type: gtk::StackTransitionType::Crossfade,
                    #[watch(skip_init)]
                    set_visible_child_name: model.step.name(),
                    add_named: (&page(model.kind_page.widget()), Some(Step::Kind.name())),
                    add_named: (&page(model.fields_page.widget()), Some(Step::Fields.name())),
                    add_named: (&page(model.hosts_page.widget()), Some(Step::Hosts.name())),
                    add_named: (&page(model.result_page.widget()), Some(Step::Result.name())),
                },
                gtk::Separator {
                    #[watch]
                    set_visible: !model.course.is_busy(),
                },
                gtk::Box {
                    set_spacing: 12,
                    set_margin_all: 12,
                    #[watch]
                    set_visible: !model.course.is_busy(),

                    gtk::Button {
                        set_label: &gettext("Back"),
                        set_action_name: Some("wizard.back"),
                        #[watch]
                        set_visible: model.can_go_back(),
                    },
                    gtk::Button {
                        set_label: &gettext("Undo"),
                        set_action_name: Some("wizard.undo"),
                        set_tooltip_text: Some(&gettext("Takes back what was done on all hosts; contents stay.")),
                        #[watch]
                        set_visible: model.can_undo(),
                    },
                    #[name = "next"]
                    gtk::Button {
                        set_hexpand: true,
                        set_halign: gtk::Align::End,
                        #[watch]
                        set_label: &model.next_title(),
                        set_action_name: Some("wizard.next"),
                        add_css_class: "suggested-action",
                    },
                },
            },
        }
    }

    fn init(
        init: WizardInit,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let input = sender.input_sender();
        let wanted = init.hosts.first().map(|host| host.host).into_iter().collect();
        let mut draft = PoolDraft::new(PoolUuid(init.pool), SecretUuid(init.secret), &init.images);
        let name = init.twin.as_ref().map(|twin| twin.definition.name.clone());
        let name = name.unwrap_or_else(|| hosts::free_name(init.hosts.first()));
        draft.set(PoolField::Name, &name);
        let mut model = Self {
            hosts: init.hosts,
            draft,
            twin: init.twin,
            wanted,
            step: Step::Kind,
            tried: false,
            looking: Looking::Not,
            course: Course::default(),
            kind_page: KindPage::new(input),
            fields_page: FieldsPage::new(input),
            hosts_page: HostsPage::new(input),
            result_page: ResultPage::new(),
            actions: steps::actions(input),
            window: root.clone(),
        };
        let first = model.first_step();
        model.step = first;
        let widgets = view_output!();
        model.go(first);
        model.show();
        widgets.stack.set_visible_child_name(first.name());
        dialog::close_on_escape(&root);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: WizardInput, sender: ComponentSender<Self>) {
        match message {
            WizardInput::HostsChanged(hosts) => self.hosts = hosts,
            WizardInput::Edited(edit) => self.edited(edit),
            WizardInput::Next => self.next(&sender),
            WizardInput::Back => self.back(),
            WizardInput::DiscoverPressed => self.discover(&sender),
            WizardInput::Discovered(found) => self.discovered(found),
            WizardInput::SourceChosen(place) => self.source_chosen(place),
            WizardInput::Happened(what) => self.happened(what, &sender),
            WizardInput::UndoPressed => self.undo(&sender),
            WizardInput::Dismissed => self.leave(&sender),
            WizardInput::XmlRead(xml) => self.xml_read(xml),
            WizardInput::Agreed(Agreement::Stop) => self.stop(&sender),
            WizardInput::Agreed(Agreement::Create) => self.create(&sender),
        }
        self.show();
    }
}

impl PoolWizard {
    fn discovered(&mut self, found: Result<Vec<PoolSource>, Failure>) {
        self.looking = match found {
            Ok(sources) => Looking::Found(sources),
            Err(failure) => Looking::Failed(failure),
        };
    }

    fn source_chosen(&mut self, place: usize) {
        if let Looking::Found(sources) = &self.looking
            && let Some(source) = sources.get(place)
        {
            self.draft.take(source);
        }
    }
}

/// A page that scrolls, in the middle of a wide window.
fn page(content: &gtk::Box) -> gtk::ScrolledWindow {
    content.set_margin_all(12);
    let clamp = adw::Clamp::builder().maximum_size(560).child(content).build();
    gtk::ScrolledWindow::builder().hscrollbar_policy(gtk::PolicyType::Never).child(&clamp).build()
}
