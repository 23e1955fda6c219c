//! One guest: what it is, what it does, its XML.
#![allow(missing_docs)] // relm4's macro writes `GuestWindowWidgets` without any

use std::collections::VecDeque;

use relm4::adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw, gtk};

use crate::i18n::gettext;
use crate::model::{Failure, GuestAction, GuestSample, HISTORY, remember};
use crate::ui::enabled::{GuestMenu, guest_menu};
use crate::ui::labels;
use crate::ui::views::GuestView;
use crate::ui::widgets::{accessible, facts, sparkline};

/// The window.
#[derive(Debug)]
pub struct GuestWindow {
    view: GuestView,
    facts: Facts,
    xml: gtk::TextBuffer,
    graph: gtk::DrawingArea,
    history: std::rc::Rc<std::cell::RefCell<VecDeque<f32>>>,
}

#[derive(Debug)]
struct Facts {
    group: adw::PreferencesGroup,
    figures: adw::PreferencesGroup,
    state: gtk::Label,
    host: gtk::Label,
    uuid: gtk::Label,
    vcpus: gtk::Label,
    memory: gtk::Label,
    kept: gtk::Label,
    cpu: gtk::Label,
    used: gtk::Label,
    disk: gtk::Label,
    network: gtk::Label,
}

/// What the window starts with.
#[derive(Debug)]
pub struct GuestInit {
    /// The main window.
    pub parent: gtk::Window,
    /// The guest.
    pub view: GuestView,
    /// Its processor use so far, oldest first.
    pub history: VecDeque<f32>,
}

/// What the window is told.
#[derive(Debug)]
pub enum GuestInput {
    /// The guest changed.
    Show(Box<GuestView>),
    /// It has new figures.
    Sampled(GuestSample),
    /// Its XML arrived.
    Xml(Result<String, Failure>),
    /// It is gone from its host.
    Gone,
    /// The user pressed the button that pauses a running guest and resumes a paused one.
    PauseToggled,
}

/// What the user wants of the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestOutput {
    /// Do this to it.
    Act(GuestAction),
    /// Open the Migrate dialog.
    Migrate,
    /// The window was closed.
    Closed,
}

#[relm4::component(pub)]
impl SimpleComponent for GuestWindow {
    type Init = GuestInit;
    type Input = GuestInput;
    type Output = GuestOutput;

    view! {
        adw::Window {
            #[watch]
            set_title: Some(&model.view.guest.name),
            set_default_width: 560,
            set_default_height: 640,
            connect_close_request[sender] => move |_| {
                let _ = sender.output(GuestOutput::Closed);
                gtk::glib::Propagation::Proceed
            },

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    #[wrap(Some)]
                    set_title_widget = &adw::ViewSwitcherTitle {
                        set_stack: Some(&stack),
                        #[watch]
                        set_title: &model.view.guest.name,
                    },
                    pack_start = &gtk::Button {
                        set_icon_name: "media-playback-start-symbolic",
                        set_tooltip_text: Some(&gettext("Run")),
                        #[watch]
                        set_sensitive: model.menu().run,
                        connect_clicked[sender] => move |_| act(&sender, GuestAction::Run),
                    },
                    pack_start = &gtk::Button {
                        #[watch]
                        set_icon_name: if model.menu().resume { "media-playback-start-symbolic" } else { "media-playback-pause-symbolic" },
                        #[watch]
                        set_tooltip_text: Some(&if model.menu().resume { gettext("Resume") } else { gettext("Pause") }),
                        #[watch]
                        set_sensitive: model.menu().pause || model.menu().resume,
                        connect_clicked => GuestInput::PauseToggled,
                    },
                    pack_start = &gtk::Button {
                        set_icon_name: "system-shutdown-symbolic",
                        set_tooltip_text: Some(&gettext("Shut Down")),
                        #[watch]
                        set_sensitive: model.menu().shut_down,
                        connect_clicked[sender] => move |_| act(&sender, GuestAction::ShutDown),
                    },
                    pack_end = &gtk::Button {
                        set_label: &gettext("Migrate…"),
                        #[watch]
                        set_sensitive: model.menu().migrate,
                        connect_clicked[sender] => move |_| {
                            let _ = sender.output(GuestOutput::Migrate);
                        },
                    },
                },
                #[local_ref]
                stack -> adw::ViewStack {
                    set_vexpand: true,
                    add_titled[Some("overview"), &gettext("Overview")] = &adw::PreferencesPage {
                        add: &model.facts.group,
                        add: &model.facts.figures,
                    } -> {
                        set_icon_name: Some("computer-symbolic"),
                    },
                    add_titled[Some("xml"), &gettext("XML")] = &gtk::ScrolledWindow {
                        gtk::TextView {
                            set_buffer: Some(&model.xml),
                            set_editable: false,
                            set_monospace: true,
                            set_left_margin: 12,
                            set_right_margin: 12,
                            set_top_margin: 12,
                            set_bottom_margin: 12,
                        },
                    } -> {
                        set_icon_name: Some("text-x-generic-symbolic"),
                    },
                },
            }
        }
    }

    fn init(
        init: GuestInit,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let graph = gtk::DrawingArea::builder().height_request(72).hexpand(true).build();
        let facts = Facts::new(&graph, &sender, init.view.guest.autostart);
        let history = std::rc::Rc::new(std::cell::RefCell::new(init.history));
        draw(&graph, &history);
        let model =
            Self { view: init.view, facts, xml: gtk::TextBuffer::new(None), graph, history };
        model.show_facts();
        model.show_sample(GuestSample::default());
        let stack = adw::ViewStack::new();
        let widgets = view_output!();
        root.set_transient_for(Some(&init.parent));
        accessible::set_name(&root, &model.view.guest.name);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: GuestInput, sender: ComponentSender<Self>) {
        match message {
            GuestInput::Show(view) => {
                self.view = *view;
                self.show_facts();
            }
            GuestInput::Sampled(sample) => self.sampled(sample),
            GuestInput::Xml(Ok(text)) => self.xml.set_text(&text),
            GuestInput::Xml(Err(failure)) => {
                self.xml.set_text(&labels::failure::paragraph(&failure));
            }
            GuestInput::PauseToggled => self.toggle_pause(&sender),
            GuestInput::Gone => facts::set(&self.facts.state, &gettext("No longer on this host")),
        }
    }
}

