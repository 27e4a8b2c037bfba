//! Records as bytes → readings, one small case each.
