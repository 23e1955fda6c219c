//! STUB
#![allow(missing_docs)]
use crate::model::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw, gtk};
pub struct MigrationsPage;
#[derive(Debug)]
pub enum MigrationsInput {
    Defaults { max_downtime_ms: Option<u64>, xml: String },
}
#[derive(Debug)]
pub enum MigrationsOutput {
    Closed,
}
#[relm4::component(pub)]
impl SimpleComponent for MigrationsPage {
    type Init = ();
    type Input = MigrationsInput;
    type Output = MigrationsOutput;
    view! { gtk::Box {} }
    fn init(_i: (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let model = Self;
        let widgets = view_output!();
        let _ = &sender;
        ComponentParts { model, widgets }
    }
}
