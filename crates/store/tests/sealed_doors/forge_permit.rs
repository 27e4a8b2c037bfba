//! A permit has private fields and no constructor.

fn main() {
    let _permit = tidstro_store::Permit { terms: todo() };
}

fn todo<T>() -> T {
    loop {}
}
