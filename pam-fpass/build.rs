//! Linker flags of the module.

fn main() {
    // Thread-local destructors of the runtime point into this object: it must outlive `dlclose`.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,relro,-z,now");
    println!("cargo:rerun-if-changed=build.rs");
}
