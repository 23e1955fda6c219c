//! Templates and drawing that several windows share.

pub mod accessible;
mod choice_row;
pub mod dialog;
pub mod facts;
mod progress_graph;
pub mod sparkline;
mod spin_row;
mod switch_row;
mod two_tone_bar;

pub use choice_row::ChoiceRow;
pub use progress_graph::ProgressGraph;
pub use spin_row::SpinRow;
pub use switch_row::SwitchRow;
pub use two_tone_bar::TwoToneBar;
