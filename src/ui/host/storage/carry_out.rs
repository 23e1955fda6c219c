//! What happens when a command is given.

use relm4::adw::prelude::*;
use relm4::{ComponentSender, gtk};

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::model::storage::{BuildMode, Pool, PoolAction, PoolKey, VolumeKey};
use crate::storage::abilities;
use crate::ui::views::storage::{PoolView, PoolsView};
use crate::ui::widgets::{dialog, toast};

use super::{
    Answered, Command, PoolCommand, StorageInput, StorageOutput, StoragePage, VolumeCommand,
    XmlNews, forms, questions, tell, xml_window::XmlWindow,
};

impl StoragePage {
    pub(super) fn command(&self, command: Command, sender: &ComponentSender<Self>) {
        match (command, self.pool()) {
            (Command::AddPool, _) => tell(sender, StorageOutput::AddPool(None)),
            (Command::Pool(command), Some(view)) => self.pool_command(command, view, sender),
            (Command::Volume(command), Some(view)) => {
                self.volume_command(command, view.pool.key, sender);
            }
            (Command::Pool(_) | Command::Volume(_), None) => {}
        }
    }

    fn pool_command(&self, command: PoolCommand, view: &PoolView, sender: &ComponentSender<Self>) {
        let pool = view.pool.key;
        match command {
            PoolCommand::Start => self.act(view, PoolAction::Start, sender),
            PoolCommand::Stop => self.act(view, PoolAction::Stop, sender),
            PoolCommand::Autostart => {
                self.act(view, PoolAction::SetAutostart(!view.pool.autostart), sender);
            }
            PoolCommand::Refresh => self.act(view, PoolAction::Refresh, sender),
            PoolCommand::Build => {
                let mode = abilities(view.pool.kind()).building.modes().first().copied();
                self.act(view, PoolAction::Build(mode.unwrap_or_default()), sender);
            }
            PoolCommand::Overwrite => {
                self.act(view, PoolAction::Build(BuildMode::Overwrite), sender);
            }
            PoolCommand::Delete => self.act(view, PoolAction::Undefine, sender),
            PoolCommand::DeleteContents => self.act(view, PoolAction::DeleteContents, sender),
            PoolCommand::Xml => tell(sender, StorageOutput::ReadXml(pool)),
            PoolCommand::Prove => tell(sender, StorageOutput::Prove(pool)),
            PoolCommand::NewVolume => tell(sender, StorageOutput::NewVolume(pool)),
            PoolCommand::Upload => self.with_window(|window| {
                forms::upload(window, pool, to(sender));
            }),
        }
    }

    /// Does a small thing to a pool, after a question where something could be lost.
    fn act(&self, view: &PoolView, action: PoolAction, sender: &ComponentSender<Self>) {
        let pool = view.pool.key;
        match questions::about_pool(view, action) {
            None => tell(sender, StorageOutput::Act(pool, action)),
            Some(text) => self.with_window(|window| {
                let answered = to(sender);
                dialog::confirm(window, &text, move || answered(Answered::Pool(pool, action)));
            }),
        }
    }

    fn volume_command(
        &self,
        command: VolumeCommand,
        pool: PoolKey,
        sender: &ComponentSender<Self>,
    ) {
        let volumes = self.table.selected();
        let key = |name: &str| VolumeKey { pool, name: name.to_owned() };
        let keys: Vec<VolumeKey> = volumes.iter().map(|view| key(&view.volume.name)).collect();
        let (Some(first), Some(first_key)) = (volumes.first(), keys.first().cloned()) else {
            return;
        };
        self.with_window(|window| match command {
            VolumeCommand::Resize => forms::resize(window, first, first_key, to(sender)),
            VolumeCommand::Rename => {
                if !questions::refused(window, &volumes) {
                    forms::rename(window, first, first_key, to(sender));
                }
            }
            VolumeCommand::Copy => tell(sender, StorageOutput::Copy(first_key)),
            VolumeCommand::Download => questions::download(window, first, first_key, to(sender)),
            VolumeCommand::Wipe => {
                if !questions::refused(window, &volumes) {
                    forms::wipe(window, &volumes, keys, to(sender));
                }
            }
            VolumeCommand::Delete => {
                if !questions::refused(window, &volumes) {
                    questions::delete(window, &volumes, keys, to(sender));
                }
            }
            VolumeCommand::CopyPath => self.copy_paths(window),
        });
    }

