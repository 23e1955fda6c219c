//! Mouse, keyboard and pictures, through X.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{Node, Program, Role};

/// An X window: where it is and how large, with what GTK draws around it.
#[derive(Clone, Copy, Debug)]
struct Window {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Program<'_> {
    /// Presses the right mouse button on a node.
    pub fn right_click(&self, node: &Node) {
        self.point(node);
        self.xdotool(&["click", "3"]);
    }

    /// Presses the left mouse button on a node: for what AT-SPI of GTK 4.8 cannot press, such as a
    /// check button.
    pub fn left_click(&self, node: &Node) {
        self.point(node);
        self.xdotool(&["click", "1"]);
    }

    /// Presses the left mouse button on a node twice.
    pub fn double_click(&self, node: &Node) {
        self.point(node);
        self.xdotool(&["click", "--repeat", "2", "--delay", "50", "1"]);
    }

    /// Turns the wheel over a node, far enough for the end of any dialog, and gives the program some frames for it.
    pub fn scroll_to_end(&self, node: &Node) {
        self.point(node);
        self.xdotool(&["click", "--repeat", "60", "--delay", "5", "5"]);
        self.answers();
    }

    /// Drags one node onto another, in steps, as GTK takes a single jump for none. X lets a drag fail when
    /// the button is released before the program has said that it takes what is dragged, and nothing tells when it
    /// has: so the pointer stays there, trembling, for some frames in which the program answers us.
    pub fn drag(&self, from: &Node, to: &Node) {
        let (x, y) = self.centre(from);
        let (to_x, to_y) = self.centre(to);
        self.pointer_to(x, y);
        self.xdotool(&["mousedown", "1"]);
        for step in 1..=8 {
            self.pointer_to(x + (to_x - x) * step / 8, y + (to_y - y) * step / 8);
            let _answered = self.titles();
        }
        for tremble in 0..30 {
            self.pointer_to(to_x + tremble % 2, to_y);
            let _answered = self.titles();
        }
        self.xdotool(&["mouseup", "1"]);
    }

    /// Presses a key, such as `Menu`, `shift+F10`, `Escape`, in the window that has the keyboard.
    pub fn key(&self, key: &str) {
        self.xdotool(&["key", "--clearmodifiers", key]);
    }

    /// Types text into what has the keyboard.
    pub fn type_text(&self, text: &str) {
        self.xdotool(&["type", "--delay", "5", text]);
    }

    /// Moves the mouse away, so that nothing looks pointed at.
    pub fn rest_pointer(&self) {
        self.xdotool(&["mousemove", "0", "0"]);
    }

    /// Gives a window the keyboard.
    pub fn activate(&self, title: &str) {
        let id = self.wait(&format!("the X window {title}"), || self.x_window(title));
        self.xdotool(&["windowactivate", "--sync", &id]);
    }

    /// Writes a picture of what the program shows: all its windows and menus, and nothing around.
    pub fn screenshot(&self, path: &Path) {
        let windows: Vec<_> = self.x_windows().iter().filter_map(|id| self.geometry(id)).collect();
        let left = windows.iter().map(|window| window.x).min().unwrap_or(0).max(0);
        let top = windows.iter().map(|window| window.y).min().unwrap_or(0).max(0);
        let right = windows.iter().map(|window| window.x + window.width).max().unwrap_or(1);
        let bottom = windows.iter().map(|window| window.y + window.height).max().unwrap_or(1);
        let crop = format!("{}x{}+{left}+{top}", right - left, bottom - top);
        self.desktop.import(&["-window", "root", "-crop", &crop, "+repage"], path);
    }

    /// Writes a picture when nothing in it moves any more (menus and pages slide), or after two
    /// seconds of movement, as graphs move for ever.
    pub fn still_screenshot(&self, path: &Path) {
        let deadline = Instant::now() + Duration::from_secs(2);
        let mut before = Vec::new();
        loop {
            self.screenshot(path);
            let now = std::fs::read(path).unwrap_or_default();
            if now == before || Instant::now() >= deadline {
                return;
            }
            before = now;
        }
    }

    /// Moves the mouse to the middle of a node.
    pub fn point(&self, node: &Node) {
        let (x, y) = self.centre(node);
        self.pointer_to(x, y);
    }

    fn pointer_to(&self, x: i32, y: i32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    /// The middle of a node on the display. AT-SPI of GTK 4.8 knows places relative to the widget
    /// area of the window only; the X window is larger by its shadow, or by an even border (5
    /// pixels) where nothing draws shadows.
    fn centre(&self, node: &Node) -> (i32, i32) {
        self.wait(&format!("a place of {node}"), || {
            let extents = node.extents()?;
            let frame = node.window()?;
            let area = frame.extents()?;
            // The search fails while another window is just going away.
            let id = self.x_window(&frame.name())?;
            let window = self.geometry(&id)?;
            let even = (window.width - area.width) / 2;
            let (left, top) =
                self.shadow(&id).map_or((even, even), |[left, _, top, _]| (left, top));
            let x = window.x + left + extents.x + extents.width / 2;
            let y = window.y + top + extents.y + extents.height / 2;
            Some((x, y))
        })
    }

    /// The widths of a window's shadow (left, right, top, bottom), where it has one.
    fn shadow(&self, id: &str) -> Option<[i32; 4]> {
        let mut command = self.desktop.command("xprop");
        let output = command.args(["-id", id, "_GTK_FRAME_EXTENTS"]).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let widths: Vec<i32> = said
            .split_once('=')?
            .1
            .split(',')
            .filter_map(|width| width.trim().parse().ok())
            .collect();
        widths.try_into().ok()
    }

    /// The X windows of the program that are shown, menus too.
    fn x_windows(&self) -> Vec<String> {
        let found =
            self.ask_xdotool(&["search", "--onlyvisible", "--pid", &self.pid().to_string()]);
        found.lines().map(str::to_owned).collect()
    }

    fn x_window(&self, title: &str) -> Option<String> {
        let windows = self.x_windows();
        windows.into_iter().find(|id| self.ask_xdotool(&["getwindowname", id]).trim() == title)
    }

    /// xdotool counts the window manager's frame twice, xwininfo does not.
    fn geometry(&self, id: &str) -> Option<Window> {
        let output = self.desktop.command("xwininfo").args(["-id", id]).output();
        let said = output.expect("xwininfo is needed (package x11-utils)").stdout;
        let said = String::from_utf8_lossy(&said);
        let field = |name: &str| {
            said.lines().find_map(|line| line.trim().strip_prefix(name)?.trim().parse().ok())
        };
        Some(Window {
            x: field("Absolute upper-left X:")?,
            y: field("Absolute upper-left Y:")?,
            width: field("Width:")?,
            height: field("Height:")?,
        })
    }

    fn xdotool(&self, arguments: &[&str]) {
        let output = self.desktop.command("xdotool").args(arguments).output();
        let output = output.expect("xdotool is needed (package xdotool)");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "xdotool {arguments:?}: {said}");
    }

    fn ask_xdotool(&self, arguments: &[&str]) -> String {
        let output = self.desktop.command("xdotool").args(arguments).output();
        let output = output.expect("xdotool is needed (package xdotool)");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
