//! STUB
#![allow(missing_docs)]
use crate::model::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw, gtk};
pub struct MigrateDialog;
#[derive(Debug)]
pub enum MigrateInput {
    Defaults { max_downtime_ms: Option<u64>, xml: String },
}
#[derive(Debug)]
pub enum MigrateOutput {
    Closed,
}
#[relm4::component(pub)]
impl SimpleComponent for MigrateDialog {
    type Init = ();
    type Input = MigrateInput;
    type Output = MigrateOutput;
    view! { adw::Window {} }
    fn init(_i: (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let model = Self;
        let widgets = view_output!();
        let _ = &sender;
        ComponentParts { model, widgets }
    }
}
