//! The driver against a small program whose behaviour is known: this test binary, started again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod driver;

use driver::{Desktop, Program, Role};
use relm4::gtk::{self, gio, glib, prelude::*};

const SUBJECT: &str = "VIREO_TEST_SUBJECT";
const ID: &str = "io.github.vireo.Subject";

/// Not a test by itself: the program that the others drive.
#[test]
fn subject() {
    if std::env::var_os(SUBJECT).is_some() {
        let application = gtk::Application::new(Some(ID), gio::ApplicationFlags::default());
        application.connect_activate(build);
        let status = application.run_with_args::<&str>(&[]);
        assert_eq!(status, glib::ExitCode::SUCCESS);
    }
}

fn build(application: &gtk::Application) {
    let said = gtk::Label::new(Some("nothing yet"));
    let entry = gtk::Entry::builder().text("before").build();
    let tick = gtk::CheckButton::with_label("Tick");
    let spin = gtk::SpinButton::with_range(0.0, 100.0, 1.0);
    vireo::ui::widgets::accessible::set_name(&spin, "Number");
    vireo::ui::widgets::accessible::set_name(&entry, "Words");
    let press = gtk::Button::with_label("Press");
    press.connect_clicked(glib::clone!(
        #[weak]
        said,
        #[weak]
        entry,
        #[weak]
        spin,
        move |_| said.set_text(&format!("pressed, {} {}", entry.text(), spin.value()))
    ));
    let off = gtk::Button::builder().label("Off").sensitive(false).build();
    let column = gtk::Box::new(gtk::Orientation::Vertical, 6);
    for child in [said.upcast_ref::<gtk::Widget>(), entry.upcast_ref(), tick.upcast_ref()] {
        column.append(child);
    }
    for child in [spin.upcast_ref::<gtk::Widget>(), press.upcast_ref(), off.upcast_ref()] {
        column.append(child);
    }
    column.append(&list(&said));
    let window = gtk::ApplicationWindow::builder()
        .application(application)
        .title("Subject")
        .titlebar(&gtk::HeaderBar::new())
        .default_width(400)
        .child(&column)
        .build();
    let greet = gio::SimpleAction::new("greet", None);
    greet.connect_activate(move |_, _| said.set_text("greeted"));
    window.add_action(&greet);
    window.present();
}

/// A list with a menu on the right mouse button and the Menu key.
fn list(said: &gtk::Label) -> gtk::ColumnView {
    let names = gtk::StringList::new(&["alpha", "beta", "gamma"]);
    let chosen = gtk::SingleSelection::new(Some(names));
    let view = gtk::ColumnView::new(Some(chosen.clone()));
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, item| {
        item.downcast_ref::<gtk::ListItem>().unwrap().set_child(Some(&gtk::Label::new(None)));
    });
    factory.connect_bind(|_, item| {
        let item = item.downcast_ref::<gtk::ListItem>().unwrap();
        let name = item.item().and_downcast::<gtk::StringObject>().unwrap().string();
        item.child().and_downcast::<gtk::Label>().unwrap().set_text(&name);
    });
    view.append_column(&gtk::ColumnViewColumn::new(Some("Name"), Some(factory)));
    let menu = gio::Menu::new();
    menu.append(Some("Greet…"), Some("win.greet"));
    let popover = gtk::PopoverMenu::from_model(Some(&menu));
    popover.set_parent(&view);
    view.connect_destroy(glib::clone!(
        #[weak]
        popover,
        move |_| popover.unparent()
    ));
    let gesture = gtk::GestureClick::builder().button(3).build();
    gesture.connect_pressed(glib::clone!(
        #[weak]
        popover,
        move |_, _, _, _| popover.popup()
    ));
    view.add_controller(gesture);
    let keys = gtk::ShortcutController::new();
    let action = gtk::CallbackAction::new(move |_, _| {
        popover.popup();
        glib::Propagation::Stop
    });
    keys.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Menu|<Shift>F10"),
        Some(action),
    ));
    view.add_controller(keys);
    chosen.connect_selected_item_notify(glib::clone!(
        #[weak]
        said,
        move |chosen| said.set_text(&format!("row {}", chosen.selected()))
    ));
    view
}

