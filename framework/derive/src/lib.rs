//! `#[derive(Outputs)]` and `#[derive(Input)]`.
//!
//! Both name the engine as `::squall`; a crate that knows it under another name says so with
//! `#[squall(crate = "path")]`.

mod input;
mod outputs;

use proc_macro::TokenStream;
use syn::{Attribute, DeriveInput, LitStr, Path, Result, parse_macro_input};

/// Makes a struct of `Emit<T>` fields the outputs of a component: one field, one stream, named after it.
///
/// It also makes the struct of handles that `.output()` returns: `SplitOut` gives `SplitStreams` with the
/// same fields as `Stream<T>`. Type parameters need the bound `Tuple`: `struct Sorted<T: Tuple> { .. }`.
#[proc_macro_derive(Outputs, attributes(squall))]
pub fn derive_outputs(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    outputs::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum the input of a bolt that reads several streams: one variant, one tuple type.
#[proc_macro_derive(Input, attributes(squall))]
pub fn derive_input(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    input::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The path of the engine: `::squall`, or what `#[squall(crate = "…")]` says.
fn engine_path(attributes: &[Attribute]) -> Result<Path> {
    let mut path = syn::parse_str("::squall")?;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("squall")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("expected `crate = \"path\"`"));
            }
            path = meta.value()?.parse::<LitStr>()?.parse()?;
            Ok(())
        })?;
    }
    Ok(path)
}
