//! The portal as browsers and programs meet it: asked through the router, with a workspace behind it.

mod access;
mod account;
mod answers;
mod api;
mod api_changes;
mod buildings;
mod governance;
mod meter_data;
mod own;
mod place;
mod roles;
