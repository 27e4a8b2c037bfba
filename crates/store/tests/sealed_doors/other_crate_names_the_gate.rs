//! The gate's inside is not visible.

use tidstro_store::gate::decide_and_log;

fn main() {
    let _ = decide_and_log;
}
