//! The Storage tab: pools on the left, the volumes of the chosen one on the right.
#![allow(missing_docs)] // relm4's macro writes `StoragePageWidgets` without any

mod actions;
mod carry_out;
mod columns;
mod commands;
mod details;
mod forms;
mod messages;
mod pool_list;
mod questions;
mod volume_row;
mod volume_table;
mod xml_window;

pub use commands::{Command, PoolCommand, VolumeCommand, provable_with};
pub use messages::{Answered, StorageInput, StorageOutput, VolumeChange, XmlChange, XmlNews};

use relm4::adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, RelmWidgetExt, SimpleComponent, adw, gtk};

use crate::i18n::{gettext, gettext_f};
use crate::model::Failure;
use crate::model::storage::PoolKey;
use crate::ui::labels;
use crate::ui::views::storage::{PoolView, PoolsView, VolumeView};
use crate::ui::widgets::{toast, toast_for};

use actions::Actions;
use details::Details;
use pool_list::PoolList;
use volume_table::VolumeTable;
use xml_window::XmlWindow;

/// The tab.
pub struct StoragePage {
    pools: PoolsView,
    chosen: Option<PoolKey>,
    /// The volumes of the chosen pool have come.
    listed: bool,
    list: PoolList,
    details: Details,
    table: VolumeTable,
    actions: Actions,
    search: gtk::SearchEntry,
    /// The text of a pool that is being edited.
    xml: Option<XmlWindow>,
    leaflet: adw::Leaflet,
    toasts: adw::ToastOverlay,
    /// What was told last: it goes when something newer is told.
    told: Option<adw::Toast>,
}

#[relm4::component(pub)]
impl SimpleComponent for StoragePage {
    type Init = ();
    type Input = StorageInput;
    type Output = StorageOutput;

    view! {
        #[root]
        adw::ToastOverlay {
            insert_action_group: ("storage", Some(model.actions.group())),
            connect_map => StorageInput::Seen,

            #[local_ref]
            leaflet -> adw::Leaflet {
                set_can_navigate_back: true,
                set_can_unfold: true,

                #[name = "left"]
                append = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_width_request: 250,

                    gtk::Stack {
                        set_vexpand: true,
                        #[watch(skip_init)]
                        set_visible_child_name: model.left(),
                        add_named[Some("pools")] = &gtk::ScrolledWindow {
                            set_hscrollbar_policy: gtk::PolicyType::Never,
                            set_child: Some(model.list.widget()),
                        },
                        add_named[Some("empty")] = &adw::StatusPage {
                            set_icon_name: Some("drive-harddisk-symbolic"),
                            #[watch]
                            set_title: &model.empty_title(),
                            #[watch]
                            set_description: Some(&gtk::glib::markup_escape_text(&model.empty_text())),
                            add_css_class: "compact",
                        },
                    },
                    gtk::Separator {},
                    append: &actions::pool_bar(),
                },
                #[name = "between"]
                append = &gtk::Separator {
                    set_orientation: gtk::Orientation::Vertical,
                },
                #[name = "right"]
                append = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_margin_all: 12,
                    set_hexpand: true,
                    #[watch]
                    set_visible: model.pool().is_some(),

                    #[name = "back"]
                    gtk::Button {
                        set_halign: gtk::Align::Start,
                        set_label: &gettext("Back to the Pools"),
                        add_css_class: "flat",
                    },
                    append: model.details.widget(),
                    append: &actions::volume_bar(&model.search),
                    gtk::Stack {
                        set_vexpand: true,
                        #[watch(skip_init)]
                        set_visible_child_name: model.right(),
                        add_named: (model.table.widget(), Some("volumes")),
                        add_named[Some("none")] = &adw::StatusPage {
                            set_icon_name: Some("media-floppy-symbolic"),
                            #[watch]
                            set_title: &model.none_title(),
                            #[watch]
                            set_description: Some(&model.none_text()),
                            add_css_class: "compact",
                        },
                    },
                },
            },
        }
    }

    fn init((): (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let toasts = root.clone();
        let leaflet = adw::Leaflet::new();
        let model = Self::build(&toasts, &leaflet, &sender);
        let widgets = view_output!();
        leaflet.page(&widgets.between).set_navigatable(false);
        leaflet.bind_property("folded", &widgets.back, "visible").sync_create().build();
        let narrow = leaflet.downgrade();
        widgets.back.connect_clicked(move |_| {
            narrow.upgrade().iter().for_each(|leaflet| {
                leaflet.navigate(adw::NavigationDirection::Back);
            });
        });
        root.add_controller(actions::keys());
        model.show_actions();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: StorageInput, sender: ComponentSender<Self>) {
        match message {
            StorageInput::Pools(pools) => self.show_pools(pools, &sender),
            StorageInput::Volumes(pool, volumes) => self.show_volumes(pool, volumes),
            StorageInput::Xml(pool, news) => self.xml_news(pool, news, &sender),
            StorageInput::Failed(title, failure) => self.failed(&title, failure, &sender),
            StorageInput::Told(text, stays) => self.told(toast_for(&text, stays)),
            StorageInput::Seen => tell(&sender, StorageOutput::Look),
            StorageInput::PoolChosen(place) => self.pool_chosen(place, &sender),
            StorageInput::Search(text) => self.table.search(&text),
            StorageInput::SelectionChanged => {}
            StorageInput::MenuRequested(place) => {
                self.table.open_menu(&actions::volume_menu(), place);
            }
            StorageInput::Do(command) => self.command(command, &sender),
            StorageInput::Answered(answer) => answered(answer, &sender),
        }
        self.show_actions();
    }

    fn shutdown(&mut self, _: &mut Self::Widgets, _: relm4::Sender<StorageOutput>) {
        self.table.shut_down();
    }
}

