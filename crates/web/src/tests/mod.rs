//! The portal as browsers and programs meet it: asked through the router, with a workspace behind it.

mod access;
mod account;
mod answers;
mod api;
mod buildings;
mod governance;
mod own;
mod place;
mod roles;
