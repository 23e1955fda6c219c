//! A toast with a text as it is.

use relm4::adw;
use relm4::gtk::glib;

/// A toast. libadwaita reads its title as markup and shows nothing of one that is none, such as the
/// name `R&D` (`use-markup` can be turned off from 1.4 on).
#[must_use]
pub fn toast(text: &str) -> adw::Toast {
    adw::Toast::new(&glib::markup_escape_text(text))
}

/// How long a toast stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// As long as toasts do.
    Briefly,
    /// Until it is closed: what somebody must have read.
    UntilClosed,
}

impl Stays {
    /// Nobody need read that all is well.
    #[must_use]
    pub const fn after(all_is_well: bool) -> Self {
        if all_is_well { Self::Briefly } else { Self::UntilClosed }
    }
}

/// A toast that stays so long.
#[must_use]
pub fn toast_for(text: &str, stays: Stays) -> adw::Toast {
    let toast = toast(text);
    if stays == Stays::UntilClosed {
        toast.set_timeout(0);
    }
    toast
}