    fn copy_paths(&self, window: &gtk::Window) {
        let volumes = self.table.selected();
        let paths = volumes.iter().filter_map(|view| view.volume.details.as_ref());
        let paths: Vec<&str> = paths.map(|details| details.path.as_str()).collect();
        window.clipboard().set_text(&paths.join("\n"));
        let text = ngettext_f("{n} path copied", "{n} paths copied", paths.len(), &[]);
        self.toasts.add_toast(toast(&text));
    }

    fn with_window(&self, present: impl FnOnce(&gtk::Window)) {
        if let Some(window) = self.toasts.root().and_downcast::<gtk::Window>() {
            present(&window);
        }
    }

    pub(super) fn xml_news(
        &mut self,
        pool: PoolKey,
        news: XmlNews,
        sender: &ComponentSender<Self>,
    ) {
        let Some(view) = self.listed().iter().find(|view| view.pool.key == pool) else { return };
        let open = self.xml.as_ref().filter(|window| window.is_about(pool));
        let values = [("pool", view.pool.name())];
        match (news, open) {
            (XmlNews::Read(xml), _) => self.show_xml(&view.pool.clone(), xml, sender),
            (XmlNews::Taken, open) => {
                open.iter().for_each(|window| window.close());
                self.toasts.add_toast(toast(&gettext_f("{pool} was changed", &values)));
            }
            (XmlNews::Refused(failure), Some(window)) => window.refuse(&failure),
            (XmlNews::Refused(failure), None) => {
                self.failed(&gettext_f("{pool} not changed", &values), failure, sender);
            }
        }
    }

    fn show_xml(&mut self, pool: &Pool, xml: String, sender: &ComponentSender<Self>) {
        let (key, answered) = (pool.key, to(sender));
        let mut opened = None;
        self.with_window(|window| {
            let saved = move |change| answered(Answered::Redefine(key, change));
            opened = Some(XmlWindow::open(window, pool, xml, saved));
        });
        self.xml = opened;
    }

    /// Which page of the left side is shown.
    pub(super) fn left(&self) -> &'static str {
        if self.listed().is_empty() { "empty" } else { "pools" }
    }

    pub(super) fn empty_title(&self) -> String {
        match &self.pools {
            PoolsView::NotConnected => gettext("Not Connected"),
            PoolsView::Reading => gettext("Reading the Pools…"),
            PoolsView::Failed(_) => gettext("Could Not Be Read"),
            PoolsView::Listed(_) => gettext("No Pools"),
        }
    }

    pub(super) fn empty_text(&self) -> String {
        match &self.pools {
            PoolsView::NotConnected => gettext("Connect to the host to see its storage."),
            PoolsView::Reading => String::new(),
            PoolsView::Failed(failure) => crate::ui::labels::storage_failure::headline(failure),
            PoolsView::Listed(_) => {
                gettext("A pool is a place for disks of guests. The plus below adds one.")
            }
        }
    }

    /// Which page of the right side is shown.
    pub(super) fn right(&self) -> &'static str {
        if self.table.is_empty() { "none" } else { "volumes" }
    }

    pub(super) fn none_title(&self) -> String {
        match self.pool() {
            Some(view) if !view.pool.state.is_active() => gettext("Not Active"),
            Some(_) if !self.listed => gettext("Reading the Volumes…"),
            Some(_) | None => gettext("No Volumes"),
        }
    }

    pub(super) fn none_text(&self) -> String {
        match self.pool() {
            Some(view) if !view.pool.state.is_active() => {
                gettext("Start the pool to see its volumes.")
            }
            Some(_) if !self.listed => String::new(),
            Some(_) | None => gettext("A volume is a disk of a guest, or an image."),
        }
    }
}

/// Where answers to questions go.
fn to(sender: &ComponentSender<StoragePage>) -> impl Fn(Answered) + Clone + 'static {
    let input = sender.input_sender().clone();
    move |answer| input.emit(StorageInput::Answered(answer))
}
