//! Templates and drawing that several windows share.

pub mod accessible;
pub mod cells;
mod choice_row;
pub mod context_menu;
pub mod dialog;
mod entry_field;
pub mod facts;
mod progress_graph;
mod size_entry;
pub mod sparkline;
mod spin_row;
mod switch_row;
mod toast;
mod two_tone_bar;

pub use choice_row::ChoiceRow;
pub use entry_field::EntryField;
pub use progress_graph::ProgressGraph;
pub use size_entry::SizeEntry;
pub use spin_row::SpinRow;
pub use switch_row::SwitchRow;
pub use toast::{Stays, toast, toast_for};
pub use two_tone_bar::TwoToneBar;
