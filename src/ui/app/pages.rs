//! The pages of the main window, and what they say.

use relm4::adw;
use relm4::{Component, ComponentController, ComponentSender, Controller};

use super::{App, AppInput};
use crate::i18n::gettext;
use crate::journal::Journals;
use crate::ui::grid::{GridOutput, GridPage};
use crate::ui::history::{HistoryOutput, HistoryPage};
use crate::ui::manager::{ManagerOutput, ManagerPage};
use crate::ui::migrations::{MigrationsOutput, MigrationsPage};

/// The pages, in the window.
pub(super) struct Pages {
    pub(super) manager: Controller<ManagerPage>,
    pub(super) migrations: Controller<MigrationsPage>,
    pub(super) history: Controller<HistoryPage>,
    pub(super) grid: Controller<GridPage>,
    /// Carries the number of moves as a badge.
    pub(super) moves_page: adw::ViewStackPage,
}

impl Pages {
    /// Makes them and puts them into the window.
    pub(super) fn launch(
        journals: Journals,
        stack: &adw::ViewStack,
        sender: &ComponentSender<App>,
    ) -> Self {
        let input = sender.input_sender();
        let manager = ManagerPage::builder().launch(()).forward(input, Page::tree);
        let migrations = MigrationsPage::builder().launch(()).forward(input, Page::moves);
        let history = HistoryPage::builder().launch(journals).forward(input, Page::history);
        let grid = GridPage::builder().launch(()).forward(input, Page::grid);
        let page = stack.add_titled(manager.widget(), Some("hosts"), &gettext("Hosts and Guests"));
        page.set_icon_name(Some("network-server-symbolic"));
        let moves_page =
            stack.add_titled(migrations.widget(), Some("migrations"), &gettext("Migrations"));
        moves_page.set_icon_name(Some("vireo-migrating-symbolic"));
        let page = stack.add_titled(history.widget(), Some("history"), &gettext("History"));
        page.set_icon_name(Some("document-open-recent-symbolic"));
        let page = stack.add_titled(grid.widget(), Some("destinations"), &gettext("Destinations"));
        page.set_icon_name(Some("view-grid-symbolic"));
        Self { manager, migrations, history, grid, moves_page }
    }
}

/// What a page of the main window says.
#[derive(Debug)]
pub enum Page {
    /// The tree.
    Tree(ManagerOutput),
    /// The page of migrations.
    Moves(MigrationsOutput),
    /// The page of past moves.
    History(HistoryOutput),
    /// The grid of destinations.
    Grid(GridOutput),
}

impl Page {
    pub(super) const fn tree(output: ManagerOutput) -> AppInput {
        AppInput::Page(Self::Tree(output))
    }

    pub(super) const fn moves(output: MigrationsOutput) -> AppInput {
        AppInput::Page(Self::Moves(output))
    }

    pub(super) const fn history(output: HistoryOutput) -> AppInput {
        AppInput::Page(Self::History(output))
    }

    pub(super) const fn grid(output: GridOutput) -> AppInput {
        AppInput::Page(Self::Grid(output))
    }
}
