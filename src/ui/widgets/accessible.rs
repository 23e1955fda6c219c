//! Accessible names and values. gtk4-rs hides the C functions below GTK 4.10, though GTK has had
//! them since 4.0, so they are declared here.
#![allow(unsafe_code)]

use relm4::gtk;
use relm4::gtk::glib::{self, translate::ToGlibPtr, value::ToValue};
use relm4::gtk::prelude::*;

/// `GtkAccessibleProperty`, of which these are used (`gtkenums.h`).
#[derive(Clone, Copy)]
enum Property {
    Description = 1,
    Label = 4,
    ValueText = 18,
}

unsafe extern "C" {
    fn gtk_accessible_update_property_value(
        accessible: *mut std::ffi::c_void,
        count: std::ffi::c_int,
        properties: *const std::ffi::c_int,
        values: *const glib::gobject_ffi::GValue,
    );
}

/// Gives a widget the name by which screen readers and tests find it.
pub fn set_name(widget: &impl IsA<gtk::Widget>, name: &str) {
    update(widget.upcast_ref(), Property::Label, name);
}

/// Gives a widget a longer explanation.
pub fn set_description(widget: &impl IsA<gtk::Widget>, description: &str) {
    update(widget.upcast_ref(), Property::Description, description);
}

/// Says the value of a widget in words, such as `42 %` for a drawing or a bar.
pub fn set_value_text(widget: &impl IsA<gtk::Widget>, text: &str) {
    update(widget.upcast_ref(), Property::ValueText, text);
}

fn update(widget: &gtk::Widget, property: Property, text: &str) {
    let number = property as std::ffi::c_int;
    let value = text.to_value();
    let pointer: *mut gtk::ffi::GtkWidget = widget.to_glib_none().0;
    // SAFETY: every GtkWidget implements GtkAccessible; one property number and one initialised
    // GValue of the string type that GTK documents for all three properties are passed, and GTK
    // copies the value before it returns. Widgets are only reachable on the main thread.
    unsafe {
        gtk_accessible_update_property_value(
            pointer.cast(),
            1,
            &raw const number,
            value.to_glib_none().0,
        );
    }
}