fn act(sender: &ComponentSender<GuestWindow>, action: GuestAction) {
    let _ = sender.output(GuestOutput::Act(action));
}

fn draw(graph: &gtk::DrawingArea, history: &std::rc::Rc<std::cell::RefCell<VecDeque<f32>>>) {
    let history = std::rc::Rc::clone(history);
    graph.set_draw_func(move |area, context, width, height| {
        let values = history.borrow();
        let size = (f64::from(width), f64::from(height));
        sparkline::draw(area, context, size, values.iter().copied(), HISTORY);
    });
}

impl GuestWindow {
    fn menu(&self) -> GuestMenu {
        if self.view.fresh {
            guest_menu(&self.view.guest, &self.view.place)
        } else {
            GuestMenu::default()
        }
    }

    fn toggle_pause(&self, sender: &ComponentSender<Self>) {
        let resumes = self.menu().resume;
        act(sender, if resumes { GuestAction::Resume } else { GuestAction::Pause });
    }

    fn show_facts(&self) {
        let guest = &self.view.guest;
        facts::set(&self.facts.state, &labels::guest_view_state(&self.view));
        facts::set(&self.facts.host, &self.view.host_name);
        facts::set(&self.facts.uuid, &guest.key.uuid.to_string());
        facts::set(&self.facts.vcpus, &guest.vcpus.to_string());
        facts::set(&self.facts.memory, &labels::bytes(guest.memory_max));
        let kept = if guest.persistent {
            gettext("Yes")
        } else {
            gettext("No: it is forgotten here when it is shut down")
        };
        facts::set(&self.facts.kept, &kept);
    }

    fn sampled(&self, sample: GuestSample) {
        remember(&mut self.history.borrow_mut(), sample.cpu);
        self.show_sample(sample);
        self.graph.queue_draw();
    }

    fn show_sample(&self, sample: GuestSample) {
        let both = |first: u64, second: u64| {
            crate::i18n::gettext_f(
                "{in} in, {out} out",
                &[("in", &labels::rate(first)), ("out", &labels::rate(second))],
            )
        };
        facts::set(&self.facts.cpu, &labels::percent(sample.cpu));
        facts::set(&self.facts.used, &labels::bytes(sample.memory));
        facts::set(&self.facts.disk, &both(sample.disk_read, sample.disk_write));
        facts::set(&self.facts.network, &both(sample.net_receive, sample.net_send));
        accessible::set_value_text(&self.graph, &labels::percent(sample.cpu));
    }
}

impl Facts {
    fn new(
        graph: &gtk::DrawingArea,
        sender: &ComponentSender<GuestWindow>,
        autostarts: bool,
    ) -> Self {
        let group = adw::PreferencesGroup::new();
        let state = facts::row(&group, &gettext("State"));
        let host = facts::row(&group, &gettext("Host"));
        let uuid = facts::row(&group, &gettext("UUID"));
        let vcpus = facts::row(&group, &gettext("Virtual processors"));
        let memory = facts::row(&group, &gettext("Memory"));
        let kept = facts::row(&group, &gettext("Defined on this host"));
        autostart(&group, sender, autostarts);
        let figures = adw::PreferencesGroup::builder().title(gettext("Figures")).build();
        accessible::set_name(graph, &gettext("Processor use over time"));
        figures.add(graph);
        let cpu = facts::row(&figures, &gettext("CPU"));
        let used = facts::row(&figures, &gettext("Memory used at the host"));
        let disk = facts::row(&figures, &gettext("Disk I/O"));
        let network = facts::row(&figures, &gettext("Network I/O"));
        Self { group, figures, state, host, uuid, vcpus, memory, kept, cpu, used, disk, network }
    }
}

fn autostart(
    group: &adw::PreferencesGroup,
    sender: &ComponentSender<GuestWindow>,
    autostarts: bool,
) {
    let title = gettext("Start when the host starts");
    let row = adw::ActionRow::builder().title(&title).build();
    let switch = gtk::Switch::builder().valign(gtk::Align::Center).active(autostarts).build();
    accessible::set_name(&switch, &title);
    let output = sender.output_sender().clone();
    switch.connect_active_notify(move |switch| {
        output.emit(GuestOutput::Act(GuestAction::SetAutostart(switch.is_active())));
    });
    row.add_suffix(&switch);
    row.set_activatable_widget(Some(&switch));
    group.add(&row);
}