/// The parent is gone only when the window closes.
fn tell(sender: &ComponentSender<StoragePage>, output: StorageOutput) {
    let _ = sender.output(output);
}

fn answered(answer: Answered, sender: &ComponentSender<StoragePage>) {
    tell(
        sender,
        match answer {
            Answered::Pool(pool, action) => StorageOutput::Act(pool, action),
            Answered::Redefine(pool, change) => StorageOutput::Redefine(pool, change),
            Answered::Volumes(volumes, change) => StorageOutput::Change(volumes, change),
            Answered::Upload(pool, file) => StorageOutput::Upload(pool, file),
        },
    );
}

impl StoragePage {
    /// What can be done in the tab, as actions named in [`Command`]'s menus.
    #[must_use]
    pub const fn actions(&self) -> &gtk::gio::SimpleActionGroup {
        self.actions.group()
    }

    fn build(
        toasts: &adw::ToastOverlay,
        leaflet: &adw::Leaflet,
        sender: &ComponentSender<Self>,
    ) -> Self {
        let input = sender.input_sender();
        let to = input.clone();
        let list = PoolList::new(move |place| to.emit(StorageInput::PoolChosen(place)));
        let to = input.clone();
        let actions = Actions::new(move |command| to.emit(StorageInput::Do(command)));
        let output = sender.output_sender().clone();
        let details = Details::new(move |pool, host| {
            output.emit(StorageOutput::AddPool(Some((pool, host))));
        });
        let table = VolumeTable::new();
        let (to, menu) = (input.clone(), input.clone());
        table.wire(
            move || to.emit(StorageInput::SelectionChanged),
            move |place| menu.emit(StorageInput::MenuRequested(place)),
        );
        let search = gtk::SearchEntry::new();
        let to = input.clone();
        search.connect_search_changed(move |entry| {
            to.emit(StorageInput::Search(entry.text().into()));
        });
        Self {
            pools: PoolsView::Reading,
            chosen: None,
            listed: false,
            list,
            details,
            table,
            actions,
            search,
            xml: None,
            leaflet: leaflet.clone(),
            toasts: toasts.clone(),
            told: None,
        }
    }

    fn listed(&self) -> &[PoolView] {
        match &self.pools {
            PoolsView::Listed(pools) => pools,
            PoolsView::NotConnected | PoolsView::Reading | PoolsView::Failed(_) => &[],
        }
    }

    fn pool(&self) -> Option<&PoolView> {
        self.listed().iter().find(|view| Some(view.pool.key) == self.chosen)
    }

    fn show_actions(&self) {
        let listed = matches!(self.pools, PoolsView::Listed(_));
        self.actions.show(listed, self.pool(), &self.table.selected());
    }

    fn show_pools(&mut self, mut pools: PoolsView, sender: &ComponentSender<Self>) {
        if let PoolsView::Listed(pools) = &mut pools {
            pools.sort_by_key(|view| view.pool.name().to_lowercase());
        }
        let was_active = self.pool().map(|view| view.pool.state.is_active());
        self.pools = pools;
        if self.pool().is_none() {
            let first = self.listed().first().map(|view| view.pool.key);
            self.choose(first, sender);
        } else if was_active != self.pool().map(|view| view.pool.state.is_active()) {
            self.choose(self.chosen, sender);
        }
        self.list.show(self.listed(), self.chosen);
        self.show_details();
    }

    fn show_details(&mut self) {
        let chosen = self.pool().cloned();
        if let Some(view) = chosen {
            self.details.show(&view);
        }
    }

    fn choose(&mut self, pool: Option<PoolKey>, sender: &ComponentSender<Self>) {
        self.chosen = pool;
        self.listed = false;
        self.table.clear(pool);
        let active = self.pool().is_some_and(|view| view.pool.state.is_active());
        tell(sender, StorageOutput::ShowPool(pool.filter(|_| active)));
    }

    fn pool_chosen(&mut self, place: i32, sender: &ComponentSender<Self>) {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let pool = self.listed().get(place).map(|view| view.pool.key);
        if pool != self.chosen {
            self.choose(pool, sender);
            self.list.show(self.listed(), self.chosen);
            self.show_details();
        }
        self.leaflet.navigate(adw::NavigationDirection::Forward);
    }

    fn show_volumes(&mut self, pool: PoolKey, volumes: Vec<VolumeView>) {
        self.listed |= self.chosen == Some(pool);
        self.table.show(pool, volumes);
    }

    fn told(&mut self, shown: adw::Toast) {
        self.dismiss_told();
        self.told = Some(shown.clone());
        self.toasts.add_toast(shown);
    }

    fn dismiss_told(&self) {
        self.told.iter().for_each(adw::Toast::dismiss);
    }

    fn failed(&self, title: &str, failure: Failure, sender: &ComponentSender<Self>) {
        let shown = toast(&gettext_f(
            "{title}: {why}",
            &[("title", title), ("why", &labels::storage_failure::headline(&failure))],
        ));
        self.dismiss_told();
        shown.set_button_label(Some(&gettext("Details")));
        shown.set_timeout(10);
        shown.set_priority(adw::ToastPriority::High);
        let (output, title) = (sender.output_sender().clone(), title.to_owned());
        shown.connect_button_clicked(move |_| {
            output.emit(StorageOutput::Details(title.clone(), failure.clone()));
        });
        self.toasts.add_toast(shown);
    }
}
