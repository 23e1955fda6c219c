//! What the tests of components share: a main loop to turn, widgets to find, pictures to look at.
//! Run under a display of their own (`xvfb-run -a`).
#![allow(dead_code, unreachable_pub)] // each test binary uses a part
#![allow(clippy::unwrap_used, clippy::panic)] // a kit that gives up names the place in the test

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gdk, glib, graphene};

/// Longest wait for anything: far longer than a loaded machine needs.
const DEADLINE: Duration = Duration::from_secs(30);

/// GTK and libadwaita, without animations.
pub fn init() {
    adw::init().unwrap();
    gtk::Settings::default().unwrap().set_gtk_enable_animations(false);
}

/// Turns the main loop until something is so.
#[track_caller]
pub fn until(what: &str, so: impl Fn() -> bool) {
    let context = glib::MainContext::default();
    let wake = glib::timeout_add_local(Duration::from_millis(20), || glib::ControlFlow::Continue);
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < DEADLINE, "waited in vain: {what}");
        context.iteration(true);
    }
    wake.remove();
}

/// Lets the main loop work off what is there: messages to a component, then a drawn frame or two.
#[track_caller]
pub fn settle(widget: &impl IsA<gtk::Widget>) {
    let frames = std::rc::Rc::new(std::cell::Cell::new(0));
    let seen = std::rc::Rc::clone(&frames);
    widget.add_tick_callback(move |_, _| {
        seen.set(seen.get() + 1);
        if seen.get() < 3 { glib::ControlFlow::Continue } else { glib::ControlFlow::Break }
    });
    until("three frames", || frames.get() >= 3);
    while glib::MainContext::default().iteration(false) {}
}

/// All widgets below one, itself first.
pub fn all(widget: &impl IsA<gtk::Widget>) -> Vec<gtk::Widget> {
    let widget = widget.upcast_ref::<gtk::Widget>();
    let mut found = vec![widget.clone()];
    let mut child = widget.first_child();
    while let Some(next) = child {
        found.extend(all(&next));
        child = next.next_sibling();
    }
    found
}

/// The texts that can be seen, with plain spaces.
pub fn texts(widget: &impl IsA<gtk::Widget>) -> Vec<String> {
    let seen = all(widget).into_iter().filter(gtk::Widget::is_mapped);
    seen.filter_map(|widget| {
        let label = widget.downcast_ref::<gtk::Label>().map(|label| label.text().to_string());
        let text = || widget.downcast_ref::<gtk::Text>().map(|text| text.text().to_string());
        let cell = || widget.downcast_ref::<gtk::Inscription>()?.text().map(String::from);
        label.or_else(text).or_else(cell)
    })
    .filter(|text| !text.is_empty())
    .map(|text| text.replace('\u{a0}', " "))
    .collect()
}

/// Whether one of the texts that can be seen contains this.
pub fn shows(widget: &impl IsA<gtk::Widget>, text: &str) -> bool {
    texts(widget).iter().any(|seen| seen.contains(text))
}

/// The button with this label.
#[track_caller]
pub fn button(widget: &impl IsA<gtk::Widget>, label: &str) -> gtk::Button {
    all(widget)
        .into_iter()
        .filter_map(|widget| widget.downcast::<gtk::Button>().ok())
        .find(|button| button.is_mapped() && button.label().as_deref() == Some(label))
        .unwrap_or_else(|| panic!("no button {label}: {:?}", texts(widget)))
}

/// Presses the button with this label.
#[track_caller]
pub fn click(widget: &impl IsA<gtk::Widget>, label: &str) {
    let button = button(widget, label);
    assert!(button.is_sensitive(), "{label} cannot be pressed");
    button.emit_clicked();
}

/// The row with this title.
#[track_caller]
pub fn row(widget: &impl IsA<gtk::Widget>, title: &str) -> adw::PreferencesRow {
    all(widget)
        .into_iter()
        .filter_map(|widget| widget.downcast::<adw::PreferencesRow>().ok())
        .find(|row| row.title() == title)
        .unwrap_or_else(|| panic!("no row {title}: {:?}", texts(widget)))
}

/// The first widget of a kind below a row or other widget.
#[track_caller]
pub fn inside<T: IsA<gtk::Widget>>(widget: &impl IsA<gtk::Widget>) -> T {
    all(widget).into_iter().find_map(|widget| widget.downcast::<T>().ok()).unwrap()
}

/// Writes a picture of a widget into `target/pictures`, for people to look at.
#[track_caller]
pub fn picture(widget: &impl IsA<gtk::Widget>, name: &str) -> PathBuf {
    settle(widget);
    let (width, height) = (widget.width(), widget.height());
    assert!(width > 0 && height > 0, "nothing to see of {name}");
    let paintable = gtk::WidgetPaintable::new(Some(widget));
    let snapshot = gtk::Snapshot::new();
    paintable.snapshot(&snapshot, f64::from(width), f64::from(height));
    let node = snapshot.to_node().unwrap();
    let bounds = graphene::Rect::new(0.0, 0.0, width as f32, height as f32);
    let renderer = widget.native().unwrap().renderer().unwrap();
    let texture: gdk::Texture = renderer.render_texture(&node, Some(&bounds));
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join(format!("{name}.png"));
    texture.save_to_png(&path).unwrap();
    path
}

/// Light or dark, for the pictures after it.
pub fn dark(on: bool) {
    let scheme = if on { adw::ColorScheme::ForceDark } else { adw::ColorScheme::ForceLight };
    adw::StyleManager::default().set_color_scheme(scheme);
}