fn start(desktop: &Desktop) -> Program<'_> {
    let itself = std::env::current_exe().unwrap();
    let arguments = ["--exact", "subject", "--nocapture"];
    Program::start_with(desktop, &itself, arguments, &[(SUBJECT, "1")])
}

#[test]
fn finds_reads_and_presses() {
    let desktop = Desktop::start();
    let program = start(&desktop);
    assert_eq!(program.titles(), ["Subject"]);
    assert!(program.texts().contains(&"nothing yet".to_owned()), "{}", program.dump());
    program.wait_for(Role::Text, "Words").set_text("after");
    assert_eq!(program.wait_for(Role::Text, "Words").text(), "after");
    let number = program.wait_for(Role::SpinButton, "Number");
    number.set_value(42.0);
    program.wait_until("42", || number.value() == Some(42.0));
    program.click(Role::Button, "Press");
    assert_eq!(program.wait_text("pressed"), "pressed, after 42");
    assert!(!program.wait_for(Role::Button, "Off").is_sensitive());
    assert!(program.find(Role::Button, "Nowhere").is_none());
}

#[test]
fn acts_through_the_frame_and_the_bus() {
    let desktop = Desktop::start();
    let program = start(&desktop);
    program.action("win.greet");
    program.wait_text("greeted");
    program.click(Role::Button, "Press");
    program.wait_text("pressed");
    let object = "/io/github/vireo/Subject/window/1";
    assert_eq!(program.bus_actions(object), ["greet"]);
    program.bus_action(object, "greet", None);
    program.wait_text("greeted");
}

#[test]
fn uses_mouse_and_keyboard() {
    let desktop = Desktop::start();
    let program = start(&desktop);
    let tick = program.wait_for(Role::CheckBox, "Tick");
    assert!(!tick.is_checked());
    program.left_click(&tick);
    program.wait_until("the tick", || tick.is_checked());
    program.select_row("gamma");
    program.wait_text("row 2");
    program.right_click(&program.row("beta").unwrap());
    program.click(Role::MenuItem, "Greet…");
    program.wait_text("greeted");
    program.wait_gone(Role::MenuItem, "Greet…");
    program.left_click(&program.row("beta").unwrap());
    program.wait_text("row 1");
    program.key("Menu");
    program.wait_for(Role::MenuItem, "Greet…");
    program.key("Escape");
    program.wait_gone(Role::MenuItem, "Greet…");
}

#[test]
fn finds_places_in_windows_with_shadows() {
    let desktop = Desktop::for_pictures(800, 700);
    let program = start(&desktop);
    let tick = program.wait_for(Role::CheckBox, "Tick");
    program.left_click(&tick);
    program.wait_until("the tick", || tick.is_checked());
    program.right_click(&program.row("gamma").unwrap());
    program.wait_for(Role::MenuItem, "Greet…");
    if let Some(keep) = std::env::var_os("VIREO_TEST_PICTURES") {
        program.screenshot(&std::path::Path::new(&keep).join("shadows.png"));
    }
    program.click(Role::MenuItem, "Greet…");
    program.wait_text("greeted");
}

#[test]
fn pictures_close_and_leaves_nothing() {
    let desktop = Desktop::start();
    let directory = desktop.directory().to_owned();
    let mut program = start(&desktop);
    let picture = directory.join("subject.png");
    program.screenshot(&picture);
    let bytes = std::fs::read(&picture).unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 2_000, "{} bytes", bytes.len());
    if let Some(keep) = std::env::var_os("VIREO_TEST_PICTURES") {
        std::fs::copy(&picture, std::path::Path::new(&keep).join("subject.png")).unwrap();
    }
    program.close_window("Subject");
    assert!(program.wait_exit().success(), "{}", program.log());
    drop(program);
    drop(desktop);
    assert!(!directory.exists());
    let left = marked(directory.to_str().unwrap());
    assert!(left.is_empty(), "{left:?}");
}

/// The command lines of processes that still have this in their environment.
fn marked(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let of_desktop = |path: &std::path::PathBuf| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&format!("VIREO_DRIVER={directory}"))
    };
    entries
        .filter(of_desktop)
        .map(|path| std::fs::read_to_string(path.join("cmdline")).unwrap_or_default())
        .filter(|line| !line.is_empty())
        .collect()
}
