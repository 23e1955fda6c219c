//! The Migrations page: what is moving, first, then what has moved; guests, and volumes, too.
#![allow(missing_docs)] // of the widgets struct, which relm4's macro writes

mod card;
mod figures;
mod levers;
mod messages;
mod outcome;
mod remedies;
mod task_card;

pub use messages::{MigrationsInput, MigrationsOutput};

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::{Component, ComponentParts, ComponentSender, RelmWidgetExt};

use card::MoveCard;
use levers::{Pull, Wanted};
use task_card::TaskCard;

use crate::i18n::gettext;
use crate::migration::Move;
use crate::model::JobId;
use crate::storage::Task;

/// The page.
pub struct MigrationsPage {
    cards: BTreeMap<JobId, Card>,
    list: gtk::Box,
}

/// A card, by what it is about.
enum Card {
    Move(Box<MoveCard>),
    Task(TaskCard),
}

impl Card {
    const fn widget(&self) -> &gtk::Box {
        match self {
            Self::Move(card) => card.widget(),
            Self::Task(card) => card.widget(),
        }
    }

    const fn waits(&self) -> bool {
        match self {
            Self::Move(card) => card.waits,
            Self::Task(_) => false,
        }
    }

    const fn ended(&self) -> Option<Duration> {
        match self {
            Self::Move(card) => card.ended,
            Self::Task(card) => card.ended,
        }
    }
}

#[relm4::component(pub)]
impl Component for MigrationsPage {
    type Init = ();
    type Input = MigrationsInput;
    type Output = MigrationsOutput;
    type CommandOutput = ();

    view! {
        #[root]
        gtk::Stack {
            #[watch(skip_init)]
            set_visible_child_name: if model.cards.is_empty() { "empty" } else { "list" },

            add_named[Some("empty")] = &adw::StatusPage {
                set_icon_name: Some("network-transmit-receive-symbolic"),
                set_title: &gettext("No Migrations"),
                set_description: Some(&gettext("Choose Migrate… in a guest's menu, or drag it onto another host. Copies of volumes are shown here, too.")),
            },

            add_named[Some("list")] = &gtk::ScrolledWindow {
                set_hscrollbar_policy: gtk::PolicyType::Never,

                adw::Clamp {
                    set_maximum_size: 800,

                    gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_spacing: 12,
                        set_margin_all: 12,

                        #[local_ref]
                        list -> gtk::Box {
                            set_orientation: gtk::Orientation::Vertical,
                            set_spacing: 12,
                        },

                        gtk::Button {
                            set_label: &gettext("Clear Finished"),
                            set_halign: gtk::Align::Center,
                            #[watch]
                            set_visible: model.cards.values().any(|card| card.ended().is_some()),
                            connect_clicked[sender] => move |_| {
                                // The parent is gone only when the program ends.
                                let _ = sender.output(MigrationsOutput::Clear);
                            },
                        },
                    },
                },
            },
        }
    }

    fn init((): (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let list = gtk::Box::default();
        let model = Self { cards: BTreeMap::new(), list: list.clone() };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(
        &mut self,
        message: MigrationsInput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            MigrationsInput::Updated(of) => self.updated(&of, &sender),
            MigrationsInput::Task(task) => self.task(&task, &sender),
            MigrationsInput::Forgotten(jobs) => self.forgotten(&jobs),
        }
    }
}

impl MigrationsPage {
    fn updated(&mut self, of: &Move, sender: &ComponentSender<Self>) {
        let list = &self.list;
        let mut moved = false;
        let card = self.cards.entry(of.job).or_insert_with(|| {
            moved = true;
            let card = MoveCard::new(of, &pull(of.job, sender));
            list.append(card.widget());
            Card::Move(Box::new(card))
        });
        moved |= card.ended().is_some() != of.end.is_some() || card.waits() != of.waits;
        if let Card::Move(card) = card {
            card.show(of);
        }
        if moved {
            self.sort();
        }
    }

    fn task(&mut self, task: &Task, sender: &ComponentSender<Self>) {
        let list = &self.list;
        let mut moved = false;
        let card = self.cards.entry(task.job).or_insert_with(|| {
            moved = true;
            let (job, sender) = (task.job, sender.output_sender().clone());
            let cancel = Rc::new(move || sender.emit(MigrationsOutput::CancelTask(job)));
            let card = TaskCard::new(task, cancel);
            list.append(card.widget());
            Card::Task(card)
        });
        moved |= card.ended().is_some() != task.end.is_some();
        if let Card::Task(card) = card {
            card.show(task);
        }
        if moved {
            self.sort();
        }
    }

    /// Running ones in the order in which they were asked for, then those that wait, then those that are over, the
    /// latest first.
    fn sort(&self) {
        let mut cards: Vec<_> = self.cards.iter().collect();
        cards.sort_by_key(|(job, card)| {
            (card.ended().is_some(), card.waits(), Reverse(card.ended()), **job)
        });
        let mut previous: Option<&gtk::Box> = None;
        for (_, card) in cards {
            self.list.reorder_child_after(card.widget(), previous);
            previous = Some(card.widget());
        }
    }

    fn forgotten(&mut self, jobs: &[JobId]) {
        for job in jobs {
            if let Some(card) = self.cards.remove(job) {
                self.list.remove(card.widget());
            }
        }
    }
}

fn pull(job: JobId, sender: &ComponentSender<MigrationsPage>) -> Pull {
    let sender = sender.output_sender().clone();
    Rc::new(move |wanted| {
        sender.emit(match wanted {
            Wanted::Begin => MigrationsOutput::Begin(job),
            Wanted::Lever(lever) => MigrationsOutput::Steer { job, lever },
            Wanted::Retry(retry) => MigrationsOutput::Retry { job, retry },
        });
    })
}
