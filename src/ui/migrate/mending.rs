//! The buttons beside obstacles: done at a host, or chosen here.

use relm4::ComponentSender;

use super::MigrateDialog;
use super::messages::{MigrateCommand, MigrateOutput};
use crate::migration::checks::Mend;
use crate::migration::{DiskCopy, Wish};
use crate::xml::{console_on_all_addresses, console_on_free_port};

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
}
