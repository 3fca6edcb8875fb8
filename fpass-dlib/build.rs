//! Compiles the C++ side and names the libraries to link.

fn main() {
    for file in ["src/faces.cpp", "src/faces.h", "src/bridge.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    // Selects the headers of another dlib than the system's.
    println!("cargo::rerun-if-env-changed=CPLUS_INCLUDE_PATH");
    cxx_build::bridge("src/bridge.rs")
        .file("src/faces.cpp")
        .include("src")
        .std("c++17")
        // The headers of dlib cause warnings.
        .warnings(false)
        .compile("fpass-dlib");
    println!("cargo::rustc-link-lib=dlib");
    println!("cargo::rustc-link-lib=openblas");
    println!("cargo::rustc-link-lib=lapack");
}
