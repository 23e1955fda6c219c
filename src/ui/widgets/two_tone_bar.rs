//! A progress bar in two tones: what was done once, and what had to be done again.

use relm4::gtk::{self, prelude::*};

/// The colour of what is done again.
const AGAIN: &str = "@warning_color";

/// The bar.
#[derive(Clone, Debug)]
pub struct TwoToneBar {
    bar: gtk::ProgressBar,
    style: gtk::CssProvider,
    shown: std::cell::Cell<u32>,
}

impl Default for TwoToneBar {
    fn default() -> Self {
        let bar = gtk::ProgressBar::new();
        let style = gtk::CssProvider::new();
        attach(&bar, &style);
        Self { bar, style, shown: std::cell::Cell::new(PERMILLE) }
    }
}

const PERMILLE: u32 = 1000;

impl TwoToneBar {
    /// The widget.
    #[must_use]
    pub const fn widget(&self) -> &gtk::ProgressBar {
        &self.bar
    }

    /// Shows how far it is, 0 to 1, of which `first` was done once.
    pub fn show(&self, fraction: f64, first: f64) {
        self.bar.set_fraction(fraction);
        let share = if fraction > 0.0 { (first / fraction).clamp(0.0, 1.0) } else { 1.0 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1000
        let share = (share * f64::from(PERMILLE)).round() as u32;
        if self.shown.replace(share) != share {
            self.style.load_from_data(&tones(share));
        }
    }
}

fn tones(share: u32) -> String {
    if share >= PERMILLE {
        return String::new();
    }
    let percent = f64::from(share) / 10.0;
    format!(
        "progressbar > trough > progress {{ background-image: linear-gradient(to right, @accent_bg_color {percent}%, {AGAIN} {percent}%); }}"
    )
}

/// The part that is filled is a node of the bar's own, inside its trough: a style of one widget alone
/// has to be given to that node.
#[allow(deprecated)] // the way of GTK 4.8; a style of one widget alone has no other
fn attach(bar: &gtk::ProgressBar, style: &gtk::CssProvider) {
    let mut next = bar.first_child();
    while let Some(widget) = next {
        widget.style_context().add_provider(style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        next = widget.first_child();
    }
}
