//! The buttons beside obstacles: done at a host, or chosen here.

use relm4::ComponentSender;

use super::MigrateDialog;
use super::messages::{MigrateCommand, MigrateOutput};
use crate::migration::checks::Mend;
use crate::migration::{DiskCopy, Wish};
use crate::model::Failure;
use crate::xml::{console_on_all_addresses, console_on_free_port, without_medium};

impl MigrateDialog {
    pub(super) fn mend(&mut self, mend: Mend, sender: &ComponentSender<Self>) {
        let Some(destination) = self.form.chosen else { return };
        let edit = match mend {
            Mend::CopyDisks => return self.form.wish(Wish::Disks(DiskCopy::Full)),
            Mend::FreePort => console_on_free_port,
            Mend::ListenEverywhere => console_on_all_addresses,
            Mend::StartNetwork(_)
            | Mend::StartPool(_)
            | Mend::Eject(_)
            | Mend::CopyNetwork(_)
            | Mend::CopyFilter(_)
            | Mend::CopyPool(_)
            | Mend::CopySecret(_)
            | Mend::Prove(..)
            | Mend::CommonProcessor => {
                self.form.inspections.mending(destination, mend.clone());
                // The parent is gone only when the program ends.
                let _ = sender.output(MigrateOutput::Mend { destination, mend });
                return;
            }
        };
        if let Some(text) = self.form.current_xml() {
            sender.spawn_oneshot_command(move || MigrateCommand::XmlMended(edit(&text)));
        }
    }

    /// It was done at a host, or not. A medium that was ejected is taken out of the destination XML, too.
    pub(super) fn mended(&mut self, result: Result<(), Failure>, sender: &ComponentSender<Self>) {
        let ejected = match self.form.inspections.mend_under_way() {
            Some(Mend::Eject(drive)) if result.is_ok() => Some(drive.clone()),
            _ => None,
        };
        if let (Some(drive), Some(text)) = (ejected, self.form.own_xml().map(str::to_owned)) {
            let edit = move || MigrateCommand::XmlMended(without_medium(&text, &drive));
            sender.spawn_oneshot_command(edit);
        }
        self.form.mended(result);
    }
}
